import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranvier.contest.folds import folds


@given(st.integers(4, 60), st.integers(2, 4), st.integers(0, 9))
def test_each_row_is_held_out_once(n: int, count: int, seed: int) -> None:
    splits = list(folds(n, count, seed=seed))
    assert len(splits) == count
    held_out = np.concatenate([split.held_out for split in splits])
    assert sorted(held_out) == list(range(n))
    for split in splits:
        assert sorted([*split.kept, *split.held_out]) == list(range(n))
        assert len(split.held_out) in (n // count, -(-n // count))


@given(st.lists(st.integers(0, 2), min_size=6, max_size=60), st.integers(2, 4))
def test_classes_are_shared_out_evenly(labels: list[int], count: int) -> None:
    y = np.array(labels)
    for split in folds(len(y), count, seed=1, labels=y):
        for label in np.unique(y):
            share = np.sum(y == label) / count
            assert abs(np.sum(y[split.held_out] == label) - share) <= 1


def test_the_seed_decides() -> None:
    first, same, other = (
        [split.held_out.tolist() for split in folds(30, 3, seed=seed)]
        for seed in (0, 0, 1)
    )
    assert first == same != other
