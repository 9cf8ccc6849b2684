"""What a random split of the rows hides: time, repeated ids, copies of rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.table import Table
from ranvier.table.values import Values

Array = NDArray[Any]

ROWS = 50_000  # the first ones tell
LEAST_ROWS = 60
# Targets depend on time if the means of so many parts of the rows, in their order,
# explain this fraction of the variance beyond chance.
PARTS, EXPLAINED = 50, 0.1
# Rows without a time are in its order if each is so much like the one before.
AUTOCORRELATION = 0.9
# An id has at least so many values, in this fraction of the rows more than once, and of
# these fraction the same target in all their rows; by chance it would be far fewer.
LEAST_IDS, REPEATED, SAME, BEYOND_CHANCE = 20, 0.8, 0.95, 0.3
MOST_OF_ID = 0.1  # of the rows
MOST_AGREEMENT = 0.3  # of the targets of one id and the next
COPIES = 0.1  # of the rows
# Copies are no chance if the values of a column are as many as this fraction of the
# different rows.
DISTINCT = 0.3


class Structure(NamedTuple):
    """What was found, each a sentence; empty where nothing was."""

    time: str = ""
    ids: str = ""
    copies: str = ""

    @property
    def notices(self) -> list[str]:
        """The sentences that say something."""
        return [sentence for sentence in self if sentence]


def structure_of(
    table: Table,
    Y: Array,
    *,
    exclude: Collection[str] = (),
    copied: int = 0,
    grouped: bool = False,
    time_ordered: bool = False,
) -> Structure:
    """Look for structure that a random split of the rows hides.

    Parameters
    ----------
    table
        The rows, in the order in which they were given.
    Y
        (n,) class labels, or numbers (n,) or (n, k); of k columns the first counts.
    exclude
        Columns that are no inputs, the target among them.
    copied
        How many rows are equal to an earlier one, in all inputs and in the target.
    grouped, time_ordered
        Whether the split keeps groups together, or holds the last rows out.
    """
    n = min(len(Y), ROWS)
    if n < LEAST_ROWS:
        return Structure()
    y = Y[:n] if Y.ndim == 1 else Y[:n, 0]
    columns = {
        name: table.values(name).take(np.arange(n))
        for name in table.names
        if name not in exclude
    }
    return Structure(
        "" if time_ordered else _time(columns, y),
        "" if grouped else _ids(columns, y),
        "" if grouped else _copies(columns, len(Y), copied),
    )


# ---- Time


def _time(columns: dict[str, Values], y: Array) -> str:
    """Say that the target depends on a time, or on the order of the rows."""
    why = (
        "rows that are near in time have similar targets, and a random split holds out "
        "rows between those that are learned from. If predictions are for later rows, "
        "hold the last ones out, with"
    )
    for name, values in columns.items():
        if values.kind != "date":
            continue
        known = np.flatnonzero(~values.missing)
        order = known[np.argsort(values.data[known], kind="stable")]
        if len(order) >= LEAST_ROWS and _explained(y[order]) >= EXPLAINED:
            return f"By {name!r}, {why} --time {name} (time={name!r})."
    if _is_sorted(y):
        return ""
    for name, values in columns.items():
        if (
            values.kind == "number"
            and _counts_up(values.data)
            and (_explained(y) >= EXPLAINED)
        ):
            return f"By {name!r}, {why} --time {name} (time={name!r})."
    if _autocorrelation(y) >= AUTOCORRELATION:
        return f"In the order of the table, {why} --time-ordered (time_ordered=True)."
    return ""


def _explained(y: Array) -> float:
    """Return the fraction of variance that the means of parts explain beyond chance."""
    n, parts = len(y), min(PARTS, len(y) // 10)
    part = np.arange(n) * parts // n
    if y.dtype.kind in "iu":
        Y = np.eye(int(y.max()) + 1)[y] if y.max() < 100 else y[:, None].astype(float)
    else:
        Y = _ranks(y)[:, None]
    Y = Y - Y.mean(axis=0)
    sums = np.zeros((parts, Y.shape[1]))
    np.add.at(sums, part, Y)
    between = (sums**2 / np.bincount(part)[:, None]).sum()
    total = (Y**2).sum()
    if not total:
        return 0.0
    return float(1 - (1 - between / total) * (n - 1) / (n - parts))


def _is_sorted(y: Array) -> bool:
    """Say whether rows lie in the order of their targets, or class by class."""
    if y.dtype.kind in "iu":
        runs = 1 + np.count_nonzero(np.diff(y))
        return bool(runs <= 3 * len(np.unique(y)))
    steps = np.diff(y)
    steps = steps[steps != 0]
    rising = np.mean(steps > 0) if len(steps) else 1.0
    return bool(rising > 0.9 or rising < 0.1)


def _counts_up(numbers: Array) -> bool:
    """Say whether numbers rise from row to row, by equal steps for the most part."""
    steps = np.diff(numbers)
    if not (steps > 0).all():  # NaN is not
        return False
    return bool(np.mean(steps == np.median(steps)) > 0.5)


def _autocorrelation(y: Array) -> float:
    """Return the correlation of numbers with those of the next row."""
    if y.dtype.kind in "iu" or y.std() == 0:
        return 0.0
    y = _ranks(y)
    return float(np.corrcoef(y[:-1], y[1:])[0, 1])


def _ranks(y: Array) -> Array:
    return np.unique(y, return_inverse=True)[1].reshape(len(y)).astype(np.float64)


# ---- Ids


def _ids(columns: dict[str, Values], y: Array) -> str:
    """Say that all rows of one value of a column have one target, as of a patient."""
    names = [name for name, values in columns.items() if _is_id(values, y)]
    if not names:
        return ""
    name = names[0]
    return (
        f"The values of {listed(names)} repeat, and rows of one value have the same "
        "target. A random split puts such rows on both sides, and its scores say "
        "nothing of new values: if predictions are for those, keep rows together with "
        f"--groups {name} (groups={name!r})."
    )


def _is_id(values: Values, y: Array) -> bool:
    if values.kind == "number":
        whole = values.data == np.floor(values.data)
        if values.form == "boolean" or not whole.all():
            return False
    elif values.kind != "text":
        return False
    known = ~values.missing
    data = values.data[known]
    data = data.astype(str) if data.dtype == object else data
    _, code, counts = np.unique(data, return_inverse=True, return_counts=True)
    repeated = (counts > 1) & (counts <= MOST_OF_ID * len(y))
    if len(counts) < LEAST_IDS or counts[repeated].sum() < REPEATED * len(y):
        return False
    code = code.reshape(len(data))
    if values.kind == "number":  # of a measure, neighbours have similar targets
        order = np.argsort(data, kind="stable")
        first = np.concatenate([[True], np.diff(data[order]) > 0])
        if _agreement(y[known][order][first]) > MOST_AGREEMENT:
            return False
    _, target, of_target = np.unique(y[known], return_inverse=True, return_counts=True)
    target = target.reshape(len(data))
    pairs = np.unique(code * len(of_target) + target)
    targets = np.bincount(pairs // len(of_target), minlength=len(counts))
    same = np.mean(targets[repeated] == 1)
    p = of_target / of_target.sum()
    by_chance = np.mean([(p**m).sum() for m in counts[repeated][:1000]])
    return bool(same >= SAME and same - by_chance >= BEYOND_CHANCE)


def _agreement(y: Array) -> float:
    """Return how much targets are like the next ones, 0 by chance, 1 where all are."""
    if y.dtype.kind not in "iu":
        return _autocorrelation(y)
    p = np.bincount(y - y.min()) / len(y)
    chance = float((p**2).sum())
    return (float(np.mean(y[1:] == y[:-1])) - chance) / max(1 - chance, 1e-9)


# ---- Copies


def _copies(columns: dict[str, Values], n: int, copied: int) -> str:
    """Say that many rows are copies, if their values are too many for that."""
    if copied < COPIES * n:
        return ""
    distinct = max(
        (
            len(np.unique(values.data[~values.missing]))
            for values in columns.values()
            if values.kind in {"number", "date"}
        ),
        default=0,
    )
    different = (n - copied) * min(n, ROWS) / n
    if distinct < max(DISTINCT * different, LEAST_ROWS):
        return ""
    return (
        f"{copied} of {n} rows to learn from are copies of others, in all inputs and "
        "in the target. A random split puts copies on both sides, and its scores show "
        "what is remembered: remove the copies, or number them in a column and keep "
        "them together with --groups."
    )
