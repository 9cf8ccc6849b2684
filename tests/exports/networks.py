"""Networks that use every activation, every kind of column and both types."""

import numpy as np

from ranvier import columns
from ranvier.network.activations import NAMES
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense, Dropout
from ranvier.network.network import Network

DTYPES = ("float32", "float64")
LAST_ONLY = ("exp", "softmax")
ACTIVATIONS = sorted(NAMES)


def with_activation(name: str, dtype: str) -> Network:
    """Return 3 -> 7 -> 5 with weights that reach far into both sides of f."""
    first = "tanh" if name in LAST_ONLY else name
    last = "identity" if name == "step" else name
    layers = [Dense(7, first), Dropout(0.1), Dense(5, last)]
    net = Network(3, layers, dtype=dtype, seed=1)
    # e^z multiplies an error of z by z, so that far out no two programs agree.
    reach = 0.5 if name == "exp" else 2
    net.theta[...] = np.random.default_rng(2).normal(size=net.theta.size) * reach
    return net


def with_embedding(dtype: str) -> Network:
    """Return a network whose columns are of every kind, its activation parametric."""
    embedding = Embedding(
        [
            columns.Plain(),
            columns.Periodic(5, 3),
            columns.Plain(),
            columns.Piecewise([0, 1, 4, 5], 4),
            columns.Category(6, 3),
            columns.Piecewise([-1, 1], 2, linear=False),
        ]
    )
    layers = [embedding, Dense(40, "relu", parametric=True), Dense(3, "softmax")]
    net = Network(6, layers, dtype=dtype, seed=3)
    net.theta[...] = np.random.default_rng(4).normal(size=net.theta.size) * 0.3
    return net


def everything(dtype: str) -> list[Network]:
    """Return one network for each activation, and one with an embedding."""
    return [*(with_activation(n, dtype) for n in ACTIVATIONS), with_embedding(dtype)]
