"""matching.py: known texts found again, whatever type they come in."""

from typing import Any

import pytest

from ranvier.table.category_index import MISSING, UNSEEN, CategoryIndex
from ranvier.table.values import values_of


def codes(texts: list[str], column: Any) -> list[int]:
    return CategoryIndex(texts).codes(values_of(column)).tolist()


def test_texts() -> None:
    assert codes(["a", "b"], ["b", None, "c", "a"]) == [1, MISSING, UNSEEN, 0]


def test_numbers_find_the_texts_that_say_them() -> None:
    assert codes(["-1.0", "1.0"], [1, -1, 2]) == [1, 0, UNSEEN]
    assert codes(["-1.0", "1.0"], [1.0, float("nan")]) == [1, MISSING]
    assert codes(["1", "2.5"], ["2.50", "1.0"]) == [1, 0]
    assert codes(["007"], [7]) == [0]


def test_truths_find_the_texts_that_say_them() -> None:
    assert codes(["False", "True"], [True, False]) == [1, 0]
    assert codes(["FALSE", "TRUE"], ["true", "false"]) == [1, 0]
    assert codes(["0", "1"], [True, False]) == [1, 0]
    assert codes(["no", "yes"], [True, False]) == [UNSEEN, UNSEEN]


def test_nothing_is_guessed_between_two() -> None:
    assert codes(["1", "1.0"], ["1", "1.0", "1.00"]) == [0, 1, UNSEEN]
    assert codes(["1", "1.0"], [1]) == [0]


def test_infinite_and_strange_texts_stay_themselves() -> None:
    assert codes(["inf", "=1+1", "", "\U0001f600"], ["\U0001f600", "", "inf"]) == [
        3,
        2,
        0,
    ]


def test_signs_of_no_value_are_missing_unless_known() -> None:
    column = values_of(["a", "NA", "null", None])
    assert CategoryIndex(["a"]).codes(column).tolist() == [0, MISSING, MISSING, MISSING]
    assert CategoryIndex(["a", "NA"]).codes(column).tolist() == [0, 1, MISSING, MISSING]
    assert CategoryIndex(["a"]).unseen(column) == {}


def test_empty_column() -> None:
    assert codes(["a"], [None, None]) == [MISSING, MISSING]
    assert codes(["a"], []) == []


def test_unseen_are_counted() -> None:
    matching = CategoryIndex(["a", "1"])
    assert matching.unseen(values_of(["a", "c", "b", "c", None])) == {"c": 2, "b": 1}
    assert matching.unseen(values_of([1, 2.0, 2.5, 2.0])) == {"2": 2, "2.5": 1}
    assert matching.unseen(values_of([None])) == {}


def test_dates_are_refused() -> None:
    import datetime as dt

    with pytest.raises(ValueError, match="texts or numbers, but got date values"):
        codes(["a"], [dt.date(2024, 1, 1)])
