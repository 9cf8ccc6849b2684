"""Which rows each member of an ensemble learns from, and which tell its best epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.training.splits import Split, deal_rows, split_rows

# Fewer parts would take too much from each member; some may then be held out by none.
LEAST_PARTS = 5


def folds(
    n: int,
    count: int,
    *,
    seed: int,
    labels: NDArray[np.integer] | None = None,
    groups: NDArray[Any] | None = None,
    ordered: bool = False,
    share: float | None = None,
) -> list[Split]:
    """Divide the rows for so many members.

    Parameters
    ----------
    n
        Number of rows.
    count
        Members; each holds out a part of its own: 1 / count of the rows, or a fifth.
    seed
        The same seed divides alike.
    labels
        (n,) classes, which are spread evenly over the parts; None: of a regression.
    groups
        (n,) rows of one group are never divided.
    ordered
        The rows are in order of time: every member holds out the last of them.
    share
        Every member holds out this share: with `ordered` the last rows, else those
        drawn for it. None: 1 / count, or with `ordered` a fifth.

    Returns
    -------
    list of Split
        One for each member.
    """
    if ordered:
        first = n - max(1, round(n * (0.2 if share is None else share)))
        rows = np.arange(n)
        return [Split(rows[:first], rows[first:])] * count
    if share is not None and groups is None:
        return [
            split_rows(n, share, seed=seed + k, labels=labels) for k in range(count)
        ]
    units, members_of = np.arange(n), None
    if groups is not None:
        _, members_of = np.unique(groups, return_inverse=True)
        units = np.arange(members_of.max() + 1)
        labels = None
    parts = max(count, LEAST_PARTS)
    place = deal_rows(len(units), parts, seed=seed, labels=labels)
    place = place if members_of is None else place[members_of]
    rows = np.arange(n)
    return [Split(rows[place != k], rows[place == k]) for k in range(count)]


def nothing_held_out(n: int, count: int) -> list[Split]:
    """Let every member learn from all rows, where they are too few to do without."""
    rows = np.arange(n)
    return [Split(rows, rows[:0])] * count
