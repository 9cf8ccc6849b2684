"""column_reader.py: what columns prove for each other, and texts that stay texts."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest

from ranvier.reading.column_reader import read_texts, without_texts
from ranvier.reading.columns import ColumnReading
from ranvier.reading.decisions import Reading
from ranvier.reading.options import ReadOptions
from ranvier.table.datetimes import DateFormat
from ranvier.table.frames import columns_of
from ranvier.table.numbers import NumberFormat
from ranvier.table.values import values_of


def test_one_column_tells_the_marks_and_the_order_of_another() -> None:
    table = pd.DataFrame(
        {
            "people": ["91.420", "2.677"],
            "rent": ["6,56", "5,12"],
            "from": ["01/02/2024", "03/04/2024"],
            "to": ["18/03/2024", "19/04/2024"],
        }
    )
    reading, read = Reading.fit(table)
    assert read["people"].tolist() == [91420, 2677]
    assert read["from"].dt.month.tolist() == [2, 4]
    assert reading.columns["from"].dates == DateFormat("DMY")


def test_a_target_of_a_few_texts_stays_texts() -> None:
    table = pd.DataFrame({"y": ["10%", "20%"] * 30, "x": ["10%", "20%"] * 30})
    _, read = Reading.fit(table, target="y")
    assert read["y"].tolist()[:2] == ["10%", "20%"]
    assert read["x"].tolist()[:2] == [10, 20]
    many = pd.DataFrame({"y": [f"{i}%" for i in range(30)]})
    assert Reading.fit(many, target="y")[1]["y"].tolist() == list(range(30))


def test_declared_and_named_categories_stay_texts() -> None:
    table = pd.DataFrame({"a": ["1,5", "2"], "b": pd.Categorical(["1,5", "2"])})
    _, read = Reading.fit(table, as_texts=["a"])
    assert read.equals(table)


def test_texts_that_cannot_be_read_are_named_with_their_row() -> None:
    column = ColumnReading("number", NumberFormat(",", "."), low="1", high="2")
    values = values_of(["1,5", None, "1.5", "-"])
    with pytest.raises(
        ValueError, match=r"column 'a' holds '1\.5' in row 2 .*with ','"
    ):
        read_texts(column, values, "a")
    read = read_texts(column, values_of(["1,5", None, "-"]), "a")
    assert read.tolist()[0] == 1.5
    assert pd.isna(read).tolist() == [False, True, True]


def test_named_texts_are_taken_out() -> None:
    values = values_of(["x", "none", "y"])
    column = ColumnReading("text", texts_missing=(("none", 1),))
    assert without_texts(values, column).data.tolist() == ["x", None, "y"]
    assert without_texts(values_of(["x"]), column).data.tolist() == ["x"]


@pytest.mark.parametrize("make", [pd.DataFrame, pa.table, polars.DataFrame])
@pytest.mark.parametrize("values", [[1.5, -999.0, 3.0], ["1.5", "-999.0", "3"]])
def test_a_number_named_as_missing_is_so_in_every_form(make: Any, values: Any) -> None:
    options = ReadOptions(na=("-999",))
    reading, table = Reading.fit(make({"x": values}), options=options)
    read = values_of(columns_of(table)["x"]).data
    np.testing.assert_array_equal(read, [1.5, np.nan, 3.0])
    assert reading.notices == (
        "2 of 3 values of 'x' are numbers; '-999' (1) is read as missing.",
    )
    again = Reading.read(json.loads(json.dumps(reading.describe())))
    for new in ([-999.0, 7.5], [-999, 7], ["-999", "7.5"], ["-9.99e2", "7.5"]):
        table = again.apply(make({"x": new}))
        assert np.isnan(values_of(columns_of(table)["x"]).data).tolist() == [
            True,
            False,
        ]
