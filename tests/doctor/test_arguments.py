"""arguments.py: what the doctor's doors take."""

import numpy as np
import pytest

from ranvier.doctor.arguments import (
    checked_batch_size,
    checked_task,
    checked_validation,
)


def test_forms_of_validation() -> None:
    assert checked_validation(None, 10, None) is None
    pair = checked_validation(([[1.0]], [1.0]), 10, None)
    assert pair is not None
    assert pair.rows == ([[1.0]], [1.0])
    fraction = checked_validation(0.2, 10, None)
    numbers = checked_validation(np.array([3, 7]), 10, None)
    for found, count in ((fraction, 2), (numbers, 2)):
        assert found is not None
        assert found.train is not None
        assert found.held_out is not None
        assert len(found.held_out) == count
        every = np.concatenate([found.train, found.held_out])
        assert sorted(every.tolist()) == list(range(10))


@pytest.mark.parametrize(
    "wrong",
    [0.0, 1.0, -0.5, 1e-9, "x", np.array([0.5]), np.array([10]), np.arange(10), (1,)],
)
def test_wrong_validation(wrong: object) -> None:
    with pytest.raises((ValueError, TypeError), match="validation"):
        checked_validation(wrong, 10, None)


def test_task_and_batch_size() -> None:
    assert checked_task("regression") == "regression"
    assert checked_task(None) is None
    assert checked_batch_size(np.int64(8)) == 8
    assert checked_batch_size(None) is None
    with pytest.raises(ValueError, match="task"):
        checked_task("clustering")
    with pytest.raises(ValueError, match="batch_size"):
        checked_batch_size(0)
