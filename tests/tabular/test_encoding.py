import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_tables import mixed

from ranvier.table.columns import OTHER
from ranvier.tabular.encoding import MOST_PLACES, Encoding, is_coded
from ranvier.tabular.recipe import Recipe


def test_every_input_has_a_name_and_a_source() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    X = encoding.transform(table)
    assert X.shape == (200, len(encoding.names)) == (200, len(encoding.sources))
    assert np.isfinite(X).all()
    assert set(encoding.sources) == set(table.columns)
    assert encoding.embedding(Recipe(1)).inputs == X.shape[1]


def test_many_categories_are_codes_and_unseen_ones_are_none() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    assert is_coded(encoding.table.columns["code"])
    row = table.iloc[:1].assign(code="never")
    at = encoding.names.index("code")
    assert encoding.transform(row)[0, at] == 0
    assert set(encoding.transform(table)[:, at]) <= set(range(1, 13))


def test_described_and_read() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table, places=False)
    described = json.loads(json.dumps(encoding.describe()))
    again = Encoding.read(described)
    assert (again.transform(table) == encoding.transform(table)).all()


@pytest.mark.parametrize("places", [True, False])
def test_back_in_the_columns_and_units_of_the_table(places: bool) -> None:
    table, _ = mixed()
    table = table.assign(
        old=table["size"] > 0,
        rooms=np.arange(200) % 5,
        half=np.where(np.arange(200) % 2, 3.0, np.nan),
        hour=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(200) * 61, "s"),
        due=[None if i % 9 == 0 else f"2024-02-{i % 28 + 1:02}" for i in range(200)],
        void=None,
    )
    encoding = Encoding.fit(table, places=places)
    back = encoding.inverse(encoding.transform(table))
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
        encoding.inverse(np.zeros((2, 3)))


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=5, max_size=30, unique=True))
def test_any_numbers_come_back(numbers: list[float]) -> None:
    table = pd.DataFrame({"x": numbers})
    encoding = Encoding.fit(table)
    scaled = encoding.transform(table)[:, 0]
    back = encoding.inverse(encoding.transform(table))["x"]
    near, width = np.abs(scaled) < 2.5, encoding.spreads["x"].width
    assert np.allclose(back[near], table["x"][near], rtol=1e-5, atol=1e-4 * width)


def test_what_was_never_seen_comes_back_as_other() -> None:
    table, _ = mixed()
    table["kind"] = table["kind"].fillna("a")
    encoding = Encoding.fit(table)
    row = table.iloc[:1].assign(kind="new", code="new")
    back = encoding.inverse(encoding.transform(row))
    assert (back["kind"][0], back["code"][0]) == (OTHER, OTHER)
    pooled = pd.DataFrame({"k": ["a"] * 90 + [f"r{i}" for i in range(60)]})
    encoding = Encoding.fit(pooled)
    assert encoding.inverse(encoding.transform(pooled))["k"][-1] == OTHER


def test_the_usual_row() -> None:
    table = pd.DataFrame({"x": [1.0, 2, 3, None], "k": ["a", "b", "a", "a"]})
    encoding = Encoding.fit(table, bins=2)
    usual = dict(zip(encoding.names, encoding.usual.tolist(), strict=True))
    assert usual == {
        "x": 0, "x: bin 1, 1 to 2": 1, "x: bin 2, 2 to 3": 0,
        "x is missing": 0.25, "k=a": 0.75, "k=b": 0.25,
    }  # fmt: skip


def test_days_are_named_by_their_dates() -> None:
    days = pd.date_range("2024-01-01", periods=9, freq="D")
    names = Encoding.fit(pd.DataFrame({"day": days}), bins=2).names
    assert "day: elapsed days: bin 1, 2024-01-01 to 2024-01-05" in names


def test_each_column_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "k": ["a", "b", "a"]})
    single = Encoding.fit(frame).single(frame)
    assert np.array_equal(single["x"], [1, np.nan, 3], equal_nan=True)
    assert single["k"].tolist() == [0, 1, 0]


def test_which_inputs_are_places() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    told = [": bin " in name for name in encoding.names]
    assert any(told)
    assert encoding.is_place.tolist() == told
    assert not Encoding.fit(table, places=False).is_place.any()


def test_of_many_columns_each_has_fewer_places() -> None:
    X = np.random.default_rng(0).normal(size=(100, 90))
    table = pd.DataFrame({f"x{k}": x for k, x in enumerate(X.T)})
    encoding = Encoding.fit(table, bins=16)
    assert encoding.is_place.sum() == MOST_PLACES // 90 * 90


def test_a_constant_column_with_gaps() -> None:
    table = pd.DataFrame({"a": [1.0, np.nan] * 20, "b": np.arange(40.0)})
    encoding = Encoding.fit(table)
    told = encoding.inverse(encoding.transform(table))
    np.testing.assert_array_equal(told["a"], table.a)


def test_which_inputs_are_numbers() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    names = [encoding.names[place] for place in encoding.numbers]
    assert names[0] == "size"
    assert all(name.startswith("day: ") for name in names[1:])
    assert not any(": bin " in name for name in names)
