"""Parts of a table's rows: one to learn from and one held out, or several alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Split(NamedTuple):
    """Row numbers of both parts, each in ascending order."""

    kept: NDArray[np.int64]
    held_out: NDArray[np.int64]


def split_rows(
    n: int,
    fraction: float,
    *,
    seed: int,
    labels: NDArray[np.integer] | None = None,
) -> Split:
    """Hold a share of the rows out, at random or evenly within each class.

    Parameters
    ----------
    n
        Number of rows.
    fraction
        Share of the rows to hold out, in [0, 1).
    seed
        The same seed gives the same split.
    labels
        (n,) class of each row. Each class then gives its share of the held-out rows, to
        within one row, and keeps at least one row in the kept part.

    Returns
    -------
    Split
        ``kept`` and ``held_out``, together all the rows.

    Raises
    ------
    ValueError
        The fraction is outside [0, 1).

    Examples
    --------
    >>> split = split_rows(10, 0.2, seed=0)
    >>> len(split.kept), len(split.held_out)
    (8, 2)
    """
    if not 0 <= fraction < 1:
        raise ValueError(
            f"the share of rows to hold out must lie in [0, 1), but got {fraction!r}: "
            "give for example 0.2 for a fifth of them"
        )
    rng = np.random.default_rng(seed)
    order = _drawn(n, rng, labels)
    # Every 1/fraction-th place of the order, from a random start: in an order sorted by
    # class, each class gives its share.
    places = np.floor(np.arange(n + 1) * fraction + rng.random())
    out = np.zeros(n, dtype=bool)
    out[order] = np.diff(places) > 0
    if labels is not None:
        lost = np.flatnonzero(~np.isin(labels, labels[~out]))
        _, first = np.unique(labels[lost], return_index=True)
        out[lost[first]] = False  # a class must not vanish from training
    return Split(np.flatnonzero(~out), np.flatnonzero(out))


def deal_rows(
    n: int, count: int, *, seed: int, labels: NDArray[np.integer] | None = None
) -> NDArray[np.int64]:
    """Deal rows to parts like cards, at random or one class after the other.

    Parameters
    ----------
    n
        Number of rows.
    count
        Number of parts.
    seed
        The same seed deals alike.
    labels
        (n,) class of each row. Each class then gives its share of every part, to within
        one row.

    Returns
    -------
    ndarray
        (n,) part of each row, from 0 to count - 1.

    Examples
    --------
    >>> sorted(deal_rows(6, 3, seed=0).tolist())
    [0, 0, 1, 1, 2, 2]
    """
    part = np.empty(n, np.int64)
    part[_drawn(n, np.random.default_rng(seed), labels)] = np.arange(n) % count
    return part


def _drawn(
    n: int, rng: np.random.Generator, labels: NDArray[np.integer] | None
) -> NDArray[np.int64]:
    """Draw an order of the rows, one class after the other where there are classes."""
    order = rng.permutation(n)
    return order if labels is None else order[np.argsort(labels[order], kind="stable")]
