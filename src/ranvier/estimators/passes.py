"""Outputs, loss and gradient for the rows of an estimator, dense or sparse."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.estimators import sparse
from ranvier.estimators.layers import Description, engine_of
from ranvier.estimators.rows import Rows, dense, is_sparse, parts
from ranvier.network.losses import Loss
from ranvier.network.passes import SHARED_WORK
from ranvier.training.task import Data, mean_gradient, row_work

Array = NDArray[Any]


def workspace_for(n_threads: int | None, work: float) -> _engine.Workspace:
    """Give a workspace for a call of so many operations."""
    if n_threads is None and work < SHARED_WORK:
        return _engine.Workspace(1)
    return _engine.Workspace(threads.choose(n_threads, work))


def predict(
    description: Description, theta: Array, X: Any, n_threads: int | None = None
) -> Array:
    """Give the outputs for a table that is `rows.ready`."""
    workspace = workspace_for(n_threads, 2.0 * X.shape[0] * theta.size)
    network = engine_of(description)
    if not is_sparse(X):
        A = np.empty((len(X), network.outputs), theta.dtype)
        _engine.predict(network, theta, X, A, workspace)
        return A
    if sparse.is_wide(X):
        return sparse.predict(description, theta, X, workspace)
    A = np.empty((X.shape[0], network.outputs), theta.dtype)
    for part in parts(X):
        _engine.predict(network, theta, dense(X[part]), A[part], workspace)
    return A


def mean_loss(
    description: Description,
    theta: Array,
    rows: Rows,
    loss: Loss,
    workspace: _engine.Workspace,
) -> float:
    """Give the engine's mean loss over rows, weighted."""
    if sparse.is_wide(rows.X):
        L, _ = sparse.loss_and_gradient(description, theta, rows, loss, workspace)
        return L
    total, whole = 0.0, rows.weight()
    network = engine_of(description)
    for part in parts(rows.X) if is_sparse(rows.X) else [slice(0, len(rows))]:
        block = rows.take(part) if is_sparse(rows.X) else rows
        total += block.weight() * _engine.loss(
            network,
            theta,
            dense(block.X),
            block.Y,
            block.weights,
            loss.engine,
            workspace,
        )
    return total / whole if whole > 0 else 0.0


def loss_and_gradient(
    description: Description,
    theta: Array,
    rows: Rows,
    loss: Loss,
    workspace: _engine.Workspace,
) -> tuple[float, Array]:
    """Give the engine's mean loss over rows, weighted, and its gradient."""
    if sparse.is_wide(rows.X):
        L, sparse_gradient = sparse.loss_and_gradient(
            description, theta, rows, loss, workspace
        )
        return L, sparse_gradient.dense(description)
    network = engine_of(description)
    if not is_sparse(rows.X):
        data = Data(rows.X, rows.Y, rows.weights)
        return mean_gradient(network, theta, data, loss, workspace)
    total, sum_, whole = 0.0, np.zeros_like(theta), rows.weight()
    for part in parts(rows.X):
        block = rows.take(part)
        data = Data(dense(block.X), block.Y, block.weights)
        L, gradient = mean_gradient(network, theta, data, loss, workspace)
        share = block.weight() / whole
        total += share * L
        sum_ += share * gradient
    return total, sum_


def work_of_rows(theta: Array, rows: int) -> float:
    """Estimate the operations of a forward and a backward pass."""
    return rows * row_work(theta.size, 6)
