"""column_reader.py: what columns prove for each other, and texts that stay texts."""

import pandas as pd
import pytest

from ranvier.reading.column_reader import read_texts, without_texts
from ranvier.reading.columns import ColumnReading
from ranvier.reading.decisions import Reading
from ranvier.table.datetimes import DateFormat
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
