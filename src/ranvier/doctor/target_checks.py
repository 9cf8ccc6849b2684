"""Checks of the target, alone and with the columns, before training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.column_checks import LARGEST, LEAST_ROWS, far_value
from ranvier.doctor.finding import Finding
from ranvier.doctor.neighbours import neighbours
from ranvier.doctor.rows import Rows
from ranvier.tabular.split_structure import structure_of

Array = NDArray[Any]

RARE: Final = 5  # rows
IMBALANCE: Final = 0.9
MOST_CLASSES: Final = 0.3  # of the rows
LEAST_FOR_SIGNAL: Final = 200  # rows, to say that there is no signal
# Standard errors: below the first in every column (with a margin for their number), and
# below the second for similar rows, there is no signal.
OF_COLUMNS, OF_NEIGHBOURS = 3.0, 2.0
LARGE_TARGET, SMALL_TARGET, FAR_TARGET = 100.0, 1e-3, 20.0
SKEWED: Final = 2.5  # third standardised moment
CONTRADICTING: Final = 0.05
DISTINCT: Final = 0.3  # of the rows: values of a column for which equal rows are copies


def target_findings(rows: Rows, *, encodes: bool) -> Iterator[Finding]:
    """Yield what is wrong with the target.

    Parameters
    ----------
    rows
        The rows.
    encodes
        Whether the model scales the target itself.
    """
    missing = rows.missing_target
    if missing.any() and not encodes:
        where = np.flatnonzero(missing)
        evidence: dict[str, Any] = {"count": len(where), "rows": where}
        yield Finding("missing_target", evidence, change={"drop_rows": where})
    known = rows.take(np.flatnonzero(~missing)) if missing.any() else rows
    if not len(known):
        return
    if len(np.unique(known.y)) == 1:
        value = known.y[0] if known.classes is None else known.classes[int(known.y[0])]
        yield Finding("constant_target", {"value": value, "rows": len(known)})
        return
    if known.classes is None:
        yield from _numbers(known.y, encodes)
    else:
        yield from _classes(known)
    yield from _structure(known)
    yield from _contradicting(known)
    yield from _no_signal(known)


def _numbers(y: Array, encodes: bool) -> Iterator[Finding]:
    finite = y[np.isfinite(y)]
    largest = float(np.abs(finite).max(initial=0.0))
    if largest > np.sqrt(LARGEST) and not encodes:
        yield Finding(
            "target_overflow", {"largest": largest}, change={"scale_target": True}
        )
        return
    skewed = _skewed(finite)
    if skewed is not None and not encodes:
        yield skewed
        return
    found = far_value(y)
    if found is not None:
        row, low, high = found
        evidence: dict[str, Any] = {
            "row": row,
            "value": float(y[row]),
            "low": low,
            "high": high,
        }
        yield Finding(
            "target_outlier", evidence, "likely", {"clip_target": (low, high)}
        )
        return
    mean, sd = float(finite.mean()), float(finite.std())
    far = abs(mean) > FAR_TARGET * sd and abs(mean) > 1
    if not encodes and (sd > LARGE_TARGET or sd < SMALL_TARGET or far):
        yield Finding(
            "target_scale", {"mean": mean, "sd": sd}, change={"scale_target": True}
        )


def _skewed(y: Array) -> Finding | None:
    """Return that a positive target has a tail which its logarithm has not."""
    if y.min() <= 0 or y.std() == 0 or len(y) < LEAST_ROWS:
        return None
    skew, of_log = (
        float((((z - z.mean()) / z.std()) ** 3).mean()) for z in (y, np.log1p(y))
    )
    if skew < SKEWED or abs(of_log) > 0.6 * skew:
        return None
    evidence = {"skewness": skew, "largest": float(y.max())}
    evidence["median"] = float(np.median(y))
    return Finding("target_skewed", evidence, "likely", {"log_target": True})


def _classes(rows: Rows) -> Iterator[Finding]:
    assert rows.classes is not None
    counts = np.bincount(rows.y, minlength=len(rows.classes))
    n, there = len(rows), np.flatnonzero(counts)
    if len(there) > max(20, MOST_CLASSES * n):
        yield Finding("number_as_class", {"classes": len(there), "rows": n}, "likely")
        return
    rare = [c for c in there if counts[c] < RARE]
    if rare and n >= 10 * RARE:
        classes = [rows.classes[c] for c in rare]
        evidence: dict[str, Any] = {
            "classes": classes,
            "count": max(counts[c] for c in rare),
        }
        yield Finding("rare_class", evidence)
    largest = int(counts.argmax())
    if counts[largest] > IMBALANCE * n:
        evidence = {"value": rows.classes[largest]}
        evidence["percent"] = 100 * counts[largest] / n
        yield Finding("imbalanced_classes", evidence)


def _structure(rows: Rows) -> Iterator[Finding]:
    """Yield what a random split of the rows would hide."""
    n = len(rows)
    table = np.column_stack([*rows.columns.values(), rows.y])
    copied = n - len(np.unique(np.ascontiguousarray(table), axis=0))
    found = structure_of(rows.table, rows.y, copied=copied)
    names = {"time": "time_order", "ids": "grouped_rows", "copies": "copied_rows"}
    for part, notice in found._asdict().items():
        if notice:
            yield Finding(names[part], {"notice": notice, "copies": copied}, "likely")


def _contradicting(rows: Rows) -> Iterator[Finding]:
    """Yield rows with equal inputs and other targets, where that is no chance."""
    X = np.column_stack([*rows.columns.values()])
    distinct = max(len(np.unique(x)) for x in rows.columns.values())
    _, group = np.unique(np.nan_to_num(X), axis=0, return_inverse=True)
    group = group.reshape(-1)
    groups = int(group.max()) + 1
    if groups == len(rows) or distinct < DISTINCT * groups:
        return
    order = np.argsort(rows.y, kind="stable")
    low, high = np.empty(groups), np.empty(groups)
    high[group[order]] = rows.y[order]
    low[group[order[::-1]]] = rows.y[order[::-1]]
    found = np.flatnonzero(low[group] != high[group])
    if len(found) >= max(CONTRADICTING * len(rows), 5):
        evidence: dict[str, Any] = {"count": len(found), "rows": found}
        yield Finding("contradicting_rows", evidence, "likely", {"drop_rows": found})


def _no_signal(rows: Rows) -> Iterator[Finding]:
    """Yield that neither a column nor similar rows say anything about the target."""
    n = len(rows)
    if n < LEAST_FOR_SIGNAL:
        return
    X = rows.matrix
    X = X[:, X.std(axis=0) > 0]
    if not X.shape[1]:
        return
    classes = 0 if rows.classes is None else len(rows.classes)
    y = rows.y if classes else _normal_ranks(rows.y)
    Y = np.eye(classes)[y] if classes else y[:, None]
    Y = Y[:, Y.sum(axis=0) >= RARE] if classes else Y
    ranks = np.column_stack([_normal_ranks(x) for x in X.T])
    strongest = max(_strongest(X, Y, n), _strongest(ranks, Y, n))
    pairs = X.shape[1] * Y.shape[1]
    if strongest > OF_COLUMNS + np.sqrt(2 * np.log(max(pairs, 1))) / 2:
        return
    near = neighbours(X, y, classes=classes)
    own = y[near.rows]
    if classes:
        p = np.bincount(own, minlength=classes) / len(own)
        agreement, chance = near.P[np.arange(len(own)), own].mean(), (p**2).sum()
        error = np.sqrt(chance * (1 - chance) / (len(own) * 5))
        score = (agreement - chance) / error
    else:
        score = np.corrcoef(near.P[:, 0], own)[0, 1] * np.sqrt(len(own))
    if score < OF_NEIGHBOURS:
        yield Finding("no_signal", {"rows": n, "strongest": strongest}, "likely")


def _strongest(X: Array, Y: Array, n: int) -> float:
    """Return the largest correlation of two columns, in standard errors."""
    with np.errstate(all="ignore"):
        X, Y = ((Z - Z.mean(axis=0)) / Z.std(axis=0) for Z in (X, Y))
        return float(np.nan_to_num(np.abs(X.T @ Y)).max(initial=0.0) / np.sqrt(n))


def _normal_ranks(x: Array) -> Array:
    """Return the rank of each value as a number in [-1, 1], equal ones the same."""
    _, place = np.unique(x, return_inverse=True)
    place = place.reshape(-1).astype(np.float64)
    return np.asarray(place / max(place.max(), 1) * 2 - 1)
