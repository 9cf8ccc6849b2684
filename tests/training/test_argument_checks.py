"""Also seen through `train`, in test_train.py."""

import numpy as np
import pytest

import ranvier as rv
from ranvier.training import argument_checks as checks


@pytest.mark.parametrize("count", [0, -1, 1.5, "3", True, np.True_, None])
def test_counts_that_are_none(count: object) -> None:
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        checks.checked_count("epochs", count)


def test_counts() -> None:
    assert checks.checked_count("epochs", np.int64(3)) == 3
    assert type(checks.checked_count("epochs", np.uint8(3))) is int


def test_seeds() -> None:
    assert checks.checked_seed(2**64 - 1) == 2**64 - 1
    assert checks.checked_seed(None) != checks.checked_seed(None)
    for wrong in (2**64, -1, 0.5, "1", True):
        with pytest.raises(ValueError, match="seed must be a whole number from 0"):
            checks.checked_seed(wrong)


@pytest.mark.parametrize("value", [-0.1, 1, "0.5", None, float("nan")])
def test_fractions_that_are_none(value: object) -> None:
    assert checks.checked_fraction("ema_decay", np.float32(0.5)) == 0.5
    with pytest.raises(ValueError, match=r"ema_decay must lie in \[0, 1\)"):
        checks.checked_fraction("ema_decay", value)


def test_networks() -> None:
    checks.check_network(rv.Network.mlp(1, 2, 1))
    with pytest.raises(TypeError, match=r"net must be a ranvier.Network, but got"):
        checks.check_network([])
