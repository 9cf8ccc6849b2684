import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranvier.tabular.folds import folds, nothing_held_out


@given(st.integers(20, 200), st.integers(2, 9), st.integers(0, 5))
def test_parts_are_apart_and_classes_even(n: int, count: int, seed: int) -> None:
    labels = np.arange(n) % 3
    found = folds(n, count, seed=seed, labels=labels)
    assert len(found) == count
    held = np.concatenate([fold.held_out for fold in found])
    assert len(np.unique(held)) == len(held)
    if count >= 5:
        assert len(held) == n
    for fold in found:
        assert not set(fold.kept) & set(fold.held_out)
        assert len(fold.kept) + len(fold.held_out) == n
        of_class = np.bincount(labels[fold.held_out], minlength=3)
        assert of_class.max() - of_class.min() <= 2


def test_groups_stay_together() -> None:
    groups = np.arange(60) // 4
    for fold in folds(60, 5, seed=0, groups=groups):
        assert not set(groups[fold.kept]) & set(groups[fold.held_out])


def test_the_last_rows_of_ordered_ones() -> None:
    first, second = folds(10, 2, seed=0, ordered=True)
    assert first.held_out.tolist() == second.held_out.tolist() == [8, 9]


def test_a_share() -> None:
    assert [len(f.held_out) for f in folds(40, 3, seed=0, share=0.25)] == [10] * 3


def test_nothing_held_out() -> None:
    for split in nothing_held_out(3, 2):
        assert split.kept.tolist() == [0, 1, 2]
        assert len(split.held_out) == 0
