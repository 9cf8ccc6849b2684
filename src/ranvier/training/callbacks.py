"""All who see the records of a training: history, rule, recorder, bar, callbacks."""

import sys
import warnings
from collections.abc import Sequence

import numpy as np

from ranvier.training.argument_checks import Callback as Callback
from ranvier.training.epoch_metrics import Metric
from ranvier.training.history import EpochRecord, History
from ranvier.training.progress_bar import Bar, NoBar
from ranvier.training.run_writer import Best, RunWriter
from ranvier.training.stopping import EarlyStopping, Monitor, Watch
from ranvier.training.task import Data, Task


class CallbackList:
    """All who see the records: history, stopping rule, recorder, bar, callbacks.

    They decide when to stop and which weights are the best; they do not train.
    """

    def __init__(
        self,
        task: Task,
        stop: EarlyStopping | None,
        callbacks: list[Callback],
        seed: int,
    ) -> None:
        self.task = task
        self.theta = task.net.theta
        self.stops = stop is not None
        self.watch = _watch(stop, task.validation, task.metrics)
        self.callbacks = callbacks
        self.history = History(seed=seed)
        self.bar: Bar = NoBar()
        self.columns: list[str] | None = None  # of X, where they have names
        self.recorder: RunWriter | None = None
        self.best: Best = None
        self.reason: str | None = None

    def remember(self, told: Sequence[EpochRecord], best: Best) -> None:
        """Take in the epochs of a run that goes on, as if they had just been seen."""
        for record in told:
            self.history.append(record)
            self.watch.see(record)
        self.best = best
        self.history.best_epoch = None if best is None else best[0].epoch

    @property
    def over(self) -> str | None:
        """Why training is over before it goes on; None if it is not."""
        return "early stopping" if self.stops and self.watch.is_over else None

    def see(self, record: EpochRecord) -> bool:
        """Take in the record of a finished epoch; true if training is to stop."""
        self.history.append(record)
        if self.watch.see(record):
            # In one assignment, so that Ctrl-C finds the two belonging together.
            self.best = record, self.theta.copy()
            self.history.best_epoch = record.epoch
        if self.recorder is not None:
            self.recorder.see(record, self.best)
        self.bar.show(record)
        if self.stops and self.watch.is_over:
            self.reason = "early stopping"
        for callback in self.callbacks:
            if asks_to_stop(callback, record):
                self.reason = f"callback {_name(callback)}"
        return self.reason is not None

    def settle(self, ended: str) -> None:
        """Note how training ended; a stopping rule goes back to the best weights."""
        self.history.stopped = self.reason or ended
        if self.stops and self.best is not None:
            self.theta[...] = self.best[1]
        if self.recorder is not None:
            self.recorder.end(self.history.stopped, self.history.best_epoch)

    def interrupted(self) -> None:
        """Go back to the best weights after Ctrl-C, and say so."""
        self.history.stopped = "interrupted"
        epoch = len(self.history) + 1
        if self.best is None:
            kept = f"the weights reached within epoch {epoch}, the first"
        else:
            record, theta = self.best
            self.theta[...] = theta
            score = f"{self.watch.name} {self.watch.score(record):.6g}"
            kept = f"the weights of epoch {record.epoch}, the best so far ({score})"
        # The warning points at the call of `train`, which is three calls up.
        warnings.warn(
            f"training was interrupted in epoch {epoch}: the network keeps {kept}",
            RuntimeWarning,
            stacklevel=4,
        )


def asks_to_stop(callback: Callback, record: EpochRecord) -> bool:
    """Show a record to a callback; true if it asks to stop."""
    try:
        answer = callback(record)
    except StopIteration:
        return True
    except Exception as error:
        error.add_note(
            f"raised by the callback {_name(callback)} after epoch "
            f"{record.epoch}; the network keeps the weights of that epoch"
        )
        raise
    # Anything but a truth value is no answer: list.append, print and the like.
    return isinstance(answer, bool | np.bool_) and bool(answer)


def _name(callback: Callback) -> str:
    return getattr(callback, "__qualname__", type(callback).__qualname__)


def _watch(
    stop: EarlyStopping | None, validation: Data | None, scores: Sequence[Metric]
) -> Watch:
    """Give the watch of a stopping rule; without one, one that finds the best epoch."""
    if scores and validation is None:
        raise ValueError(
            f"metric {scores[0].name!r} is computed on validation rows, but there are "
            "none: give validation=(X, y), or a share of the rows such as 0.2"
        )
    if stop is None:
        monitor: Monitor = "loss" if validation is None else "validation_loss"
        stop = EarlyStopping(patience=sys.maxsize, monitor=monitor)
    if not isinstance(stop, EarlyStopping):
        raise TypeError(
            f"stop must be a stopping rule or None, but got {stop!r}: give for example "
            "EarlyStopping(patience=10)"
        )
    if stop.monitor != "loss" and validation is None:
        raise ValueError(
            f"the stopping rule follows {stop.monitor!r}, but there are no validation "
            "rows: give validation=(X, y) or a share such as 0.2, or monitor='loss'"
        )
    if stop.monitor != "metric":
        return Watch(stop, None, stop.mode or "min")
    if not scores:
        raise ValueError(
            "the stopping rule follows 'metric', but there is none: give metric=, for "
            "example 'accuracy' or 'rmse'"
        )
    mode = stop.mode or scores[0].mode
    if mode is None:
        raise ValueError(
            f"it is not known whether a higher {scores[0].name!r} is better: give "
            "EarlyStopping(mode='max') if it is, mode='min' if not"
        )
    return Watch(stop, scores[0].name, mode)
