from math import sqrt

import numpy as np
import pytest

from ranvier.network import activations, initializers
from ranvier.network.initializers import NAMES, default_for, draw

D_IN, D_OUT = 300, 500

# Worked by hand for 300 inputs and 500 outputs: the variance of a weight.
VARIANCE = {"glorot": 2 / 800, "he": 2 / 300, "lecun": 1 / 300}


def sample(name: str, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return draw(name, (D_IN, D_OUT), D_IN, D_OUT, generator)


@pytest.mark.parametrize("rule", VARIANCE)
@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_mean_and_variance(rule: str, kind: str) -> None:
    W = sample(f"{rule}_{kind}")
    sd = sqrt(VARIANCE[rule])
    # 150,000 draws: the mean is within 5 sd / sqrt(150,000), the variance within 2 %.
    assert abs(W.mean()) < 5 * sd / sqrt(W.size)
    assert W.var() == pytest.approx(VARIANCE[rule], rel=0.02)


@pytest.mark.parametrize("rule", VARIANCE)
def test_uniform_fills_its_range(rule: str) -> None:
    W = sample(f"{rule}_uniform")
    limit = sqrt(3 * VARIANCE[rule])
    assert np.abs(W).max() <= limit
    assert np.abs(W).max() > 0.999 * limit


def test_normal_has_the_tails_of_a_normal() -> None:
    W = sample("he_normal") / sqrt(2 / 300)
    assert (np.abs(W) > 1.96).mean() == pytest.approx(0.05, abs=0.003)


def test_glorot_range_by_hand() -> None:
    # One input and five outputs: the limit is sqrt(6 / 6) = 1.
    W = draw("glorot_uniform", (1, 5000), 1, 5, np.random.default_rng(0))
    assert 0.999 < np.abs(W).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_draws(name: str) -> None:
    first, again, other = sample(name), sample(name), sample(name, seed=1)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float64
    assert (name == "zeros") == np.array_equal(first, other)


def test_zeros() -> None:
    assert not sample("zeros").any()


def test_default_for_each_activation() -> None:
    chosen = {
        name: default_for(activations.resolve(name)) for name in activations.NAMES
    }
    assert set(chosen.values()) <= set(initializers.NAMES)
    assert chosen["relu"] == chosen["leaky_relu"] == chosen["gelu"] == "he_uniform"
    assert chosen["selu"] == "lecun_normal"
    assert chosen["tanh"] == chosen["identity"] == "glorot_uniform"
    assert chosen["softmax"] == "glorot_uniform"
