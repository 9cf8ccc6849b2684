from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.training.data_dependent_init import LARGEST_SAMPLE, data_dependent_init


def network(seed: int = 0, rate: float = 0.15) -> rv.Network:
    layers = [
        rv.Embedding(
            [rv.columns.Plain(), rv.columns.Periodic(8, 3), rv.columns.Category(5, 2)]
        ),
        rv.Dense(30, "mish", parametric=True),
        rv.Dropout(rate),
        rv.Dense(20, "selu", parametric=True),
        rv.Dense(3, "softmax"),
    ]
    return rv.Network(3, layers, seed=seed, dtype="float64")


def rows(count: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    X = rng.normal(3, 2, (count, 3))
    X[:, 2] = rng.integers(0, 5, count)
    return X


def test_variance_is_one_and_kinks_lie_amid_the_rows() -> None:
    net, X = network(rate=0.0), rows(400)
    before = net.theta.copy()
    data_dependent_init(net, X)
    assert net.embedding is not None
    kept = net.embedding.count()
    np.testing.assert_array_equal(net.theta[:kept], before[:kept])
    for Z, _ in net.forward(X):
        np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-9)
        # The bend at z = 0 is a mean of five rows: some rows are on either side.
        assert ((Z > 0).any(axis=0) & (Z < 0).any(axis=0)).all()


def test_same_seed_same_start() -> None:
    X, first = rows(100), network()
    data_dependent_init(first, X, seed=3)
    for n, equal in ((3, True), (4, False)):
        again = network(seed=9)
        again.theta[...] = network().theta
        data_dependent_init(again, X, seed=n)
        assert (again.theta.tobytes() == first.theta.tobytes()) == equal


def test_dropout_is_active() -> None:
    X, one, other = rows(200), network(), network(rate=0.0)
    data_dependent_init(one, X)
    data_dependent_init(other, X)
    assert not np.array_equal(one.dense_layers[1].W, other.dense_layers[1].W)


def test_rows_that_are_all_the_same_and_many() -> None:
    net = rv.Network.mlp(2, 5, 1, seed=0)
    data_dependent_init(net, np.ones((10, 2)))
    assert np.isfinite(net.theta).all()
    data_dependent_init(net, np.zeros((10, 2)))
    assert np.isfinite(net.theta).all()
    many = np.random.default_rng(0).normal(size=(LARGEST_SAMPLE + 5000, 2))
    data_dependent_init(net, many)
    assert net.forward(many)[0].Z.std(axis=0) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("seed", [-1, 1.5, None])
def test_seeds_that_are_none(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number"):
        data_dependent_init(network(), rows(5), seed=seed)
    with pytest.raises(ValueError, match="rows"):
        data_dependent_init(network(), np.zeros((0, 3)))
