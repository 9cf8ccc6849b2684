"""Checks of validation rows against training rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import Rows

Array = NDArray[Any]

SAME: Final = 1e-3  # standard deviations, in the mean of the columns
IN_BOTH: Final = 0.15  # of the validation rows
MOST_ROWS: Final = 2000  # of validation that are looked for in training
DISTINCT: Final = 0.3  # of the rows: values of a column for which equal rows are copies
APART: Final = 0.25  # Kolmogorov-Smirnov statistic
UNLIKELY: Final = 1e-9  # its probability by chance
FEW: Final = 30


def split_findings(train: Rows, held_out: Rows) -> Iterator[Finding]:
    """Yield what is wrong with a split.

    Parameters
    ----------
    train, held_out
        The rows of both parts, with the same columns.
    """
    yield from _in_both(train, held_out)
    yield from _drift(train, held_out)
    if train.classes is not None and held_out.classes is not None:
        known = set(map(str, train.classes))
        lost = [c for c in held_out.classes if str(c) not in known]
        if lost:
            yield Finding("class_missing", {"classes": lost})
    if len(held_out) < FEW:
        error = float(np.sqrt(0.25 / max(len(held_out), 1)))
        yield Finding("small_validation", {"rows": len(held_out), "error": error})


def _in_both(train: Rows, held_out: Rows) -> Iterator[Finding]:
    from sklearn.neighbors import NearestNeighbors

    most_distinct = max(len(np.unique(x)) for x in held_out.columns.values())
    if most_distinct < DISTINCT * len(held_out):
        return
    X = np.column_stack([*train.columns.values()])
    X = np.where(np.isfinite(X), X, np.nan)
    mean, sd = np.nanmean(X, axis=0), np.nanstd(X, axis=0)
    usable = np.isfinite(sd) & (sd > 0)
    if not usable.any():
        return

    def scaled(rows: Rows) -> Array:
        Z = np.column_stack([*rows.columns.values()])[:, usable]
        return np.asarray(np.nan_to_num((Z - mean[usable]) / sd[usable]))

    A, B = scaled(train), scaled(held_out)[:MOST_ROWS]
    near = NearestNeighbors(n_neighbors=1).fit(A)
    distance, _ = near.kneighbors(B)
    found = np.flatnonzero(distance[:, 0] <= SAME * np.sqrt(A.shape[1]))
    if len(found) >= max(IN_BOTH * len(B), 3):
        evidence: dict[str, Any] = {"count": len(found), "rows": len(B)}
        evidence |= {"percent": 100 * len(found) / len(B), "validation_rows": found}
        yield Finding("rows_in_both", evidence)


def _drift(train: Rows, held_out: Rows) -> Iterator[Finding]:
    from scipy.stats import ks_2samp

    found, most = [], 0.0
    for name, x in train.columns.items():
        if name not in held_out.columns or name not in train.numeric:
            continue
        a, b = x[np.isfinite(x)], held_out.columns[name]
        b = b[np.isfinite(b)]
        if len(a) < FEW or len(b) < 10:
            continue
        test = ks_2samp(a, b, method="asymp")
        if test.statistic > APART and test.pvalue < UNLIKELY / len(train.columns):
            found.append(name)
            most = max(most, float(test.statistic))
    if found:
        evidence: dict[str, Any] = {"columns": found, "distance": most}
        yield Finding("validation_drift", evidence, "likely")
