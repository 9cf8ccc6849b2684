"""When to stop a training early: a frozen rule, and the best epoch by that rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_float, checked_int
from ranvier.messages import unknown
from ranvier.training.history import EpochRecord

Monitor = Literal["validation_loss", "metric", "loss"]
Mode = Literal["min", "max"]
Best = tuple[EpochRecord, NDArray[Any]] | None  # the best epoch and its weights


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the score has not become better for some epochs; keep the best weights.

    Parameters
    ----------
    patience
        Epochs without a better score after which training stops; at least 1.
    min_delta
        How much better a score must be to start patience again, in its own units. The
        best weights are those of the best score, by however little.
    monitor
        ``"validation_loss"`` and ``"metric"`` (the first metric) need ``validation=``;
        ``"loss"`` is the training loss.
    mode
        ``"min"`` if lower is better, ``"max"`` if higher is. None: lower for losses,
        and for a named metric what that metric says; a metric of your own needs it.
    latest
        Of epochs with the same best score, whether the last is the best rather than the
        first. Patience is not renewed by it.

    Raises
    ------
    ValueError
        A value is outside its range.

    Notes
    -----
    The best epoch is the first that reached the best score, unless ``latest``. When
    training ends, other than by an error, the network holds the weights of that epoch,
    whether patience ran out or not. Prechelt, "Early stopping: but when?", 1998.

    Examples
    --------
    >>> EarlyStopping(patience=20).patience
    20
    """

    patience: int = 10
    min_delta: float = 0.0
    monitor: Monitor = "validation_loss"
    mode: Mode | None = None
    latest: bool = False

    def __post_init__(self) -> None:
        patience = checked_int("patience", self.patience, 1, example=10)
        delta = checked_float("min_delta", self.min_delta, example=0.001)
        if delta < 0:
            raise ValueError(
                f"min_delta must be at least 0, but got {self.min_delta!r}: give how "
                "much better a score must be, in its own units"
            )
        if not isinstance(self.latest, bool | np.bool_):
            raise TypeError(f"latest must be True or False, but got {self.latest!r}")
        monitor: object = self.monitor
        if not isinstance(monitor, str) or monitor not in get_args(Monitor):
            raise unknown("monitor", monitor, get_args(Monitor))
        mode: object = self.mode
        named = isinstance(mode, str) and mode in get_args(Mode)
        if mode is not None and not named:
            raise ValueError(
                f"unknown mode {self.mode!r}: give 'min' if lower is better, 'max' if "
                "higher is better, or None for the usual direction"
            )
        object.__setattr__(self, "patience", patience)
        object.__setattr__(self, "min_delta", delta)


class BestEpoch:
    """The best epoch so far with its weights, and whether patience has run out.

    It depends on nothing but the records it has seen, so seeing the records of a run
    again restores it.

    Parameters
    ----------
    theta
        The parameters in training, (parameters,); `see` copies them, `restore` writes
        them back.
    stop
        What is compared, and for how long. None: the newest epoch is the best one.
    metric, mode
        The name of the metric that is monitored, and which direction is better.
    """

    def __init__(
        self,
        theta: NDArray[Any],
        stop: EarlyStopping | None,
        metric: str | None = None,
        mode: Mode = "min",
    ) -> None:
        self.theta = theta
        self.stop = stop
        self.metric = metric
        self.sign = 1.0 if mode == "min" else -1.0
        self.kept: Best = None
        self.score = float("nan")
        self._awaited = float("nan")  # the score that a better one must pass
        self._since: int | None = None  # the epoch of that score
        self._seen = 0

    @property
    def record(self) -> EpochRecord | None:
        """The best epoch; None before the first."""
        return None if self.kept is None else self.kept[0]

    @property
    def epoch(self) -> int | None:
        """The number of the best epoch; None before the first."""
        return None if self.kept is None else self.kept[0].epoch

    @property
    def monitored(self) -> str:
        """What is compared, as a reader would call it."""
        if self.stop is None:
            return "epoch"
        if self.stop.monitor == "metric" and self.metric is not None:
            return self.metric
        return self.stop.monitor.replace("_", " ")

    def score_of(self, record: EpochRecord) -> float:
        """Return the monitored number of an epoch, as it was recorded."""
        match self.stop and self.stop.monitor:
            case None:
                return float("nan")
            case "validation_loss" if record.validation_loss is not None:
                return record.validation_loss
            case "metric" if self.metric is not None:
                return record.metrics[self.metric]
            case "loss":
                return record.loss
        raise ValueError(f"epoch {record.epoch} has no {self.monitored} to compare")

    def see(self, record: EpochRecord) -> bool:
        """Take in a finished epoch; true if it is the best so far."""
        is_best = self._is_best(record)
        if is_best:
            # In one assignment, so that Ctrl-C finds record and weights of one epoch.
            self.kept = record, self.theta.copy()
        return is_best

    def replay(self, records: Iterable[EpochRecord], kept: Best) -> None:
        """Take in the epochs of an earlier training, with the weights it kept."""
        for record in records:
            self._is_best(record)
        self.kept = kept

    def restore(self) -> None:
        """Write the weights of the best epoch back, if there is one."""
        if self.kept is not None:
            self.theta[...] = self.kept[1]

    @property
    def is_over(self) -> bool:
        """Say whether patience has run out."""
        if self._since is None or self.stop is None:
            return False
        return self._seen - self._since >= self.stop.patience

    def _is_best(self, record: EpochRecord) -> bool:
        score, rule = self.score_of(record), self.stop
        is_first, self._seen = self._seen == 0, record.epoch
        if rule is None:
            return True
        if is_first or self._better(score, self._awaited, by=rule.min_delta):
            self._awaited, self._since = score, record.epoch
        ties = rule.latest and score == self.score
        if is_first or ties or self._better(score, self.score, by=0.0):
            self.score = score
            return True
        return False

    def _better(self, score: float, other: float, *, by: float) -> bool:
        # A score that is not a number (an undefined metric) is never better than one.
        if isnan(other):
            return not isnan(score)
        return self.sign * (other - score) > by
