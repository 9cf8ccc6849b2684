"""Splits of the rows: complete, seeded, fair to each class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.splits import (
    assign_folds,
    ensemble_splits,
    evaluation_splits,
    joint_labels,
    k_folds,
    split_rows,
    without_validation,
)

labels_of = st.lists(st.integers(0, 5), max_size=200).map(
    lambda values: np.array(values, dtype=np.int32)
)


@given(labels_of, st.floats(0, 0.9), st.integers(0, 5))
def test_both_parts_make_up_the_rows(
    labels: np.ndarray, fraction: float, seed: int
) -> None:
    for given_labels in (None, labels):
        n = len(labels)
        kept, held_out = split_rows(n, fraction, seed=seed, labels=given_labels)
        assert np.array_equal(np.sort(np.concatenate([kept, held_out])), np.arange(n))
        assert len(held_out) <= n * fraction + 1


@given(labels_of, st.floats(0, 0.9), st.integers(0, 5))
def test_each_class_is_held_out_evenly_and_stays(
    labels: np.ndarray, fraction: float, seed: int
) -> None:
    kept, held_out = split_rows(len(labels), fraction, seed=seed, labels=labels)
    assert set(labels[kept]) == set(labels)
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        given_away = int((labels[held_out] == label).sum())
        assert abs(given_away - fraction * count) <= 1 + 1e-9 or given_away == count - 1


def test_the_seed_decides() -> None:
    a, b, c = (split_rows(100, 0.2, seed=seed).held_out for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert len(a) == 20


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_outside_the_interval_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\), but got"):
        split_rows(10, fraction, seed=0)


def test_rows_are_assigned_evenly_within_each_class() -> None:
    labels = np.array([0] * 10 + [1] * 5 + [2] * 2)
    part = assign_folds(17, 4, seed=3, labels=labels)
    for label in range(3):
        counts = np.bincount(part[labels == label], minlength=4)
        assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(part, assign_folds(17, 4, seed=3, labels=labels))
    assert (part != assign_folds(17, 4, seed=4, labels=labels)).any()


@given(st.integers(4, 60), st.integers(2, 4), st.integers(0, 9))
def test_each_row_is_held_out_once(n: int, count: int, seed: int) -> None:
    splits = list(k_folds(n, count, seed=seed))
    assert len(splits) == count
    held_out = np.concatenate([split.held_out for split in splits])
    assert sorted(held_out) == list(range(n))
    for split in splits:
        assert sorted([*split.train, *split.held_out]) == list(range(n))
        assert len(split.held_out) in (n // count, -(-n // count))


@given(st.lists(st.integers(0, 2), min_size=6, max_size=60), st.integers(2, 4))
def test_folds_have_each_class_evenly(labels: list[int], count: int) -> None:
    y = np.array(labels)
    for split in k_folds(len(y), count, seed=1, labels=y):
        for label in np.unique(y):
            expected = np.sum(y == label) / count
            assert abs(np.sum(y[split.held_out] == label) - expected) <= 1


def test_the_seed_decides_the_folds() -> None:
    first, same, other = (
        [split.held_out.tolist() for split in k_folds(30, 3, seed=seed)]
        for seed in (0, 0, 1)
    )
    assert first == same != other


@given(st.integers(20, 200), st.integers(2, 9), st.integers(0, 5))
def test_members_hold_out_different_rows(n: int, members: int, seed: int) -> None:
    labels = np.arange(n) % 3
    splits = ensemble_splits(n, members, seed=seed, labels=labels)
    assert len(splits) == members
    held_out = np.concatenate([split.held_out for split in splits])
    assert len(np.unique(held_out)) == len(held_out)
    if members >= 5:
        assert len(held_out) == n
    for split in splits:
        assert not set(split.train) & set(split.held_out)
        assert len(split.train) + len(split.held_out) == n
        of_class = np.bincount(labels[split.held_out], minlength=3)
        assert of_class.max() - of_class.min() <= 2


def test_the_last_rows_in_time_order() -> None:
    first, second = ensemble_splits(10, 2, seed=0, time_ordered=True)
    assert first.held_out.tolist() == second.held_out.tolist() == [8, 9]
    [split] = ensemble_splits(10, 1, seed=0, time_ordered=True, fraction=0.5)
    assert split.held_out.tolist() == [5, 6, 7, 8, 9]


def test_a_fraction() -> None:
    splits = ensemble_splits(40, 3, seed=0, fraction=0.25)
    assert [len(split.held_out) for split in splits] == [10] * 3
    assert len({tuple(split.held_out) for split in splits}) == 3


@given(
    st.integers(2, 30).flatmap(
        lambda count: st.lists(st.integers(0, count), min_size=12, max_size=80)
    ),
    st.booleans(),
    st.sampled_from([None, 0.1, 0.4, 0.8]),
    st.integers(2, 8),
)
def test_groups_stay_together(
    groups: list[int], time_ordered: bool, fraction: float | None, members: int
) -> None:
    names = np.array(groups)
    if len(set(groups)) < 2:
        return
    options = {"time_ordered": time_ordered, "fraction": fraction}
    splits = ensemble_splits(len(names), members, seed=1, groups=names, **options)
    largest = np.bincount(names).max()
    for kept, held_out in splits:
        assert not set(names[kept]) & set(names[held_out])
        assert np.array_equal(np.sort([*kept, *held_out]), np.arange(len(names)))
        if fraction is not None:
            assert abs(len(held_out) - fraction * len(names)) <= largest
        if time_ordered:
            assert len(names) - 1 in held_out
            ends = {name: np.flatnonzero(names == name)[-1] for name in set(groups)}
            latest_kept = max(ends[name] for name in set(names[kept]))
            assert all(ends[name] > latest_kept for name in set(names[held_out]))


def test_groups_in_time_order_by_hand() -> None:
    groups = np.array(list("aababbcacddd"))
    [split] = ensemble_splits(12, 1, seed=0, groups=groups, time_ordered=True)
    assert split.held_out.tolist() == [9, 10, 11]


def test_one_side_would_be_empty() -> None:
    with pytest.raises(ValueError, match="one group only"):
        ensemble_splits(9, 2, seed=0, groups=np.zeros(9))
    for options in ({"fraction": 0.001}, {"fraction": 0.999, "time_ordered": True}):
        with pytest.raises(ValueError, match="leaves no rows on one side"):
            ensemble_splits(20, 2, seed=0, **options)


def test_without_validation() -> None:
    for split in without_validation(3, 2):
        assert split.train.tolist() == [0, 1, 2]
        assert len(split.held_out) == 0


@given(
    st.integers(12, 80),
    st.integers(2, 4),
    st.integers(0, 9),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_evaluation_respects_groups_and_time(
    n: int,
    count: int,
    seed: int,
    grouped: bool,
    time_ordered: bool,
    data: st.DataObject,
) -> None:
    groups = None
    if grouped:
        names = st.lists(st.integers(0, 9), min_size=n, max_size=n)
        groups = np.array(data.draw(names))
    try:
        splits = evaluation_splits(
            n, count, seed=seed, groups=groups, time_ordered=time_ordered
        )
    except ValueError:
        assert grouped
        return
    assert len(splits) == count
    held_out = np.concatenate([split.held_out for split in splits])
    assert len(np.unique(held_out)) == len(held_out)
    if not time_ordered:
        assert len(held_out) == n
    for train, out in splits:
        assert len(train)
        assert len(out)
        assert not np.intersect1d(train, out).size
        if time_ordered:
            assert train.max() < out.min()
        if groups is not None:
            assert not np.intersect1d(groups[train], groups[out]).size


def test_too_few_groups_or_none_that_is_new() -> None:
    with pytest.raises(ValueError, match="2 groups, too few for 3 folds"):
        evaluation_splits(20, 3, seed=0, groups=np.arange(20) % 2)
    with pytest.raises(ValueError, match=r"block 2 of 3 .* no earlier rows"):
        evaluation_splits(20, 2, seed=0, groups=np.arange(20) % 2, time_ordered=True)


def test_joint_labels() -> None:
    first, second = np.array([0, 0, 1, 1]), np.array([5, 6, 5, 5])
    assert joint_labels(first, second).tolist() == [0, 1, 2, 2]  # type: ignore[union-attr]
    assert joint_labels(first, None).tolist() == first.tolist()  # type: ignore[union-attr]
    assert joint_labels(None) is None
