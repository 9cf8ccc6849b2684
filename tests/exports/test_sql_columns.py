"""Columns in SQL become the inputs that Python encodes."""

from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from test_onnx_columns import CATEGORIES, MOMENTS, of_categories

from ranvier.exports.sql_columns import PARTS, add_columns
from ranvier.exports.sql_text import Query
from ranvier.table.column_types import Category
from ranvier.table.dates import date_parts
from ranvier.table.encoder import TableEncoder

Array = NDArray[Any]


def encoded(encoder: TableEncoder, table: pd.DataFrame) -> Array:
    query = Query("SELECT t AS row_ FROM given AS t")
    add_columns(query, encoder, "row_")
    with duckdb.connect() as database:
        database.register("given", table)
        return np.array(database.execute(query.select("x")).fetchall())[:, 0]


@pytest.mark.parametrize("numeric", ["robust", "bins"])
def test_all_kinds_equal_python(numeric: Any) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "x": rng.normal(size=200) * 1e3,
            "whole": rng.integers(0, 9, 200),
            "truth": rng.random(200) < 0.3,
            "day": pd.date_range("1958-02-27", periods=200, freq="2399h"),
            "te'xt": rng.choice(["a", "b", "한'국"], 200),
        }
    )
    table.loc[::5, ["x", "te'xt", "day"]] = None
    table.loc[1, "x"] = 1e300
    settings: Any = {"numeric": numeric, "n_bins": 8, "scale_one_hot": True}
    encoder = TableEncoder.fit(table.drop(index=1), **settings)
    np.testing.assert_array_equal(encoded(encoder, table), encoder.transform(table))


def test_numbers_that_are_codes_too() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"shop": rng.integers(-5, 20, 300).astype(float)})
    table.loc[::4, "shop"] = np.nan
    plain = TableEncoder.fit(table, numeric="robust")
    category = TableEncoder.fit(table, categories=["shop"]).schema.used[0]
    assert isinstance(category, Category)
    encoder = replace(plain, codes={"shop": category})
    new = pd.DataFrame({"shop": [np.nan, 3, 99, -5, 0, 2.5]})
    np.testing.assert_array_equal(encoded(encoder, new), encoder.transform(new))


@pytest.mark.parametrize("other", [0, 2])
def test_texts_are_found_as_in_python(other: int) -> None:
    encoder = of_categories(*CATEGORIES, other=other)
    texts = [
        *CATEGORIES, None, "", "None", "nan", "NA", "NULL", "inf", "TRUE", " True ",
        "1.0", " 01 ", "1e0", "1e999", "9" * 400, "+1", ".1", "1.", "-0", "1,000,000",
        "1,00", "1_000", "0x1", "--1", "-3.0", "2.5", "A ", "한국어", "it's", "1e-999",
    ]  # fmt: skip
    table = pd.DataFrame({"c": texts})
    np.testing.assert_array_equal(encoded(encoder, table), encoder.transform(table))


def test_other_types_of_the_same_values() -> None:
    encoder = of_categories("1", "2.5", "true", "x")
    for values in ([1, 7], [1.0, 2.5], [True, False]):
        table = pd.DataFrame({"c": values})
        np.testing.assert_array_equal(encoded(encoder, table), encoder.transform(table))


def test_numbers_that_are_texts() -> None:
    texts = ["1.5", " 2 ", "1,234", "NA", "?", None, "-3e2", "nan"]
    numbers = TableEncoder.fit(pd.DataFrame({"n": [1.0, 2, 3, 4]}), numeric="robust")
    table = pd.DataFrame({"n": texts})
    np.testing.assert_array_equal(encoded(numbers, table), numbers.transform(table))
    with pytest.raises(duckdb.ConversionException, match="1,2"):
        encoded(numbers, pd.DataFrame({"n": ["1,2"]}))
    truths = TableEncoder.fit(pd.DataFrame({"n": [True, False]}), numeric="robust")
    table = pd.DataFrame({"n": ["TRUE", "false", "1"]})
    np.testing.assert_array_equal(encoded(truths, table), truths.transform(table))


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ"])
def test_parts_of_dates(kind: str) -> None:
    rng = np.random.default_rng(0)
    drawn = rng.integers(-15_000_000, 50_000_000, 2000).astype("M8[h]")
    usual = np.array([m for m in MOMENTS if not m.startswith("0000")], "M8[us]")
    times = np.concatenate([drawn, usual]).astype("M8[us]")
    parts = ", ".join(part.format(v="epoch_us(t)") for part in PARTS)
    frame = pd.DataFrame({"us": times.astype(np.int64)})
    with duckdb.connect() as database:
        database.register("frame", frame)
        database.execute("SET TimeZone = 'Asia/Seoul'")
        database.execute(
            "CREATE TABLE given AS SELECT make_timestamp(us)::TIMESTAMP AS t FROM frame"
            if kind == "TIMESTAMP"
            else "CREATE TABLE given AS SELECT make_timestamptz(us) AS t FROM frame"
        )
        found = np.array(database.execute(f"SELECT {parts} FROM given").fetchall())
    for mine, theirs in zip(found.T, date_parts(times), strict=True):
        np.testing.assert_array_equal(mine, theirs)
