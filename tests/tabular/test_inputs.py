import numpy as np
import pandas as pd
import pytest

from ranvier.table.columns import OTHER, Category
from ranvier.table.table import TableEncoder
from ranvier.tabular import inputs

TABLE = pd.DataFrame(
    {
        "x": [1.0, None, 3.0, 4.0] * 5,
        "two": ["a", "b", "b", "b"] * 5,
        "day": pd.to_datetime(["2024-01-01", "2024-01-03", None, "2024-01-05"] * 5),
        "same": [7] * 20,
    }
)
ENCODER = TableEncoder.fit(TABLE)
USED = {column.name: (column, values) for column, values in inputs.used(ENCODER, TABLE)}


def test_what_numbers_are_called() -> None:
    columns = ENCODER.columns
    assert inputs.number_names(columns["x"]) == ["x"]
    assert inputs.number_names(columns["day"])[0] == "day: elapsed days"
    assert inputs.number_names(columns["two"]) == []
    assert "same" not in USED
    assert inputs.day(19_723) == "2024-01-01"


def test_numbers_and_gaps() -> None:
    [(name, x)] = inputs.numbers(*USED["x"])
    assert name == "x"
    assert np.array_equal(x, TABLE.x, equal_nan=True)
    days = inputs.numbers(*USED["day"])[0][1]
    assert np.array_equal(np.diff(days[[0, 1, 3]]), [2, 2])
    for column in ("x", "day"):
        gaps = inputs.missing(*USED[column])
        assert gaps.tolist() == TABLE[column].isna().tolist()
    assert inputs.numbers(*USED["two"]) == []


@pytest.mark.parametrize("scaled", [True, False])
def test_marks_and_back(scaled: bool) -> None:
    column, values = USED["two"]
    assert isinstance(column, Category)
    told = inputs.marks(column, inputs.encode(column, values), scaled)
    assert told.shape == (20, len(inputs.marked(column, scaled))) == (20, 2 - scaled)
    assert inputs.decode(column, told, {}, scaled, False).tolist() == TABLE.two.tolist()
    unseen = inputs.marks(column, column.average()[None], scaled)
    assert inputs.decode(column, unseen, {}, scaled, False).tolist() == [OTHER]


@pytest.mark.parametrize("count", [8, 9])
def test_a_category_of_many_is_a_code(count: int) -> None:
    table = pd.DataFrame({"k": [f"c{i % count}" for i in range(10 * count)]})
    column = TableEncoder.fit(table).columns["k"]
    assert inputs.is_coded(column) == (count > inputs.ONE_HOT)
    codes = np.array([[0.0], [1.0], [2.0]])
    assert not inputs.is_coded(column, None)
    assert inputs.is_coded(column, 7)
    if inputs.is_coded(column):
        found = inputs.decode(column, codes, {}, False, True)
        assert found.tolist() == [OTHER, "c0", "c1"]
