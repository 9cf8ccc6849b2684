"""Members that share their weights, trained as one: those of TabM."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from time import perf_counter

from ranvier import threads
from ranvier.splits import Split
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.members import Member, MemberSpec, best_of, fewer_rows
from ranvier.tabular.time_budget import PLANNED
from ranvier.training.batch_ensemble import BatchEnsemble
from ranvier.training.batch_ensemble_training import batch_ensemble_epochs
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.worker_threads import run_in_threads

# Rows by which the time of an epoch is measured, and the epochs that have to fit.
TIMED_ROWS, LEAST_TABM_EPOCHS = 512, 2


def train_tabm(
    spec: MemberSpec, fold: Split, seed: int, context: FitContext
) -> list[Member]:
    """Train the members that share their weights, all on one fold.

    Their mean prediction for the held-out rows decides the best epoch, whose weights
    they have in the end: when there was no better one for `patience` epochs, when the
    time is over, or after Ctrl-C; in the first epoch, those learned until then. If they
    diverge, there are none. They are trained in a thread of their own, so that Ctrl-C,
    which the main thread receives, interrupts no step.
    """

    def train(_: int) -> list[Member]:
        return _train_tabm(spec, fold, seed, context)

    [job] = run_in_threads(train, 1, 1, context.interrupt)
    return job.result()


def _train_tabm(
    spec: MemberSpec, fold: Split, seed: int, context: FitContext
) -> list[Member]:
    usable = threads.choose(context.n_threads, inf)
    fold = _within(spec, fold, seed, context, usable)
    net = spec.network(seed)
    task, config = spec.task(net, fold), spec.config(net, fold, seed)
    shared = BatchEnsemble(net, spec.hyperparameters.batch_ensemble_size)
    shared.start(net, spec.sections, seed)
    records: list[EpochRecord] = []
    stop = config.stop
    if stop is not None:
        stop = replace(stop, patience=spec.hyperparameters.patience + 1, latest=False)
    best = best_of(task, stop, shared.theta)
    try:
        for record in batch_ensemble_epochs(
            shared,
            task,
            config,
            usable,
            lambda: context.should_continue,
        ):
            records.append(record)
            context.shown.show(record)
            best.see(record)
            if best.is_over or not context.should_continue:
                break
    except NonFiniteError as error:
        context.failed.append(error)
        return []
    best.restore()
    members = []
    for m in range(shared.members):
        own = spec.network(seed + m)
        shared.unfold(m, own)
        members.append(spec.member(own, records, best.record, fold))
    return members


def _within(
    spec: MemberSpec, fold: Split, seed: int, context: FitContext, usable: int
) -> Split:
    """Return the rows that two epochs fit into the time with; all without a limit."""
    rows, budget = len(fold.train), context.time_budget
    if budget.limit is None or rows <= TIMED_ROWS:
        return fold
    timed = Split(fold.train[:TIMED_ROWS], fold.held_out[:TIMED_ROWS])
    net = spec.network(seed)
    task, config = spec.task(net, timed), spec.config(net, timed, seed)
    shared = BatchEnsemble(net, spec.hyperparameters.batch_ensemble_size)
    shared.start(net, spec.sections, seed)
    started = perf_counter()
    next(iter(batch_ensemble_epochs(shared, task, config, usable)))
    seconds = (perf_counter() - started) / TIMED_ROWS * rows
    # An epoch more for the outputs of the members in the end.
    fitting = int(rows * PLANNED * budget.left / ((LEAST_TABM_EPOCHS + 1) * seconds))
    if fitting >= rows:
        return fold
    fitting = max(fitting, TIMED_ROWS)
    context.notices.append(budget.notice(fitting, rows))
    return fewer_rows([fold], fitting, seed)[0]
