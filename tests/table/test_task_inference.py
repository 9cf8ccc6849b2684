"""infer.py: classes or numbers, and the rows whose target is known."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ranvier.table.task_inference import infer_task, rows_with_target


@pytest.mark.parametrize(
    ("values", "task", "reason"),
    [
        (["a", "b"], "classification", "'y' holds 2 different texts"),
        ([True, False, None], "classification", "'y' is true or false"),
        ([0, 1, 1], "classification", "'y' holds 2 different whole numbers in 3 rows"),
        ([0.0, 1.0, None], "classification", "2 different whole numbers in 2 rows"),
        (list(range(20)) * 5, "classification", "20 different whole numbers in 100"),
        (list(range(20)) * 4, "regression", "20 different whole numbers in 80 rows"),
        (list(range(21)) * 9, "regression", "21 different whole numbers"),
        ([1.0, 2.5] * 50, "regression", "'y' holds numbers with fractions"),
        (["1", "2", "3"], "classification", "3 different texts"),
        ([str(i) for i in range(30)], "regression", "numbers, written as texts"),
        (["1,5"] + [str(i) for i in range(30)], "classification", "31 different texts"),
        (
            pd.Series(range(30), dtype="category"),
            "classification",
            "30 different texts",
        ),
    ],
)
def test_infer_task(values: Any, task: str, reason: str) -> None:
    found = infer_task(values, name="y")
    assert found.name == task
    assert reason in found.reason


@pytest.mark.parametrize("values", [[None], [dt.date(2024, 1, 1)], [[1]]])
def test_no_target(values: Any) -> None:
    with pytest.raises(ValueError, match="the target 'y'"):
        infer_task(values, name="y")


def test_rows_with_target() -> None:
    rows, notice = rows_with_target([1, None, 3, float("nan")], name="y")
    assert rows.tolist() == [0, 2]
    assert notice == "2 of 4 rows have no value in the target 'y' and are left out."
    rows, notice = rows_with_target(["a", "b"], name="y")
    assert (rows.tolist(), notice) == ([0, 1], None)


def test_signs_of_missing_numbers() -> None:
    texts = ["1", "NA", "3"]
    assert rows_with_target(texts, task="regression").rows.tolist() == [0, 2]
    with pytest.raises(ValueError, match=r"'y' should hold numbers, but row 1 .*'b'"):
        rows_with_target(["1", "b"], name="y", task="regression")


def test_signs_of_missing_classes() -> None:
    texts = ["a", "NA", "None", "Na", None, "b", "?"]
    assert infer_task(texts, name="y").reason == "'y' holds 5 different texts"
    rows, notice = rows_with_target(texts, name="y", task="classification")
    assert rows.tolist() == [0, 2, 3, 5, 6]
    assert notice == (
        "2 of 7 rows have no value in the target 'y' ('NA' read as none) and are left "
        "out."
    )
    # A column that is a category by its type says itself what it has none of.
    declared = pd.Series(["NA", "KE"], dtype="category")
    assert rows_with_target(declared, task="classification").rows.tolist() == [0, 1]
    for function in (infer_task, rows_with_target):
        with pytest.raises(ValueError, match="the target 'y' has no values"):
            function(["NA", "NaN"], name="y")


def test_strict() -> None:
    with pytest.raises(
        ValueError, match=r"1 of 2 rows have no value.*the first is row 1"
    ):
        rows_with_target([1, None], strict=True)
    assert rows_with_target([1, 2], strict=True).notice is None
    with pytest.raises(ValueError, match="has no values"):
        rows_with_target(np.array([np.nan]))
