"""Threads, time limit, progress and Ctrl-C of a fit of several networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

from ranvier.tabular.time_budget import TimeBudget
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.progress_bar import Bar, NoBar
from ranvier.warn import warn_user


def _unlimited() -> TimeBudget:
    return TimeBudget(None)


@dataclass
class FitContext:
    """What the members of an ensemble share while they are trained.

    Parameters
    ----------
    n_threads
        The most threads to use; None: as many as are free.
    time_budget
        When the training has to end.
    shown
        The progress bar.
    stopping
        Once set, a member in training ends with its best epoch, and none begins.
    failed
        The errors of members that diverged; they are left out.
    interrupted
        Whether Ctrl-C was pressed.
    notices
        What the user should know about the fit, as sentences.
    """

    n_threads: int | None = None
    time_budget: TimeBudget = field(default_factory=_unlimited)
    shown: Bar = field(default_factory=NoBar)
    stopping: Event = field(default_factory=Event)
    failed: list[NonFiniteError] = field(default_factory=list)
    interrupted: bool = False
    notices: list[str] = field(default_factory=list)

    @property
    def should_continue(self) -> bool:
        """Whether there is time left and nothing has stopped the fit."""
        return not (self.stopping.is_set() or self.time_budget.is_over)

    def interrupt(self) -> None:
        """End the fit as Ctrl-C does."""
        self.interrupted = True
        self.stopping.set()

    def require_some(self, members: Sequence[object]) -> None:
        """Warn of members that diverged; NonFiniteError if all did."""
        if not self.failed:
            return
        first = min(self.failed, key=lambda error: (error.epoch, error.step))
        count, where = len(self.failed), f"epoch {first.epoch}, step {first.step}"
        diverged = f"diverged (NaN or infinity), the first in {where}"
        if members:
            warn_user(
                f"{count} of the networks {diverged}, and are left out: "
                f"{len(members)} others remain",
                RuntimeWarning,
            )
            return
        raise NonFiniteError(
            f"all {count} networks {diverged}: look for values of the columns or the "
            "target that are far from all others, and leave those out or take "
            "logarithms; or choose another loss",
            first.layer, first.epoch, first.step, first.rows,
        ) from first  # fmt: skip
