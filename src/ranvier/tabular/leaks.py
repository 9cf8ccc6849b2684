"""Columns that tell the answer by themselves, which real ones hardly do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed

Array = NDArray[Any]

# A column is suspected if it alone explains this share of what can be explained, on
# rows it was not judged by, and nothing else than it comes near.
EXPLAINED = 0.999
ROWS, LEAST_ROWS, BINS = 5_000, 100, 64


def leaking(columns: dict[str, Array], Y: Array) -> list[str]:
    """Name the columns of which one alone predicts the target.

    Parameters
    ----------
    columns
        The (n,) codes or numbers of each column, NaN where missing.
    Y
        The (n,) class numbers, or numbers to predict.

    Returns
    -------
    list of str
        Columns by which, cut into bins on half of the rows, the other half is told
        nearly without error.
    """
    n = min(len(Y), ROWS)
    if n < LEAST_ROWS:
        return []
    some = np.linspace(0, len(Y) - 1, n).astype(np.int64)
    # Of numbers the ranks, which far ones do not rule.
    Y = Y[some] if Y.dtype.kind in "iu" else _ranks(Y[some])
    first = np.arange(n) % 2 == 0
    return [
        name
        for name, x in columns.items()
        if _explained(_binned(x[some]), Y, first) >= EXPLAINED
    ]


def notice(names: list[str]) -> str:
    """Say what it means."""
    return (
        f"Column(s) {listed(names)} alone predict the target nearly without error: "
        "make sure that they are known before the target is, or leave them out."
    )


def _ranks(y: Array) -> Array:
    """Give the place of each number in their order, equal ones the mean of theirs."""
    _, place, count = np.unique(y, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def _binned(x: Array) -> Array:
    """Give the number of the bin of each value: its own, where values are few."""
    known = x[~np.isnan(x)]
    distinct = np.unique(known)
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(distinct, x, side="right")
    return np.asarray(np.where(np.isnan(x), len(distinct) + 1, bins))


def _explained(bins: Array, Y: Array, first: Array) -> float:
    """Give the share of the errors of one guess for all that a guess a bin avoids."""
    count = int(bins.max()) + 1
    seen = np.bincount(bins[first], minlength=count) > 0
    judged = ~first & seen[bins]
    if judged.sum() < 0.9 * (~first).sum():
        return 0.0
    truth = Y[judged]
    if Y.dtype.kind in "iu":
        classes = int(Y.max()) + 1
        table = np.bincount(bins[first] * classes + Y[first], minlength=count * classes)
        guess = table.reshape(count, classes).argmax(axis=1)[bins[judged]]
        usual = np.bincount(Y[first]).argmax()
        errors, usual_errors = (guess != truth).sum(), (usual != truth).sum()
    else:
        sums = np.bincount(bins[first], Y[first], minlength=count)
        rows = np.maximum(np.bincount(bins[first], minlength=count), 1)
        guess = (sums / rows)[bins[judged]]
        errors = np.square(guess - truth).sum()
        usual_errors = np.square(Y[first].mean() - truth).sum()
    return 1 - float(errors) / float(usual_errors) if usual_errors > 0 else 0.0
