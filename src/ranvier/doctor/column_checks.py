"""Checks of single columns and of pairs, before training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import Rows
from ranvier.tabular.target_leakage import leaking_columns, ordered_columns
from ranvier.training.column_scales import Moments, on_another_scale

Array = NDArray[Any]

LARGEST: Final = float(np.finfo(np.float32).max)
# A column is on another scale if its root mean square is beyond this, and so many times
# the median of the columns; or below a thousandth of it.
SIZE, TIMES, SMALL, SURELY = 30.0, 30.0, 1e-3, 1e3
FAR: Final = 20.0  # standard deviations of the mean from 0
# An outlier lies so many times the width of the middle 90 % away from their middle.
OUTLYING: Final = 100.0
ALONE, FEW = 3.0, 3  # at most so many values are farther than a third of that
SENTINELS: Final = (-99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0)
LEAST_ROWS: Final = 50
LEAST_ERRORS: Final = 20  # rows of other classes, to say that a column gives them away
MOST_COLUMNS: Final = 1000  # that pairs are looked for in
SAME_LINE: Final = 1 - 1e-9  # correlation of a column with itself in another unit


def column_findings(rows: Rows, *, encodes: bool) -> Iterator[Finding]:
    """Yield what is wrong with columns.

    Parameters
    ----------
    rows
        The rows.
    encodes
        Whether the model scales columns and fills in missing values itself.
    """
    numbers = {n: x for n, x in rows.columns.items() if n in rows.numeric}
    yield from _infinite(numbers)
    if not encodes:
        yield from _missing(rows.columns)
        yield from _overflow(numbers)
        yield from _sizes(numbers)
    for index, (name, x) in enumerate(rows.columns.items()):
        if name in rows.numeric:
            found = list(_values(name, index, x[np.isfinite(x)], x))
            # Such a model clips what lies far outside.
            yield from (f for f in found if not (encodes and f.name == "outlier"))
    yield from _constant(rows.columns)
    yield from _pairs(rows)
    yield from _identifiers(numbers)
    yield from _leaking(rows)


def _infinite(numbers: dict[str, Array]) -> Iterator[Finding]:
    counts = {n: int(np.isinf(x).sum()) for n, x in numbers.items()}
    if found := [n for n, count in counts.items() if count]:
        total = sum(counts.values())
        yield Finding("infinite_values", {"columns": found, "count": total})


def _missing(columns: dict[str, Array]) -> Iterator[Finding]:
    counts = {n: int(np.isnan(x).sum()) for n, x in columns.items()}
    if found := [n for n, count in counts.items() if count]:
        total = sum(counts.values())
        change = {"fill": True}
        yield Finding(
            "missing_values", {"columns": found, "count": total}, change=change
        )


def _overflow(numbers: dict[str, Array]) -> Iterator[Finding]:
    sizes = {n: np.abs(x[np.isfinite(x)]).max(initial=0.0) for n, x in numbers.items()}
    if found := [n for n, size in sizes.items() if size > LARGEST]:
        largest = max(sizes.values())
        evidence: dict[str, Any] = {"columns": found, "largest": largest}
        yield Finding("float32_overflow", evidence, change={"scale": True})


def _sizes(numbers: dict[str, Array]) -> Iterator[Finding]:
    """Yield columns of another scale, and those far from 0."""
    found: dict[str, Moments] = {}
    for name, x in numbers.items():
        known = x[np.isfinite(x)]
        if len(known) and np.ptp(known) > 0 and np.abs(known).max() <= LARGEST:
            found[name] = Moments.of(known)
    far = {
        name: abs(own.mean) / own.sd
        for name, own in found.items()
        if abs(own.mean) > FAR * own.sd and own.size > min(SIZE, 1000 * own.sd)
    }
    if far:
        evidence: dict[str, Any] = {"columns": list(far), "ratio": max(far.values())}
        yield Finding("offset_column", evidence, change={"scale": True})
    yield from _unscaled(
        np.array([name for name in found if name not in far]),
        np.array([own.size for name, own in found.items() if name not in far]),
    )


def _unscaled(names: Array, sizes: Array) -> Iterator[Finding]:
    """Yield columns that are larger than others, large, or small, in this order."""
    if not len(sizes):
        return
    lone = on_another_scale(sizes, SIZE, TIMES)
    small = sizes < SMALL * min(np.median(sizes), 1)
    for chosen in (lone, sizes > SIZE, small):
        if chosen.any():
            largest = sizes[chosen].min() if chosen is small else sizes[chosen].max()
            others = sizes[~chosen]
            usual = np.median(others) if len(others) else 1.0
            evidence = {"columns": names[chosen], "largest": largest, "usual": usual}
            sure = bool(chosen is small or largest > SURELY)
            yield Finding(
                "unscaled_column",
                evidence,
                "certain" if sure else "likely",
                {"scale": True},
            )
            return


def _values(name: str, index: int, known: Array, x: Array) -> Iterator[Finding]:
    """Yield a mark of missing values, or else an outlier, of one column of numbers."""
    if len(known) < LEAST_ROWS:
        return
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) < 10:
        return
    for value in SENTINELS:
        at = np.searchsorted(distinct, value)
        if (
            at == len(distinct)
            or distinct[at] != value
            or at not in (0, len(distinct) - 1)
        ):
            continue
        others = np.delete(distinct, at)
        gap = np.abs(others - value).min()
        # A large number may be a limit of what was measured, a negative one is not.
        apart = gap > np.ptp(others) * (1 if value < 0 else 2)
        if counts[at] >= max(3, 0.002 * len(known)) and apart:
            evidence: dict[str, Any] = {"column": name, "index": index, "value": value}
            change = {"missing": {"column": name, "value": value}}
            evidence["count"] = int(counts[at])
            yield Finding("sentinel_value", evidence, "likely", change)
            return
    found = far_value(x)
    if found is not None:
        row, low, high = found
        evidence = {
            "column": name,
            "index": index,
            "value": float(x[row]),
            "row": row,
        }
        evidence |= {"low": low, "high": high}
        yield Finding("outlier", evidence, "likely", {"clip": {name: (low, high)}})


def far_value(x: Array) -> tuple[int, float, float] | None:
    """Return the row of the farthest outlier, and between what 90 % of values lie.

    None if there is no outlier, or if others lie nearly as far away: those belong to a
    distribution with a heavy tail.
    """
    known = np.flatnonzero(np.isfinite(x))
    if len(known) < LEAST_ROWS:
        return None
    values = x[known]
    low, high = (float(q) for q in np.quantile(values, [0.05, 0.95]))
    if high <= low:
        return None
    distance = np.abs(values - (low + high) / 2) / (high - low)
    farthest = distance.max()
    if farthest < OUTLYING or (distance > farthest / ALONE).sum() > FEW:
        return None
    return int(known[distance.argmax()]), low, high


def _constant(columns: dict[str, Array]) -> Iterator[Finding]:
    found = []
    for name, x in columns.items():
        known = x[~np.isnan(x)]
        if not len(known) or (len(known) == len(x) > 1 and (known == known[0]).all()):
            found.append(name)
    if found:
        change = {"drop": found}
        yield Finding("constant_column", {"columns": found}, change=change)


def _pairs(rows: Rows) -> Iterator[Finding]:
    """Yield columns that are equal to others, or a line of others."""
    columns = dict(list(rows.columns.items())[:MOST_COLUMNS])
    first: dict[bytes, str] = {}
    copies, originals = [], []
    distinct = {}
    for name, x in columns.items():
        known = x[~np.isnan(x)]
        if len(x) < 10 or not len(known) or (known == known[0]).all():
            continue
        key = np.ascontiguousarray(x).tobytes()
        if key in first:
            copies.append(name)
            originals.append(first[key])
        else:
            first[key] = name
            if name in rows.numeric and len(np.unique(known[:1000])) > 10:
                distinct[name] = x
    if copies:
        evidence: dict[str, Any] = {"columns": copies, "originals": originals}
        yield Finding("duplicate_column", evidence, change={"drop": copies})
    yield from _lines(distinct)


def _lines(columns: dict[str, Array]) -> Iterator[Finding]:
    names = [n for n, x in columns.items() if np.isfinite(x).all()]
    if len(names) < 2:
        return
    X = np.column_stack([columns[n] for n in names])
    X = X[:: -(-len(X) // 2000)]
    with np.errstate(all="ignore"):
        X = X - X.mean(axis=0)
        X = X / np.sqrt((X**2).sum(axis=0))
        correlation = np.abs(X.T @ X)
    rows, others = np.where(np.tril(correlation, -1) > SAME_LINE)
    if len(rows):
        found = sorted(set(rows.tolist()))
        match = [int(others[rows == r][0]) for r in found]
        evidence: dict[str, Any] = {
            "columns": [names[r] for r in found],
            "originals": [names[o] for o in match],
        }
        yield Finding(
            "redundant_column", evidence, change={"drop": evidence["columns"]}
        )


def _identifiers(numbers: dict[str, Array]) -> Iterator[Finding]:
    found = []
    for name, x in numbers.items():
        n = len(x)
        if n < LEAST_ROWS or not np.isfinite(x).all():
            continue
        steps = np.diff(np.sort(x))
        # Numbers one after the other, in any unit, but for a few that are left out.
        if steps.min() > 0 and np.ptp(x) <= 1.5 * (n - 1) * np.median(steps):
            even = np.isclose(steps, np.median(steps), rtol=0.01).mean()
            found += [name] * bool(even > 0.6)
    if found:
        change = {"drop": found}
        yield Finding("identifier_column", {"columns": found}, "likely", change)


def _leaking(rows: Rows) -> Iterator[Finding]:
    y = rows.y
    if len(y) == 0 or (y == y[0]).all():
        return
    if rows.classes is not None and len(y) - np.bincount(y + 1).max() < LEAST_ERRORS:
        return
    finite = {n: x for n, x in rows.columns.items() if not np.isinf(x).any()}
    found = leaking_columns(finite, y)
    found += [n for n in ordered_columns(finite, y) if n not in found]
    if found:
        yield Finding("leaking_column", {"columns": found}, "likely", {"drop": found})
