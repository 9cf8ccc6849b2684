"""A target told in several ways: members learn the one with which they err least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.splits import Split
from ranvier.tabular.members import Lesson, Member, train_members
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.views import Mask, train_views
from ranvier.training.task import Data

Array = NDArray[Any]

TRIED = 4  # of so many members one tries every way


class Held(NamedTuple):
    """What members say of rows held out, with Y, weights and numbers of those."""

    Z: Array
    Y: Array
    weights: Array | None
    rows: Array

    @classmethod
    def of(cls, members: list[Member], data: Data) -> Held:
        """Gather what each says of its rows."""
        rows = np.concatenate([member.held_out for member in members])
        outputs = np.concatenate([member.outputs for member in members])
        weights = None if data.weights is None else data.weights[rows]
        return cls(outputs, data.Y[rows], weights, rows)

    def averaged(self) -> Held:
        """Let those that hold out the same row answer together, as in prediction."""
        rows, first, place, times = np.unique(
            self.rows, return_index=True, return_inverse=True, return_counts=True
        )
        Z = np.zeros((len(rows), self.Z.shape[1]))
        np.add.at(Z, place, self.Z)
        weights = None if self.weights is None else self.weights[first]
        return Held(Z / times[:, None], self.Y[first], weights, rows)


Judge = Callable[[int, Held], float]
Record = Callable[[int], list[Member]]


def train_best(
    lessons: Sequence[Lesson],
    places: Mask,
    folds: Sequence[Split],
    judge: Judge | None,
    seed: int,
    under: Supervision,
    record: Record | None = None,
) -> tuple[list[Member], int]:
    """Train the first members on every lesson, and the rest on the best.

    Parameters
    ----------
    lessons
        The same rows with the target told in another way; of one, nothing is tried.
    places, folds, seed, under
        As for `train_views`: what a lesson's members become does not depend on
        whether others were tried.
    judge
        Gives the error for the number of a lesson and what its members say of rows held
        out, in units that all lessons share.
    record
        Trains the first member of a lesson, given its number, where it is recorded, and
        gives a list of it, empty if it left the finite numbers. Only what is kept is
        recorded, so where ways were tried it is trained once more.

    Returns
    -------
    tuple
        The members, and the number of their lesson.
    """
    best, few, first = 0, 0, list[Member]()
    if len(lessons) > 1 and judge is not None:
        few = _tried(folds)
        tried = _try(lessons, folds[:few], seed, under)
        best = _least(lessons, tried, judge)
        first = tried[best]
    if record is not None and not under.stopping.is_set():
        others = [member for member in first if member.network.seed != seed]
        first, few = [*record(best), *others], max(few, 1)
    members = train_views(lessons[best], places, folds, seed, under, first, few)
    return members, best


def _try(
    lessons: Sequence[Lesson], folds: Sequence[Split], seed: int, under: Supervision
) -> list[list[Member]]:
    """Train a member for each fold on every lesson."""
    seeds = [seed + k for k in range(len(folds))]
    return [
        train_members([lesson] * len(folds), folds, seeds, under) for lesson in lessons
    ]


def _least(
    lessons: Sequence[Lesson], tried: Sequence[list[Member]], judge: Judge
) -> int:
    """Choose the lesson whose members err least on rows held out."""
    errors = [
        judge(way, Held.of(members, lesson.data)) if members else np.inf
        for way, (lesson, members) in enumerate(zip(lessons, tried, strict=True))
    ]
    return int(np.argmin(errors))


def networks(lessons: Sequence[Lesson], folds: Sequence[Split]) -> int:
    """Count the networks that `train_best` trains."""
    others = (len(lessons) - 1) * _tried(folds)
    return len(folds) + lessons[0].recipe.tried + others


def _tried(folds: Sequence[Split]) -> int:
    return max(1, len(folds) // TRIED)
