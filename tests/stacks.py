"""Ctrl-C at a place that a thread has come to, where a pause would be a guess."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


def wait_until_within(*functions: str) -> None:
    """Wait until each of these functions is being run by some thread."""
    while True:
        running = set()
        for innermost in sys._current_frames().values():
            frame = innermost
            while frame is not None:
                running.add(frame.f_code.co_name)
                frame = frame.f_back  # type: ignore[assignment]
        if running.issuperset(functions):
            return
        time.sleep(0.005)


@contextmanager
def hearing_ctrl_c() -> Iterator[None]:
    """Hear SIGINT, also in what is started: a job in a shell's background does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class TrialTimeoutError(Exception):
    """What the signal handler of a time limit raises."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TrialTimeoutError after some seconds, as time limits of trials do."""

    def raise_timeout(*_: object) -> None:
        raise TrialTimeoutError

    before = signal.signal(signal.SIGALRM, raise_timeout)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def ctrl_c_within(*functions: str) -> Iterator[None]:
    """Send SIGINT to this process once each of these functions is being run."""

    def press() -> None:
        wait_until_within(*functions)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press, daemon=True)
    with hearing_ctrl_c():
        thread.start()
        yield
        thread.join()
