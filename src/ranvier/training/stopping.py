"""When to stop a training early: a frozen rule, and the watch that follows it."""

from dataclasses import dataclass
from math import isnan
from typing import Literal, get_args

from ranvier.messages import unknown
from ranvier.training.history import EpochRecord

Monitor = Literal["validation_loss", "metric", "loss"]
Mode = Literal["min", "max"]


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the score has not become better for some epochs; keep the best weights.

    Parameters
    ----------
    patience
        Epochs without a better score after which training stops; at least 1.
    min_delta
        How much better a score must be to be waited for anew, in its own units. The
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
        if self.patience < 1:
            raise ValueError(
                f"patience must be at least 1 epoch, but got {self.patience!r}: give "
                "the epochs to wait for a better score, for example 10"
            )
        if not self.min_delta >= 0:
            raise ValueError(
                f"min_delta must be at least 0, but got {self.min_delta!r}: give how "
                "much better a score must be, in its own units"
            )
        if self.monitor not in get_args(Monitor):
            raise unknown("monitor", self.monitor, get_args(Monitor))
        if self.mode not in (None, "min", "max"):
            raise ValueError(
                f"unknown mode {self.mode!r}: give 'min' if lower is better, 'max' if "
                "higher is better, or None for the usual direction"
            )


class Watch:
    """Follows the monitored score over the epochs: which is best, is patience over.

    It depends on nothing but the records it was shown, so that showing it the records
    of a run again restores it.
    """

    def __init__(self, stop: EarlyStopping, metric: str | None, mode: Mode) -> None:
        self.stop = stop
        self.metric = metric
        self.sign = 1.0 if mode == "min" else -1.0
        self.best = float("nan")
        self.best_epoch: int | None = None
        self._awaited = float("nan")  # the score that a better one must pass
        self._since: int | None = None  # the epoch of that score
        self._seen = 0

    @property
    def name(self) -> str:
        """What is followed, as a reader would call it."""
        if self.stop.monitor == "metric" and self.metric is not None:
            return self.metric
        return self.stop.monitor.replace("_", " ")

    def score(self, record: EpochRecord) -> float:
        """Give the monitored number of an epoch, as it was recorded."""
        match self.stop.monitor:
            case "validation_loss" if record.validation_loss is not None:
                return record.validation_loss
            case "metric" if self.metric is not None:
                return record.metrics[self.metric]
            case "loss":
                return record.loss
        raise ValueError(f"epoch {record.epoch} has no {self.stop.monitor} to follow")

    def see(self, record: EpochRecord) -> bool:
        """Take in one epoch; true if it is the best so far."""
        score = self.score(record)
        self._seen = record.epoch
        if self._since is None or self._better(
            score, self._awaited, by=self.stop.min_delta
        ):
            self._awaited, self._since = score, record.epoch
        again = self.stop.latest and score == self.best
        if self.best_epoch is None or again or self._better(score, self.best, by=0.0):
            self.best, self.best_epoch = score, record.epoch
            return True
        return False

    @property
    def is_over(self) -> bool:
        """Say whether patience has run out."""
        if self._since is None:
            return False
        return self._seen - self._since >= self.stop.patience

    def _better(self, score: float, other: float, *, by: float) -> bool:
        # A score that is not a number (an undefined metric) is never better than one.
        if isnan(other):
            return not isnan(score)
        return self.sign * (other - score) > by
