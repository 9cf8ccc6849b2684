"""Outputs, loss and gradient for the rows of an estimator, dense or sparse."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.estimators import csr_rows
from ranvier.estimators.architecture import Architecture, engine_of
from ranvier.estimators.engine_rows import Rows, dense, is_sparse, parts
from ranvier.network.losses import Loss
from ranvier.network.passes import SHARED_WORK
from ranvier.training.task import Data, mean_gradient, row_work

Array = NDArray[Any]


def workspace_for(n_threads: int | None, work: float) -> _engine.Workspace:
    """Return a workspace for a call of so many operations."""
    if n_threads is None and work < SHARED_WORK:
        return _engine.Workspace(1)
    return _engine.Workspace(threads.choose(n_threads, work))


def predict(
    description: Architecture, theta: Array, X: Any, workspace: _engine.Workspace
) -> Array:
    """Return the outputs for a table that is `rows.ready`."""
    network = engine_of(description)
    A = np.empty((X.shape[0], network.outputs), theta.dtype)
    if (whole := _whole(X)) is not None:
        _engine.predict(network, theta, whole, A, workspace)
        return A
    for part in parts(X):
        _engine.predict(network, theta, dense(X[part]), A[part], workspace)
    return A


def mean_loss(
    description: Architecture,
    theta: Array,
    rows: Rows,
    loss: Loss,
    workspace: _engine.Workspace,
) -> float:
    """Compute the engine's mean loss over rows, weighted."""
    network = engine_of(description)
    if (X := _whole(rows.X)) is not None:
        return _engine.loss(
            network, theta, X, rows.Y, rows.weights, loss.engine, workspace
        )
    total, whole = 0.0, rows.weight()
    for part in parts(rows.X):
        block = rows.take(part)
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
    description: Architecture,
    theta: Array,
    rows: Rows,
    loss: Loss,
    workspace: _engine.Workspace,
) -> tuple[float, Array]:
    """Compute the engine's mean loss over rows, weighted, and its gradient."""
    network = engine_of(description)
    if csr_rows.is_very_sparse(rows.X):
        gradient = np.empty_like(theta)
        X = csr_rows.to_engine_csr(rows.X)
        L = _engine.loss_and_gradient(
            network, theta, X, rows.Y, rows.weights, loss.engine, gradient, workspace
        )
        return L, gradient
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


def _whole(X: Any) -> Any:
    """Return a table for the engine as a whole; None if it has to be made dense."""
    if csr_rows.is_very_sparse(X):
        return csr_rows.to_engine_csr(X)
    return None if is_sparse(X) else X


def work_of_rows(theta: Array, rows: int) -> float:
    """Estimate the operations of a forward and a backward pass."""
    return rows * row_work(theta.size, 6)
