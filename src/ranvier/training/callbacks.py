"""Callbacks of a training: the user's, and all that happens after each epoch."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ranvier.network.network import Network
from ranvier.training.config import TrainConfig
from ranvier.training.config_json import describe
from ranvier.training.history import EpochRecord, History
from ranvier.training.progress_bar import Bar, NoBar
from ranvier.training.run_writer import RunWriter
from ranvier.training.stopping import Best, BestEpoch, EarlyStopping, Monitor
from ranvier.training.task import Task
from ranvier.warn import warn_user


class TrainCallback(Protocol):
    """An object that follows a training; each of the three methods may be missing.

    A plain function of the `EpochRecord` is a callback too: it is called where
    `on_epoch_end` would be. An error in a callback ends the training and is raised with
    a note that names the callback; the network keeps the weights of the last epoch.

    Examples
    --------
    >>> import ranvier as rv
    >>> class Log:
    ...     def on_train_begin(self, network, config):
    ...         print(network.inputs, "input,", config["epochs"], "epochs")
    ...
    ...     def on_epoch_end(self, record):
    ...         return record.loss < 1e-3  # True stops the training
    ...
    ...     def on_train_end(self, history):
    ...         print(history.stopped)
    >>> net = rv.Network.mlp(1, 4, 1, seed=0)
    >>> history = rv.train(net, [[0.0], [1.0]], [0, 1], epochs=2, callbacks=[Log()])
    1 input, 2 epochs
    finished
    """

    def on_train_begin(self, network: Network, config: dict[str, Any]) -> None:
        """Learn what is trained, before the first epoch.

        `network` is the one in training: after each epoch it has the weights reached.
        `config` holds the settings by name, as run.json has them.
        """

    def on_epoch_end(self, record: EpochRecord) -> object:
        """Take in a finished epoch; True (or StopIteration) stops the training."""

    def on_train_end(self, history: History) -> None:
        """Learn that training has ended, also by Ctrl-C or an error.

        `history.stopped` says why; it is ``"failed"`` after an error. The network has
        its final weights.
        """


# Of the three methods an object may have only some, which no type can say.
Callback = Callable[[EpochRecord], object] | Any
METHODS = ("on_train_begin", "on_epoch_end", "on_train_end")


def checked_callbacks(callbacks: Any) -> list[Callback]:
    """Return callbacks as a list; refuse what is no callback."""
    if isinstance(callbacks, str) or not isinstance(callbacks, Iterable):
        raise TypeError(
            f"callbacks must be a list of functions, but got {callbacks!r}: give for "
            "example callbacks=[print]"
        )
    if isinstance(callbacks, np.ndarray):
        callbacks = callbacks.reshape(-1)
    several = list(callbacks)
    for callback in several:
        methods = [getattr(callback, name, None) for name in METHODS]
        if isinstance(callback, type) or not (
            callable(callback) or any(map(callable, methods))
        ):
            raise TypeError(
                f"a callback must be a function of an EpochRecord, or an object with "
                f"one of {', '.join(METHODS)}, but got {callback!r}: give for example "
                "callbacks=[print]"
            )
    return several


def call(callback: Callback, method: str, *arguments: Any) -> object:
    """Call one method of a callback if it has it; note in errors whose they are."""
    function = getattr(callback, method, None)
    if function is None and method == "on_epoch_end" and callable(callback):
        function = callback
    try:
        return None if function is None else function(*arguments)
    except StopIteration:
        return True
    except Exception as error:
        where = {"on_train_begin": "before epoch 1", "on_train_end": "after training"}
        when = where.get(method) or f"after epoch {arguments[0].epoch}"
        error.add_note(
            f"raised by the callback {_name(callback)} {when}; the network keeps the "
            "weights it had then"
        )
        raise


def asks_to_stop(callback: Callback, record: EpochRecord) -> bool:
    """Show a record to a callback; true if it asks to stop."""
    # Only a truth value counts: list.append, print and the like return other things.
    returned = call(callback, "on_epoch_end", record)
    return isinstance(returned, bool | np.bool_) and bool(returned)


class CallbackList:
    """All that happens after an epoch: history, best epoch, run, bar, callbacks.

    It decides when to stop and which weights are the best; it does not train.
    """

    def __init__(
        self,
        task: Task,
        stop: EarlyStopping | None,
        callbacks: Iterable[Callback],
        seed: int,
    ) -> None:
        self.task = task
        self.stops = stop is not None
        self.best = best_epoch(task, stop)
        self.callbacks = checked_callbacks(callbacks)
        self.history = History(seed=seed)
        self.bar: Bar = NoBar()
        self.writer: RunWriter | None = None
        self.reason: str | None = None

    def restore(self, records: Sequence[EpochRecord], best: Best) -> None:
        """Take in the epochs of a run that is resumed."""
        for record in records:
            self.history.append(record)
        self.best.replay(records, best)
        self.history.best_epoch = self.best.epoch

    @property
    def over(self) -> str | None:
        """Why training is over before it continues; None if it is not."""
        return "early stopping" if self.stops and self.best.is_over else None

    def on_train_begin(self, config: TrainConfig) -> None:
        """Say to all callbacks that training begins."""
        for callback in self.callbacks:
            call(callback, "on_train_begin", self.task.net, describe(config))

    def on_epoch_end(self, record: EpochRecord) -> bool:
        """Take in the record of a finished epoch; true if training is to stop."""
        self.history.append(record)
        if self.best.see(record):
            self.history.best_epoch = record.epoch
        if self.writer is not None:
            self.writer.see(record, self.best.kept)
        self.bar.show(record)
        if self.stops and self.best.is_over:
            self.reason = "early stopping"
        for callback in self.callbacks:
            if asks_to_stop(callback, record):
                self.reason = f"callback {_name(callback)}"
        return self.reason is not None

    def on_train_end(self, ended: str) -> None:
        """Note how training ended; a stopping rule restores the best weights."""
        self.history.stopped = self.reason or ended
        if self.stops:
            self.best.restore()
        if self.writer is not None:
            best_epoch, best = self.history.best_epoch, None
            if self.best.kept is not None and self.best.kept[0].epoch == best_epoch:
                names = ("loss", "validation_loss", "metrics")
                best = {name: getattr(self.best.kept[0], name) for name in names}
            self.writer.end(self.history.stopped, best_epoch, best)
        self._say_end()

    def on_failure(self) -> None:
        """Say to all callbacks that an error ends the training."""
        self.history.stopped = "failed"
        self._say_end()

    def on_interrupt(self) -> None:
        """Restore the best weights after Ctrl-C, and warn."""
        self.history.stopped = "interrupted"
        epoch = len(self.history) + 1
        if self.best.kept is None:
            kept = f"the weights reached within epoch {epoch}, the first"
        else:
            self.best.restore()
            record, _ = self.best.kept
            score = f"{self.best.monitored} {self.best.score_of(record):.6g}"
            kept = f"the weights of epoch {record.epoch}, the best so far ({score})"
        self._say_end()
        warn_user(
            f"training was interrupted in epoch {epoch}: the network keeps {kept}",
            RuntimeWarning,
        )

    def _say_end(self) -> None:
        for callback in self.callbacks:
            call(callback, "on_train_end", self.history)


def _name(callback: Callback) -> str:
    return getattr(callback, "__qualname__", type(callback).__qualname__)


def best_epoch(
    task: Task, stop: EarlyStopping | None, theta: NDArray[Any] | None = None
) -> BestEpoch:
    """Return what finds the best epoch by a rule; without a rule, by the loss.

    `theta` are the parameters to keep; None: those of the task's network.

    Raises
    ------
    ValueError
        The task has no validation rows or metric that the rule monitors.
    """
    validation, scores = task.validation, task.metrics
    theta = task.net.theta if theta is None else theta
    if scores and validation is None:
        raise ValueError(
            f"metric {scores[0].name!r} is computed on validation rows, but there are "
            "none: give validation=(X, y), or a fraction of the rows such as 0.2"
        )
    if stop is None:
        monitor: Monitor = "loss" if validation is None else "validation_loss"
        stop = EarlyStopping(patience=sys.maxsize, monitor=monitor)
    if stop.monitor != "loss" and validation is None:
        raise ValueError(
            f"the stopping rule monitors {stop.monitor!r}, but there are no validation "
            "rows: give validation=(X, y) or a fraction such as 0.2, or monitor='loss'"
        )
    if stop.monitor != "metric":
        return BestEpoch(theta, stop, None, stop.mode or "min")
    if not scores:
        raise ValueError(
            "the stopping rule monitors 'metric', but there is none: give metric=, for "
            "example 'accuracy' or 'rmse'"
        )
    mode = stop.mode or scores[0].mode
    if mode is None:
        raise ValueError(
            f"it is not known whether a higher {scores[0].name!r} is better: give "
            "EarlyStopping(mode='max') if it is, mode='min' if not"
        )
    return BestEpoch(theta, stop, scores[0].name, mode)
