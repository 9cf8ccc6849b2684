"""Folds: each row is tested once, by models that were fitted without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ranvier.training.splits import Split, deal_rows


def folds(
    n: int, count: int, *, seed: int, labels: NDArray[np.integer] | None = None
) -> Iterator[Split]:
    """Divide rows into so many folds, at random or evenly within each class.

    Parameters
    ----------
    n
        Number of rows.
    count
        Number of folds, from 2 to n.
    seed
        The same seed gives the same folds.
    labels
        (n,) class of each row. Each class then gives its share of every fold, to within
        one row.

    Yields
    ------
    Split
        For each fold the rows ``kept`` to fit on, and those ``held_out`` to test.

    Examples
    --------
    >>> [split.held_out.tolist() for split in folds(4, 2, seed=0)]
    [[1, 2], [0, 3]]
    """
    fold = deal_rows(n, count, seed=seed, labels=labels)
    for number in range(count):
        yield Split(np.flatnonzero(fold != number), np.flatnonzero(fold == number))
