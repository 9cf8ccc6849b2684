import os
import signal
import threading
from threading import Event

import numpy as np
import pytest

import ranvier as rv
import stacks
from ranvier.training.worker_threads import run_in_threads


def test_every_number_is_worked_on() -> None:
    jobs = run_in_threads(lambda k: k * k, 5, 2, Event().set)
    assert [job.result() for job in jobs] == [0, 1, 4, 9, 16]


def test_an_error_stays_with_its_number() -> None:
    def work(k: int) -> int:
        if k == 1:
            raise KeyError(k)
        return k

    jobs = run_in_threads(work, 3, 1, Event().set)
    assert [isinstance(job.exception(), KeyError) for job in jobs] == [
        False, True, False,
    ]  # fmt: skip


def test_threads_that_may_not_be_moved_work_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse, raising=False)
    jobs = run_in_threads(lambda k: k, 3, 2, Event().set)
    assert [job.result() for job in jobs] == [0, 1, 2]


def test_ctrl_c_cancels_and_waits() -> None:
    cancel = Event()
    with stacks.ctrl_c_within("_wait"):
        jobs = run_in_threads(lambda _: cancel.wait(30), 3, 2, cancel.set)
    assert [job.result() for job in jobs] == [True, True, True]


def raise_timeout(*_: object) -> None:
    raise stacks.TrialTimeoutError


@pytest.fixture
def handler() -> object:
    """Have SIGUSR1 raise, as time limits of other libraries do."""
    old = signal.signal(signal.SIGUSR1, raise_timeout)
    yield
    signal.signal(signal.SIGUSR1, old)


def kill_when(begun: Event) -> threading.Thread:
    """Send the signal once something has begun."""

    def send() -> None:
        begun.wait(30)
        os.kill(os.getpid(), signal.SIGUSR1)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.mark.usefixtures("handler")
def test_any_exception_of_the_main_thread_cancels() -> None:
    cancel, begun, ran = Event(), Event(), []

    def work(k: int) -> bool:
        ran.append(k)
        begun.set()
        return cancel.wait(30)

    killer = kill_when(begun)
    with pytest.raises(stacks.TrialTimeoutError):
        run_in_threads(work, 50, 1, cancel.set)
    killer.join()
    assert cancel.is_set()
    assert len(ran) < 50  # those not begun are dropped


@pytest.mark.usefixtures("handler")
def test_a_signal_handler_ends_train_many() -> None:
    """It would take days otherwise: an epoch alone has 10^5 steps."""
    X = np.linspace(0, 1, 100_000)[:, None]
    nets = [rv.Network.mlp(1, [64, 64], 1, seed=k) for k in range(3)]
    starts = [net.theta.copy() for net in nets]
    with (
        pytest.raises(stacks.TrialTimeoutError),
        pytest.warns(RuntimeWarning),
        stacks.time_limit(1.0),
    ):
        rv.train_many(nets, X, X, epochs=10**6, batch_size=1)
    assert any(
        (net.theta != start).any() for net, start in zip(nets, starts, strict=True)
    )
