"""Calls beside signals, threads and the interpreter's end: bindings/engine_call.h."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ranvier import _engine

PRELUDE = """
import threading, time
import numpy as np
from ranvier import _engine
rng = np.random.default_rng(0)
n, width = {rows}, {width}
X = np.resize(rng.normal(size=(997, 50)).astype("f4"), (n, 50))
Y = np.zeros((n, 1), "f4")
layers = [("dense", width, "relu", 0.0)] * 2 + [("dense", 1, "identity", 0.0)]
net = _engine.Network(50, layers)
theta = rng.normal(scale=0.01, size=net.parameters).astype("f4")
workspace, out = _engine.Workspace({threads}), np.empty_like(Y)
loss, update = _engine.Loss("squared_error"), _engine.Update("adam")
state, order = np.zeros((2, theta.size), "f4"), np.arange(n)
def predict():
    _engine.predict(net, theta, X, out, workspace)
def differentiate():
    g = np.empty_like(theta)
    _engine.loss_and_gradient(net, theta, X, Y, None, loss, g, workspace)
def train(batch_size={rows}):
    rates = np.full(-(-n // batch_size), 1e-3)
    _engine.train_epoch(net, theta, state, X, Y, None, order, batch_size, loss, update,
                        rates, 0, 0, 0, workspace)
"""


def prelude(rows: int, width: int, threads: int) -> str:
    return PRELUDE.format(rows=rows, width=width, threads=threads)


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("call", ["predict()", "differentiate()", "train(200)"])
def test_a_daemon_thread_in_the_engine_at_the_end(call: str, threads: int) -> None:
    program = f"""
def repeat():
    while True:
        {call}
for _ in range(3):
    threading.Thread(target=repeat, daemon=True).start()
time.sleep(0.5)
"""
    ended = run(prelude(2000, 100, threads) + program)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_main_thread_may_go_on_at_the_end() -> None:
    program = "import atexit; atexit.register(lambda: print('done', predict()))\n"
    ended = run(program + prelude(300, 20, 2) + "predict()")
    assert (ended.returncode, ended.stdout) == (0, "done None\n")


# A call that would take a minute, and what must be as it was before.
INTERRUPTED = """
import signal
before = theta.tobytes(), state.tobytes()
signal.setitimer(signal.ITIMER_REAL, 0.5)
started = time.perf_counter()
try:
    {call}
except {error}:
    print(time.perf_counter() - started)
assert (theta.tobytes(), state.tobytes()) == before
signal.setitimer(signal.ITIMER_REAL, 0)
small = np.empty((10, 1), "f4")
_engine.predict(net, theta, X[:10], small, workspace)  # the workspace can be used again
assert np.isfinite(small).all()
"""
RAISES = """
class Limit(Exception): pass
def limit(*_): raise Limit
import signal
signal.signal(signal.SIGALRM, limit)
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("call", ["predict()", "differentiate()", "train()"])
def test_a_call_ends_when_a_signal_is_raised(call: str, threads: int) -> None:
    size = (400_000, 1500, threads)
    program = prelude(*size) + RAISES + INTERRUPTED.format(call=call, error="Limit")
    ended = run(program)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout, "the call ended before the signal came"


def test_ctrl_c_in_a_step() -> None:
    program = prelude(400_000, 1500, 1)
    program += "from signal import SIGALRM, default_int_handler, signal as handle\n"
    program += "handle(SIGALRM, default_int_handler)"
    program += INTERRUPTED.format(call="train()", error="KeyboardInterrupt")
    ended = run(program)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout


def test_a_signal_whose_handler_returns_ends_nothing() -> None:
    program = (
        prelude(60_000, 400, 2)
        + """
import signal
seen = []
signal.signal(signal.SIGALRM, lambda *_: (seen.append(1), predict_few()))
def predict_few():  # in the middle of another call with the same workspace
    _engine.predict(net, theta, X[:10], np.empty((10, 1), "f4"), workspace)
expected = theta.copy(), state.copy()
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
train()
signal.setitimer(signal.ITIMER_REAL, 0)
assert seen
once = theta.copy()
theta[...], state[...] = expected
train()
assert (theta == once).all()
"""
    )
    ended = run(program)
    assert ended.returncode == 0, ended.stderr


def in_threads(work: Callable[[], Any], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_workspace_in_several_threads() -> None:
    rng = np.random.default_rng(0)
    net = _engine.Network(
        9, [("dense", 40, "tanh", 0.0), ("dense", 2, "identity", 0.0)]
    )
    theta, X = rng.normal(size=net.parameters), rng.normal(size=(3000, 9))
    expected = np.empty((3000, 2))
    _engine.predict(net, theta, X, expected, _engine.Workspace(1))
    workspace, wrong = _engine.Workspace(2), []

    def predict() -> None:
        for _ in range(50):
            out = np.empty((3000, 2))
            _engine.predict(net, theta, X, out, workspace)
            if not np.array_equal(out, expected):
                wrong.append(out)

    in_threads(predict, 4)
    assert not wrong


def while_written(write: Callable[[], Any], work: Callable[[], Any]) -> None:
    """Call `work` for a second while another thread writes into its arrays."""
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            write()

    writer = threading.Thread(target=repeat)
    writer.start()
    try:
        end = time.perf_counter() + 1
        while time.perf_counter() < end:
            try:
                work()
            except ValueError:  # seen by the checks before the call
                write()
    finally:
        done.set()
        writer.join()


def test_sparse_arrays_and_an_order_that_another_thread_writes() -> None:
    rng = np.random.default_rng(0)
    rows, width, cells = 4000, 50, 40_000
    net = _engine.Network(width, [("dense", 3, "identity", 0.0)])
    theta, Y = rng.normal(size=net.parameters), np.zeros((rows, 3))
    good = rng.integers(0, width, cells).astype(np.int32)
    starts = np.linspace(0, cells, rows + 1).astype(np.int64)
    columns, own_starts, order = good.copy(), starts.copy(), np.arange(rows)
    X = _engine.SparseFloat64(np.ones(cells), columns, own_starts, width)
    update = _engine.Update("sgd")
    state, workspace = np.zeros((0, theta.size)), _engine.Workspace(2)

    def write() -> None:
        columns[::7], own_starts[1:-1:5], order[::9] = 2**31 - 1, 2**62, -(2**40)
        columns[...], own_starts[...], order[...] = good, starts, np.arange(rows)

    def work() -> None:
        _engine.train_epoch(
            net, theta, state, X, Y, None, order, 1000,
            _engine.Loss("squared_error"), update, np.zeros(4), 0, 0, 0, workspace,
        )  # fmt: skip
        _engine.predict(net, theta, X, np.empty((rows, 3)), workspace)

    while_written(write, work)  # it is enough that the process lives


def test_a_counter_of_loops_that_has_gone_half_way_round() -> None:
    program = "from ranvier._engine.test_kernels import counts_after_skip as f\n"
    for skipped in (0, 2**31 - 2, 2**31 - 1, 2**31, 2**31 + 5, 2**32 - 2):
        program += f"assert f(2, {skipped}) == [2] * 64\n"
    ended = run(program)  # where a range is never claimed, it does not end
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("column", [(), ("periodic",), ("category", 3), ("plain", 1)])
def test_a_column_of_the_wrong_length(column: tuple[Any, ...]) -> None:
    layers = [("embedding", [column], False), ("dense", 1, "identity", 0.0)]
    with pytest.raises(ValueError, match=r"a layer must be \('dense'"):
        _engine.Network(1, layers)


@pytest.mark.parametrize("n_threads", [0, -1, 1025, 2**31 - 1])
def test_as_many_threads_as_no_machine_has(n_threads: int) -> None:
    with pytest.raises(ValueError, match=r"n_threads must be in \[1"):
        _engine.Workspace(n_threads)


def test_signals_are_left_as_they_were() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
