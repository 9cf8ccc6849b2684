"""Members that share their weights, trained as one: those of TabM."""

from __future__ import annotations

import numpy as np

from ranvier import threads
from ranvier.tabular.members import Lesson, Member
from ranvier.tabular.supervision import Supervision
from ranvier.training.batch_ensemble import Shared
from ranvier.training.batch_ensemble_training import batch_ensemble_epochs
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.splits import Split


def train_shared(
    lesson: Lesson, fold: Split, seed: int, under: Supervision
) -> list[Member]:
    """Train the members that share their weights, all on one fold.

    What they say together of the rows held out tells their best epoch, whose weights
    they have in the end: when the recipe's patience is over, or the time, or Ctrl-C was
    pressed. If they leave the finite numbers, there are none.
    """
    net = lesson.network(seed)
    usable = threads.choose(under.n_threads, np.inf)
    task, plan = lesson.task(net, fold), lesson.plan(net, fold, seed)
    shared = Shared(net, lesson.recipe.shared)
    shared.start(net, lesson.sections, seed)
    records: list[EpochRecord] = []
    best, best_epoch, theta = np.inf, 0, shared.theta.copy()
    try:
        for record in batch_ensemble_epochs(
            shared, task, plan, usable, lambda: under.goes_on
        ):
            records.append(record)
            under.shown.show(record)
            score = lesson.score(record)
            if score is None or score < best:
                best, best_epoch = np.inf if score is None else score, record.epoch
                theta[...] = shared.theta
            if record.epoch - best_epoch > lesson.recipe.patience or not under.goes_on:
                break
    except NonFiniteError as error:
        under.failed.append(error)
        return []
    shared.theta[...] = theta
    members = []
    for m in range(shared.members):
        own = lesson.network(seed + m)
        shared.unfold(m, own)
        members.append(lesson.member(own, records, best_epoch, best, fold))
    return members
