"""Splits of a table's rows: one part held out, folds, and those of an ensemble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Labels = NDArray[np.integer] | None

# An ensemble has at least this many folds: with fewer, each member would lose too many
# rows. Some rows are then held out by no member.
LEAST_FOLDS = 5


class Split(NamedTuple):
    """Row numbers of both parts, each in ascending order."""

    train: Rows
    held_out: Rows


class SplitBy(NamedTuple):
    """What a split goes by, beside the classes, for each row; None where it does not.

    Rows of one value of ``groups`` (n,) stay together; of each value of ``strata`` (n,)
    the same fraction is held out.
    """

    groups: NDArray[Any] | None = None
    strata: NDArray[Any] | None = None

    def take(self, rows: Any) -> SplitBy:
        """Return the values of some rows."""
        return SplitBy(*(None if given is None else given[rows] for given in self))


AT_RANDOM = SplitBy()


def split_rows(n: int, fraction: float, *, seed: int, labels: Labels = None) -> Split:
    """Hold out a fraction of the rows, at random or evenly within each class.

    Parameters
    ----------
    n
        Number of rows.
    fraction
        Fraction of the rows to hold out, in [0, 1).
    seed
        The same seed gives the same split.
    labels
        (n,) class of each row. Each class is held out in that fraction, to within one
        row, and keeps at least one row.

    Returns
    -------
    Split
        ``train`` and ``held_out``, together all the rows.

    Raises
    ------
    ValueError
        The fraction is outside [0, 1).

    Examples
    --------
    >>> split = split_rows(10, 0.2, seed=0)
    >>> len(split.train), len(split.held_out)
    (8, 2)
    """
    if not 0 <= fraction < 1:
        raise ValueError(
            f"the fraction of rows to hold out must lie in [0, 1), but got "
            f"{fraction!r}: give for example 0.2 for a fifth of them"
        )
    rng = np.random.default_rng(seed)
    order = _order(n, rng, labels)
    # Every (1 / fraction)-th row of the order, from a random start: in an order sorted
    # by class, this takes the same fraction of each class.
    steps = np.floor(np.arange(n + 1) * fraction + rng.random())
    out = np.zeros(n, dtype=bool)
    out[order] = np.diff(steps) > 0
    if labels is not None:
        lost = np.flatnonzero(~np.isin(labels, labels[~out]))
        _, first = np.unique(labels[lost], return_index=True)
        out[lost[first]] = False  # a class must not vanish from training
    return _split(out)


def assign_folds(n: int, count: int, *, seed: int, labels: Labels = None) -> Rows:
    """Assign rows to folds in turn, at random or one class after the other.

    Parameters
    ----------
    n
        Number of rows.
    count
        Number of folds.
    seed
        The same seed gives the same folds.
    labels
        (n,) class of each row, spread evenly over the folds, to within one row.

    Returns
    -------
    ndarray
        (n,) fold of each row, from 0 to count - 1.

    Examples
    --------
    >>> sorted(assign_folds(6, 3, seed=0).tolist())
    [0, 0, 1, 1, 2, 2]
    """
    fold = np.empty(n, np.int64)
    fold[_order(n, np.random.default_rng(seed), labels)] = np.arange(n) % count
    return fold


def k_folds(n: int, count: int, *, seed: int, labels: Labels = None) -> Iterator[Split]:
    """Yield the splits of a cross-validation: each row is held out once.

    Parameters
    ----------
    n, count, seed, labels
        As for `assign_folds`.

    Examples
    --------
    >>> [split.held_out.tolist() for split in k_folds(4, 2, seed=0)]
    [[1, 2], [0, 3]]
    """
    fold = assign_folds(n, count, seed=seed, labels=labels)
    for number in range(count):
        yield _split(fold == number)


def evaluation_splits(
    n: int,
    count: int,
    *,
    seed: int,
    labels: Labels = None,
    groups: NDArray[Any] | None = None,
    time_ordered: bool = False,
) -> list[Split]:
    """Return the splits of a cross-validation that respects groups and time.

    Parameters
    ----------
    n, count, seed, labels
        As for `assign_folds`.
    groups
        (n,) rows of one group are tested together.
    time_ordered
        The rows are in time order: they are cut into ``count + 1`` blocks, and each
        block but the first is tested by models fitted on all earlier ones (forward
        chaining). With `groups`, earlier rows of the groups in a block are left out of
        its training rows, so that each group is new.

    Returns
    -------
    list of Split
        Without groups and time, each row is held out once. In time order, those of the
        first block never are.

    Raises
    ------
    ValueError
        There are fewer groups than splits, or a split has no training rows.

    Examples
    --------
    >>> splits = evaluation_splits(6, 2, seed=0, time_ordered=True)
    >>> [(s.train.tolist(), s.held_out.tolist()) for s in splits]
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    """
    group: Rows | None = None
    if groups is not None:
        names, group = np.unique(groups, return_inverse=True)
        if len(names) < count:
            raise ValueError(
                f"there are {len(names)} groups, too few for {count} folds: give more "
                "groups, or fewer folds"
            )
    if not time_ordered:
        if group is None:
            return list(k_folds(n, count, seed=seed, labels=labels))
        fold = assign_folds(len(names), count, seed=seed)[group]
        return [_split(fold == number) for number in range(count)]
    block = np.arange(n) * (count + 1) // n
    splits = []
    for number in range(1, count + 1):
        train, held_out = block < number, block == number
        if group is not None:
            train &= ~np.isin(group, group[held_out])
        splits.append(Split(np.flatnonzero(train), np.flatnonzero(held_out)))
        if not (len(splits[-1].train) and len(splits[-1].held_out)):
            raise ValueError(
                f"block {number + 1} of {count + 1} in time order has no earlier rows "
                "of other groups, or no rows: give fewer folds, more rows, or no groups"
            )
    return splits


def joint_labels(*parts: NDArray[Any] | None) -> Labels:
    """Return a label for each combination of values that occurs; None of none."""
    known = [
        np.unique(part, return_inverse=True)[1].reshape(len(part))
        for part in parts
        if part is not None
    ]
    if len(known) < 2:
        return known[0] if known else None
    joint = np.unique(np.stack(known, 1), axis=0, return_inverse=True)[1]
    return joint.reshape(-1)


def ensemble_splits(
    n: int,
    members: int,
    *,
    seed: int,
    labels: Labels = None,
    groups: NDArray[Any] | None = None,
    time_ordered: bool = False,
    fraction: float | None = None,
) -> list[Split]:
    """Return the training and validation rows of each member of an ensemble.

    Parameters
    ----------
    n
        Number of rows.
    members
        Number of splits. By default each member holds out a fold of its own, a fraction
        of 1 / members or a fifth.
    seed
        The same seed gives the same splits.
    labels
        (n,) classes, which are spread evenly over the folds; None for regression.
    groups
        (n,) rows of one group are all kept or all held out.
    time_ordered
        The rows are in time order: each member holds out the last of them; with
        `groups`, those groups whose last rows are the latest.
    fraction
        Each member holds out this fraction: of rows drawn for it, of groups drawn for
        it (as near as whole groups allow), or of the last rows. None: the default, or
        a fifth of the last rows.

    Raises
    ------
    ValueError
        One side would be empty: all rows are of one group, or the fraction is too near
        to 0 or 1.
    """
    if groups is not None:
        splits = _group_splits(n, members, seed, groups, time_ordered, fraction)
    elif time_ordered:
        last = np.arange(n) >= n - max(1, round(n * _or_fifth(fraction)))
        splits = [_split(last)] * members
    elif fraction is not None:
        splits = [
            split_rows(n, fraction, seed=seed + k, labels=labels)
            for k in range(members)
        ]
    else:
        fold = assign_folds(n, max(members, LEAST_FOLDS), seed=seed, labels=labels)
        splits = [_split(fold == k) for k in range(members)]
    _require_rows(splits, n, fraction)
    return splits


def without_validation(n: int, members: int) -> list[Split]:
    """Return splits in which each member trains on all rows."""
    return [_split(np.zeros(n, bool))] * members


def _group_splits(
    n: int,
    members: int,
    seed: int,
    groups: NDArray[Any],
    time_ordered: bool,
    fraction: float | None,
) -> list[Split]:
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError(
            "groups has one group only, so no rows can be held out: give two groups "
            "or more, or none"
        )
    if time_ordered:
        last_row = np.empty(len(names), np.int64)
        last_row[group] = np.arange(n)  # of equal indices, the last assignment stays
        latest_first = np.argsort(-last_row)
        return [
            _hold_out_groups(group, latest_first, n * _or_fifth(fraction))
        ] * members
    if fraction is not None:
        orders = [
            np.random.default_rng(seed + k).permutation(len(names))
            for k in range(members)
        ]
        return [_hold_out_groups(group, order, n * fraction) for order in orders]
    folds = max(members, LEAST_FOLDS)
    fold = assign_folds(len(names), folds, seed=seed)[group]
    return [_split(fold == k) for k in range(members)]


def _hold_out_groups(group: Rows, order: Rows, rows: float) -> Split:
    """Hold out the first groups of an order, whose rows are nearest to a number."""
    reached = np.cumsum(np.bincount(group)[order])
    count = int(np.abs(reached - rows).argmin()) + 1
    return _split(np.isin(group, order[: min(count, len(order) - 1)]))


def _require_rows(splits: list[Split], n: int, fraction: float | None) -> None:
    """Raise if a member has no rows to train on, or none has any to validate on."""
    trainable = all(len(split.train) for split in splits)
    if trainable and (fraction is None or all(len(s.held_out) for s in splits)):
        return
    given = "" if fraction is None else f"validation={fraction!r} of "
    raise ValueError(
        f"{given}{n} rows leaves no rows on one side: give more rows, or a validation "
        "fraction that leaves at least one to train on and one to validate on"
    )


def _or_fifth(fraction: float | None) -> float:
    return 0.2 if fraction is None else fraction


def _split(out: NDArray[np.bool_]) -> Split:
    return Split(np.flatnonzero(~out), np.flatnonzero(out))


def _order(n: int, rng: np.random.Generator, labels: Labels) -> Rows:
    """Return a random order of the rows, one class after the other if there are any."""
    order = rng.permutation(n)
    return order if labels is None else order[np.argsort(labels[order], kind="stable")]
