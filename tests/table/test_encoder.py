"""encoder.py: whole tables by hand, hostile ones, and back to the table's columns."""

import datetime as dt
import json
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_tables import mixed

import real_tables
from ranvier.table.column_encoding import CodeEncoding
from ranvier.table.column_types import OTHER
from ranvier.table.encoder import MOST_BINS, TableEncoder
from ranvier.table.scalers import Numeric
from ranvier.table.values import NO_TEXT
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.input_embedding import input_embedding

DATA: dict[str, list[Any]] = {
    "income": [10.0, None, 30.0, 20.0],
    "island": ["Biscoe", "Dream", None, "Dream"],
    "when": [dt.date(2024, 1, 31), dt.date(2024, 2, 1), None, dt.date(2024, 2, 1)],
    "member": [True, False, True, True],
    "same": [7, 7, 7, 7],
    "species": ["a", "b", "a", "b"],
}
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


def fit(frame: Any, **options: Any) -> TableEncoder:
    """Fit an encoder with the options of the tabular estimators, or others."""
    ours = {"numeric": "bins", "n_bins": 16, "one_hot_limit": 8}
    return TableEncoder.fit(frame, **ours | {"most_categories": 10_000} | options)


@pytest.mark.parametrize("library", LIBRARIES)
def test_standard_by_hand(library: str) -> None:
    frame = LIBRARIES[library](DATA)
    encoder = TableEncoder.fit(frame, target="species")
    assert encoder.names == (
        "income",
        "income is missing",
        "island=Biscoe",
        "island=Dream",
        "island is missing",
        "when: elapsed days",
        "when: month",
        "when: day of month",
        "when: day of week",
        "when: day of year",
        "when is missing",
        "member",
    )
    assert encoder.sources == (
        ("income",) * 2 + ("island",) * 3 + ("when",) * 6 + ("member",)
    )
    s = np.sqrt(1.5)  # of 10, 20, 30: (30 - 20) / sqrt(200 / 3)
    h = np.sqrt(0.5)  # two of three days are the first of February
    r = np.sqrt(3)  # three of four are members
    first, second = [-2 * h, -2 * h, 2 * h, -2 * h, -2 * h], [h, h, -h, h, h]
    expected = [
        [-s, 0, 1, 0, 0, *first, 0, 1 / r],
        [0, 1, 0, 1, 0, *second, 0, -r],
        [s, 0, 0, 0, 1, *second, 1, 1 / r],
        [0, 0, 0, 1, 0, *second, 0, 1 / r],
    ]
    X = encoder.transform(frame)
    np.testing.assert_allclose(X, expected, rtol=0, atol=1e-6)
    assert X.dtype == np.float32
    assert X.flags.c_contiguous


def test_inverse_gives_the_users_columns() -> None:
    frame = pd.DataFrame(DATA)
    encoder = TableEncoder.fit(frame)
    back = encoder.inverse_transform(encoder.transform(frame))
    assert list(back) == ["income", "island", "when", "member", "species"]
    np.testing.assert_allclose(back["income"], [10, np.nan, 30, 20], rtol=1e-6)
    assert back["island"].tolist() == DATA["island"]
    assert back["when"].astype("datetime64[D]").tolist() == DATA["when"]
    np.testing.assert_allclose(back["member"], [1, 0, 1, 1], atol=1e-6)
    for shape in [(2,), (2, 3), (2, 2, 2)]:
        with pytest.raises(
            ValueError, match="expected a matrix of 14 columns, but got"
        ):
            encoder.inverse_transform(np.zeros(shape))


def test_what_a_later_table_may_differ_in() -> None:
    encoder = TableEncoder.fit(pd.DataFrame(DATA), target="species")
    given = encoder.transform(pd.DataFrame(DATA))
    # Order of columns, more columns, no target, no dropped column, other types.
    names = ["more", "member", "when", "island", "income"]
    later = pl.DataFrame(DATA | {"more": [1, 2, 3, 4]})[names]
    np.testing.assert_array_equal(encoder.transform(later), given)
    texts = {
        "income": ["10", "NA", "30.0", "2e1"],
        "island": DATA["island"],
        "when": ["2024-01-31", "2024-02-01", None, "2024-02-01"],
        "member": ["true", "False", "TRUE", "1"],
    }
    np.testing.assert_array_equal(encoder.transform(pa.table(texts)), given)
    assert encoder.transform(pd.DataFrame(DATA)[:0]).shape == (0, 12)


def test_what_a_later_table_may_not_differ_in() -> None:
    encoder = TableEncoder.fit(pd.DataFrame(DATA), target="species")
    frame = pd.DataFrame(DATA)
    with pytest.raises(ValueError, match=r"lacks the column\(s\) 'income', .*'Incom'"):
        encoder.transform(frame.rename(columns={"income": "Incom"}))
    with pytest.raises(ValueError, match=r"'income', 'island', 'when' and 'member'"):
        encoder.transform(pd.DataFrame({"zzz": [1]}))
    with pytest.raises(
        ValueError, match=r"'income' should hold numbers, but row 2 .*'x'"
    ):
        encoder.transform(frame.assign(income=["1", "2", "x", "y"]))
    with pytest.raises(ValueError, match=r"'income' holds 1 infinite .* in row 3"):
        encoder.transform(frame.assign(income=[1, 2, 3, np.inf]))
    with pytest.raises(ValueError, match="'when' should hold dates such as"):
        encoder.transform(frame.assign(when=1.5))
    with pytest.raises(ValueError, match="'island' should hold categories"):
        encoder.transform(frame.assign(island=pd.Timestamp("2024-01-01")))


def test_hostile_table() -> None:
    frame = pl.DataFrame(
        {
            "=cmd|' /C calc'!A0": ["=1+1", "@SUM(A1)", "-2+3", ""],
            "line\nbreak": ["a\r\nb", "\x00", "\U0001f600", None],
            "소득 금액": [1e308, -1e308, 0.0, None],
            "": ["", "x", "", "x"],
            "none": [None, None, None, None],
            "tiny": [0.0, 5e-324, 0.0, 0.0],
        }
    )
    encoder = TableEncoder.fit(frame)
    X = encoder.transform(frame)
    assert np.isfinite(X).all()
    back = encoder.inverse_transform(encoder.transform(frame))
    for name in ("=cmd|' /C calc'!A0", "line\nbreak", ""):
        assert back[name].tolist() == frame[name].to_list()
    np.testing.assert_allclose(
        back["소득 금액"], [1e308, -1e308, 0, np.nan], atol=1e295
    )
    assert all("\n" not in notice for notice in encoder.schema.notices)
    text = json.dumps(encoder.describe(), allow_nan=False)
    assert TableEncoder.read(json.loads(text)) == encoder


def test_10_000_columns() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 10_000))
    X[0, ::2] = np.nan
    frame = pa.table({f"c{i}": X[:, i] for i in range(10_000)})
    start = time.perf_counter()
    encoder = TableEncoder.fit(frame, target="c9999")
    assert encoder.transform(frame).shape == (50, 9_999 + 5_000)
    # Seconds where idle; the limit only tells linear work from quadratic.
    assert time.perf_counter() - start < 100


columns = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=6, max_size=6),
    st.lists(st.one_of(st.none(), st.integers(-99, 99)), min_size=6, max_size=6),
    st.lists(st.one_of(st.none(), st.text(max_size=5)), min_size=6, max_size=6),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=6, max_size=6),
)
tables = st.dictionaries(st.text(max_size=6), columns, min_size=1, max_size=5)


@given(tables)
def test_decode_undoes_encode(data: dict[str, list[Any]]) -> None:
    data = {**data, "always usable": [1, 2, 3, 4, 5, 6]}
    frame = pl.DataFrame({name: pl.Series(column) for name, column in data.items()})
    encoder = TableEncoder.fit(frame)
    X = encoder.transform(frame)
    assert X.shape == (6, len(encoder.names)) == (6, len(encoder.sources))
    assert np.isfinite(X).all()
    for name, back in encoder.inverse_transform(X).items():
        column = encoder.schema.columns[name]
        if column.kind == "number" and not isinstance(data[name][0], str):
            x = frame[name].cast(pl.Float64, strict=False).to_numpy()
            if not column.markers and frame[name].dtype != pl.String:
                assert np.array_equal(np.isnan(x), np.isnan(back))
                assert np.nanmax(np.abs(x - back)) <= 1e-5 * max(
                    column.scale.sd, 1e-300
                )
        if column.kind == "category":
            said = [None if value in NO_TEXT else value for value in data[name]]
            assert back.tolist() == said
    text = json.dumps(encoder.describe(), allow_nan=False)
    rebuilt = TableEncoder.read(json.loads(text))
    assert rebuilt == encoder
    assert rebuilt.names == encoder.names
    assert rebuilt.schema.notices == encoder.schema.notices
    np.testing.assert_array_equal(rebuilt.transform(frame), X)


@real_tables.needed
@pytest.mark.parametrize("name", ["pima", "diamonds", "adult", "nlswork", "compas"])
def test_real_tables(name: str) -> None:
    frame = pd.read_parquet(real_tables.path_of(name))
    encoder = TableEncoder.fit(frame, target="target")
    X = encoder.transform(frame)
    assert np.isfinite(X).all()
    assert encoder == TableEncoder.read(encoder.describe())
    for source, back in encoder.inverse_transform(X).items():
        column = encoder.schema.columns[source]
        if column.kind == "number":
            x = frame[source].to_numpy(dtype=float, na_value=np.nan)
            assert np.array_equal(np.isnan(x), np.isnan(back))
            # Of a value many standard deviations away, float32 keeps fewer digits.
            size = column.scale.sd + np.nanmax(np.abs(x - column.scale.mean))
            assert np.nanmax(np.abs(x - back)) <= 1e-5 * size
        elif column.kind == "category" and not column.other:
            assert back.tolist() == [
                None if value != value else str(value) for value in frame[source]
            ]


def test_every_input_has_a_name_and_a_source() -> None:
    table, _ = mixed()
    encoder = fit(table)
    X = encoder.transform(table)
    assert X.shape == (200, len(encoder.names)) == (200, len(encoder.sources))
    assert np.isfinite(X).all()
    assert set(encoder.sources) == set(table.columns)
    assert input_embedding(encoder, Hyperparameters(1)).inputs == X.shape[1]


def test_many_categories_are_codes_and_unseen_ones_are_none() -> None:
    table, _ = mixed()
    encoder = fit(table)
    assert isinstance(encoder.encodings[2], CodeEncoding)
    row = table.iloc[:1].assign(code="never")
    at = encoder.names.index("code")
    assert encoder.transform(row)[0, at] == 0
    assert set(encoder.transform(table)[:, at]) <= set(range(1, 13))


def test_described_and_read() -> None:
    table, _ = mixed()
    encoder = fit(table, numeric="robust")
    described = json.loads(json.dumps(encoder.describe()))
    again = TableEncoder.read(described)
    assert (again.transform(table) == encoder.transform(table)).all()


@pytest.mark.parametrize("numeric", ["standard", "robust", "bins"])
def test_back_in_the_columns_and_units_of_the_table(numeric: Numeric) -> None:
    table, _ = mixed()
    table = table.assign(
        old=table["size"] > 0,
        rooms=np.arange(200) % 5,
        half=np.where(np.arange(200) % 2, 3.0, np.nan),
        hour=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(200) * 61, "s"),
        due=[None if i % 9 == 0 else f"2024-02-{i % 28 + 1:02}" for i in range(200)],
        void=None,
    )
    encoder = fit(table, numeric=numeric)
    back = encoder.inverse_transform(encoder.transform(table))
    assert list(back) == [name for name in table if name != "void"]
    for name in ("size", "old", "rooms", "half"):
        given = table[name].to_numpy(np.float64)
        assert np.allclose(back[name], given, rtol=1e-4, atol=1e-6, equal_nan=True)
    for name in ("kind", "code"):
        given = [None if pd.isna(v) else v for v in table[name]]
        assert back[name].tolist() == given
    for name in ("day", "due"):
        given = pd.to_datetime(table[name]).to_numpy("datetime64[us]")
        assert np.array_equal(back[name], given, equal_nan=True)
    late = np.abs(back["hour"] - table["hour"].to_numpy()) / np.timedelta64(1, "s")
    assert late.max() <= 1
    with pytest.raises(ValueError, match="give what transform"):
        encoder.inverse_transform(np.zeros((2, 3)))


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=5, max_size=30, unique=True))
def test_any_numbers_come_back(numbers: list[float]) -> None:
    table = pd.DataFrame({"x": numbers})
    encoder = fit(table)
    scaled = encoder.transform(table)[:, 0]
    back = encoder.inverse_transform(encoder.transform(table))["x"]
    near, width = np.abs(scaled) < 2.5, encoder.scalers["x"].width
    assert np.allclose(back[near], table["x"][near], rtol=1e-5, atol=1e-4 * width)


def test_what_was_never_seen_comes_back_as_other() -> None:
    table, _ = mixed()
    table["kind"] = table["kind"].fillna("a")
    encoder = fit(table)
    row = table.iloc[:1].assign(kind="new", code="new")
    back = encoder.inverse_transform(encoder.transform(row))
    assert (back["kind"][0], back["code"][0]) == (OTHER, OTHER)
    pooled = pd.DataFrame({"k": ["a"] * 90 + [f"r{i}" for i in range(60)]})
    encoder = fit(pooled)
    assert encoder.inverse_transform(encoder.transform(pooled))["k"][-1] == OTHER


def test_the_usual_row() -> None:
    table = pd.DataFrame({"x": [1.0, 2, 3, None], "k": ["a", "b", "a", "a"]})
    encoder = fit(table, n_bins=2)
    usual = dict(zip(encoder.names, encoder.reference_row.tolist(), strict=True))
    assert usual == {
        "x": 0, "x: bin 1, 1 to 2": 1, "x: bin 2, 2 to 3": 0,
        "x is missing": 0.25, "k=a": 0.75, "k=b": 0.25,
    }  # fmt: skip


def test_marks_are_scaled_and_one_of_two_is_enough() -> None:
    frame = pd.DataFrame(
        {"two": ["a", "b"] * 10, "rare": ["x"] * 18 + ["y", "z"], "n": range(20)}
    )
    encoder = fit(frame, numeric="robust", scale_one_hot=True)
    assert encoder.names[:4] == ("two=a", "rare=x", "rare=y", "rare=z")
    X = encoder.transform(frame)
    # Half of the rows are "a": the median is 0 and the quartiles lie 1 apart, u = 1.
    one = 1 / np.sqrt(1 + 1 / 9)
    np.testing.assert_allclose(np.unique(X[:, 0]), [0, one], rtol=1e-6)
    # Of rare marks the whole range is told as 2: u = 2 where they are, or -2.
    two = 2 / np.sqrt(1 + 4 / 9)
    np.testing.assert_allclose(X[:, 1], [0.0] * 18 + [-two] * 2, rtol=1e-6)
    np.testing.assert_allclose(X[:, 2], [0.0] * 18 + [two, 0], rtol=1e-6)
    again = TableEncoder.read(json.loads(json.dumps(encoder.describe())))
    np.testing.assert_array_equal(again.transform(frame), X)
    assert input_embedding(encoder, Hyperparameters(1)).inputs == X.shape[1] == 5
    back = encoder.inverse_transform(X)
    assert back["two"].tolist() == frame.two.tolist()
    assert back["rare"].tolist() == frame.rare.tolist()
    new = encoder.transform(frame[:1].assign(two="c", rare="c"))
    back = encoder.inverse_transform(new)
    assert (back["two"][0], back["rare"][0]) == (OTHER, OTHER)


def test_each_column_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "k": ["a", "b", "a"]})
    single = fit(frame).column_values(frame)
    assert np.array_equal(single["x"], [1, np.nan, 3], equal_nan=True)
    assert single["k"].tolist() == [0, 1, 0]


def test_which_inputs_are_places() -> None:
    table, _ = mixed()
    encoder = fit(table)
    told = [": bin " in name for name in encoder.names]
    assert any(told)
    assert encoder.is_bin.tolist() == told
    assert not fit(table, numeric="robust").is_bin.any()


def test_of_many_columns_each_has_fewer_places() -> None:
    X = np.random.default_rng(0).normal(size=(100, 90))
    table = pd.DataFrame({f"x{k}": x for k, x in enumerate(X.T)})
    encoder = fit(table, n_bins=16)
    assert encoder.is_bin.sum() == MOST_BINS // 90 * 90


def test_a_constant_column_with_gaps() -> None:
    table = pd.DataFrame({"a": [1.0, np.nan] * 20, "b": np.arange(40.0)})
    encoder = fit(table)
    told = encoder.inverse_transform(encoder.transform(table))
    np.testing.assert_array_equal(told["a"], table.a)


def test_which_inputs_are_numbers() -> None:
    table, _ = mixed()
    encoder = fit(table)
    names = [encoder.names[place] for place in encoder.numeric_columns]
    assert names[0] == "size"
    assert all(name.startswith("day: ") for name in names[1:])
    assert not any(": bin " in name for name in names)
