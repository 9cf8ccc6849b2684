"""Rows with a known rule, and networks for them, that tests of the doctor share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import ranvier as rv

Array = NDArray[Any]


def rows(n: int = 400, d: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Return standardised columns, and a class that a curved line separates."""
    X = np.random.default_rng(seed).normal(size=(n, d))
    return X, (X[:, 0] + X[:, 1] ** 2 > 0.8).astype(np.int64)


def numbers(n: int = 400, d: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Return standardised columns, and a number that depends on three of them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, X[:, 0] + np.sin(2 * X[:, 1]) + 0.1 * rng.normal(size=n)


def trained(X: Array, y: Array, **settings: Any) -> tuple[rv.Network, rv.History]:
    """Train a healthy network for two classes."""
    net = rv.Network.mlp(X.shape[1], 32, 1, output_activation="sigmoid", seed=0)
    settings = {"optimizer": rv.Adam(lr=0.01), "epochs": 60} | settings
    return net, rv.train(net, X, y, progress=False, **settings)


def names(diagnosis: Any) -> list[str]:
    """Return the names of findings in their order."""
    return [finding.name for finding in diagnosis]
