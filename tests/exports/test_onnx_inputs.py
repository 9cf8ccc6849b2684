"""Inputs of an ONNX file for the columns of a table, and rows in their types."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from ranvier.exports.onnx_inputs import (
    MISSING_INTEGER,
    check_columns,
    described_inputs,
    feeds_of,
    notices,
    raw_feeds,
    representable,
)
from ranvier.table.encoder import TableEncoder

TABLE = pd.DataFrame(
    {
        "text": ["a", "b", None, "2"] * 5,
        "whole": [1, 2, 3, 4] * 5,
        "gaps": [1, None, 3, 4] * 5,
        "truth": [True, False, True, True] * 5,
        "day": pd.date_range("1969-12-30", periods=20, freq="h"),
    }
)
ENCODER = TableEncoder.fit(TABLE)
TYPES = {
    "text": "string",
    "whole": "int64",
    "gaps": "float64",
    "truth": "bool",
    "day": "int64",
}


def test_each_column_has_the_type_of_the_table() -> None:
    described = {d["name"]: d for d in described_inputs(ENCODER)}
    assert {name: d["type"] for name, d in described.items()} == TYPES
    assert described["day"]["unit"] == "microseconds since 1970 in UTC"
    assert described["text"]["missing"] == "the empty text"


@pytest.mark.parametrize("make", [lambda t: t, pl.from_pandas])
def test_rows_of_any_table(make) -> None:  # type: ignore[no-untyped-def]
    feeds = feeds_of(ENCODER, make(TABLE))
    assert feeds["text"][:4].tolist() == ["a", "b", "", "2"]
    assert feeds["whole"][:4].tolist() == [1, 2, 3, 4]
    assert np.isnan(feeds["gaps"][1])
    assert feeds["truth"].dtype == bool
    assert feeds["day"][:2].tolist() == [-172_800_000_000, -169_200_000_000]


def test_values_are_found_however_they_are_written() -> None:
    table = TABLE.assign(text=2, day="1970-01-02")
    feeds = feeds_of(ENCODER, table)
    assert set(feeds["text"]) == {"2"}
    assert set(feeds["day"]) == {86_400_000_000}
    feeds = feeds_of(ENCODER, table.assign(text=["", "None", "new", "1.0"] * 5))
    assert set(feeds["text"]) == {" "}  # no category, and not missing


def test_missing_whole_numbers_and_dates() -> None:
    table = TABLE.assign(whole=np.nan, day=pd.NaT)
    feeds = feeds_of(ENCODER, table)
    assert set(feeds["whole"]) == set(feeds["day"]) == {MISSING_INTEGER}


def test_values_without_a_form_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'whole' holds 1.5 in row 0 .* whole"):
        feeds_of(ENCODER, TABLE.assign(whole=1.5))
    with pytest.raises(ValueError, match="'truth' holds a missing value in row 0"):
        feeds_of(ENCODER, TABLE.assign(truth=np.nan))
    with pytest.raises(ValueError, match="should hold dates"):
        feeds_of(ENCODER, TABLE.assign(day="tomorrow"))


def test_values_are_replaced_that_no_input_can_have() -> None:
    rows = {
        "text": np.array(["", "None", "1,000", "a"], object),
        "whole": np.array([1.5, 1e300, -0.0, 2]),
        "gaps": np.array([1.5, np.nan, 3, 4]),
        "truth": np.array([np.nan, 7, 0, 1]),
        "day": np.array(["NaT", "0001-01-01", "1970-01-01", "2024-02-29"], "M8[us]"),
    }
    found = representable(ENCODER, rows)
    assert found["text"].tolist() == [None, None, "1000", "a"]
    np.testing.assert_array_equal(found["whole"], [np.nan, np.nan, 0, 2])
    assert found["truth"].tolist() == [0, 1, 0, 1]
    feeds = raw_feeds(ENCODER, found)
    assert feeds["text"].tolist() == ["", "", "1000", "a"]
    assert feeds["day"][0] == feeds["whole"][0] == MISSING_INTEGER
    assert feeds["truth"].dtype == bool


def test_names_and_categories_that_onnx_cannot_have() -> None:
    check_columns(ENCODER)
    with pytest.raises(TypeError, match="an empty name"):
        check_columns(TableEncoder.fit(TABLE.rename(columns={"whole": ""})))
    empty = TableEncoder.fit(pl.DataFrame({"a": ["", "x"] * 5}))
    with pytest.raises(TypeError, match="the empty text is a category of 'a'"):
        check_columns(empty)


def test_a_category_that_a_missing_value_becomes_is_said() -> None:
    assert notices(ENCODER) == []
    (said,) = notices(TableEncoder.fit(pl.DataFrame({"a": ["None", "x"] * 5})))
    assert "'None' is a category of 'a'" in said
