"""Training of networks that share their weights."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ranvier as rv
import reference
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training import batch_ensemble_training
from ranvier.training.batch_ensemble import BatchEnsemble
from ranvier.training.batch_ensemble_training import (
    batch_ensemble_epochs,
    loss_of_answers,
)
from ranvier.training.config import TrainConfig
from ranvier.training.epoch_metrics import resolve_all
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.optimizers import SGD, AdamW
from ranvier.training.task import Data, Task

Array = NDArray[Any]


def classes(rows: int = 200, dropout: float = 0.2) -> Task:
    """Return a task of two classes, with rows held out."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 3)).astype(np.float32)
    Y = (X[:, 0] * X[:, 1] > 0).astype(np.int32)
    net = rv.Network.mlp(3, [16, 16], 2, "relu", "softmax", dropout, seed=0)
    data, cut = Data(X, Y), rows * 4 // 5
    rest = Data(X[cut:], Y[cut:])
    metrics = resolve_all("accuracy", "cross_entropy")
    loss = Loss("cross_entropy")
    return Task(net, data, np.arange(cut), loss, _engine.Workspace(1), rest, metrics)


def numbers(rows: int = 12) -> Task:
    """Return a task of numbers in float64, as the witness has it, without dropout."""
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(rows, 3)), rng.normal(size=(rows, 2))
    net = rv.Network.mlp(3, [5, 4], 2, "tanh", dtype="float64", seed=0)
    loss, workspace = Loss("squared_error"), _engine.Workspace(1)
    return Task(net, Data(X, Y), np.arange(rows), loss, workspace)


def plan(epochs: int = 3, batch_size: int = 32, **changes: Any) -> TrainConfig:
    given = {"seed": 5, "optimizer": AdamW(lr=0.01)} | changes
    loss = Loss("squared_error")  # that of the task is used
    return TrainConfig(loss=loss, epochs=epochs, batch_size=batch_size, **given)


def started(task: Task, k: int) -> BatchEnsemble:
    shared = BatchEnsemble(task.net, k)
    shared.start(task.net, ["a", "b", "c"], seed=1)
    return shared


def train(
    task: Task, shared: BatchEnsemble, how: TrainConfig, threads: int = 1, **more: Any
) -> Any:
    return list(batch_ensemble_epochs(shared, task, how, threads, **more))


@pytest.mark.parametrize("clip_norm", [None, 0.1])
def test_a_step_is_that_of_the_witness(clip_norm: float | None) -> None:
    task, k = numbers(), 3
    shared = started(task, k)
    optimizer = AdamW(lr=0.02, weight_decay=0.3, clip_norm=clip_norm)
    theta, state = shared.theta.copy(), np.zeros((2, shared.theta.size))
    how = plan(2, 12, optimizer=optimizer)
    records = train(task, shared, how)
    update = reference.Update(kind="adam", weight_decay=0.3)
    update = update._replace(clip_norm=np.inf if clip_norm is None else clip_norm)
    decays = 1.0 * (np.arange(theta.size) < shared.decayed)
    for step in range(2):
        now = BatchEnsemble(task.net, k, theta)
        X, Y = np.stack([task.data.X] * k), np.stack([task.data.Y] * k)
        hidden = [tuple(layer) for layer in now.hidden]
        loss, (d_hidden, d_last) = reference.batch_ensemble(hidden, now.last, X, Y)
        assert records[step].loss == pytest.approx(loss / k, rel=1e-12)
        parts = [layer[i].ravel() for layer in d_hidden for i in range(3)]
        parts += [d_last[0].ravel(), *(d[3].ravel() for d in d_hidden)]
        g = np.concatenate([*parts, d_last[1].ravel()]) / k
        norm = reference.move(update, theta, state, g, 0.02, decays, step + 1)
        assert records[step].gradient_norm == pytest.approx(norm, rel=1e-10)
    np.testing.assert_allclose(shared.theta, theta, rtol=1e-9)


def test_no_thread_changes_a_bit() -> None:
    results = []
    for threads in (1, 2, 5):
        task = classes()
        shared = started(task, 11)
        records = train(task, shared, plan(), threads)
        losses = [(r.loss, r.validation_loss, r.metrics) for r in records]
        results.append((shared.theta.tobytes(), losses))
    assert results[0] == results[1] == results[2]


def test_members_learn_and_stay_different() -> None:
    task = classes(400)
    shared = started(task, 8)
    records = train(task, shared, plan(30))
    assert records[-1].loss < records[0].loss
    assert records[-1].metrics["accuracy"] > 0.85
    answers = []
    for m in range(8):
        shared.unfold(m, task.net)
        answers.append(task.net(task.validation.X))  # type: ignore[union-attr]
    assert all(not np.allclose(answers[0], other) for other in answers[1:])
    A = np.mean(answers, axis=0)
    hit = np.mean(A.argmax(axis=1) == task.validation.Y)  # type: ignore[union-attr]
    assert records[-1].metrics["accuracy"] == pytest.approx(hit)
    p = A[np.arange(len(A)), task.validation.Y]  # type: ignore[union-attr]
    assert records[-1].validation_loss == pytest.approx(-np.log(p).mean(), rel=1e-5)


def test_each_member_has_an_order_of_its_own() -> None:
    task = classes(50)
    run = batch_ensemble_training._Run(started(task, 4), task, plan())
    orders, others = run._orders(1), run._orders(2)
    assert all(sorted(order) == task.rows.tolist() for order in orders.tolist())
    assert len({order.tobytes() for order in (*orders, *others)}) == 8
    still = batch_ensemble_training._Run(started(task, 4), task, plan(shuffle=False))
    assert (still._orders(1) == task.rows).all()


def test_dropout_is_of_the_member_and_the_step() -> None:
    dropped, kept = classes(dropout=0.5), classes(dropout=0.0)
    losses = []
    for task in (dropped, kept):
        shared = BatchEnsemble(task.net, 2)
        shared.start(kept.net, ["a", "b", "c"], seed=1)
        losses.append(train(task, shared, plan(1))[0].loss)
    assert losses[0] != losses[1]
    net = dropped.net
    gradients = []
    for number in (3, 3, 4):
        gradient = np.empty_like(net.theta)
        _engine.loss_and_gradient(
            net.engine, net.theta, dropped.data.X, dropped.data.Y, None,
            dropped.loss.engine, gradient, dropped.workspace,
            dropout=1.0, seed=2, number=number,
        )  # fmt: skip
        gradients.append(gradient.tobytes())
    assert gradients[0] == gradients[1] != gradients[2]


def test_weights_of_rows_count() -> None:
    task = classes(dropout=0.0)
    weights = np.ones(len(task.data), np.float32)
    weights[::2] = 3
    heavy = Task(
        task.net, Data(task.data.X, task.data.Y, weights), task.rows, task.loss,
        task.workspace,
    )  # fmt: skip
    thetas = []
    for one in (task, heavy):
        shared = started(one, 2)
        train(one, shared, plan(1))
        thetas.append(shared.theta)
    assert not np.array_equal(*thetas)


def test_what_is_cut_short_goes_back_to_the_last_whole_epoch() -> None:
    task = classes()
    whole = started(task, 3)
    train(task, whole, plan(2))
    asked = iter(range(1000))
    shared = started(task, 3)
    # 5 steps an epoch, and before all but the first of an epoch one question
    records = train(task, shared, plan(9), should_continue=lambda: next(asked) < 10)
    assert len(records) == 2
    np.testing.assert_array_equal(shared.theta, whole.theta)


def test_the_first_epoch_keeps_what_it_has_learnt() -> None:
    task = classes()
    shared = started(task, 3)
    before = shared.theta.copy()
    records = train(task, shared, plan(9), should_continue=lambda: False)
    assert len(records) == 1
    assert not np.array_equal(shared.theta, before)


def test_leaving_the_finite_numbers() -> None:
    task = classes()
    shared = started(task, 3)
    before = shared.theta.copy()
    with pytest.raises(NonFiniteError, match="epoch 1, step") as error:
        train(task, shared, plan(optimizer=AdamW(lr=1e30)))
    assert set(error.value.rows.tolist()) < set(task.rows.tolist())
    np.testing.assert_array_equal(shared.theta, before)


def test_another_optimizer_is_refused() -> None:
    task = classes()
    with pytest.raises(TypeError, match=r"give ranvier\.AdamW"):
        train(task, started(task, 2), plan(optimizer=SGD()))


def test_the_loss_of_answers() -> None:
    P = np.array([[0.25, 0.75], [1, 0]])
    labels = np.array([1, 0], np.int32)
    X = np.zeros((2, 1))
    found = loss_of_answers(Loss("cross_entropy"), P, Data(X, labels))
    assert found == pytest.approx(-np.log(0.75) / 2)
    Y = np.array([[0.0, 1.0], [1.0, 1.0]])
    found = loss_of_answers(Loss("log_loss"), P, Data(X, Y))
    assert found == pytest.approx((-2 * np.log(0.75) + 80) / 4, rel=1e-6)
    found = loss_of_answers(Loss("squared_error"), P, Data(X, Y))
    assert found == pytest.approx((0.0625 * 2 + 1) / 4)
    found = loss_of_answers(Loss("poisson"), P[:, :1], Data(X, Y[:, :1]))
    assert found == pytest.approx((0.25 + 1 - 0) / 2)
