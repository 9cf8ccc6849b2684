"""How weights start where the rows of the table have a say in it."""

from __future__ import annotations

from math import sqrt
from operator import index
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network.array_inputs import as_matrix, check_has_rows
from ranvier.network.layers import DenseLayer, Dropout
from ranvier.network.network import Network
from ranvier.training.argument_checks import check_network

Array = NDArray[np.float64]

LARGEST_SAMPLE: Final = 10_000  # rows; a standard deviation is not known better by more
KINK_ROWS: Final = 5  # that determine a bias


def data_dependent_init(net: Network, X: Any, *, seed: int = 0) -> None:
    """Start the W and b of every dense layer so that they suit some rows.

    The layers are taken in their order, each with the outputs of those below it. W is
    drawn from the standard normal distribution and each of its columns divided by what
    makes the variance of that unit's X W over the rows 1. The bias of each unit is
    minus the mean of its X W at five rows drawn at random, weighted at random, so that
    the bend of its activation lies amid the data. Dropout is active on the way.

    Parameters
    ----------
    net
        The network; W and b of its dense layers change. Its embedding stays.
    X
        Rows to learn from, (n, net.inputs), as for a prediction; of more than 10,000,
        so many are drawn.
    seed
        Draws everything; the same seed and rows start the same network.

    Raises
    ------
    ValueError
        There are no rows, or X does not fit, or the seed is no whole number from 0 on.

    Notes
    -----
    These are the starts "std" of W and "he+5" of b of RealMLP-TD (Holzmueller,
    Grinsztajn & Steinwart, "Better by default", 2024). A unit that sees the same on
    every row keeps its W as LeCun's rule scales it.

    Examples
    --------
    >>> net = Network.mlp(3, 50, 1, "mish", seed=0)
    >>> X = np.random.default_rng(0).normal(5, 2, (200, 3))
    >>> data_dependent_init(net, X)
    >>> Z = net.forward(X)[0].Z
    >>> np.allclose(Z.std(axis=0), 1, rtol=1e-4)
    True
    """
    check_network(net)
    rows, _ = as_matrix(X, net.dtype, net.inputs)
    check_has_rows(rows, "X")
    generator = np.random.default_rng(_checked_seed(seed))
    if len(rows) > LARGEST_SAMPLE:
        some = generator.choice(len(rows), LARGEST_SAMPLE, replace=False)
        rows = rows[np.sort(some)]
    A = np.ascontiguousarray(net.embed(rows), np.float64)
    for layer in net.layers:
        if isinstance(layer, Dropout):
            kept = generator.random(A.shape) >= layer.rate
            A = A * kept / (1 - layer.rate)
        elif isinstance(layer, DenseLayer):
            Z = _start(layer, A, generator)
            A = _activate(layer, Z)


def _start(layer: DenseLayer, X: Array, generator: np.random.Generator) -> Array:
    """Write W and b, and give Z."""
    W = generator.standard_normal(layer.W.shape) / sqrt(layer.inputs)
    Z = _engine.multiply(X, W)
    spread = Z.std(axis=0)
    spread[spread < 1e-9 * np.abs(Z).max(initial=0)] = 1  # the same on every row
    spread[spread == 0] = 1
    Z = Z / spread
    kinks = generator.integers(0, len(X), (KINK_ROWS, layer.units))
    shares = generator.exponential(size=(KINK_ROWS, layer.units))
    shares /= shares.sum(axis=0)
    b = -(shares * np.take_along_axis(Z, kinks, axis=0)).sum(axis=0)
    layer.W[...] = W / spread
    layer.b[...] = b
    return np.asarray(Z + b, np.float64)


def _activate(layer: DenseLayer, Z: Array) -> Array:
    f = layer.activation
    if f.name == "softmax":
        return Z  # of the outputs, after which nothing comes
    flat = np.ascontiguousarray(Z).reshape(-1)
    A: Array = _engine.activation(f.name, f.parameter, flat)[0].reshape(Z.shape)
    if layer.alpha is not None:
        A = Z + layer.alpha.astype(np.float64) * (A - Z)
    return A


def _checked_seed(seed: object) -> int:
    try:
        number = index(seed)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if number < 0:
        raise ValueError(
            f"seed must be a whole number from 0 on, but got {seed!r}: give 0"
        )
    return number
