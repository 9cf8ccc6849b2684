import numpy as np
import pytest

import ranvier as rv
from cases import HIDDEN, gap
from ranvier.trace.input_gradients import InputGradients


@pytest.mark.parametrize("output", ["identity", "sigmoid", "softmax", "exp"])
@pytest.mark.parametrize("hidden", ["relu", "tanh", "gelu", "selu"])
def test_against_central_differences(hidden: str, output: str, rng) -> None:
    net = rv.Network.mlp(3, [5, 4], 2, hidden, output, dtype="float64", seed=1)
    X = rng.normal(size=(7, 3))
    outputs = np.arange(7) % 2
    given = InputGradients(net)(X, outputs)
    expected, h = np.empty_like(X), 1e-6
    for i in range(3):
        up, down = X.copy(), X.copy()
        up[:, i] += h
        down[:, i] -= h
        expected[:, i] = (net(up) - net(down))[np.arange(7), outputs] / (2 * h)
    assert gap(given, expected) < 1e-7


@pytest.mark.parametrize("hidden", HIDDEN)
def test_as_the_trace(hidden: str, rng: np.random.Generator) -> None:
    """With the loss |F - y|, y below F, dL/dX is dF/dX."""
    net = rv.Network.mlp(4, [6], 1, hidden, dtype="float64", seed=2)
    X = rng.normal(size=(1, 4))
    trace = net.trace(X, net(X) - 1, loss="absolute_error")
    np.testing.assert_allclose(
        InputGradients(net)(X, np.array([0])), trace.dX, rtol=1e-12, atol=1e-14
    )


def test_many_rows_are_each_their_own(rng: np.random.Generator) -> None:
    net = rv.Network.mlp(3, [300, 300], 2, seed=0)
    X = rng.normal(size=(500, 3)).astype(np.float32)
    outputs = rng.integers(0, 2, 500)
    whole = InputGradients(net)(X, outputs)
    assert whole.dtype == np.float32
    for row in (0, 77, 499):
        alone = InputGradients(net)(X[[row]], outputs[[row]])
        np.testing.assert_allclose(whole[[row]], alone, rtol=1e-5, atol=1e-7)
