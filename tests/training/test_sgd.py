"""Training in batches: any cut, any threads and any pause give the same bits."""

import itertools
import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training import schedules, sgd
from ranvier.training.config import TrainConfig
from ranvier.training.optimizers import SGD, Adam, AdamW, StepOptimizer
from ranvier.training.sgd import OptimizerState, cut, data_order
from ranvier.training.task import Data, Task

Array = NDArray[Any]

OPTIMIZERS: list[StepOptimizer] = [
    SGD(lr=0.05),
    SGD(lr=0.05, momentum=0.9, nesterov=True, l2=1e-3),
    Adam(lr=0.01, clip_norm=0.5, layer_rates=[1.0, (0.5, 2.0), 1.0]),
    AdamW(lr=0.01, weight_decay=0.1),
]


LOSS = Loss("cross_entropy")


def make_task(threads: int = 1, seed: int = 0, rows: int = 500) -> Task:
    """Return a small task with dropout, weights, and rows left out."""
    rng = np.random.default_rng(seed)
    layers = [
        rv.Dense(20, "tanh"),
        rv.Dropout(0.2),
        rv.Dense(9, "relu"),
        rv.Dense(3, "softmax"),
    ]
    net = rv.Network(7, layers, seed=seed)
    X = rng.normal(size=(rows, 7)).astype(np.float32)
    weights = rng.random(rows, dtype=np.float32)
    data = Data(X, rng.integers(0, 3, rows).astype(np.int32), weights)
    part = np.setdiff1d(np.arange(rows), [3, 50])
    return Task(net, data, part, LOSS, _engine.Workspace(threads))


def make_plan(
    optimizer: StepOptimizer = OPTIMIZERS[0], epochs: int = 4, **changes: Any
) -> TrainConfig:
    given = {"batch_size": 32, "seed": 5, "schedule": schedules.cosine} | changes
    return TrainConfig(loss=LOSS, optimizer=optimizer, epochs=epochs, **given)


def run(
    task: Task, plan: TrainConfig, state: OptimizerState | None = None
) -> tuple[list[rv.EpochRecord], OptimizerState]:
    state = state or OptimizerState.fresh(task, plan)
    return list(sgd.epochs(task, plan, state)), state


def bits(task: Task, state: OptimizerState) -> bytes:
    return task.net.theta.tobytes() + state.slots.tobytes()


def numbers(records: list[rv.EpochRecord]) -> list[tuple[float, ...]]:
    return [(r.loss, r.learning_rate, r.gradient_norm) for r in records]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_any_number_of_threads(optimizer: StepOptimizer) -> None:
    results = []
    for threads in (1, 2, 3, 4):
        task = make_task(threads)
        records, state = run(task, make_plan(optimizer))
        results.append((bits(task, state), numbers(records)))
    assert results[1:] == results[:-1]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("rows_per_call", [1, 32, 100, 480])
def test_any_cut_of_an_epoch(
    optimizer: StepOptimizer, rows_per_call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, cut_task = make_task(), make_task()
    records, state = run(task, make_plan(optimizer))
    monkeypatch.setattr(sgd, "CALL_WORK", 0)
    monkeypatch.setattr(sgd, "CALL_ROWS", rows_per_call)
    cut_records, cut_state = run(cut_task, make_plan(optimizer))
    assert bits(cut_task, cut_state) == bits(task, state)
    for record, cut_record in zip(records, cut_records, strict=True):
        assert cut_record.loss == pytest.approx(record.loss, rel=1e-14)
        assert cut_record.gradient_norm == record.gradient_norm


def test_schedules_for_any_cut_of_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(
        rv.AdamW(weight_decay=0.2), decay_schedule=schedules.flat_cos,
        dropout_schedule=schedules.cosine, drop_last=True,
    )  # fmt: skip
    task, cut_task, plain_task = make_task(), make_task(), make_task()
    _, state = run(task, plan)
    run(plain_task, make_plan(plan.optimizer, drop_last=True))
    monkeypatch.setattr(sgd, "CALL_WORK", 0)
    monkeypatch.setattr(sgd, "CALL_ROWS", 32)
    _, cut_state = run(cut_task, plan)
    assert bits(cut_task, cut_state) == bits(task, state)
    assert plain_task.net != task.net


def test_the_decay_follows_its_schedule() -> None:
    # Where X is 0, the first W has no gradient, and only decays.
    task = make_task()
    X = np.zeros_like(task.data.X)
    task = replace(task, data=replace(task.data, X=X))
    start = task.net.dense_layers[0].W.copy()
    sgd = rv.SGD(lr=0.5, weight_decay=0.25)
    plan = make_plan(
        sgd, 2, schedule=schedules.constant, batch_size=249, seed=0,
        decay_schedule=lambda t: 0.5 + t,
    )  # fmt: skip
    run(task, plan)
    kept = np.prod([1 - 0.125 * (0.5 + step / 4) for step in range(4)])
    W = task.net.dense_layers[0].W
    np.testing.assert_allclose(W, start * np.float32(kept), rtol=1e-6)


@pytest.mark.parametrize(("size", "steps"), [(32, 15), (498, 1), (499, 1), (166, 3)])
def test_the_last_rows_are_left_out(size: int, steps: int) -> None:
    task = make_task()  # 498 rows
    plan = make_plan(batch_size=size, drop_last=True, epochs=3)
    assert plan.steps_per_epoch(len(task.rows)) == steps
    _, state = run(task, plan)
    assert state.steps == 3 * steps


def test_a_factor_of_dropout_above_1() -> None:
    with pytest.raises(ValueError, match=r"gave 2.0 at .* lie between 0 and 1"):
        run(make_task(), make_plan(dropout_schedule=lambda t: 2.0))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("pause", [1, 2, 3])
def test_going_on_from_a_saved_state(optimizer: StepOptimizer, pause: int) -> None:
    plan = make_plan(optimizer)
    task = make_task()
    records, state = run(task, plan)

    first = make_task()
    begun = OptimizerState.fresh(first, plan)
    head = list(itertools.islice(sgd.epochs(first, plan, begun), pause))
    saved = pickle.dumps((first.net, begun))
    net, loaded = pickle.loads(saved)
    second = make_task()
    second.net.theta[...] = net.theta
    tail, end = run(second, plan, loaded)

    assert bits(second, end) == bits(task, state)
    assert numbers(head + tail) == numbers(records)
    assert (end.steps, end.epochs) == (state.steps, state.epochs) == (4 * 16, 4)


def test_state() -> None:
    task = make_task()
    shapes = [
        OptimizerState.fresh(task, make_plan(optimizer)).slots.shape[0]
        for optimizer in OPTIMIZERS
    ]
    assert shapes == [0, 1, 2, 2]
    state = OptimizerState.fresh(task, make_plan(OPTIMIZERS[2]))
    assert state.kind == "adam"
    assert state.slots.shape == (2, task.net.theta.size)
    assert state.slots.dtype == np.float32
    assert not state.slots.any()


def test_orders() -> None:
    rows = np.array([4, 7, 1, 9, 3, 8])
    plan = make_plan(batch_size=2)
    first, second = data_order(rows, plan, 1), data_order(rows, plan, 2)
    assert first.dtype == np.int64
    assert sorted(first) == sorted(second) == sorted(rows)
    assert first.tolist() != second.tolist()
    # Any epoch's order can be made again, without those before it.
    assert data_order(rows, plan, 2).tolist() == second.tolist()
    other = make_plan(batch_size=2, seed=6)
    assert data_order(rows, other, 1).tolist() != first.tolist()
    for as_given in (
        make_plan(batch_size=2, shuffle=False),
        make_plan(batch_size=6),
    ):
        assert data_order(rows, as_given, 1).tolist() == rows.tolist()


def test_orders_are_fair() -> None:
    rows, plan = np.arange(5), make_plan(batch_size=1)
    orders = np.array([data_order(rows, plan, epoch) for epoch in range(1, 2001)])
    for place in orders.T:
        assert np.bincount(place) == pytest.approx(np.full(5, 400), abs=80)


def test_large_seeds() -> None:
    plan = make_plan(batch_size=1, seed=2**64 - 1)
    assert sorted(data_order(np.arange(3), plan, 1)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("steps", "batch", "parameters", "calls"),
    [
        (10, 4096, 1_000_000, 10),  # a step of 25 GFLOP: one a call
        (10, 256, 4_000_000, 2),  # 2048 rows: 8 steps
        (100, 256, 10_000, 1),
        (4 * 10**6, 32, 1, 3),  # the rows themselves take their time
    ],
)
def test_cut(steps: int, batch: int, parameters: int, calls: int) -> None:
    parts = list(cut(steps, batch, parameters))
    assert len(parts) == calls
    assert parts[0].start == 0
    assert parts[-1].stop == steps
    assert all(a.stop == b.start for a, b in itertools.pairwise(parts))


class Recorder:
    """Stands in for the engine: notes what each call is given, and reports losses."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, *arguments: Any, **factors: Any) -> Any:
        names = "network theta state X Y weights order batch loss update rates"
        names += " steps_before seed epoch workspace"
        call = dict(zip(names.split(), arguments, strict=True)) | factors
        self.calls.append(call)

        class Report:
            loss = float(len(self.calls))
            gradient_norm = 10.0 * len(self.calls)
            failed_step = -1

        return Report


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    recorder = Recorder()
    monkeypatch.setattr(_engine, "train_epoch", recorder)
    monkeypatch.setattr(sgd, "CALL_WORK", 0)
    monkeypatch.setattr(sgd, "CALL_ROWS", 64)
    return recorder


def test_what_the_engine_is_asked(recorder: Recorder) -> None:
    task, plan = make_task(rows=102), make_plan(SGD(lr=0.5), epochs=2)
    records, state = run(task, plan)  # 100 rows: 4 steps an epoch, 2 a call
    calls = recorder.calls
    assert [len(call["order"]) for call in calls] == [64, 36, 64, 36]
    assert [call["steps_before"] for call in calls] == [0, 2, 4, 6]
    assert [call["epoch"] for call in calls] == [1, 1, 2, 2]
    assert {call["seed"] for call in calls} == {5}
    assert {(call["decays"], call["dropouts"]) for call in calls} == {(None, None)}
    epochs = [
        np.concatenate([calls[i]["order"], calls[i + 1]["order"]]) for i in (0, 2)
    ]
    for epoch, order in enumerate(epochs, 1):
        assert sorted(order) == task.rows.tolist()
        assert order.tolist() == data_order(task.rows, plan, epoch).tolist()
    rates = np.concatenate([call["rates"] for call in calls])
    assert rates == pytest.approx([0.5 * schedules.cosine(i / 8) for i in range(8)])
    assert (state.steps, state.epochs) == (8, 2)

    assert task.data.weights is not None
    weights = task.data.weights.astype(float)
    shares = [weights[call["order"]].sum() for call in calls]
    by_hand = (1 * shares[0] + 2 * shares[1]) / (shares[0] + shares[1])
    assert records[0].loss == pytest.approx(by_hand)
    assert [record.gradient_norm for record in records] == [20, 40]
    assert [record.learning_rate for record in records] == [rates[3], rates[7]]


def test_records() -> None:
    task = make_task()
    records, _ = run(task, make_plan())
    assert [record.epoch for record in records] == [1, 2, 3, 4]
    for record in records:
        assert record.seconds > 0
        assert record.rows_per_second == pytest.approx(498 / record.seconds)
        assert record.validation_loss is None
        assert record.metrics == {}


def test_loss_is_that_before_the_step() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 1))
    net = rv.Network(3, [rv.Dense(1)], dtype="float64", seed=0)
    L, gradient = net.loss_and_gradient(X, y)
    task = Task(
        net, Data(X, y), np.arange(50), Loss("squared_error"), _engine.Workspace(1)
    )
    records, _ = run(task, make_plan(epochs=1, batch_size=50))
    assert records[0].loss == pytest.approx(L, rel=1e-14)
    norm = np.linalg.norm(gradient.theta)
    assert records[0].gradient_norm == pytest.approx(norm, rel=1e-12)


def test_callers_changes_to_the_weights_are_kept() -> None:
    task, plan = make_task(), make_plan(epochs=2)
    training = sgd.epochs(task, plan, OptimizerState.fresh(task, plan))
    next(training)
    task.net.theta[...] = 0
    task.net.layers[-1].b[0] = np.nan  # the next epoch fails at once
    before = task.net.theta.copy()
    with pytest.raises(rv.NonFiniteError):
        next(training)
    assert np.array_equal(task.net.theta, before, equal_nan=True)
