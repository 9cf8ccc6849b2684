"""Target leakage: columns that predict the target by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed

Array = NDArray[Any]

# A column is reported if it alone explains this fraction of the variance, or avoids
# this fraction of the majority class's errors, on rows held out.
EXPLAINED = 0.999
ROWS, LEAST_ROWS, BINS = 5_000, 100, 64
# Classes are in order of a number by chance only if one of them has very few rows.
LEAST_OF_CLASS = 5


def leaking_columns(columns: dict[str, Array], Y: Array) -> list[str]:
    """Name the columns that predict the target nearly without error, each alone.

    Parameters
    ----------
    columns
        (n,) codes or numbers of each column, NaN where missing.
    Y
        (n,) class labels, or numbers to predict.

    Returns
    -------
    list of str
        Columns whose bins, with the mean target or majority class of half of the rows,
        predict the other half nearly without error.
    """
    n = min(len(Y), ROWS)
    if n < LEAST_ROWS:
        return []
    rows = np.linspace(0, len(Y) - 1, n).astype(np.int64)
    # Ranks of numbers, so that outliers do not dominate the error.
    Y = Y[rows] if Y.dtype.kind in "iu" else _ranks(Y[rows])
    first = np.arange(n) % 2 == 0
    return [
        name
        for name, x in columns.items()
        if _explained(_binned(x[rows]), Y, first) >= EXPLAINED
    ]


def ordered_columns(columns: dict[str, Array], Y: Array) -> list[str]:
    """Name the columns of numbers that rise or fall with the target, each alone.

    Such are the target in another unit, and a number whose thresholds are the
    classes. Parameters as for `leaking_columns`, which would see neither in few rows.
    """
    n = min(len(Y), ROWS)
    if n < LEAST_ROWS:
        return []
    rows = np.linspace(0, len(Y) - 1, n).astype(np.int64)
    return [name for name, x in columns.items() if _in_one_order(x[rows], Y[rows])]


def _in_one_order(x: Array, Y: Array) -> bool:
    """Say whether a number and the target rise or fall together.

    Classes do where each has an interval of its own, numbers where the square of
    Spearman's rank correlation is nearly 1.
    """
    known = ~np.isnan(x)
    if known.sum() < 0.9 * len(x) or len(np.unique(x)) <= BINS:
        return False
    x, Y = x[known], Y[known]
    if Y.dtype.kind in "iu":
        counts = np.bincount(Y)
        few = len(counts[counts > 0]) < 2 or counts[counts > 0].min() < LEAST_OF_CLASS
        rows = np.argsort(x, kind="stable")
        change = Y[rows][1:] != Y[rows][:-1]
        if (change & (x[rows][1:] == x[rows][:-1])).any():
            return False  # equal values lie in the order of the table
        return bool(not few and change.sum() == len(counts[counts > 0]) - 1)
    order = (
        float(np.corrcoef(_ranks(x), _ranks(Y))[0, 1]) if len(np.unique(Y)) > 1 else 0
    )
    return order**2 >= EXPLAINED


def leakage_notice(names: list[str]) -> str:
    """Say what such columns may mean."""
    return (
        f"Column(s) {listed(names)} alone predict the target nearly without error: "
        "make sure that they are known before the target is, or leave them out."
    )


def _ranks(y: Array) -> Array:
    """Return the rank of each number, tied ones the mean of their ranks."""
    _, index, count = np.unique(y, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[index])


def _binned(x: Array) -> Array:
    """Return the bin of each value: one for each value if they are few."""
    known = x[~np.isnan(x)]
    distinct = np.unique(known)
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(distinct, x, side="right")
    return np.asarray(np.where(np.isnan(x), len(distinct) + 1, bins))


def _explained(bins: Array, Y: Array, first: Array) -> float:
    """Return the fraction of a constant's error that a prediction per bin avoids."""
    count = int(bins.max()) + 1
    seen = np.bincount(bins[first], minlength=count) > 0
    tested = ~first & seen[bins]
    if tested.sum() < 0.9 * (~first).sum():
        return 0.0
    truth = Y[tested]
    if Y.dtype.kind in "iu":
        classes = int(Y.max()) + 1
        table = np.bincount(bins[first] * classes + Y[first], minlength=count * classes)
        guess = table.reshape(count, classes).argmax(axis=1)[bins[tested]]
        majority = np.bincount(Y[first]).argmax()
        errors, constant_errors = (guess != truth).sum(), (majority != truth).sum()
    else:
        sums = np.bincount(bins[first], Y[first], minlength=count)
        rows = np.maximum(np.bincount(bins[first], minlength=count), 1)
        guess = (sums / rows)[bins[tested]]
        errors = np.square(guess - truth).sum()
        constant_errors = np.square(Y[first].mean() - truth).sum()
    return 1 - float(errors) / float(constant_errors) if constant_errors > 0 else 0.0
