"""The thread beside training: in order, bounded, and never in the way."""

import threading
import time
import warnings

import pytest

from ranvier.trackers.background import Background


def test_calls_run_in_order() -> None:
    said: list[int] = []
    background = Background("a list")
    for k in range(100):
        background.call(said.append, k)
    background.close()
    assert said == list(range(100))


def test_a_full_queue_drops_and_says_so() -> None:
    gate = threading.Event()
    background = Background("a slow tool", longest=2)
    background.call(gate.wait)
    while background._queue.qsize():  # until the thread has taken the first
        time.sleep(0.001)
    for _ in range(5):
        background.call(int)
    gate.set()
    with pytest.warns(
        RuntimeWarning, match="a slow tool was slower .* 3 messages were"
    ):
        background.close()


def test_an_error_ends_the_calls_and_is_told_once() -> None:
    said: list[int] = []
    background = Background("a broken tool")
    background.call(int, "x")
    background.call(said.append, 1)
    with pytest.warns(RuntimeWarning, match="a broken tool failed: ValueError"):
        background.close()
    assert said == []


def test_a_tool_that_hangs_does_not_hold_up_the_end() -> None:
    background = Background("a hung tool")
    gate = threading.Event()
    background.call(gate.wait)
    started = time.monotonic()
    with pytest.warns(RuntimeWarning, match=r"did not respond within 0\.2 seconds"):
        background.close(0.2)
    assert time.monotonic() - started < 5
    gate.set()


def test_nothing_is_said_where_nothing_went_wrong() -> None:
    background = Background("a tool")
    background.call(int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        background.close()
