"""Checks of layers."""

import numpy as np
import pytest
from tests.doctor.rows_and_networks import names, rows, trained

import ranvier as rv


def test_healthy_layers() -> None:
    X, y = rows()
    net, _ = trained(X, y)
    assert names(rv.diagnose(net, X, y)) == []


def test_nan_in_a_layer() -> None:
    X, y = rows()
    net, _ = trained(X, y)
    net.dense_layers[1].W[0] = np.nan
    (finding,) = rv.diagnose(net, X, y)
    assert finding.name == "nonfinite_weights"
    assert finding.evidence["layer"] == 1


def test_equal_units() -> None:
    X, y = rows()
    layers = [rv.Dense(8, "tanh", W=np.ones((5, 8))), rv.Dense(1, "sigmoid")]
    net = rv.Network(5, layers, seed=0)
    assert names(rv.diagnose(net, X, y))[0] == "symmetric_units"


def test_dead_units() -> None:
    X, y = rows()
    net, _ = trained(X, y)
    net.dense_layers[0].b[:24] = -100
    found = {f.name: f for f in rv.diagnose(net, X, y)}
    assert found["dead_units"].evidence["count"] == 24


def test_saturated_units() -> None:
    X, y = rows()
    W = 50 * np.random.default_rng(0).normal(size=(5, 32))
    net = rv.Network(5, [rv.Dense(32, "tanh", W=W), rv.Dense(1, "sigmoid")], seed=0)
    assert names(rv.diagnose(net, X, y))[0] == "saturated_units"


@pytest.mark.parametrize(
    ("name", "factor", "activation"),
    [("vanishing_gradient", 1, "sigmoid"), ("exploding_gradient", 60, "relu")],
)
def test_gradients_by_layer(name: str, factor: float, activation: str) -> None:
    X, y = rows()
    net = rv.Network.mlp(5, [16] * 8, 1, activation, "sigmoid", seed=0)
    for layer in net.dense_layers[1:]:
        layer.W[...] *= factor
    net.dense_layers[-1].W[...] *= 1e-6 if factor > 1 else 1
    assert name in names(rv.diagnose(net, X, y))
