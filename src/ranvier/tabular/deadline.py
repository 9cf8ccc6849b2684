"""A time limit that is kept: how many networks and epochs fit into it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter

from ranvier.tabular.hyperparameters import Hyperparameters

# Share of the time that is planned with: epochs do not all take the same.
PLANNED = 0.8
# Fewer epochs than this teach little: rather than that, members learn from fewer rows.
LEAST_EPOCHS = 4


@dataclass(frozen=True)
class Plan:
    """What fits into the time: how to train, and from how many rows a member learns."""

    hyperparameters: Hyperparameters
    rows: int


class Deadline:
    """The end of the time for a fit, in seconds from its start; None: there is none."""

    def __init__(self, limit: float | None) -> None:
        if limit is not None and not limit > 0:
            raise ValueError(
                f"time_limit must be above 0 seconds, or None for no limit, but got "
                f"{limit!r}: give for example 60"
            )
        self.limit = limit
        self._started = perf_counter()

    @property
    def left(self) -> float:
        """Seconds that are left."""
        used = perf_counter() - self._started
        return float("inf") if self.limit is None else self.limit - used

    @property
    def is_over(self) -> bool:
        """Say whether a member has to end now."""
        return self.limit is not None and self.left < 0.05 * self.limit

    def plan(
        self, hyperparameters: Hyperparameters, rows: int, seconds: float, workers: int
    ) -> Plan:
        """Take out the trial of views first, then members, epochs and rows.

        Parameters
        ----------
        hyperparameters
            What would be done without a limit.
        rows
            Rows that a member learns from.
        seconds
            What an epoch over them takes.
        workers
            Members that are trained at a time.
        """
        every = ceil(
            (hyperparameters.members + hyperparameters.selection_folds) / workers
        )
        if PLANNED * self.left >= every * seconds * hyperparameters.epochs:
            return Plan(hyperparameters, rows)
        hyperparameters = replace(hyperparameters, selection_folds=0)
        for members in range(hyperparameters.members, 0, -1):
            epochs = PLANNED * self.left / (ceil(members / workers) * seconds)
            if epochs >= hyperparameters.epochs:
                return Plan(replace(hyperparameters, members=members), rows)
        members = min(workers, hyperparameters.members)
        if epochs >= LEAST_EPOCHS:
            return Plan(
                replace(hyperparameters, members=members, epochs=int(epochs)), rows
            )
        fewer = max(1, int(rows * epochs / LEAST_EPOCHS))
        return Plan(
            replace(hyperparameters, members=members, epochs=LEAST_EPOCHS), fewer
        )
