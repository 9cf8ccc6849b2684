"""What all trackers share: when they log, what, and what happens if they fail."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from trainings import train

from ranvier.trackers.tracker import Logged, Tracker, require, scalars
from ranvier.training.history import EpochRecord


class Notes(Tracker):
    """Keeps what it is given."""

    name = "notes"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.epochs: list[Logged] = []
        self.calls: list[str] = []
        self.threads: set[int] = set()

    def open(self, network: Any, config: Any) -> None:
        self.calls.append(f"open {config['epochs']}")

    def log(self, epochs: Sequence[Logged]) -> None:
        self.epochs += epochs
        self.threads.add(threading.get_ident())

    def close(self, network: Any, history: Any) -> None:
        self.calls.append(f"close {history.stopped}")


def test_every_epoch_once_and_in_order() -> None:
    notes = Notes()
    _, history = train(notes, epochs=50)
    assert notes.calls == ["open 50", "close finished"]
    assert [logged.epoch for logged in notes.epochs] == list(range(1, 51))
    assert [e.values["loss/train"] for e in notes.epochs] == history.losses
    assert notes.epochs[0].values.keys() == {
        "loss/train",
        "loss/validation",
        "validation/accuracy",
        "learning_rate",
        "gradient_norm",
    }
    assert threading.get_ident() not in notes.threads


def test_some_epochs_and_the_last() -> None:
    notes = Notes(every=3, histograms=6)
    net, _ = train(notes)
    assert [logged.epoch for logged in notes.epochs] == [3, 6, 7]
    assert [bool(logged.weights) for logged in notes.epochs] == [False, True, False]
    assert notes.epochs[1].weights.keys() == {"W1", "b1", "W2", "b2"}
    assert notes.epochs[1].weights["W1"].shape == net.layers[0].W.shape


def test_weights_are_those_of_the_epoch() -> None:
    notes = Notes(histograms=1)
    net, _ = train(notes)
    assert (notes.epochs[-1].weights["W1"] == net.layers[0].W).all()
    assert (notes.epochs[0].weights["W1"] != net.layers[0].W).any()


@pytest.mark.parametrize("method", ["open", "log", "close"])
def test_a_failing_tracker_does_not_change_training(method: str) -> None:
    def fail(*_: Any) -> None:
        raise ConnectionError("refused")

    notes = Notes()
    setattr(notes, method, fail)
    with pytest.warns(RuntimeWarning, match="notes failed: ConnectionError: refused"):
        net, history = train(notes)
    usual, _ = train()
    assert history.stopped == "finished"
    assert (net.theta == usual.theta).all()


def test_scalars_leave_out_what_is_not_finite() -> None:
    record = EpochRecord(1, float("inf"), None, {"r2": float("nan")}, 0.1, 2.0)
    assert scalars(record) == {"learning_rate": 0.1, "gradient_norm": 2.0}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"every": 0}, "every must be at least 1, but got 0"),
        ({"histograms": -1}, "histograms must be at least 0"),
        ({"every": "2"}, "every must be an integer, but got '2'"),
        ({"every": True}, "every must be an integer"),
        ({"every": 1.5}, "every must be an integer"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        Notes(**settings)
    assert Notes(every=np.int64(2)).every == 2


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install no_such_tool"):
        require("no_such_tool")
