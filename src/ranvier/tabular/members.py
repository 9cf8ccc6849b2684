"""The members of an ensemble, trained side by side, one network a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.tabular.folds import Fold
from ranvier.tabular.recipe import Recipe
from ranvier.training import schedules
from ranvier.training.descent import OptimizerState, Plan, epochs
from ranvier.training.history import EpochRecord
from ranvier.training.task import Data, Task

Array = NDArray[Any]


@dataclass(frozen=True)
class Member:
    """A trained network, and how it did on the rows that it did not see.

    Parameters
    ----------
    network
        With the weights of its best epoch.
    records
        The epochs it went through.
    best_epoch
        The number of the best, from 1.
    held_out
        Numbers of the rows held out.
    outputs
        What the network says of those, (rows, outputs).
    """

    network: Network
    records: tuple[EpochRecord, ...]
    best_epoch: int
    held_out: NDArray[np.int64]
    outputs: Array


@dataclass(frozen=True)
class Lesson:
    """What all members share: the rows, the loss, the recipe.

    Parameters
    ----------
    data
        All rows, encoded.
    loss
        What to minimise.
    recipe
        How.
    outputs, output_activation
        The last layer.
    """

    data: Data
    loss: Loss
    recipe: Recipe
    outputs: int
    output_activation: str

    def network(self, seed: int) -> Network:
        """Build an untrained member."""
        recipe = self.recipe
        return Network.mlp(
            self.data.X.shape[1],
            recipe.hidden,
            self.outputs,
            activation=recipe.activation,
            output_activation=self.output_activation,
            dropout=recipe.dropout,
            seed=seed,
        )


def train_members(
    lesson: Lesson,
    folds: Sequence[Fold],
    *,
    seed: int,
    n_threads: int | None = None,
    stopping: Event,
    seen: Callable[[int, EpochRecord], None] | None = None,
) -> list[Member]:
    """Train a member for each fold.

    The k-th is keyed by seed + k; no result depends on the number of threads. Once
    `stopping` is set, which Ctrl-C does too, members end with the best epoch so far, and
    those that have none are left out.
    """

    def one(k: int) -> Member | None:
        return _train(lesson, folds[k], seed + k, stopping, k, seen)

    workers = min(len(folds), threads.choose(n_threads, np.inf))
    with ThreadPoolExecutor(workers, "ranvier") as pool:
        jobs = [pool.submit(one, k) for k in range(len(folds))]
        _wait(jobs, stopping)
    members = [job.result() for job in jobs]
    return [member for member in members if member is not None]


def _wait(jobs: list[Future[Member | None]], stopping: Event) -> None:
    """Wait for all; Ctrl-C, which the main thread alone hears, is passed on to them."""
    while True:
        try:
            wait(jobs)
            return
        except KeyboardInterrupt:
            stopping.set()


def _train(
    lesson: Lesson,
    fold: Fold,
    seed: int,
    stopping: Event,
    k: int,
    seen: Callable[[int, EpochRecord], None] | None,
) -> Member | None:
    if stopping.is_set():
        return None
    recipe, net = lesson.recipe, lesson.network(seed)
    held_out = lesson.data.take(fold.held_out) if len(fold.held_out) else None
    workspace = _engine.Workspace(1)
    task = Task(net, lesson.data, fold.train, lesson.loss, workspace, held_out)
    plan = Plan(
        optimizer=recipe.optimizer,
        schedule=schedules.resolve(recipe.schedule),
        epochs=recipe.epochs,
        batch_size=min(recipe.batch_size, len(fold.train)),
        shuffle=True,
        seed=seed,
    )
    records: list[EpochRecord] = []
    best, best_epoch, theta = np.inf, 0, net.theta.copy()
    for record in epochs(task, plan, OptimizerState.fresh(task, plan)):
        records.append(record)
        score = record.validation_loss
        if score is None or score <= best:  # of equal ones the last
            best, best_epoch = np.inf if score is None else score, record.epoch
            theta[...] = net.theta
        if seen is not None:
            seen(k, record)
        if stopping.is_set():
            break
    net.theta[...] = theta
    outputs = np.empty((0, net.outputs), net.dtype)
    if held_out is not None:
        outputs = np.asarray(net(held_out.X))
    return Member(net, tuple(records), best_epoch, fold.held_out, outputs)
