"""The first layer over a sparse table, beside the engine, which takes dense rows.

Z = X W + b and dW = X' dZ are scipy's. For what follows the engine is given rows of the
identity as X and Z as the W of its first layer: its Z is then I Z = Z, and its dW is
I' dZ = dZ. So one layer's values and slopes come out of doors made for whole networks.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.estimators.layers import Description, engine_of
from ranvier.estimators.rows import Rows, is_sparse
from ranvier.network.losses import Loss

Array = NDArray[Any]

# Share of filled cells below which the first layer is computed here. The engine goes
# through a cell some ten times faster, empty or not.
WIDE = 0.1
# Rows in a call: the product with the identity costs as much again for each of them.
BLOCK = 64


def is_wide(X: Any) -> bool:
    """Say whether a table has so few filled cells that it should not be made dense."""
    return is_sparse(X) and X.nnz < WIDE * X.shape[0] * X.shape[1]


@lru_cache(maxsize=2)
def _identity(dtype: Any) -> Array:
    return np.eye(BLOCK, dtype=dtype)


class Inner(NamedTuple):
    """A network whose inputs are the rows of a block themselves."""

    network: _engine.Network
    theta: Array  # Z of the first layer, zeros for b, and the layers after it
    units: int
    rows: int

    @property
    def X(self) -> Array:
        """Rows of the identity."""
        return _identity(self.theta.dtype)[: self.rows]

    def dZ(self, gradient: Array) -> Array:
        """Give the slopes of Z out of the gradient of `theta`."""
        dZ: Array = gradient[: self.rows * self.units].reshape(self.rows, self.units)
        return dZ


def inner(description: Description, theta: Array, X: Any) -> Iterator[Inner]:
    """Go through the first layer in blocks of rows."""
    d, h = description.inputs, description.units[0]
    W, b = theta[: d * h].reshape(d, h), theta[d * h : d * h + h]
    network = engine_of(description._replace(inputs=BLOCK))
    after = theta[(d + 1) * h :]
    block = np.zeros((BLOCK + 1) * h + after.size, theta.dtype)
    block[(BLOCK + 1) * h :] = after
    Z = X @ W
    Z += b
    for first in range(0, len(Z), BLOCK):
        part = Z[first : first + BLOCK]
        block[: part.size] = part.reshape(-1)
        yield Inner(network, block, h, len(part))


def predict(
    description: Description, theta: Array, X: Any, workspace: _engine.Workspace
) -> Array:
    """Give the outputs of a network for a sparse table."""
    A = np.empty((X.shape[0], description.units[-1]), theta.dtype)
    for place, block in enumerate(inner(description, theta, X)):
        out = A[place * BLOCK : place * BLOCK + block.rows]
        _engine.predict(block.network, block.theta, block.X, out, workspace)
    return A


class SparseGradient(NamedTuple):
    """A gradient whose dW of the first layer may have rows for some inputs only."""

    inputs: Array | None  # the others have none; None: there is a row for each
    dW: Array
    rest: Array  # db of the first layer, and all of the layers after it

    def dense(self, description: Description) -> Array:
        """Give the gradient as one array."""
        d, h = description.inputs, description.units[0]
        gradient = np.zeros(d * h + self.rest.size, self.rest.dtype)
        dW = gradient[: d * h].reshape(d, h)
        dW[slice(None) if self.inputs is None else self.inputs] = self.dW
        gradient[d * h :] = self.rest
        return gradient


def loss_and_gradient(
    description: Description,
    theta: Array,
    rows: Rows,
    loss: Loss,
    workspace: _engine.Workspace,
) -> tuple[float, SparseGradient]:
    """Give the mean loss over rows of a sparse table, weighted, and its gradient."""
    X, h = rows.X, description.units[0]
    total, whole = 0.0, rows.weight()
    dZ = np.empty((len(rows), h), theta.dtype)
    rest = np.zeros(theta.size - description.inputs * h, theta.dtype)
    for place, block in enumerate(inner(description, theta, X)):
        part = slice(place * BLOCK, place * BLOCK + block.rows)
        weights = None if rows.weights is None else rows.weights[part]
        weight = block.rows if weights is None else weights.sum(dtype=np.float64)
        share = weight / whole if whole > 0 else 0.0
        gradient = np.empty_like(block.theta)
        total += share * _engine.loss_and_gradient(
            block.network,
            block.theta,
            block.X,
            rows.Y[part],
            weights,
            loss.engine,
            gradient,
            workspace,
        )
        gradient *= share
        dZ[part] = block.dZ(gradient)
        rest += gradient[BLOCK * h :]
    if X.nnz >= description.inputs:  # then most inputs have a row
        return total, SparseGradient(None, X.T @ dZ, rest)
    inputs, places = np.unique(X.indices, return_inverse=True)
    shape = len(rows), len(inputs)
    filled = type(X)((X.data, places.astype(X.indices.dtype), X.indptr), shape=shape)
    return total, SparseGradient(inputs, filled.T @ dZ, rest)
