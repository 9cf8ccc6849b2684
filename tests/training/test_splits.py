"""Splits of the rows: complete, seeded, fair to each class."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.training.splits import deal_rows, split_rows

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
def test_each_class_gives_its_share_and_stays(
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
def test_a_share_outside_the_interval_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\), but got"):
        split_rows(10, fraction, seed=0)


def test_rows_are_dealt_evenly_within_each_class() -> None:
    labels = np.array([0] * 10 + [1] * 5 + [2] * 2)
    part = deal_rows(17, 4, seed=3, labels=labels)
    for label in range(3):
        counts = np.bincount(part[labels == label], minlength=4)
        assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(part, deal_rows(17, 4, seed=3, labels=labels))
    assert (part != deal_rows(17, 4, seed=4, labels=labels)).any()
