"""The time limit of a fit: how many networks, epochs and rows fit into it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter

from ranvier.checks import checked_float
from ranvier.tabular.hyperparameters import Hyperparameters

# Fraction of the time that is planned: epochs do not all take the same time.
PLANNED = 0.8
# With fewer epochs than this, members train on fewer rows instead.
LEAST_EPOCHS = 4
# What they are given even if there is no time left, as a fraction of the limit.
LEAST_TIME = 0.05


@dataclass(frozen=True)
class Plan:
    """What fits into the time: hyperparameters, and the training rows of a member."""

    hyperparameters: Hyperparameters
    rows: int


class TimeBudget:
    """The time for a fit, in seconds from its start; None: no limit."""

    def __init__(self, limit: float | None) -> None:
        if limit is not None and str(limit) != "inf":
            limit = checked_float("time_limit", limit, example=60)
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

    def notice(self, rows: int, of: int) -> str:
        """Say that each network learns from some of its rows only, and why."""
        why = f"to keep time_limit={self.limit:g}"
        if self.left <= 0:
            used = perf_counter() - self._started
            why = (
                f"because time_limit={self.limit:g} was over after {used:.1f} s, when "
                "the table was encoded"
            )
        return (
            f"Each network learns from {rows:,} of {of:,} rows, {why}: give more time "
            "for a better model."
        )

    @property
    def is_over(self) -> bool:
        """Whether a member has to end now."""
        return self.limit is not None and self.left < 0.05 * self.limit

    def plan(
        self, hyperparameters: Hyperparameters, rows: int, seconds: float, workers: int
    ) -> Plan:
        """Drop the selection of encodings first, then members, epochs and rows.

        Parameters
        ----------
        hyperparameters
            Hyperparameters without a limit.
        rows
            Training rows of a member.
        seconds
            Time of an epoch over them.
        workers
            Members that are trained at once.
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
        least = LEAST_TIME * (self.limit or 0) / seconds
        fewer = max(1, int(rows * min(1, max(epochs, least) / LEAST_EPOCHS)))
        return Plan(
            replace(hyperparameters, members=members, epochs=LEAST_EPOCHS), fewer
        )
