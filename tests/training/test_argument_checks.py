"""Also seen through `train`, in test_train.py."""

import numpy as np
import pytest

import ranvier as rv
from ranvier.training import argument_checks as checks


@pytest.mark.parametrize("count", [0, -1, 1.5, "3", True])
def test_counts_that_are_none(count: object) -> None:
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        checks.checked_count("epochs", count, 5)  # type: ignore[arg-type]


def test_counts() -> None:
    assert checks.checked_count("epochs", None, 5) == 5
    assert checks.checked_count("epochs", np.int64(3), 5) == 3


def test_seeds() -> None:
    assert checks.checked_seed(2**64 - 1) == 2**64 - 1
    assert checks.checked_seed(None) != checks.checked_seed(None)
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        checks.checked_seed(2**64)


def test_functions() -> None:
    assert checks.checked_functions((print,)) == [print]
    with pytest.raises(TypeError, match="callbacks must be a list of functions"):
        checks.checked_functions(print)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a callback must be a function"):
        checks.checked_functions([3])  # type: ignore[list-item]


def test_networks() -> None:
    checks.check_network(rv.Network.mlp(1, 2, 1))
    with pytest.raises(TypeError, match=r"net must be a ranvier.Network, but got"):
        checks.check_network([])


def test_what_has_no_meaning_for_lbfgs() -> None:
    net = rv.Network.mlp(1, 2, 1, dropout=0.5)
    with pytest.raises(ValueError, match="dropout changes it"):
        checks.check_whole(net, checks.OfSteps())
    with pytest.raises(ValueError, match="batch_size=3 was given with L-BFGS"):
        checks.check_whole(rv.Network.mlp(1, 2, 1), checks.OfSteps(batch_size=3))
