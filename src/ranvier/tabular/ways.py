"""A target told in several ways: members learn the one with which they err least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.tabular.folds import Fold
from ranvier.tabular.members import Lesson, Member, train_members
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


def train_best(
    lessons: Sequence[Lesson],
    folds: Sequence[Fold],
    judge: Judge | None,
    *,
    seed: int,
    **settings: Any,
) -> tuple[list[Member], int]:
    """Train the first members on every lesson, and the rest on the best.

    Parameters
    ----------
    lessons
        The same rows with the target told in another way; of one, nothing is tried.
    folds, seed, settings
        As for `train_members`: what a lesson's members become does not depend on
        whether others were tried.
    judge
        Gives the error for the number of a lesson and what its members say of rows held
        out, in units that all lessons share.

    Returns
    -------
    tuple
        The members, and the number of their lesson.
    """
    if len(lessons) == 1 or judge is None:
        return train_members(lessons[0], folds, seed=seed, **settings), 0
    few = _tried(folds)
    tried = [
        train_members(lesson, folds[:few], seed=seed, **settings) for lesson in lessons
    ]
    errors = [
        judge(way, Held.of(members, lesson.data)) if members else np.inf
        for way, (lesson, members) in enumerate(zip(lessons, tried, strict=True))
    ]
    best = int(np.argmin(errors))
    rest = train_members(lessons[best], folds[few:], seed=seed + few, **settings)
    return tried[best] + rest, best


def networks(lessons: Sequence[Lesson], folds: Sequence[Fold]) -> int:
    """Count the networks that `train_best` trains."""
    return len(folds) + (len(lessons) - 1) * _tried(folds)


def _tried(folds: Sequence[Fold]) -> int:
    return max(1, len(folds) // TRIED)
