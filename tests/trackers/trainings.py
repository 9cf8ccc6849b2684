"""A small training that trackers follow."""

from typing import Any

import numpy as np

import ranvier as rv


def rows() -> tuple[np.ndarray, np.ndarray]:
    X = np.random.default_rng(0).normal(size=(120, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def network() -> rv.Network:
    return rv.Network.mlp(2, [6], 2, output_activation="softmax", seed=0)


def train(*callbacks: Any, epochs: int = 7) -> tuple[rv.Network, rv.History]:
    """Train with validation rows and a metric."""
    net, (X, y) = network(), rows()
    history = rv.train(
        net, X, y, epochs=epochs, validation=0.25, metric="accuracy",
        callbacks=callbacks, seed=0,
    )  # fmt: skip
    return net, history
