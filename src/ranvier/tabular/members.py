"""The members of an ensemble, trained side by side, one network a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.splits import Split
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.unseen_categories import average_unseen
from ranvier.training import schedules
from ranvier.training.callbacks import best_epoch
from ranvier.training.config import TrainConfig
from ranvier.training.data_dependent_init import data_dependent_init
from ranvier.training.epoch_metrics import resolve_all
from ranvier.training.history import EpochRecord, History
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.sgd import OptimizerState, epochs
from ranvier.training.stopping import BestEpoch, EarlyStopping, Monitor
from ranvier.training.task import Data, Task
from ranvier.training.worker_threads import run_in_threads

Array = NDArray[Any]

TIMED_ROWS = 5000  # that tell how long an epoch takes


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
    score
        How far off that is in the best epoch: the lower the better.
    """

    network: Network
    records: tuple[EpochRecord, ...]
    best_epoch: int
    held_out: NDArray[np.int64]
    outputs: Array
    score: float

    def history(self) -> History:
        """Return the epochs as a history."""
        history = History(seed=self.network.seed)
        for record in self.records:
            history.append(record)
        history.best_epoch = self.best_epoch
        history.stopped = "finished"
        return history


@dataclass(frozen=True)
class OutputSpec:
    """What the outputs are, and what is minimised.

    Parameters
    ----------
    loss
        Of the outputs beside the targets.
    outputs, activation
        Of the last layer.
    """

    loss: Loss
    outputs: int
    activation: str


@dataclass(frozen=True)
class MemberSpec:
    """What all members share: rows, output, hyperparameters and the first layer.

    ``sections`` name the column of the table that each input is of.
    """

    data: Data
    output: OutputSpec
    hyperparameters: Hyperparameters
    embedding: Embedding
    sections: tuple[str, ...] = ()

    def network(self, seed: int) -> Network:
        """Build an untrained member."""
        last = Dense(self.output.outputs, self.output.activation)
        return self.hyperparameters.network(self.embedding, last, seed)

    def start(self, fold: Split, seed: int) -> Network:
        """Build a member as it is before its first step."""
        net = self.network(seed)
        # So that no noise of what was never seen has a say in the best epoch.
        average_unseen(net, self.data.X, fold.train, self.data.weights)
        if self.hyperparameters.data_dependent_init:
            data_dependent_init(net, self.data.X[fold.train], seed=seed)
        return net

    def member(
        self,
        net: Network,
        records: Sequence[EpochRecord],
        best: EpochRecord | None,
        fold: Split,
    ) -> Member:
        """Make a member of a network that has the weights of its best epoch."""
        score = None if best is None else self.score(best)
        score = np.inf if score is None else score
        number = 0 if best is None else best.epoch
        average_unseen(net, self.data.X, fold.train, self.data.weights)
        outputs = np.empty((0, net.outputs), net.dtype)
        if len(fold.held_out):
            outputs = np.asarray(net(self.data.X[fold.held_out]))
        return Member(net, tuple(records), number, fold.held_out, outputs, score)

    def task(self, net: Network, fold: Split, n_threads: int = 1) -> Task:
        """Return what a member learns from, and what it is scored on."""
        held_out = self.data.take(fold.held_out) if len(fold.held_out) else None
        workspace, loss = _engine.Workspace(n_threads), self.output.loss
        scores = resolve_all(self.metrics, loss.name)
        return Task(net, self.data, fold.train, loss, workspace, held_out, scores)

    @property
    def best_by(self) -> str:
        """What tells the best epoch: a metric of classes, or the loss."""
        return (
            self.hyperparameters.best_by
            if self.output.loss.name == "cross_entropy"
            else "loss"
        )

    @property
    def metrics(self) -> list[str]:
        """Metrics of an epoch beside its loss; the first chooses the best epoch."""
        if self.output.loss.name != "cross_entropy":
            return []
        names = dict.fromkeys((self.best_by, "accuracy"))
        return [name for name in names if name != "loss"]

    def score(self, record: EpochRecord) -> float | None:
        """Say how far off an epoch was on rows held out; None if there are none."""
        if record.validation_loss is None or self.best_by == "loss":
            return record.validation_loss
        value = record.metrics[self.best_by]
        return 1 - value if self.best_by == "accuracy" else value

    def config(self, net: Network, fold: Split, seed: int) -> TrainConfig:
        """Return the settings by which a member is trained."""
        hyperparameters, scored = self.hyperparameters, len(fold.held_out) > 0
        return TrainConfig(
            loss=self.output.loss,
            optimizer=hyperparameters.optimizer(net),
            schedule=schedules.resolve(hyperparameters.schedule),
            epochs=hyperparameters.epochs,
            batch_size=min(hyperparameters.batch_size, len(fold.train)),
            validation="numbers" if scored else None,
            metric=tuple(self.metrics) if scored else (),
            stop=self.stop if scored else None,
            seed=seed,
            decay_schedule=schedules.resolve(hyperparameters.decay_schedule),
            dropout_schedule=schedules.resolve(hyperparameters.dropout_schedule),
            drop_last=hyperparameters.drop_last,
        )

    @property
    def stop(self) -> EarlyStopping | None:
        """What decides the best epoch; None: the last. All epochs are trained."""
        if self.hyperparameters.few_rows:
            return None
        monitor: Monitor = "validation_loss" if self.best_by == "loss" else "metric"
        return EarlyStopping(self.hyperparameters.epochs, monitor=monitor, latest=True)


def best_of(
    task: Task, stop: EarlyStopping | None, theta: Array | None = None
) -> BestEpoch:
    """Return what keeps the best epoch by a rule; without validation rows, the last."""
    if stop is None:
        return BestEpoch(task.net.theta if theta is None else theta, None)
    return best_epoch(task, stop, theta)


def train_members(
    specs: Sequence[MemberSpec],
    folds: Sequence[Split],
    seeds: Sequence[int],
    context: FitContext,
) -> list[Member]:
    """Train a member for each spec on its fold.

    Each is keyed by its seed; no result depends on the number of threads. Once Ctrl-C
    was pressed or the time is over, members end with the best epoch so far. Those that
    have none are left out, but for the first, which keeps what it learned in part of an
    epoch; so are those that diverge. Another exception of a signal handler ends all
    within a second, and is raised.
    """
    done = count(1)

    def should_continue(record: EpochRecord) -> bool:
        context.shown.show(replace(record, epoch=next(done)))
        return context.should_continue

    def is_cancelled(is_trained: bool) -> bool:
        """Whether to end within an epoch; the first member has one in any case."""
        time_over = context.time_budget.is_over and is_trained
        return context.stopping.is_set() or time_over

    def one(k: int) -> Member | None:
        if context.stopping.is_set() or (context.time_budget.is_over and k > 0):
            return None
        try:
            return _train(
                specs[k], folds[k], seeds[k], each, should_continue,
                lambda records: is_cancelled(k > 0 or bool(records)),
            )  # fmt: skip
        except NonFiniteError as error:
            context.failed.append(error)
            return None

    usable = threads.choose(context.n_threads, np.inf)
    workers = max(1, min(len(folds), usable))
    each = max(1, usable // workers)
    jobs = run_in_threads(one, len(folds), workers, context.interrupt)
    members = [job.result() for job in jobs]
    return finished([member for member in members if member is not None])


def finished(members: Sequence[Member]) -> list[Member]:
    """Leave out members without a whole epoch; if none has one, give the first."""
    return [member for member in members if member.records] or list(members[:1])


def within(
    context: FitContext, spec: MemberSpec, folds: list[Split], seed: int
) -> tuple[MemberSpec, list[Split]]:
    """Return what fits into the time: all, if there is no limit."""
    time_budget = context.time_budget
    if time_budget.limit is None or spec.hyperparameters.batch_ensemble_size:
        return spec, folds  # TabM looks at the time itself
    rows = len(folds[0].train)
    some = folds[0].train[: min(rows, TIMED_ROWS)]
    timed = Split(some, folds[0].held_out[:TIMED_ROWS])
    net = spec.network(seed)
    task, config = spec.task(net, timed), spec.config(net, timed, seed)
    started = perf_counter()
    next(epochs(task, config, OptimizerState.fresh(task, config)))
    seconds = (perf_counter() - started) * rows / len(some)
    workers = min(len(folds), threads.choose(context.n_threads, np.inf))
    fitting = time_budget.plan(spec.hyperparameters, rows, seconds, workers)
    chosen = folds[: fitting.hyperparameters.members]
    if fitting.rows < rows:
        context.notices.append(time_budget.notice(fitting.rows, rows))
        chosen = fewer_rows(chosen, fitting.rows, seed)
    return replace(spec, hyperparameters=fitting.hyperparameters), chosen


def fewer_rows(folds: Sequence[Split], rows: int, seed: int) -> list[Split]:
    """Draw so many of the rows of each fold."""
    return [_fewer(fold, rows, seed + k) for k, fold in enumerate(folds)]


def _fewer(fold: Split, rows: int, seed: int) -> Split:
    """Draw some of the rows of a fold."""
    rng = np.random.default_rng(seed)
    some = rng.choice(fold.train, rows, replace=False)
    few = rng.permutation(fold.held_out)[:rows]
    return Split(np.sort(some), np.sort(few))


def _train(
    spec: MemberSpec,
    fold: Split,
    seed: int,
    n_threads: int,
    should_continue: Callable[[EpochRecord], bool],
    is_cancelled: Callable[[Sequence[EpochRecord]], bool],
) -> Member | None:
    """Train a member; None if it was cancelled in its first epoch, and diverged."""
    net, records = spec.start(fold, seed), list[EpochRecord]()
    task = spec.task(net, fold, n_threads)
    task = replace(task, is_cancelled=lambda: is_cancelled(records))
    config = spec.config(net, fold, seed)
    best = best_of(task, config.stop)
    with suppress(KeyboardInterrupt):  # it is cancelled within an epoch
        for record in epochs(task, config, OptimizerState.fresh(task, config)):
            records.append(record)
            best.see(record)
            if not should_continue(record):
                break
    best.restore()
    if not np.isfinite(net.theta).all():
        return None
    return spec.member(net, records, best.record, fold)
