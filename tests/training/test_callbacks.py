"""Those who see the records: what stops a training, and which weights are kept."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training.callbacks import CallbackList, checked_callbacks
from ranvier.training.epoch_metrics import resolve_all
from ranvier.training.history import EpochRecord
from ranvier.training.stopping import EarlyStopping
from ranvier.training.task import Data, Task


def make_task(validated: bool = True, metric: Any = None) -> Task:
    net = rv.Network(1, [rv.Dense(1)], seed=0)
    X = np.zeros((2, 1), np.float32)
    data = Data(X, X)
    return Task(
        net,
        data,
        np.arange(2),
        Loss("squared_error"),
        _engine.Workspace(1),
        data if validated else None,
        resolve_all(metric, "squared_error"),
    )


def follow(
    task: Task,
    stop: EarlyStopping | None = None,
    callbacks: list[Callable[[EpochRecord], object]] | None = None,
) -> CallbackList:
    return CallbackList(task, stop, callbacks or [], 0)


def show(followers: CallbackList, losses: list[float]) -> bool:
    """Show epochs with these validation losses; theta is the number of the epoch."""
    for loss in losses:
        epoch = len(followers.history) + 1
        followers.task.net.theta[...] = epoch
        if followers.on_epoch_end(
            EpochRecord(epoch, 9.0 / epoch, loss, {"rmse": loss})
        ):
            return True
    return False


def test_last_weights_without_a_rule() -> None:
    followers = follow(make_task())
    assert not show(followers, [3, 1, 2])
    followers.on_train_end("finished")
    assert followers.task.net.theta.tolist() == [3, 3]
    assert followers.history.best_epoch == 2
    assert followers.history.stopped == "finished"


def test_best_epoch_by_training_loss_without_validation() -> None:
    followers = follow(make_task(validated=False))
    show(followers, [3, 1, 2])
    assert followers.history.best_epoch == 3


@pytest.mark.parametrize("enough", [False, True])
def test_best_weights_with_a_rule(enough: bool) -> None:
    followers = follow(make_task(), EarlyStopping(patience=2 if enough else 3))
    assert show(followers, [3, 1, 2, 2]) is enough
    followers.on_train_end("finished")
    assert followers.task.net.theta.tolist() == [2, 2]
    assert followers.history.stopped == ("early stopping" if enough else "finished")


def test_metric_is_followed_in_its_direction() -> None:
    rule = EarlyStopping(monitor="metric")
    followers = follow(make_task(metric="rmse"), rule)
    show(followers, [3, 1, 2])
    assert followers.history.best_epoch == 2
    highest = EarlyStopping(monitor="metric", mode="max")
    followers = follow(make_task(metric="rmse"), highest)
    show(followers, [3, 1, 2])
    assert followers.history.best_epoch == 1


def test_callbacks_see_each_record_in_order() -> None:
    seen: list[tuple[str, int]] = []
    callbacks = [
        lambda record: seen.append(("a", record.epoch)),
        lambda record: seen.append(("b", record.epoch)),
    ]
    show(follow(make_task(), callbacks=callbacks), [3, 2])
    assert seen == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_callback_sees_the_weights_of_its_epoch() -> None:
    task, seen = make_task(), []
    callbacks = [lambda _: seen.append(task.net.theta.tolist())]
    show(follow(task, callbacks=callbacks), [3, 2])
    assert seen == [[1, 1], [2, 2]]


@pytest.mark.parametrize("answer", [True, np.True_])
def test_callback_stops(answer: object) -> None:
    def second(record: EpochRecord) -> object:
        return answer if record.epoch == 2 else None

    followers = follow(make_task(), callbacks=[second])
    assert show(followers, [3, 2, 1])
    followers.on_train_end("stopped")
    assert len(followers.history) == 2
    assert "second" in followers.history.stopped
    assert followers.history.stopped.startswith("callback ")


def test_callback_stops_by_stop_iteration() -> None:
    def enough(_: EpochRecord) -> None:
        raise StopIteration

    assert show(follow(make_task(), callbacks=[enough]), [3])


@pytest.mark.parametrize("answer", [None, False, 1, "yes", [1], np.False_])
def test_other_answers_do_not_stop(answer: object) -> None:
    assert not show(follow(make_task(), callbacks=[lambda _: answer]), [3, 2])


def test_stopping_by_callback_restores_the_best_of_a_rule() -> None:
    followers = follow(make_task(), EarlyStopping(), [lambda r: r.epoch == 3])
    assert show(followers, [2, 1, 3, 0])
    followers.on_train_end("stopped")
    assert followers.task.net.theta.tolist() == [2, 2]


class Failing:
    """A callback that is no function."""

    def __call__(self, record: EpochRecord) -> None:
        raise KeyError("gone")


def failing(record: EpochRecord) -> None:
    raise KeyError("gone")


@pytest.mark.parametrize(
    ("callback", "name"), [(failing, "failing"), (Failing(), "Failing")]
)
def test_failing_callback_names_itself(
    callback: Callable[[EpochRecord], object], name: str
) -> None:
    followers = follow(make_task(), EarlyStopping(), [callback])
    followers.task.net.theta[...] = 4
    with pytest.raises(KeyError, match="gone") as raised:
        followers.on_epoch_end(EpochRecord(4, 1.0, 1.0))
    note = f"raised by the callback {name} after epoch 4"
    assert any(note in text for text in raised.value.__notes__)
    assert followers.task.net.theta.tolist() == [4, 4]


@pytest.mark.parametrize("stop", [None, EarlyStopping()])
def test_interrupted(stop: EarlyStopping | None) -> None:
    followers = follow(make_task(), stop)
    show(followers, [3, 1, 2])
    followers.task.net.theta[...] = 3.5  # within epoch 4
    message = r"in epoch 4: .* epoch 2, the best so far \(validation loss 1\)"
    with pytest.warns(RuntimeWarning, match=message):
        followers.on_interrupt()
    assert followers.task.net.theta.tolist() == [2, 2]
    assert followers.history.stopped == "interrupted"


def test_interrupted_in_the_first_epoch() -> None:
    followers = follow(make_task())
    followers.task.net.theta[...] = 0.5
    with pytest.warns(RuntimeWarning, match="reached within epoch 1, the first"):
        followers.on_interrupt()
    assert followers.task.net.theta.tolist() == [0.5, 0.5]


def test_interrupted_with_warnings_as_errors() -> None:
    followers = follow(make_task())
    show(followers, [1, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            followers.on_interrupt()
    assert followers.task.net.theta.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("task", "stop", "message"),
    [
        (make_task(False), EarlyStopping(), "'validation_loss'.*no validation rows"),
        (
            make_task(False),
            EarlyStopping(monitor="metric"),
            "'metric'.*no validation rows",
        ),
        (make_task(), EarlyStopping(monitor="metric"), "'metric', but there is none"),
        (
            make_task(metric=lambda y, A: 0.0),
            EarlyStopping(monitor="metric"),
            r"whether a higher '<lambda>' is better.*mode='max'",
        ),
        (make_task(False, "rmse"), None, "metric 'rmse' is computed on validation"),
    ],
)
def test_rules_that_cannot_be_followed(
    task: Task, stop: EarlyStopping | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        follow(task, stop)


class Log:
    """A callback with all three methods."""

    def __init__(self, stop_at: int = 99) -> None:
        self.calls: list[Any] = []
        self.stop_at = stop_at

    def on_train_begin(self, network: rv.Network, config: dict[str, Any]) -> None:
        self.network = network
        self.calls.append(("begin", config["epochs"], config["optimizer"]["name"]))

    def on_epoch_end(self, record: EpochRecord) -> bool:
        self.calls.append((record.epoch, self.network.theta.copy().tobytes()))
        return record.epoch == self.stop_at

    def on_train_end(self, history: rv.History) -> None:
        self.calls.append((history.stopped, len(history)))


X, Y = np.linspace(-1, 1, 8)[:, None], np.linspace(0, 1, 8)


def test_an_object_follows_a_training() -> None:
    log, seen = Log(), []
    net = rv.Network.mlp(1, 2, 1, seed=0)
    rv.train(
        net, X, Y, epochs=3, callbacks=[log, lambda _: seen.append(net.theta.tobytes())]
    )
    assert log.calls[0] == ("begin", 3, "adam")
    assert [call[0] for call in log.calls[1:-1]] == [1, 2, 3]
    assert [call[1] for call in log.calls[1:-1]] == seen
    assert log.calls[-1] == ("finished", 3)


def test_an_object_may_stop_a_training_and_miss_methods() -> None:
    class End:
        def on_train_end(self, history: rv.History) -> None:
            self.stopped = history.stopped

    end = End()
    net = rv.Network.mlp(1, 2, 1, seed=0)
    history = rv.train(net, X, Y, epochs=9, callbacks=[Log(stop_at=2), end])
    assert (len(history), end.stopped) == (2, "callback Log")


@pytest.mark.parametrize(
    ("error", "stopped"), [(KeyboardInterrupt, "interrupted"), (KeyError, "failed")]
)
def test_an_object_learns_of_every_end(
    error: type[BaseException], stopped: str
) -> None:
    def fail(record: EpochRecord) -> None:
        if record.epoch == 2:
            raise error

    log, net = Log(), rv.Network.mlp(1, 2, 1, seed=0)
    with (
        pytest.warns(RuntimeWarning)
        if error is KeyboardInterrupt
        else pytest.raises(error)
    ):
        rv.train(net, X, Y, epochs=9, callbacks=[log, fail])
    assert log.calls[-1] == (stopped, 2)


@pytest.mark.parametrize("method", ["on_train_begin", "on_epoch_end", "on_train_end"])
def test_an_object_that_fails_is_named(method: str) -> None:
    class Broken:
        pass

    def fail(self: object, *_: object) -> None:
        raise KeyError("gone")

    setattr(Broken, method, fail)
    with pytest.raises(KeyError) as raised:
        rv.train(rv.Network.mlp(1, 2, 1), X, Y, epochs=2, callbacks=[Broken()])
    assert any("Broken" in note for note in raised.value.__notes__)


def test_functions() -> None:
    assert checked_callbacks((print,)) == [print]
    for wrong in (print, "abc", None):
        with pytest.raises(TypeError, match="callbacks must be a list of functions"):
            checked_callbacks(wrong)
    for wrong in (3, "abc", Log):
        with pytest.raises(TypeError, match="a callback must be a function"):
            checked_callbacks([wrong])
