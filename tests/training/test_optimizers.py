"""The optimizers: descriptions, and steps worked by hand against the engine's."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.training import optimizers
from ranvier.training.optimizers import LBFGS, SGD, Adam, AdamW, StepOptimizer, resolve

Array = NDArray[np.float64]

# The network A = W x + b with W = 2, b = 0 on the row x = 3, y = 5, and the loss
# (A - Y)^2: A = 6, dA = 2 (6 - 5) = 2, dW = 2 * 3 = 6, db = 2.
START, X, Y = [2.0, 0.0], np.array([[3.0]]), np.array([[5.0]])


def steps(optimizer: StepOptimizer, count: int = 1) -> list[float]:
    """Return W and b after some steps on the one row."""
    network = _engine.Network(1, [("dense", 1, "identity", 0.0)])
    update = optimizers.engine_update(optimizer, 1)
    theta, state = np.array(START), np.zeros((update.slots, 2))
    for step in range(count):
        _engine.train_epoch(
            network,
            theta,
            state,
            X,
            Y,
            None,
            np.array([0]),
            1,
            _engine.Loss("squared_error", 0.0),
            update,
            np.array([optimizer.lr]),
            step,
            0,
            step + 1,
            _engine.Workspace(1),
        )
    return theta.tolist()  # type: ignore[no-any-return]


def test_sgd_by_hand() -> None:
    # W = 2 - 0.01 * 6 = 1.94, b = 0 - 0.01 * 2 = -0.02
    assert steps(SGD(lr=0.01)) == pytest.approx([1.94, -0.02], abs=1e-12)
    # Then A = 5.8, dA = 1.6, dW = 4.8, db = 1.6.
    assert steps(SGD(lr=0.01), 2) == pytest.approx([1.892, -0.036], abs=1e-12)


def test_momentum_by_hand() -> None:
    # v1 = (-0.06, -0.02); v2 = 0.5 v1 - 0.01 (4.8, 1.6) = (-0.078, -0.026)
    by_hand = [1.94 - 0.078, -0.02 - 0.026]
    assert steps(SGD(lr=0.01, momentum=0.5), 2) == pytest.approx(by_hand, abs=1e-12)


def test_nesterov_by_hand() -> None:
    # v1 = (-0.06, -0.02), theta += 0.5 v1 - 0.01 g = (-0.09, -0.03)
    by_hand = [2 - 0.09, -0.03]
    optimizer = SGD(lr=0.01, momentum=0.5, nesterov=True)
    assert steps(optimizer) == pytest.approx(by_hand, abs=1e-12)


def test_adam_by_hand() -> None:
    # Step 1: m^ = g, v^ = g^2, so each moves by lr g / (|g| + epsilon).
    assert steps(Adam(lr=0.1)) == pytest.approx([1.9, -0.1], abs=1e-9)
    # Step 2 with beta1 = 0.5, beta2 = 0.75: A = 5.6, dA = 1.2, g = (3.6, 1.2).
    # m = 0.5 * 3 + 0.5 * 3.6 = 3.3, m^ = 3.3 / 0.75 = 4.4
    # v = 0.75 * 9 + 0.25 * 12.96 = 9.99, v^ = 9.99 / 0.4375
    step = 0.1 * 4.4 / (9.99 / 0.4375) ** 0.5  # the same for W and b: g differs by 3
    by_hand = [1.9 - step, -0.1 - step]
    optimizer = Adam(lr=0.1, beta1=0.5, beta2=0.75, epsilon=1e-12)
    assert steps(optimizer, 2) == pytest.approx(by_hand, abs=1e-9)


def test_epsilon_is_added_to_the_root() -> None:
    # 0.1 * 6 / (6 + 2) and 0.1 * 2 / (2 + 2)
    by_hand = [2 - 0.075, -0.05]
    assert steps(Adam(lr=0.1, epsilon=2.0)) == pytest.approx(by_hand, abs=1e-12)


def test_adamw_by_hand() -> None:
    # W loses 0.1 * 0.5 of itself, b nothing.
    by_hand = [2 * 0.95 - 0.1, -0.1]
    assert steps(AdamW(lr=0.1, weight_decay=0.5)) == pytest.approx(by_hand, abs=1e-8)


def test_penalty_and_decay_by_hand() -> None:
    # dW = 6 + 0.5 * 2 = 7; db = 2 as before.
    assert steps(SGD(lr=0.01, l2=0.5)) == pytest.approx([1.93, -0.02], abs=1e-12)
    # W = 2 (1 - 0.01 * 0.5) - 0.06
    by_hand = [1.99 - 0.06, -0.02]
    assert steps(SGD(lr=0.01, weight_decay=0.5)) == pytest.approx(by_hand, abs=1e-12)
    # In Adam's first step only the sign of dW matters.
    assert steps(Adam(lr=0.1, l2=0.5)) == pytest.approx([1.9, -0.1], abs=1e-8)


def test_clipping_by_hand() -> None:
    # The norm of (6, 2) is sqrt(40); it becomes 1.
    by_hand = [2 - 0.1 * 6 / 40**0.5, -0.1 * 2 / 40**0.5]
    assert steps(SGD(lr=0.1, clip_norm=1.0)) == pytest.approx(by_hand, abs=1e-12)
    loose = SGD(lr=0.1, clip_norm=6.5)
    assert steps(loose) == steps(replace(loose, clip_norm=None))


def test_layer_rates_by_hand() -> None:
    assert steps(SGD(lr=0.01, layer_rates=[0.5])) == pytest.approx([1.97, -0.01])
    assert steps(SGD(lr=0.01, layer_rates=[(2.0, 0.0)])) == pytest.approx([1.88, 0.0])
    assert steps(Adam(lr=0.1, layer_rates=[(0.0, 1.0)])) == pytest.approx([2.0, -0.1])


def test_names() -> None:
    assert resolve("sgd") == SGD()
    assert resolve("Adam") == Adam()
    assert resolve("adamw") == AdamW()
    assert resolve("lbfgs") == LBFGS()
    assert resolve(Adam(lr=0.5)) == Adam(lr=0.5)


def test_unknown_optimizers() -> None:
    with pytest.raises(ValueError, match=r"'adamm'.*'adam'.*sgd, adam, adamw, lbfgs"):
        resolve("adamm")
    with pytest.raises(TypeError, match=r"but got 0\.01: give for example 'adam'"):
        resolve(0.01)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="class"):
        resolve(Adam)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "argument", "value"),
    [
        (SGD, "lr", 0.0),
        (SGD, "lr", float("nan")),
        (SGD, "lr", float("inf")),
        (SGD, "momentum", 1.0),
        (SGD, "l2", -1e-4),
        (SGD, "weight_decay", -1.0),
        (SGD, "clip_norm", 0.0),
        (SGD, "layer_rates", [-1.0]),
        (SGD, "layer_rates", [(1.0, 1.0, 1.0, 1.0)]),
        (AdamW, "layer_rates", [(1.0,)]),
        (AdamW, "layer_decays", [(1.0, -1.0)]),
        (Adam, "lr", -0.1),
        (Adam, "beta1", 1.0),
        (Adam, "beta2", -0.1),
        (Adam, "epsilon", 0.0),
        (Adam, "l2", float("inf")),
        (AdamW, "beta2", 1.0),
        (AdamW, "weight_decay", float("nan")),
        (LBFGS, "max_iterations", 0),
        (LBFGS, "tolerance", -1.0),
        (LBFGS, "history", 0),
        (LBFGS, "l2", -1.0),
    ],
)
def test_values_out_of_range(kind: Any, argument: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"{argument} must be .* but got .* give"):
        kind(**{argument: value})


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(ValueError, match=r"momentum is 0: set momentum"):
        SGD(nesterov=True)


def torch_optimizer(optimizer: StepOptimizer, net: Any) -> Any:
    """Return PyTorch's form of an optimizer; penalty and decay are for weights only."""
    import torch

    def groups(key: str, value: float) -> list[dict[str, Any]]:
        weights = [p for p in net.parameters() if p.ndim == 2]
        biases = [p for p in net.parameters() if p.ndim == 1]
        return [{"params": weights, key: value}, {"params": biases, key: 0.0}]

    if isinstance(optimizer, SGD):
        return torch.optim.SGD(
            groups("weight_decay", optimizer.l2),
            optimizer.lr,
            momentum=optimizer.momentum,
            nesterov=optimizer.nesterov,
        )
    settings = {
        "lr": optimizer.lr,
        "betas": (optimizer.beta1, optimizer.beta2),
        "eps": optimizer.epsilon,
    }
    if isinstance(optimizer, Adam):
        return torch.optim.Adam(groups("weight_decay", optimizer.l2), **settings)
    decay = groups("weight_decay", optimizer.weight_decay)
    return torch.optim.AdamW(decay, **settings)


@pytest.mark.peers
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(lr=0.05, l2=0.01),
        SGD(lr=0.05, momentum=0.9, clip_norm=0.3),
        SGD(lr=0.05, momentum=0.9, nesterov=True),
        Adam(lr=0.02, beta2=0.95, l2=0.01),
        Adam(lr=0.02, epsilon=1e-3, clip_norm=0.1),
        AdamW(lr=0.02, weight_decay=0.2),
    ],
    ids=repr,
)
def test_as_pytorch(optimizer: StepOptimizer, rng: np.random.Generator) -> None:
    import torch

    import ranvier as rv

    X, Y = rng.normal(size=(60, 4)), rng.normal(size=(60, 2))
    net = rv.Network.mlp(4, [7, 5], 2, "tanh", dtype="float64", seed=0)
    twin = torch.nn.Sequential(
        torch.nn.Linear(4, 7),
        torch.nn.Tanh(),
        torch.nn.Linear(7, 5),
        torch.nn.Tanh(),
        torch.nn.Linear(5, 2),
    ).double()
    with torch.no_grad():
        for layer, linear in zip(net.dense_layers, twin[::2], strict=True):
            linear.weight.copy_(torch.tensor(layer.W.T.copy()))
            linear.bias.copy_(torch.tensor(layer.b.copy()))
    moves = torch_optimizer(optimizer, twin)
    for _ in range(10):
        for first in range(0, 60, 25):  # batches of 25, 25 and 10
            rows = slice(first, first + 25)
            loss = ((twin(torch.tensor(X[rows])) - torch.tensor(Y[rows])) ** 2).mean()
            moves.zero_grad()
            loss.backward()
            # PyTorch's own clipping adds 1e-6 to the norm.
            gradients = [p.grad for p in twin.parameters()]
            norm = torch.nn.utils.get_total_norm(gradients)
            if optimizer.clip_norm is not None and norm > optimizer.clip_norm:
                for gradient in gradients:
                    gradient *= optimizer.clip_norm / norm
            moves.step()
    rv.train(net, X, Y, optimizer=optimizer, epochs=10, batch_size=25, shuffle=False)
    for layer, linear in zip(net.dense_layers, twin[::2], strict=True):
        weight, bias = linear.weight.detach().numpy(), linear.bias.detach().numpy()
        np.testing.assert_allclose(layer.W, weight.T, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(layer.b, bias, rtol=1e-9, atol=1e-12)
