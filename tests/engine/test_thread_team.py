"""Threads change no bit: engine/machine/thread_team.h, parallel_for.h, workspace.h."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import cases
import doors
import reference
from cases import Array, Case
from ranvier import _engine
from reference import Update

UPDATES = [
    Update("adam"),
    Update(momentum=0.9),
    Update("adam", weight_decay=0.01, clip_norm=0.5),
    Update(momentum=0.8, nesterov=True, l2=1e-3),
    Update(clip_norm=1.0),
    Update("adam", l2=1e-3),
]


def random_training(seed: int) -> tuple[Case, Update, int]:
    """Draw a network of odd sizes up to 80, an update and a batch size."""
    rng = np.random.default_rng(seed)
    layers: list[tuple] = []
    for _ in range(rng.integers(1, 4)):
        if rng.random() < 0.4:
            layers.append(("dropout", float(rng.uniform(0.1, 0.6))))
        name = str(rng.choice(list(cases.HIDDEN)))
        layers.append(cases.dense(int(rng.integers(1, 81)), name))
    loss = str(rng.choice(list(cases.LOSSES)))
    layers.append(cases.dense(int(rng.integers(1, 12))))
    network = reference.Network(int(rng.integers(1, 81)), layers)
    rows = int(rng.integers(60, 400))
    weighting = cases.WEIGHTINGS[seed % 2]
    case = cases.random_case(rng, network, loss, rows, weighting)
    dtype = doors.DTYPES[int(rng.integers(0, 2))]
    batch_size = int(rng.integers(1, 140)) | 1
    return case.cast(dtype), UPDATES[seed % len(UPDATES)], batch_size


def run(
    training: tuple[Case, Update, int], workspace: _engine.Workspace, steps: int = 300
) -> tuple[Array, Array, float, float]:
    """Train epoch by epoch, the last batch of each a short one."""
    case, update, batch_size = training
    theta = case.theta.copy()
    state = np.zeros((update.slots, len(theta)), theta.dtype)
    rng, done, epoch = np.random.default_rng(1), 0, 0
    while done < steps:
        order = rng.permutation(len(case.X))[: batch_size * (steps - done)]
        rates = np.full(-(-len(order) // batch_size), 0.003)
        report = doors.train_epoch(
            case.network, theta, state, *case[2:5], order, batch_size, case.loss,
            update, rates, steps_before=done, seed=9, epoch=epoch, workspace=workspace,
        )  # fmt: skip
        assert report.failed_step == -1
        done, epoch = done + len(rates), epoch + 1
    return theta, state, report.loss, report.gradient_norm


def assert_same(one: tuple, other: tuple) -> None:
    for mine, theirs in zip(one, other, strict=True):
        assert np.asarray(mine).tobytes() == np.asarray(theirs).tobytes()


@pytest.mark.parametrize("seed", range(30))
def test_same_bits_for_any_number_of_threads(seed: int) -> None:
    training = random_training(seed)
    one = run(training, _engine.Workspace(1))
    assert np.all(np.isfinite(one[0]))
    assert not np.array_equal(one[0], training[0].theta)
    for n_threads in (2, 3, 4):
        assert_same(run(training, _engine.Workspace(n_threads)), one)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_same_bits_of_a_wide_network(dtype: type) -> None:
    rng = np.random.default_rng(0)
    layers = [cases.dense(301, "relu"), ("dropout", 0.2), cases.dense(203, "silu")]
    network = reference.Network(150, [*layers, cases.dense(40)])
    case = cases.random_case(rng, network, "cross_entropy", 1301, "weighted")
    for update, batch_size in ((UPDATES[2], 601), (UPDATES[0], 1301)):
        training = (case.cast(dtype), update, batch_size)
        one = run(training, _engine.Workspace(1), 4)
        for n_threads in (2, 3, 4):
            assert_same(run(training, _engine.Workspace(n_threads), 4), one)


def test_the_30_trainings_are_of_all_kinds() -> None:
    drawn = [random_training(seed) for seed in range(30)]
    layers = [layer for case, *_ in drawn for layer in case.network.layers]
    assert {case.theta.dtype.type for case, *_ in drawn} == set(doors.DTYPES)
    assert {layer[0] for layer in layers} == {"dense", "dropout"}
    assert any(len(case.X) % batch_size for case, _, batch_size in drawn)
    assert {case.loss[0] for case, *_ in drawn} == set(cases.LOSSES)


def test_same_bits_on_every_run() -> None:
    training = random_training(4)
    workspace = _engine.Workspace(2)
    one = run(training, workspace, 60)
    for _ in range(5):
        assert_same(run(training, workspace, 60), one)
        assert_same(run(training, _engine.Workspace(2), 60), one)


def test_a_used_workspace_is_as_good_as_new() -> None:
    trainings = [random_training(seed) for seed in range(6)]
    fresh = [run(training, _engine.Workspace(3), 30) for training in trainings]
    used = _engine.Workspace(3)
    for _ in range(2):
        for training, expected in zip(trainings, fresh, strict=True):
            assert_same(run(training, used, 30), expected)
            case = training[0]
            A = doors.predict(case.network, case.theta, case.X, used)
            np.testing.assert_array_equal(
                A, doors.predict(case.network, case.theta, case.X)
            )


def test_a_failed_epoch_leaves_the_workspace_whole() -> None:
    training, workspace = random_training(2), _engine.Workspace(2)
    expected = run(training, workspace, 30)
    case, update, batch_size = training
    broken = case._replace(X=np.full_like(case.X, np.nan))
    for steps in (1, 2, 3):
        _, _, report = doors.train(
            doors, broken, update, steps, batch_size, 0.1, workspace=workspace
        )
        assert report.failed_step == 0
        assert_same(run(training, workspace, 30), expected)


@pytest.mark.parametrize("n_threads", [1, 2, 3, 4, 16])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_gradient_and_prediction(n_threads, dtype, rng: np.random.Generator) -> None:
    layers = [cases.dense(70, "gelu"), cases.dense(35, "relu"), cases.dense(3)]
    network = reference.Network(20, layers)
    case = cases.random_case(rng, network, "cross_entropy", 2500, "weighted")
    case, workspace = case.cast(dtype), _engine.Workspace(n_threads)
    alone = doors.loss_and_gradient(*case)
    assert_same(doors.loss_and_gradient(*case, workspace), alone)
    assert doors.mean_loss(*case, workspace) == doors.mean_loss(*case)
    for rows in (1, 2, 50, 100, 2500):
        X = case.X[:rows]
        A = doors.predict(network, case.theta, X, workspace)
        np.testing.assert_array_equal(A, doors.predict(network, case.theta, X))


def test_more_threads_than_work() -> None:
    network = reference.Network(1, [cases.dense(1)])
    case = cases.random_case(np.random.default_rng(0), network, "huber", 5)
    training = (case, Update("adam"), 2)
    alone = run(training, _engine.Workspace(1), 20)
    for n_threads in (2, 8, 64):
        workspace = _engine.Workspace(n_threads)
        assert workspace.n_threads == n_threads
        assert_same(run(training, workspace, 20), alone)


def test_python_threads_each_with_a_workspace() -> None:
    trainings = [random_training(seed) for seed in range(4)]
    expected = [run(training, _engine.Workspace(1), 40) for training in trainings]
    found: list = [None] * 4

    def work(i: int) -> None:
        found[i] = run(trainings[i], _engine.Workspace(2), 40)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_can_train() -> None:
    training, workspace = random_training(1), _engine.Workspace(2)
    expected = run(training, workspace, 20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of forking beside threads
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(
            target=lambda: queue.put(run(training, workspace, 20)), daemon=True
        )
        child.start()
    try:
        assert_same(queue.get(timeout=600), expected)
        child.join(600)
        assert child.exitcode == 0
    finally:
        child.kill()
    assert_same(run(training, workspace, 20), expected)


def threads_of_this_process() -> int:
    with open("/proc/self/stat") as file:  # noqa: PTH123
        return int(file.read().rpartition(")")[2].split()[17])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc")
def test_threads_end_with_the_workspace() -> None:
    training = random_training(0)
    before = threads_of_this_process()
    workspaces = [_engine.Workspace(3) for _ in range(20)]
    for workspace in workspaces:
        run(training, workspace, 2)
    assert threads_of_this_process() >= before + 2
    del workspaces, workspace
    gc.collect()
    end = time.monotonic() + 600
    while threads_of_this_process() > before:  # the system may take its time
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("n_threads", [0, -1])
def test_no_threads(n_threads: int) -> None:
    try:
        workspace = _engine.Workspace(n_threads)
    except ValueError as error:
        assert "thread" in str(error)  # noqa: PT017
    else:
        assert workspace.n_threads == 1


@pytest.mark.slow
def test_a_busy_machine_does_not_stall_the_team() -> None:
    # A spinning barrier beside busy processes once made training 20 to 30 times slower.
    rng = np.random.default_rng(0)
    layers = [cases.dense(64, "relu"), cases.dense(64, "relu"), cases.dense(1)]
    case = cases.random_case(
        rng, reference.Network(20, layers), "squared_error", 512
    ).cast(np.float32)
    training = (case, Update("adam"), 128)

    def seconds(n_threads: int) -> float:
        workspace = _engine.Workspace(n_threads)
        run(training, workspace, 10)
        start = time.perf_counter()
        run(training, workspace, 2000)
        return time.perf_counter() - start

    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        alone = min(seconds(1) for _ in range(3))
        together = min(seconds(2) for _ in range(3))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert together < 4 * alone
