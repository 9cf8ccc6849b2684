"""How the members of an ensemble are looked after while they are trained."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

from ranvier.tabular.deadline import Deadline
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.progress_bar import Bar, NoBar


def _unlimited() -> Deadline:
    return Deadline(None)


@dataclass
class Supervision:
    """What members are given to be trained with, and what they tell meanwhile.

    Parameters
    ----------
    n_threads
        How many threads may work; None: as many as are free.
    deadline
        When they have to end.
    shown
        Where their epochs are shown.
    stopping
        Set by Ctrl-C: who is at work ends with its best epoch, and none begins.
    failed
        What those raised that left the finite numbers, and are left out.
    """

    n_threads: int | None = None
    deadline: Deadline = field(default_factory=_unlimited)
    shown: Bar = field(default_factory=NoBar)
    stopping: Event = field(default_factory=Event)
    failed: list[NonFiniteError] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        """Whether there is still time, and nobody asked to stop."""
        return not (self.stopping.is_set() or self.deadline.is_over)

    def require_some(self, members: Sequence[object]) -> None:
        """Warn of members that left the finite numbers; NonFiniteError if all did."""
        if not self.failed:
            return
        first = min(self.failed, key=lambda error: (error.epoch, error.step))
        count, where = len(self.failed), f"epoch {first.epoch}, step {first.step}"
        if members:
            warnings.warn(
                f"{count} of the networks left the finite numbers, the earliest in "
                f"{where}, and are left out: {len(members)} others answer together",
                RuntimeWarning,
                stacklevel=4,
            )
            return
        raise NonFiniteError(
            f"each of the {count} networks left the finite numbers, the earliest in "
            f"{where}, so none can answer: look for values of the columns or the "
            "target that are far from all others, and take those out or take "
            "logarithms; or choose another loss",
            first.layer, first.epoch, first.step, first.rows,
        ) from first  # fmt: skip
