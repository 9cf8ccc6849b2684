"""kinds.py: which kind a column is, at the edges of each rule."""

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ranvier.table.column_types import Category, Column, Dropped, Number
from ranvier.table.dates import Date
from ranvier.table.type_inference import (
    FEW_CATEGORIES,
    LEAST_ROWS,
    MOST_CATEGORIES,
    choose_column,
    number_markers,
)
from ranvier.table.values import values_of


def kind(values: Any, name: str = "x") -> Column:
    return choose_column(name, values_of(values))


def test_numbers() -> None:
    column = kind([1, 2, None, 6])
    assert isinstance(column, Number)
    assert (column.form, column.missing) == ("integer", 1)
    assert (column.scale.mean, column.scale.median) == (3, 2)
    assert (column.minimum, column.maximum) == (1, 6)
    # Few different integers remain numbers.
    assert isinstance(kind([0, 1, 2] * 50), Number)
    for truths in ([True, False], ["True", "FALSE", None]):
        column = kind(truths)
        assert isinstance(column, Number)
        assert (column.form, column.scale.mean) == ("boolean", 0.5)
    assert kind(["yes", "no"]).kind == "category"


def test_infinite_numbers() -> None:
    for values in ([1.0, -np.inf], ["1", "2", "inf"]):
        with pytest.raises(ValueError, match=r"'x' holds 1 infinite value\(s\)"):
            kind(values)


@pytest.mark.parametrize(
    ("values", "why", "detail"),
    [
        ([], "empty", ""),
        ([None, None], "empty", ""),
        ([5, 5, 5], "constant", "5"),
        ([5.5], "constant", "5.5"),
        (["a", "a"], "constant", "'a'"),
        (["a\n" * 90] * 2, "constant", repr("a\n" * 25)),
        ([dt.date(2024, 1, 1)] * 2, "constant", "2024-01-01T00:00:00.000000"),
        ([[1], [2]], "unusable", "values of type list"),
        ([f"row {i}" for i in range(21)], "id", ""),
        ([f"row {i % 70}" for i in range(140)], "text", "70 different texts"),
    ],
)
def test_dropped(values: list[Any], why: str, detail: str) -> None:
    column = kind(values)
    assert isinstance(column, Dropped)
    assert (column.why, column.detail) == (why, detail)


def test_constant_with_missing_values_says_what_is_missing() -> None:
    for values in ([5, None], ["a", None], [dt.date(2024, 1, 1), None]):
        column = kind(values)
        assert not isinstance(column, Dropped)
        assert column.missing == 1


@pytest.mark.parametrize(
    "name",
    [
        *["id", "ID", "user_id", "customerID", "PassengerId", "Row No", "index", ""],
        *["Unnamed: 0", "column0", "고객번호", "uuid", "order-key"],
    ],
)
def test_identifiers_by_name(name: str) -> None:
    rows = np.arange(21)
    assert kind(rows, name).kind == "dropped"
    assert kind(rows.astype(float), name).kind == "dropped"
    assert kind(rows[::-1], name).kind == "dropped"
    assert kind(rows + 0.5, name).kind == "number"
    assert kind(rows // 2, name).kind == "number"
    assert kind(rows[:20], name).kind == "number"


@pytest.mark.parametrize("name", ["age", "paid", "solid", "INCOME", "keys", "year"])
def test_other_names_are_no_identifiers(name: str) -> None:
    assert kind(np.arange(21), name).kind == "number"


@pytest.mark.parametrize(
    ("texts", "markers"),
    [
        (["1", "2.5", "-3e2"], ()),
        (["1,234", "NA", "?", "1"], ("?", "NA")),
        (["1", "", " n/a "], ("", " n/a ")),
        (["1"] * 99 + ["oops"], ("oops",)),
        (["1"] * 98 + ["oops"], None),
        (["1"] * 990 + list("abcde") + ["1"] * 5, tuple("abcde")),
        (["1"] * 990 + list("abcdef") + ["1"] * 5, None),
        (["a", "b"], None),
        (["NA", "?"], None),
        (["007", "010"], None),
        (["0", "0.5", "-0.5"], ()),
        ([], None),
    ],
)
def test_number_markers(texts: list[str], markers: tuple[str, ...] | None) -> None:
    assert number_markers(Counter(texts)) == markers


def test_texts_of_numbers() -> None:
    column = kind(["1,000", "?", "3,000", None])
    assert isinstance(column, Number)
    assert (column.scale.mean, column.missing, column.markers) == (2000, 2, ("?",))
    # A column that says it holds categories does.
    declared = kind(pd.Series(["1", "2", "1"], dtype="category"))
    assert isinstance(declared, Category)


def test_texts_of_dates() -> None:
    assert isinstance(kind(["2024-01-01", None, "2024-01-02"]), Date)
    assert isinstance(kind(["2024-01-01", "soon"]), Category)


def test_categories() -> None:
    column = kind(["b", "a", None, "b", ""])
    assert column == Category("x", ("", "a", "b"), (1, 1, 2), 0, 0, 1)


def test_few_categories_are_kept_however_rare() -> None:
    values = [f"c{i:02}" for i in range(FEW_CATEGORIES)] + ["c00"]
    column = kind(values)
    assert isinstance(column, Category)
    assert len(column.categories) == FEW_CATEGORIES
    assert column.other == 0


def test_rare_categories_share_the_bucket() -> None:
    values = [f"c{i:02}" for i in range(FEW_CATEGORIES)] * LEAST_ROWS + ["rare"] * 9
    column = kind(values)
    assert isinstance(column, Category)
    assert len(column.categories) == FEW_CATEGORIES
    assert (column.pooled, column.other) == (1, 9)
    assert column.names[-1] == "x is other"


def test_the_most_frequent_categories_are_kept() -> None:
    frequent = [f"c{i}" for i in range(MOST_CATEGORIES)]
    values = frequent * (LEAST_ROWS + 1) + [f"d{i}" for i in range(5)] * LEAST_ROWS
    column = kind(values)
    assert isinstance(column, Category)
    assert column.categories == tuple(sorted(frequent))
    assert (column.pooled, column.other) == (5, 5 * LEAST_ROWS)


def test_signs_of_no_value_are_missing() -> None:
    column = choose_column("c", values_of(["red", "NA", "green", "red"]))
    assert isinstance(column, Category)
    assert (column.categories, column.missing) == (("green", "red"), 1)
    column = choose_column("c", values_of(["2024-01-01", "NA", "2024-02-01"]))
    assert isinstance(column, Date)
    assert column.missing == 1
    column = choose_column("c", values_of(["NA", "NaN"]))
    assert isinstance(column, Dropped)
    assert (column.why, column.missing) == ("empty", 2)


def test_wide_integers_are_categories_where_they_come_again() -> None:
    ids = [10300000000003004, 10300000000002003]
    column = choose_column("id", values_of(ids * 30))
    assert isinstance(column, Category)
    assert column.categories == ("10300000000002003", "10300000000003004")
    times = [1_700_000_000_000_000_001 + 10**9 * i for i in range(60)]
    assert isinstance(choose_column("t", values_of(times)), Number)
