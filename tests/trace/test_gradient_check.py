import numpy as np
import pytest

import ranvier as rv
from built import network_of
from cases import grid, grid_case
from ranvier.trace import gradient_check
from ranvier.trace.gradient_check import check_gradients


@pytest.mark.parametrize("kind", grid()[::23], ids=" ".join)
def test_every_layer_agrees(kind) -> None:
    case = grid_case(*kind)
    net = network_of(case.network, case.theta, "float32")
    before = net.theta.copy()
    loss = rv.Loss(*case.loss)
    told = check_gradients(net, case.X, case.Y, loss, sample_weight=case.w)
    assert told.ok
    assert len(told.layers) == len(net.dense_layers)
    assert told.checked == net.theta.size
    np.testing.assert_array_equal(net.theta, before)


def test_a_wrong_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    right = rv.Network.loss_and_gradient

    def wrong(self, *rows, **settings):
        L, gradient = right(self, *rows, **settings)
        gradient.layers[1].W[2] += 0.5
        return L, gradient

    monkeypatch.setattr(rv.Network, "loss_and_gradient", wrong)
    told = check_gradients(net, np.ones((2, 3)), [0.5, 1.5])
    assert not told.ok
    assert told.layers[0].gap_W < 1e-6 < told.layers[1].gap_W
    assert told.layers[1].worst == "W2[2,0]"
    assert told.layers[1].worst_gap == pytest.approx(0.5, abs=1e-6)
    assert "DO NOT AGREE" in str(told)


def test_a_kink_is_found() -> None:
    hidden = rv.Dense(1, "relu", W=[[1.0]])
    net = rv.Network(1, [hidden, rv.Dense(1, W=[[1.0]])])
    assert not check_gradients(net, [[0.0]], [1.0]).ok
    assert check_gradients(net, [[0.5]], [1.0]).ok


def test_of_a_large_layer_some_are_drawn() -> None:
    net = rv.Network.mlp(30, [40], 1, "tanh", seed=0)
    X = np.ones((3, 30))
    told = check_gradients(net, X, [1.0, 2.0, 3.0], most=20)
    assert told.checked == 20 + 20 + 20 + 1
    assert told.ok
    again = check_gradients(net, X, [1.0, 2.0, 3.0], most=20)
    assert again == told


def test_the_text() -> None:
    net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    text = str(check_gradients(net, np.ones((2, 3)), [0.5, 1.5]))
    assert "They agree" in text
    assert (
        f"{gradient_check.TOLERANCE:.0e} is allowed; 21 parameters were moved" in text
    )
    assert len(text.splitlines()) == 4


def test_what_does_not_fit() -> None:
    net = rv.Network.mlp(3, [4], 1, seed=0)
    with pytest.raises(ValueError, match="log_loss"):
        check_gradients(net, np.ones((2, 3)), [2.0, 1.5], "log_loss")
