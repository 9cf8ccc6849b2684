"""What all trackers share: what is logged and when, in a thread beside training."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from importlib import import_module
from math import isfinite
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network.network import Network
from ranvier.trackers.background import Background
from ranvier.training.history import EpochRecord, History

Array = NDArray[Any]

TAGS: Final = {
    "loss": "loss/train",
    "validation_loss": "loss/validation",
    "learning_rate": "learning_rate",
    "gradient_norm": "gradient_norm",
}


MOST_WAITING: Final = 100_000  # epochs that a slow tracker may be behind


class Logged(NamedTuple):
    """What is logged of an epoch: numbers by their tags, and perhaps weights."""

    epoch: int
    values: Mapping[str, float]
    weights: Mapping[str, Array]


class Tracker:
    """Base of trackers: a callback that calls `open`, `log` and `close` in a thread.

    A tracker that is slow, fails or cannot be reached never stops a training: what it
    could not take is dropped, and a warning says so when training ends.

    Parameters
    ----------
    every
        Log every so many epochs; the last is always logged.
    histograms
        Also log the weights of each layer every so many epochs. 0: never.

    Raises
    ------
    ValueError
        A number is no integer of at least 1, or for `histograms` 0.
    """

    name = "the tracker"

    def __init__(self, *, every: int = 1, histograms: int = 0) -> None:
        self.every = _at_least("every", every, 1)
        self.histograms = _at_least("histograms", histograms, 0)
        self._last: EpochRecord | None = None

    # What a tracker does, each in the thread beside training.

    def open(self, network: Network, config: Mapping[str, Any]) -> None:
        """Begin to follow a training."""

    def log(self, epochs: Sequence[Logged]) -> None:
        """Take in the epochs that have ended since the last call, at least one."""
        raise NotImplementedError

    def close(self, network: Network, history: History) -> None:
        """Finish."""

    # The callback.

    def on_train_begin(self, network: Network, config: dict[str, Any]) -> None:
        """Open the tracker."""
        self._network = network
        self._waiting: deque[Logged] = deque()
        self._background = Background(self.name)
        self._background.call(self.open, network, config)

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Log an epoch."""
        self._last = record
        if record.epoch % self.every == 0:
            self._log(record)

    def on_train_end(self, history: History) -> None:
        """Log the last epoch if it was not, and close the tracker."""
        if self._last is not None and self._last.epoch % self.every:
            self._log(self._last)
        self._background.call(self.close, self._network, history)
        self._background.close()

    def _log(self, record: EpochRecord) -> None:
        weights: dict[str, Array] = {}
        if self.histograms and record.epoch % self.histograms == 0:
            weights = snapshot(self._network)
        if len(self._waiting) >= MOST_WAITING:
            self._background.dropped += 1
            return
        self._waiting.append(Logged(record.epoch, scalars(record), weights))
        if len(self._waiting) == 1:  # else a call is on its way, and takes this too
            self._background.call(self._send)

    def _send(self) -> None:
        epochs = []
        while self._waiting:
            epochs.append(self._waiting.popleft())
        if epochs:
            self.log(epochs)


def scalars(record: EpochRecord) -> dict[str, float]:
    """Return the numbers of an epoch by their tags, those that are finite.

    Examples
    --------
    >>> scalars(EpochRecord(1, 0.5, metrics={"accuracy": 0.75}))
    {'loss/train': 0.5, 'validation/accuracy': 0.75}
    """
    values = {tag: getattr(record, name) for name, tag in TAGS.items()}
    values |= {f"validation/{name}": x for name, x in record.metrics.items()}
    return {tag: float(x) for tag, x in values.items() if x is not None and isfinite(x)}


def snapshot(network: Network) -> dict[str, Array]:
    """Copy the W and b of each dense layer, by the names W1, b1, W2 ..."""
    return {
        f"{letter}{k}": np.array(values)
        for k, layer in enumerate(network.dense_layers, 1)
        for letter, values in layer.arrays().items()
    }


def require(package: str, module: str | None = None) -> Any:
    """Import what a tracker needs; ModuleNotFoundError says what to install."""
    try:
        return import_module(module or package)
    except ModuleNotFoundError as error:
        if error.name != (module or package).partition(".")[0]:
            raise
        raise ModuleNotFoundError(
            f"{package} is not installed: pip install {package}", name=package
        ) from None


def _at_least(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, but got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, but got {value}")
    return int(value)
