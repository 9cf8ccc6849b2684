"""Gradient descent in batches: the training itself, which knows nobody who watches.

Every epoch goes once through the rows. Its order and its dropout masks are keyed by
(seed, epoch), so any epoch can be done again, and a run continues bit for bit from an
`OptimizerState` and the parameters that belong to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.training.config import TrainConfig
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError, explain
from ranvier.training.optimizers import SGD
from ranvier.training.task import CALL_ROWS, CALL_WORK, Task, row_work

Rows = NDArray[np.int64]


@dataclass
class OptimizerState:
    """What training carries from step to step beside the parameters.

    Parameters
    ----------
    kind
        The optimizer the slots belong to: ``"sgd"``, or ``"adam"`` (also for AdamW).
    slots
        Running values of each parameter, (slots, parameters): none for plain SGD, v
        for momentum, m and v for Adam. With a running mean of the parameters, the last
        slot holds the parameters themselves between two epochs, while the network has
        their mean.
    steps
        Optimizer steps taken.
    epochs
        Epochs finished.
    """

    kind: str
    slots: NDArray[np.floating]
    steps: int = 0
    epochs: int = 0

    @classmethod
    def fresh(cls, task: Task, config: TrainConfig) -> "OptimizerState":
        """Return the state before the first step."""
        update = config.update(task.net)
        kind = "sgd" if isinstance(config.optimizer, SGD) else "adam"
        theta = task.net.theta
        return cls(kind, np.zeros((update.slots, theta.size), theta.dtype))


def epochs(
    task: Task, config: TrainConfig, state: OptimizerState
) -> Iterator[EpochRecord]:
    """Train epoch by epoch, from where `state` stands to the last epoch.

    Between two records the parameters of `task.net` and `state` belong to a finished
    epoch. While an epoch runs they change in place; if it fails, the parameters go back
    to those of the last finished epoch. Where the parameters are averaged, the network
    has their mean between two records.

    Raises
    ------
    NonFiniteError
        The loss or the weights diverged (NaN or infinity).
    """
    theta = task.net.theta
    finished = np.empty_like(theta)
    update = config.update(task.net)
    while state.epochs < config.epochs:
        finished[...] = theta
        if config.ema_decay > 0 and state.epochs > 0:
            _exchange(theta, state.slots[-1])
        started = perf_counter()
        try:
            progress = _one_epoch(task, config, update, state)
        except NonFiniteError:
            theta[...] = finished
            raise
        if config.ema_decay > 0:
            _exchange(theta, state.slots[-1])
        seconds = perf_counter() - started
        state.epochs += 1
        validation_loss, metrics = task.scores()
        yield EpochRecord(
            epoch=state.epochs,
            loss=progress.loss,
            validation_loss=validation_loss,
            metrics=metrics,
            learning_rate=progress.rate,
            gradient_norm=progress.gradient_norm,
            seconds=seconds,
            rows_per_second=len(task.rows) / seconds,
        )


def _exchange(one: NDArray[Any], other: NDArray[Any]) -> None:
    """Exchange the contents of two arrays."""
    kept = one.copy()
    one[...] = other
    other[...] = kept


class _Progress(NamedTuple):
    loss: float
    gradient_norm: float
    rate: float


def _one_epoch(
    task: Task,
    config: TrainConfig,
    update: _engine.Update,
    state: OptimizerState,
) -> _Progress:
    net, data, n = task.net, task.data, len(task.rows)
    size, steps = config.epoch_steps(n)
    number = state.epochs + 1
    order = data_order(task.rows, config, number)[: steps * size]
    when = state.epochs * steps, steps, config.epochs * steps
    rates, decays = config.rates(*when), config.decays(*when)
    dropouts = config.dropouts(*when)
    loss, weight, gradient_norm = 0.0, 0.0, 0.0
    for part in cut(steps, size, net.theta.size):
        task.check_cancel()
        rows = order[part.start * size : part.stop * size]
        done = _engine.train_epoch(
            net.engine,
            net.theta,
            state.slots,
            data.X,
            data.Y,
            data.weights,
            rows,
            size,
            task.loss.engine,
            update,
            rates[part],
            state.steps,
            config.seed,
            number,
            task.workspace,
            decays=None if decays is None else decays[part],
            dropouts=None if dropouts is None else dropouts[part],
        )
        failed = part.start + done.failed_step if done.failed_step >= 0 else None
        if failed is None and part.stop == steps and not np.isfinite(net.theta).all():
            failed = steps - 1
        if failed is not None:
            batch = order[failed * size : (failed + 1) * size]
            raise explain(task, number, failed + 1, batch, float(rates[failed]))
        state.steps += part.stop - part.start
        share = data.weight_of(rows)
        loss += share * done.loss
        weight += share
        gradient_norm = done.gradient_norm
    return _Progress(loss / weight, gradient_norm, float(rates[-1]))


def data_order(rows: Rows, config: TrainConfig, epoch: int) -> Rows:
    """Return the order in which an epoch takes the rows.

    Where a batch holds all rows, or nothing is to be shuffled, they are taken as they
    stand. Otherwise Philox, keyed by (seed, epoch), draws a permutation, the one that
    NumPy draws from it.
    """
    if not config.shuffle or config.step_rows(len(rows)) >= len(rows):
        return rows
    return _engine.shuffled(rows, config.seed, epoch)


def cut(steps: int, batch_size: int, parameters: int) -> Iterator[slice]:
    """Cut the steps of an epoch into calls to the engine.

    Ctrl-C is heard between two calls, so a call must end well within a second. A call
    should not be shorter than it need, because each carries the parameters into the
    engine's own layout and back. The cut follows the sizes alone and not the clock: the
    parameters would be the same for any cut, but the mean loss not in its last bit.
    """
    rows = max(CALL_ROWS, CALL_WORK / row_work(parameters, 6))
    count = max(1, round(rows / batch_size))
    for first in range(0, steps, count):
        yield slice(first, min(first + count, steps))
