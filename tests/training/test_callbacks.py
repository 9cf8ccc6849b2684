"""Those who see the records: what stops a training, and which weights are kept."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training.callbacks import CallbackList
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


def watch(
    task: Task,
    stop: EarlyStopping | None = None,
    callbacks: list[Callable[[EpochRecord], object]] | None = None,
) -> CallbackList:
    return CallbackList(task, stop, callbacks or [], 0)


def show(watchers: CallbackList, losses: list[float]) -> bool:
    """Show epochs with these validation losses; theta is the number of the epoch."""
    for loss in losses:
        epoch = len(watchers.history) + 1
        watchers.theta[...] = epoch
        if watchers.see(EpochRecord(epoch, 9.0 / epoch, loss, {"rmse": loss})):
            return True
    return False


def test_last_weights_without_a_rule() -> None:
    watchers = watch(make_task())
    assert not show(watchers, [3, 1, 2])
    watchers.settle("finished")
    assert watchers.theta.tolist() == [3, 3]
    assert watchers.history.best_epoch == 2
    assert watchers.history.stopped == "finished"


def test_best_epoch_by_training_loss_without_validation() -> None:
    watchers = watch(make_task(validated=False))
    show(watchers, [3, 1, 2])
    assert watchers.history.best_epoch == 3


@pytest.mark.parametrize("enough", [False, True])
def test_best_weights_with_a_rule(enough: bool) -> None:
    watchers = watch(make_task(), EarlyStopping(patience=2 if enough else 3))
    assert show(watchers, [3, 1, 2, 2]) is enough
    watchers.settle("finished")
    assert watchers.theta.tolist() == [2, 2]
    assert watchers.history.stopped == ("early stopping" if enough else "finished")


def test_metric_is_followed_in_its_direction() -> None:
    rule = EarlyStopping(monitor="metric")
    watchers = watch(make_task(metric="rmse"), rule)
    show(watchers, [3, 1, 2])
    assert watchers.history.best_epoch == 2
    highest = EarlyStopping(monitor="metric", mode="max")
    watchers = watch(make_task(metric="rmse"), highest)
    show(watchers, [3, 1, 2])
    assert watchers.history.best_epoch == 1


def test_callbacks_see_each_record_in_order() -> None:
    seen: list[tuple[str, int]] = []
    callbacks = [
        lambda record: seen.append(("a", record.epoch)),
        lambda record: seen.append(("b", record.epoch)),
    ]
    show(watch(make_task(), callbacks=callbacks), [3, 2])
    assert seen == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_callback_sees_the_weights_of_its_epoch() -> None:
    task, seen = make_task(), []
    callbacks = [lambda _: seen.append(task.net.theta.tolist())]
    show(watch(task, callbacks=callbacks), [3, 2])
    assert seen == [[1, 1], [2, 2]]


@pytest.mark.parametrize("answer", [True, np.True_])
def test_callback_stops(answer: object) -> None:
    def second(record: EpochRecord) -> object:
        return answer if record.epoch == 2 else None

    watchers = watch(make_task(), callbacks=[second])
    assert show(watchers, [3, 2, 1])
    watchers.settle("stopped")
    assert len(watchers.history) == 2
    assert "second" in watchers.history.stopped
    assert watchers.history.stopped.startswith("callback ")


def test_callback_stops_by_stop_iteration() -> None:
    def enough(_: EpochRecord) -> None:
        raise StopIteration

    assert show(watch(make_task(), callbacks=[enough]), [3])


@pytest.mark.parametrize("answer", [None, False, 1, "yes", [1], np.False_])
def test_other_answers_do_not_stop(answer: object) -> None:
    assert not show(watch(make_task(), callbacks=[lambda _: answer]), [3, 2])


def test_stopping_by_callback_restores_the_best_of_a_rule() -> None:
    watchers = watch(make_task(), EarlyStopping(), [lambda r: r.epoch == 3])
    assert show(watchers, [2, 1, 3, 0])
    watchers.settle("stopped")
    assert watchers.theta.tolist() == [2, 2]


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
    watchers = watch(make_task(), EarlyStopping(), [callback])
    watchers.theta[...] = 4
    with pytest.raises(KeyError, match="gone") as raised:
        watchers.see(EpochRecord(4, 1.0, 1.0))
    note = f"raised by the callback {name} after epoch 4"
    assert any(note in text for text in raised.value.__notes__)
    assert watchers.theta.tolist() == [4, 4]


@pytest.mark.parametrize("stop", [None, EarlyStopping()])
def test_interrupted(stop: EarlyStopping | None) -> None:
    watchers = watch(make_task(), stop)
    show(watchers, [3, 1, 2])
    watchers.theta[...] = 3.5  # within epoch 4
    message = r"in epoch 4: .* epoch 2, the best so far \(validation loss 1\)"
    with pytest.warns(RuntimeWarning, match=message):
        watchers.interrupted()
    assert watchers.theta.tolist() == [2, 2]
    assert watchers.history.stopped == "interrupted"


def test_interrupted_in_the_first_epoch() -> None:
    watchers = watch(make_task())
    watchers.theta[...] = 0.5
    with pytest.warns(RuntimeWarning, match="reached within epoch 1, the first"):
        watchers.interrupted()
    assert watchers.theta.tolist() == [0.5, 0.5]


def test_interrupted_with_warnings_as_errors() -> None:
    watchers = watch(make_task())
    show(watchers, [1, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning):
            watchers.interrupted()
    assert watchers.theta.tolist() == [1, 1]


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
        watch(task, stop)


def test_rule_of_another_kind() -> None:
    with pytest.raises(TypeError, match="but got 10: give for example EarlyStopping"):
        watch(make_task(), 10)  # type: ignore[arg-type]
