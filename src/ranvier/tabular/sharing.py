"""Members that share their weights, trained as one: those of TabM."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from ranvier import threads
from ranvier.splits import Split
from ranvier.tabular.members import Lesson, Member, best_of
from ranvier.tabular.supervision import Supervision
from ranvier.training.batch_ensemble import Shared
from ranvier.training.batch_ensemble_training import batch_ensemble_epochs
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError


def train_shared(
    lesson: Lesson, fold: Split, seed: int, under: Supervision
) -> list[Member]:
    """Train the members that share their weights, all on one fold.

    What they say together of the rows held out tells their best epoch, whose weights
    they have in the end: when the recipe's patience is over, or the time, or Ctrl-C was
    pressed. If they leave the finite numbers, there are none.
    """
    net = lesson.network(seed)
    usable = threads.choose(under.n_threads, inf)
    task, config = lesson.task(net, fold), lesson.config(net, fold, seed)
    shared = Shared(net, lesson.recipe.shared)
    shared.start(net, lesson.sections, seed)
    records: list[EpochRecord] = []
    stop = config.stop
    if stop is not None:
        stop = replace(stop, patience=lesson.recipe.patience + 1, latest=False)
    best = best_of(task, stop, shared.theta)
    try:
        for record in batch_ensemble_epochs(
            shared, task, config, usable, lambda: under.goes_on
        ):
            records.append(record)
            under.shown.show(record)
            best.see(record)
            if best.is_over or not under.goes_on:
                break
    except NonFiniteError as error:
        under.failed.append(error)
        return []
    best.restore()
    members = []
    for m in range(shared.members):
        own = lesson.network(seed + m)
        shared.unfold(m, own)
        members.append(lesson.member(own, records, best.record, fold))
    return members
