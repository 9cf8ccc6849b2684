"""One epoch of a stochastic solver: its steps, and scikit-learn's loss of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.estimators import csr_rows
from ranvier.estimators.architecture import describe, engine_of
from ranvier.estimators.engine_rows import PART_BYTES, Rows, dense, is_sparse
from ranvier.estimators.objective import Objective
from ranvier.estimators.solver_state import SolverState
from ranvier.training.sgd import cut
from ranvier.training.task import row_work

Array = NDArray[Any]


class EpochRunner:
    """The epochs of one fit.

    Parameters
    ----------
    mlp
        The estimator: alpha, dropout, max_iter.
    theta
        Its parameters, which change in place.
    optimizer
        The state that belongs to them, which changes too.
    rows
        The table.
    chosen
        Numbers of the rows to learn from; None for all.
    batch_size
        Rows of a step.
    objective
        What to minimise.
    seed
        Key of the dropout masks.
    """

    def __init__(
        self,
        mlp: Any,
        theta: Array,
        optimizer: SolverState,
        rows: Rows,
        chosen: Array | None,
        batch_size: int,
        objective: Objective,
        seed: int,
    ) -> None:
        self.theta, self.optimizer, self.rows = theta, optimizer, rows
        self.chosen, self.batch_size, self.seed = chosen, batch_size, seed
        self.objective = objective
        self.alpha, self.max_iter = float(mlp.alpha), mlp.max_iter
        self.description = describe(mlp, dropout=True)
        self.network = engine_of(self.description)
        self.update = optimizer.update(self.alpha, objective.slope_factor)
        work = batch_size * row_work(theta.size, 6)
        self.workspace = _engine.Workspace(threads.choose(mlp.n_threads, work))
        self.cells = (
            csr_rows.to_engine_csr(rows.X) if csr_rows.is_very_sparse(rows.X) else None
        )
        n = len(rows) if chosen is None else len(chosen)
        starts = np.arange(0, n, batch_size)
        self.sizes = np.diff(starts, append=n).astype(np.float64)
        self.calls = list(self._calls(len(starts)))
        self.losses, self.squares = np.empty(len(starts)), np.empty(len(starts))

    def _calls(self, steps: int) -> Iterator[slice]:
        """Cut an epoch into calls, not large where rows are made dense for them."""
        most = steps
        if self.is_made_dense:
            row = self.rows.X.shape[1] * self.theta.itemsize
            most = max(PART_BYTES // (row * self.batch_size), 1)
        for part in cut(steps, self.batch_size, self.theta.size):
            for first in range(part.start, part.stop, most):
                yield slice(first, min(first + most, part.stop))

    @property
    def is_made_dense(self) -> bool:
        """Whether the rows of a call are made dense for it."""
        return self.cells is None and is_sparse(self.rows.X)

    def run(self, positions: Array) -> float:
        """Take the steps of an epoch; give scikit-learn's loss, or NaN if it failed.

        `positions` is the order in which the rows are taken, of those chosen.
        """
        order = positions if self.chosen is None else self.chosen[positions]
        slope_factor = self.objective.slope_factor
        rates = self.optimizer.rates(len(self.sizes), self.max_iter, slope_factor)
        self.optimizer.epochs += 1
        for part in self.calls:
            if not self._steps(part, order, rates):
                # As if training had continued: what is not finite spoils the rest.
                self.theta.fill(np.nan)
                return float("nan")
        return self._loss(order)

    def _steps(self, part: slice, order: Array, rates: Array) -> bool:
        """Take some of the steps; false if one was not finite."""
        size = self.batch_size
        chosen = order[part.start * size : part.stop * size]
        rows = self.rows
        if self.is_made_dense:
            rows = rows.take(chosen)
            chosen = np.arange(len(chosen))
        done = _engine.train_epoch(
            self.network,
            self.theta,
            self.optimizer.slots,
            dense(rows.X) if self.cells is None else self.cells,
            rows.Y,
            rows.weights,
            chosen,
            size,
            self.objective.engine,
            self.update,
            rates[part],
            self.optimizer.steps,
            self.seed,
            self.optimizer.epochs,
            self.workspace,
            step_records=True,
        )
        losses: Any = done.step_losses
        squares: Any = done.step_squares
        self.losses[part], self.squares[part] = losses, squares
        self.optimizer.steps += part.stop - part.start
        return done.failed_step < 0

    def _loss(self, order: Array) -> float:
        """Return the mean of scikit-learn's loss over batches, weighted by rows."""
        rows, sizes, size = self.rows, self.sizes, self.batch_size
        loss = self.objective.loss_factor * (sizes @ self.losses)
        if rows.weights is None:
            loss += self.alpha / 2 * self.squares.sum()
            if rows.constants is not None:
                loss += rows.constants[order].sum()
            return float(loss / len(order))
        weights = rows.sums(order, size)
        shares = np.divide(sizes, weights, out=np.zeros_like(sizes), where=weights > 0)
        loss += self.alpha / 2 * (shares @ self.squares)
        if rows.constants is not None:
            starts = np.arange(0, len(order), size)
            weighted = (rows.weights * rows.constants)[order]
            loss += shares @ np.add.reduceat(weighted, starts)
        return float(loss / len(order))
