"""Networks and rows of every kind, on which `check_gradients` is tried."""

from typing import Any, NamedTuple

import numpy as np

import ranvier as rv
from ranvier.network.activations import NAMES
from ranvier.network.losses import Loss

HIDDEN = [name for name in NAMES if name not in ("step", "exp", "softmax")]
# Each loss, and the last activations that it goes with.
LAST = [
    *[("cross_entropy", "softmax"), ("cross_entropy", "identity")],
    *[("log_loss", "sigmoid"), ("log_loss", "identity")],
    *[("poisson", "exp"), ("poisson", "identity")],
    *[(loss, f) for loss in ("squared_error", "absolute_error") for f in HIDDEN],
    *[(loss, "identity") for loss in ("huber", "quantile", "squared_error")],
]


class Example(NamedTuple):
    """A network with rows and targets of a loss."""

    net: rv.Network
    X: np.ndarray
    y: np.ndarray
    loss: Loss
    weights: np.ndarray | None


def rows(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Columns of normal numbers, unlike sizes, corners, or one-hot with empty rows."""
    kind = rng.integers(4)
    if kind == 0:
        return rng.normal(size=(n, d))
    if kind == 1:
        sizes = 10.0 ** rng.integers(-3, 4, d)
        return rng.normal(size=(n, d)) * sizes + sizes * rng.integers(-3, 4, d)
    if kind == 2:
        return rng.integers(0, 2, (n, d)).astype(float)
    X = np.eye(d)[rng.integers(0, d, n)]
    X[: n // 3] = 0
    return X


def targets(rng: np.random.Generator, loss: str, n: int, outputs: int) -> np.ndarray:
    """Targets that fit the loss; of a regression, of any size."""
    if loss == "cross_entropy":
        return rng.integers(0, outputs, n)
    if loss == "log_loss":
        return rng.integers(0, 2, (n, outputs)).astype(float)
    if loss == "poisson":
        return rng.poisson(10.0 ** rng.uniform(-1, 4), (n, outputs)).astype(float)
    size = 10.0 ** rng.uniform(-6, 9)
    return size * (rng.normal(size=(n, outputs)) + rng.integers(-3, 4))


def example(seed: int) -> Example:
    """Draw a network of one to three hidden layers with what it is to learn."""
    rng = np.random.default_rng(seed)
    loss, last = LAST[seed % len(LAST)]
    n, d = int(rng.integers(1, 16)), int(rng.integers(1, 5))
    outputs = int(rng.integers(2, 4)) if loss == "cross_entropy" else 1
    if loss == "squared_error":
        outputs = int(rng.integers(1, 4))
    layers: list[Any] = []
    for _ in range(rng.integers(0, 4)):
        f = HIDDEN[int(rng.integers(len(HIDDEN)))]
        own = bool(rng.random() < 0.2)
        layers.append(rv.Dense(int(rng.integers(1, 6)), f, parametric=own))
    if rng.random() < 0.2:
        columns = [rv.columns.Periodic(3, 2), *[rv.columns.Plain()] * (d - 1)]
        layers.insert(0, rv.Embedding(columns))
    layers.append(rv.Dense(outputs, last))
    net = rv.Network(d, layers, dtype="float64", seed=seed)
    if rng.random() < 0.5:
        net.theta[...] += 0.3 * rng.normal(size=net.theta.size)
    X, y = rows(rng, n, d), targets(rng, loss, n, outputs)
    weights = rng.uniform(0, 3, n) + 0.1 if rng.random() < 0.3 else None
    return Example(net, X, y, Loss(loss), weights)
