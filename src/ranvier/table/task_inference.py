"""Classification or regression: what the target column asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import check_known, listed
from ranvier.table.column_types import as_numbers
from ranvier.table.type_inference import number_markers
from ranvier.table.value_checks import usable_values
from ranvier.table.values import NO_TEXT, Values, values_of, without_missing_markers

TaskName = Literal["classification", "regression"]

# Texts that may name a class, though they mean "no value" in a file: North America.
CLASS_NAMES = frozenset(["NA", "N/A", "null", "NULL"])

# Whole numbers are classes up to so many different ones, in so many rows each.
MOST_NUMBER_CLASSES, ROWS_PER_CLASS = 20, 5


class Task(NamedTuple):
    """What is predicted, and why we think so."""

    name: TaskName
    reason: str


class TargetRows(NamedTuple):
    """The rows whose target is known, and what to say about them and the others."""

    rows: NDArray[np.int64]
    notice: str | None


def task_named(name: object) -> TaskName:
    """Return a task that a user named; ValueError for an unknown one."""
    known: TaskName = check_known("task", name, get_args(TaskName))  # type: ignore[assignment]
    return known


def infer_task(column: Any, *, name: str = "target") -> Task:
    """Decide between classification and regression.

    Parameters
    ----------
    column
        The target: a narwhals, pandas, polars or Arrow series, an array or a list.
    name
        Its name, for messages.

    Returns
    -------
    Task
        "classification" for texts, truths, and whole numbers of few different values
        (at most 20, in five rows each or more on average, or only two); else
        "regression".

    Raises
    ------
    ValueError
        The column has no values, or dates or anything else that is no target.

    Examples
    --------
    >>> infer_task(["spam", "ham", "spam"]).name
    'classification'
    >>> infer_task([1.5, 2.5, 3.25])
    Task(name='regression', reason="'target' holds numbers with fractions")
    """
    values = usable_values(without_missing_markers(values_of(column)), name)
    if values.kind == "text":
        counts = Counter(values.data.tolist())
        counts.pop(None, 0)
        numeric = not values.declared and number_markers(counts) is not None
        if not numeric or len(counts) <= MOST_NUMBER_CLASSES:
            return Task(
                "classification", f"{name!r} holds {len(counts)} different texts"
            )
        return Task("regression", f"{name!r} holds numbers, written as texts")
    if values.form == "boolean":
        return Task("classification", f"{name!r} is true or false")
    numbers = values.data[~np.isnan(values.data)]
    if not (numbers == np.floor(numbers)).all():
        return Task("regression", f"{name!r} holds numbers with fractions")
    distinct, rows = len(np.unique(numbers)), len(numbers)
    few = distinct <= MOST_NUMBER_CLASSES and rows >= ROWS_PER_CLASS * distinct
    task: TaskName = "classification" if few or distinct <= 2 else "regression"
    return Task(
        task,
        f"{name!r} holds {distinct} different whole numbers in {rows} rows",
    )


def with_class_names(column: Any, known: Collection[str] = CLASS_NAMES) -> Values:
    """Keep texts such as "NA" as classes, as a data frame has them.

    A data frame has a value of its own for what is missing, a text file has not.

    Parameters
    ----------
    column
        The target of a classification.
    known
        The texts that are classes.

    Returns
    -------
    Values
        Those texts are values; others such as "nan", and all others in a column without
        any of these, are as before.
    """
    values = values_of(column)
    kept = NO_TEXT.intersection(known)
    if values.kind != "text" or values.declared or kept.isdisjoint(values.data):
        return values
    data = values.data.copy()
    data[[text in NO_TEXT - kept for text in data]] = None
    return replace(values, data=data, declared=True)


def rows_with_target(
    column: Any, *, name: str = "target", task: str | None = None, strict: bool = False
) -> TargetRows:
    """Find the rows whose target is known.

    Parameters
    ----------
    column
        The target, as for `infer_task`.
    name
        Its name, for messages.
    task
        With "regression", all texts that mean no value among numbers count as missing;
        otherwise those that do among texts, such as "NA".
    strict
        Refuse missing targets instead of leaving their rows out.

    Returns
    -------
    TargetRows
        ``rows``, their numbers in ascending order; ``notice``, a sentence with the
        count of the others and with texts such as "NA" that are classes, None where
        there are none.

    Raises
    ------
    ValueError
        With `strict`, a target is missing; or all are.
    """
    values = usable_values(column, name)
    if task == "regression" and values.kind == "text":
        missing = np.isnan(as_numbers(values, name))
    else:
        missing = without_missing_markers(values).missing
    n_missing = int(np.count_nonzero(missing))
    named = NO_TEXT.intersection(values.data) if values.declared else ()
    classes = "".join(
        f"The text {text!r} of the target {name!r} is a class, in "
        f"{np.count_nonzero(values.data == text)} row(s); make it a missing value if "
        "it means none."
        for text in sorted(named)
    )
    if not n_missing:
        return TargetRows(np.arange(len(missing)), classes or None)
    if n_missing == len(missing):
        raise ValueError(f"the target {name!r} has no values: choose another column")
    found = f"{n_missing} of {len(missing)} rows have no value in the target {name!r}"
    signs = sorted(NO_TEXT.intersection(values.data[missing]))
    found += f" ({listed(signs)} read as none)" if signs else ""
    if strict:
        raise ValueError(
            f"{found}, the first is row {int(missing.argmax())} (counted from 0): fill "
            "them in, or allow rows without a target to be left out"
        )
    notice = " ".join(filter(None, [f"{found} and are left out.", classes]))
    return TargetRows(np.flatnonzero(~missing), notice)
