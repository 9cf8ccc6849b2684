from typing import Any

import numpy as np
import pytest

from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.run.statistics import QUANTILES, layer_statistics, output_gradient


def task(
    loss: str, last: str, outputs: int, rng: np.random.Generator
) -> tuple[Network, Any, Any]:
    """Return a network in float64, rows and targets."""
    net = Network.mlp(3, [5, 4], outputs, "tanh", last, dtype="float64", seed=1)
    X = rng.normal(size=(20, 3))
    if loss == "cross_entropy":
        return net, X, rng.integers(outputs, size=20).astype(np.int32)
    return net, X, rng.random((20, outputs))


@pytest.mark.parametrize(
    ("loss", "last", "outputs"),
    [
        ("squared_error", "identity", 2),
        ("cross_entropy", "softmax", 3),
        ("cross_entropy", "identity", 3),
        ("log_loss", "sigmoid", 1),
        ("poisson", "exp", 1),
    ],
)
def test_gradients_are_those_of_the_engine(
    loss: str, last: str, outputs: int, rng: np.random.Generator
) -> None:
    net, X, Y = task(loss, last, outputs, rng)
    weights = rng.random(20)
    found = layer_statistics(net, X, Y, weights, Loss(loss), None)
    _, gradient = net.loss_and_gradient(X, Y, loss=loss, sample_weight=weights)
    for layer, entry in zip(gradient.layers, found, strict=True):
        assert entry["dW"][0] == pytest.approx(layer.W.min(), rel=1e-5)  # type: ignore[union-attr]
        assert entry["dW"][-1] == pytest.approx(layer.W.max(), rel=1e-5)  # type: ignore[union-attr]
    dZ = output_gradient(net, net.forward(X)[-1].Z, Y, weights, Loss(loss))
    np.testing.assert_allclose(dZ.sum(axis=0), gradient.layers[-1].b, rtol=1e-10)  # type: ignore[union-attr]


def test_by_hand() -> None:
    net = Network.mlp(1, 2, 1, "relu", seed=0)
    net.layers[0].W[...] = [[1.0, -1.0]]  # type: ignore[union-attr]
    net.layers[1].W[...] = [[2.0], [3.0]]  # type: ignore[union-attr]
    X = np.float32([[1.0], [2.0]])
    before = net.theta.copy()
    before[:2] = [1.0, 0.0]
    first, last = layer_statistics(
        net, X, np.float32([[2.0], [5.0]]), None, Loss("squared_error"), before
    )
    assert first["dead"] == 0.5  # -1 and -2 are cut off
    assert first["saturated"] == 0.5
    assert first["update"] == pytest.approx(1 / np.sqrt(2))
    assert first["A"][0] == 0.0
    assert first["A"][-1] == 2.0
    assert last["dZ"] == [-1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 0.0]  # 2-2 and 4-5
    assert last["dW"][0] == -2.0
    assert (last["dead"], last["saturated"], last["update"]) == (None, None, 0.0)
    assert len(last["W"]) == len(QUANTILES)


def test_large_layers_are_sampled(rng: np.random.Generator) -> None:
    net = Network.mlp(200, 100, 1, seed=0)
    X = rng.normal(size=(64, 200)).astype(np.float32)
    entry = layer_statistics(net, X, X[:, :1].copy(), None, Loss("huber"), None)[0]
    W = net.layers[0].W  # type: ignore[union-attr]
    np.testing.assert_allclose(
        entry["W"][1:-1], np.quantile(W, QUANTILES[1:-1]), atol=0.02
    )
    assert entry["update"] is None
