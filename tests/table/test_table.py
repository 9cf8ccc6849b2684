"""table.py: whole tables by hand, hostile ones, and decode(encode(x)) = x."""

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

import real_tables
from ranvier.table.table import TableEncoder
from ranvier.table.values import NO_TEXT

DATA: dict[str, list[Any]] = {
    "income": [10.0, None, 30.0, 20.0],
    "island": ["Biscoe", "Dream", None, "Dream"],
    "when": [dt.date(2024, 1, 31), dt.date(2024, 2, 1), None, dt.date(2024, 2, 1)],
    "member": [True, False, True, True],
    "same": [7, 7, 7, 7],
    "species": ["a", "b", "a", "b"],
}
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


@pytest.mark.parametrize("library", LIBRARIES)
def test_by_hand(library: str) -> None:
    frame = LIBRARIES[library](DATA)
    encoder = TableEncoder.fit(frame, target="species")
    assert encoder.rows == 4
    assert {name: c.kind for name, c in encoder.columns.items()} == {
        "income": "number",
        "island": "category",
        "when": "date",
        "member": "number",
        "same": "dropped",
    }
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
    assert encoder.source == (
        ("income",) * 2 + ("island",) * 3 + ("when",) * 6 + ("member",)
    )
    assert encoder.notices == ("Column 'same' is left out: one value only (7).",)
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
    X = encoder.transform(frame, dtype=np.float64)
    np.testing.assert_allclose(X, expected, rtol=0, atol=1e-11)
    single = encoder.transform(frame)
    assert single.dtype == np.float32
    assert single.flags.c_contiguous
    np.testing.assert_array_equal(single, X.astype(np.float32))


def test_libraries_agree() -> None:
    encoders = [TableEncoder.fit(make(DATA)) for make in LIBRARIES.values()]
    assert encoders[0] == encoders[1] == encoders[2]


def test_inverse_gives_the_users_columns() -> None:
    frame = pd.DataFrame(DATA)
    encoder = TableEncoder.fit(frame)
    back = encoder.inverse(encoder.transform(frame))
    assert list(back) == ["income", "island", "when", "member", "species"]
    np.testing.assert_allclose(back["income"], [10, np.nan, 30, 20], rtol=1e-6)
    assert back["island"].tolist() == DATA["island"]
    assert back["when"].astype("datetime64[D]").tolist() == DATA["when"]
    np.testing.assert_allclose(back["member"], [1, 0, 1, 1], atol=1e-6)
    for shape in [(2,), (2, 3), (2, 2, 2)]:
        with pytest.raises(
            ValueError, match="expected a matrix of 14 columns, but got"
        ):
            encoder.inverse(np.zeros(shape))


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


def test_unseen_categories_are_reported() -> None:
    encoder = TableEncoder.fit(pd.DataFrame(DATA))
    assert encoder.unseen(pd.DataFrame(DATA)) == []
    later = pd.DataFrame(DATA).assign(island=["Torgersen", "x", "x", None])
    assert encoder.unseen(later) == [
        "Column 'island' holds categories that training did not see or hardly saw, "
        "in 3 row(s): 'x' and 'Torgersen'."
    ]
    assert np.isfinite(encoder.transform(later)).all()


def test_notices() -> None:
    n = 60
    frame = pd.DataFrame(
        {
            "id": range(n),
            "a": 1,
            "b": "x",
            "none": None,
            "text": [f"text {i}" for i in range(n)],
            "price": ["1,000", "NA", "?"] + ["5"] * (n - 3),
            "cost": ["1,000", "NA", "?"] + ["5"] * (n - 3),
            "y": np.arange(n) % 7,
        }
    )
    assert TableEncoder.fit(frame, exclude=["y"]).notices == (
        "2 columns are left out (one value only): 'a' and 'b'.",
        "Column 'none' is left out: no values.",
        "2 columns are left out (every value different, as in an identifier): 'id' and "
        "'text'.",
        "The texts '?' and 'NA' among the numbers of 'price' and 'cost' are read as "
        "missing.",
    )
    many = pd.DataFrame({"c": [f"c{i % 60}" for i in range(600)] + ["d", "e"]})
    assert TableEncoder.fit(many).notices == (
        "The 2 rarest categories of 'c' share one column (2 rows); 60 have their own.",
    )


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (pd.DataFrame({"a": []}), {}, "the table has no rows"),
        (pd.DataFrame({"a": [1]}), {}, r"none of the 1 columns .*one value only \(1\)"),
        (pd.DataFrame({"a": [1, 2]}), {"target": "a"}, "no column beside the target"),
        (pd.DataFrame({"a": [1, 2]}), {"target": "A"}, "did you mean 'a'"),
        (pd.DataFrame({"a": [1, 2]}), {"exclude": ["b"]}, "has no column 'b'"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "more than one column named"),
        (pd.DataFrame({"a": [1, -np.inf]}), {}, r"'a' holds 1 infinite .* in row 1"),
        ([[1, 2]], {}, "expected a table with named columns"),
    ],
)
def test_refused(frame: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableEncoder.fit(frame, **options)


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
    back = encoder.inverse(encoder.transform(frame, dtype=np.float64))
    for name in ("=cmd|' /C calc'!A0", "line\nbreak", ""):
        assert back[name].tolist() == frame[name].to_list()
    np.testing.assert_allclose(
        back["소득 금액"], [1e308, -1e308, 0, np.nan], atol=1e295
    )
    assert all("\n" not in notice for notice in encoder.notices)
    text = json.dumps(encoder.description(), allow_nan=False)
    assert TableEncoder.from_description(json.loads(text)) == encoder


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
    assert X.shape == (6, len(encoder.names)) == (6, len(encoder.source))
    assert np.isfinite(X).all()
    for name, back in encoder.inverse(X).items():
        column = encoder.columns[name]
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
    text = json.dumps(encoder.description(), allow_nan=False)
    rebuilt = TableEncoder.from_description(json.loads(text))
    assert rebuilt == encoder
    assert rebuilt.names == encoder.names
    assert rebuilt.notices == encoder.notices
    np.testing.assert_array_equal(rebuilt.transform(frame), X)


DESCRIPTION = TableEncoder.fit(pd.DataFrame(DATA)).description()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "pickle"}, "format is 'pickle'"),
        ({"version": "1"}, "version holds str"),
        ({"version": 2}, "install a newer Ranvier"),
        ({"rows": -1}, "rows holds a number outside"),
        ({"columns": {}}, "columns is dict, not a list"),
        ({"columns": [None]}, "column 0 of the table is damaged"),
        ({"columns": DESCRIPTION["columns"][:1] * 2}, "have the same name"),
        ({"columns": [{"kind": "eval"}]}, "column 0 of the table is damaged"),
        ({"more": 1}, "expected the fields format, version, rows, columns"),
    ],
)
def test_damaged_description(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TableEncoder.from_description(DESCRIPTION | change)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(st.data())
def test_any_field_may_be_damaged(data: st.DataObject) -> None:
    """Whatever stands in a field, the result is an encoder or a ValueError."""
    description = json.loads(json.dumps(DESCRIPTION))
    column = data.draw(st.sampled_from(description["columns"]))
    place = data.draw(st.sampled_from([description, column]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
    try:
        encoder = TableEncoder.from_description(description)
    except ValueError:
        return
    assert len(encoder.names) < 100


@real_tables.needed
@pytest.mark.parametrize("name", ["pima", "diamonds", "adult", "nlswork", "compas"])
def test_real_tables(name: str) -> None:
    frame = pd.read_parquet(real_tables.path_of(name))
    encoder = TableEncoder.fit(frame, target="target")
    X = encoder.transform(frame)
    assert np.isfinite(X).all()
    assert encoder == TableEncoder.from_description(encoder.description())
    for source, back in encoder.inverse(X).items():
        column = encoder.columns[source]
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


def test_numbers_that_are_told_to_be_categories() -> None:
    frame = pd.DataFrame({"code": [3.0, 1, None, 3], "x": [1.0, 2, 3, 4]})
    encoder = TableEncoder.fit(frame, categories=["code"])
    assert encoder.names == ("code=1", "code=3", "code is missing", "x")
    assert encoder.transform(frame)[:, :3].argmax(axis=1).tolist() == [1, 0, 2, 1]
    with pytest.raises(ValueError, match="read as categories, but holds dates"):
        TableEncoder.fit(
            frame.assign(x=pd.Timestamp("2024-01-01")), categories=["code", "x"]
        )
    with pytest.raises(ValueError, match="did you mean 'code'"):
        TableEncoder.fit(frame, categories=["cod"])
