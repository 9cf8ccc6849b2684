"""Training of networks that share their weights, each on rows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training.batch_ensemble import (
    BatchEnsemble,
    Gradients,
    GradientSums,
    add_up,
)
from ranvier.training.config import TrainConfig
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError, explain
from ranvier.training.optimizers import AdamW
from ranvier.training.task import Data, Task

Array = NDArray[Any]
Rows = NDArray[np.int64]

# Losses that the engine takes from Z, and Z of an A.
INVERSE: Final[dict[str, Callable[[Array], Array]]] = {
    "cross_entropy": np.log,
    "log_loss": lambda A: np.log(A) - np.log1p(-A),
    "poisson": np.log,
}
LARGEST_LOGIT: Final = 80.0  # of a probability that rounding made 0 or 1

# Members are summed in so many parts, whatever the threads: so many can be at work.
STRANDS: Final = 8


def batch_ensemble_epochs(
    shared: BatchEnsemble,
    task: Task,
    config: TrainConfig,
    n_threads: int,
    should_continue: Callable[[], bool] = lambda: True,
) -> Iterator[EpochRecord]:
    """Train the members of `shared` epoch by epoch, to the end of the config.

    Each member goes through the rows in an order of its own; the loss is the mean of
    the members' losses, but what is scored on the validation rows is the mean of their
    predictions. No result depends on the number of threads.

    Parameters
    ----------
    shared
        The parameters, which change in place. If an epoch fails or is cut short, they
        go back to those of the last finished epoch.
    task
        The rows, the loss, the rows to score on and the metrics; its network gives the
        shape, and is written into.
    config
        How to train. The optimizer is AdamW, with one rate for all parameters and a
        decay of all but the biases.
    n_threads
        How many members are at work at a time.
    should_continue
        Asked before each step; the training ends when it returns False, in the first
        epoch with what has been learned until then.

    Raises
    ------
    NonFiniteError
        The loss of a member diverged (NaN or infinity).
    """
    run = _Run(shared, task, config)
    finished = np.empty_like(shared.theta)
    workers = max(1, min(n_threads, len(run.strands)))
    with ThreadPoolExecutor(workers, "ranvier") as pool:
        for epoch in range(1, config.epochs + 1):
            finished[...] = shared.theta
            started = perf_counter()
            try:
                loss, rows = run.epoch(epoch, pool, should_continue)
            except NonFiniteError:
                shared.theta[...] = finished
                raise
            cut_short = rows < shared.members * config.rows_per_epoch(len(task.rows))
            if cut_short and epoch > 1:
                shared.theta[...] = finished
                return
            seconds = perf_counter() - started
            validation_loss, metrics = run.scores(pool)
            yield EpochRecord(
                epoch=epoch,
                loss=loss,
                validation_loss=validation_loss,
                metrics=metrics,
                learning_rate=run.rate,
                gradient_norm=run.norm,
                seconds=seconds,
                rows_per_second=rows / seconds,
            )
            if cut_short:
                return


class _Strand:
    """Some members, which take turns in a network and a gradient of their own."""

    def __init__(self, net: Network, members: range, total: BatchEnsemble) -> None:
        self.members = members
        self.net = net.copy()
        self.gradient = Gradients(net)
        self.sums = GradientSums(total)
        self.workspace = _engine.Workspace(1)


class _Run:
    """A training, step by step."""

    def __init__(self, shared: BatchEnsemble, task: Task, config: TrainConfig) -> None:
        self.shared, self.task, self.config = shared, task, config
        k = shared.members
        self.total = BatchEnsemble(task.net, k)  # the gradient
        parts = min(k, STRANDS)
        self.strands = [
            _Strand(task.net, range(k * p // parts, k * (p + 1) // parts), self.total)
            for p in range(parts)
        ]
        if not isinstance(config.optimizer, AdamW):
            raise TypeError(
                f"networks that share their weights are trained by AdamW, but got "
                f"{config.optimizer!r}: give ranvier.AdamW()"
            )
        self.optimizer = config.optimizer
        theta, g, end = shared.theta, self.total.theta, shared.decayed
        without = replace(config.optimizer, weight_decay=0.0)
        self.parts = [
            _Part(theta[:end], g[:end], config.optimizer),
            _Part(theta[end:], g[end:], without),
        ]
        self.steps = 0
        self.rate = self.norm = float("nan")

    def epoch(
        self, number: int, pool: ThreadPoolExecutor, should_continue: Callable[[], bool]
    ) -> tuple[float, int]:
        """Go once through the rows; give the mean loss and how many were gone through.

        It ends before its last step if it is not to continue.
        """
        config = self.config
        size = config.step_rows(len(self.task.rows))
        orders = self._orders(number)
        steps = config.steps_per_epoch(orders.shape[1])
        rates = config.rates((number - 1) * steps, steps, config.epochs * steps)
        loss, weight, done = 0.0, 0.0, 0
        for step in range(steps):
            if done and not should_continue():
                break
            rows = orders[:, step * size : (step + 1) * size]
            self.rate = float(rates[step])
            share = self.task.data.weight_of(rows.ravel())
            loss += share * self._step(number, step, rows, pool)
            weight += share
            done += rows.size
        if not np.isfinite(self.shared.theta).all():
            self._refuse(0, number, step, rows)
        return loss / weight, done

    def scores(self, pool: ThreadPoolExecutor) -> tuple[float | None, dict[str, float]]:
        """Score the mean of what the members say of the validation rows."""
        data, loss = self.task.validation, self.task.loss
        if data is None:
            return None, {}
        A = self.outputs(data.X, pool).mean(axis=0)
        return loss_of_answers(loss, A, data), data.scores(self.task.metrics, A)

    def outputs(self, X: Array, pool: ThreadPoolExecutor) -> Array:
        """Return what each member says of rows: (k, n, outputs)."""
        shape = (self.shared.members, len(X), self.task.net.outputs)
        A = np.empty(shape, self.task.net.dtype)

        def one(strand: _Strand) -> None:
            net = strand.net
            for m in strand.members:
                self.shared.unfold(m, net)
                _engine.predict(net.engine, net.theta, X, A[m], strand.workspace)

        list(pool.map(one, self.strands))
        return A

    def _orders(self, epoch: int) -> Rows:
        """Draw the order in which each member takes the rows of an epoch, (k, n)."""
        key = np.array([self.config.seed, epoch], np.uint64)
        rng = np.random.Generator(np.random.Philox(key=key))
        every = np.tile(self.task.rows, (self.shared.members, 1))
        return rng.permuted(every, axis=1) if self.config.shuffle else every

    def _step(
        self, epoch: int, step: int, rows: Rows, pool: ThreadPoolExecutor
    ) -> float:
        losses = np.zeros(self.shared.members)

        def one(strand: _Strand) -> None:
            strand.sums.clear()
            for m in strand.members:
                losses[m] = self._member(strand, m, rows[m])

        list(pool.map(one, self.strands))
        if not isfinite(losses.sum()):
            first = int(np.flatnonzero(~np.isfinite(losses))[0])
            self._refuse(first, epoch, step, rows)
        add_up([strand.sums for strand in self.strands], self.total)
        self._move()
        return float(losses.mean())

    def _member(self, strand: _Strand, m: int, rows: Rows) -> float:
        """Return the loss of a member, and add what its gradient says."""
        net, batch = strand.net, self.task.data.take(rows)
        self.shared.unfold(m, net)
        loss = _engine.loss_and_gradient(
            net.engine,
            net.theta,
            batch.X,
            batch.Y,
            batch.weights,
            self.task.loss.engine,
            strand.gradient.theta,
            strand.workspace,
            dropout=1.0,
            seed=self.config.seed,
            number=self.steps * self.shared.members + m,
        )
        self.shared.fold(m, strand.gradient, strand.sums)
        return float(loss)

    def _move(self) -> None:
        """Take a step by the mean of the members' gradients."""
        g = self.total.theta
        g /= self.shared.members
        self.norm = float(np.sqrt(np.square(g, dtype=np.float64).sum()))
        most = self.optimizer.clip_norm
        if most is not None and self.norm > most:
            g *= most / self.norm
        for part in self.parts:
            part.move(self.steps, self.rate)
        self.steps += 1

    def _refuse(self, m: int, epoch: int, step: int, rows: Rows) -> NoReturn:
        self.shared.unfold(m, self.task.net)
        raise explain(self.task, epoch, step + 1, rows[m], self.rate)


class _Part:
    """Parameters of one decay, side by side, with what the optimizer keeps of them."""

    def __init__(self, theta: Array, gradient: Array, optimizer: AdamW) -> None:
        self.theta, self.gradient = theta, gradient
        self.update = _engine.Update(
            "adam",
            beta1=optimizer.beta1,
            beta2=optimizer.beta2,
            epsilon=optimizer.epsilon,
            weight_decay=optimizer.weight_decay,
        )
        self.state = np.zeros((self.update.slots, theta.size), theta.dtype)

    def move(self, steps_before: int, rate: float) -> None:
        """Take a step."""
        _engine.optimizer_step(
            self.update, steps_before, rate, self.theta, self.gradient, self.state
        )


def loss_of_answers(loss: Loss, A: Array, data: Data) -> float:
    """Return the mean loss of predictions that are means of A of the outputs."""
    Z = A
    if loss.name in INVERSE:
        with np.errstate(divide="ignore"):
            Z = np.clip(INVERSE[loss.name](A), -LARGEST_LOGIT, LARGEST_LOGIT)
    Y = data.Y if data.Y.ndim == 2 else np.eye(A.shape[1], dtype=A.dtype)[data.Y]
    Z, Y = np.ascontiguousarray(Z), np.ascontiguousarray(Y)
    value, _ = _engine.output_loss(loss.engine, "identity", Z, Y, data.weights)
    return float(value)
