"""columns.py: each kind of column by hand."""

import json
from typing import Any

import numpy as np
import pytest

from ranvier.table.column_types import (
    OTHER,
    Category,
    Column,
    Dropped,
    Number,
    as_numbers,
    read_column,
)
from ranvier.table.dates import Date
from ranvier.table.scalers import StandardScaler
from ranvier.table.values import values_of

NUMBER = Number("x", "float", StandardScaler(10.0, 2.0, 11.0), 6.0, 14.0, 3, ("?",))
CATEGORY = Category("c", ("a", "b"), (3, 1), pooled=2, other=4, missing=2)
UNPOOLED = Category("c", ("a", "b"), (3, 1), pooled=0, other=0, missing=0)
DATE = Date("d", tuple(StandardScaler(float(i), 1.0, 0.0) for i in range(7)), 1)
DROPPED = Dropped("k", "constant", "5", 0)


def numbers(column: Number, values: list[Any]) -> list[float]:
    return column.numbers(values_of(values)).tolist()


def codes(column: Category, values: list[Any]) -> list[int]:
    return column.codes(values_of(values)).tolist()


def test_numbers() -> None:
    assert numbers(NUMBER, ["12", "4"]) == [12, 4]
    assert np.isnan(numbers(NUMBER, ["?", " na ", None])).all()
    assert np.isnan(numbers(NUMBER, [None, None])).all()
    assert (NUMBER.part_names, NUMBER.varying) == (("x",), (0,))


def test_codes() -> None:
    assert CATEGORY.names == ("c=a", "c=b", "c is other", "c is missing")
    assert CATEGORY.labels.tolist() == ["a", "b", OTHER, None]
    assert codes(CATEGORY, ["b", "new", None, "a"]) == [1, 2, 3, 0]
    assert UNPOOLED.names == ("c=a", "c=b")
    found = codes(UNPOOLED, ["b", "new", None])
    assert found[0] == 1
    assert max(found[1:]) < 0


def test_average_of_the_training_rows() -> None:
    assert UNPOOLED.average().tolist() == [0.75, 0.25]
    assert CATEGORY.average().tolist() == [0.3, 0.1, 0.4, 0.2]


def test_number_refuses() -> None:
    with pytest.raises(ValueError, match=r"'x' should hold numbers, but row 1 .*'abc'"):
        numbers(NUMBER, ["1", "abc", "def"])
    with pytest.raises(ValueError, match=r"1 infinite value\(s\), the first in row 1 "):
        numbers(NUMBER, [1.0, np.inf])
    with pytest.raises(ValueError, match="'x' should hold numbers, but row 0"):
        numbers(NUMBER, [np.datetime64("2024-01-01")])


def test_truths_as_texts_are_numbers_of_a_boolean_column() -> None:
    numbers = as_numbers(values_of(["True", "false", None]), "x", form="boolean")
    assert numbers.tolist()[:2] == [1, 0]
    with pytest.raises(ValueError, match="'True'"):
        as_numbers(values_of(["True", "false", None]), "x")


def test_category_takes_numbers_but_no_dates() -> None:
    column = Category("c", ("1", "2"), (3, 1), pooled=0, other=0, missing=0)
    assert codes(column, [2, 1]) == [1, 0]
    with pytest.raises(ValueError, match="'c' should hold categories, but row 0"):
        codes(column, [np.datetime64("2024-01-01")])


def test_unseen_are_counted() -> None:
    assert CATEGORY.unseen(values_of(["a", "z", "z", None])) == {"z": 2}
    assert CATEGORY.unseen(values_of([None])) == {}


def test_dropped() -> None:
    assert DROPPED.reason == "one value only (5)"
    assert Dropped("k", "empty", "", 3).reason == "no values"


@pytest.mark.parametrize("column", [NUMBER, CATEGORY, UNPOOLED, DATE, DROPPED])
def test_description_is_exact(column: Column) -> None:
    text = json.dumps(column.describe(), allow_nan=False)
    assert read_column(json.loads(text), "a column") == column


CHANGES: list[tuple[Column, dict[str, Any], str]] = [
    (NUMBER, {"form": "complex"}, "form is 'complex'"),
    (NUMBER, {"scale": 1}, "expected an object"),
    (NUMBER, {"minimum": "0"}, "minimum is str"),
    (NUMBER, {"markers": [1]}, "markers holds int"),
    (NUMBER, {"missing": 1e9}, "missing holds float"),
    (CATEGORY, {"categories": []}, "each category needs a count"),
    (CATEGORY, {"counts": [1]}, "each category needs a count"),
    (CATEGORY, {"counts": [0, 1]}, "each category needs a count"),
    (CATEGORY, {"categories": ["a", "a"]}, "names something twice"),
    (CATEGORY, {"other": 10**30}, "outside 0 to"),
    (DATE, {"scales": []}, "a date has 7 parts"),
    (DATE, {"scales": [{}] * 7}, "expected the fields mean, sd, median"),
    (DROPPED, {"why": "__class__"}, "why is '__class__'"),
    (DROPPED, {"kind": "lambda"}, "kind is 'lambda'"),
    (DROPPED, {"name": None}, "name holds NoneType"),
]


@pytest.mark.parametrize(("column", "change", "why"), CHANGES)
def test_damaged_description(column: Column, change: dict[str, Any], why: str) -> None:
    with pytest.raises(
        ValueError, match=f"description of a column is damaged: .*{why}"
    ):
        read_column(column.describe() | change, "a column")


@pytest.mark.parametrize("value", [None, [], "number", {"kind": ["number"]}, {}])
def test_no_description(value: object) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read_column(value, "a column")
