import subprocess
import sys
from itertools import count
from pathlib import Path
from time import process_time

import pytest
from benchmarks.timing import enough, interleaved, medians, paced, processor_time


def test_interleaved_turns_the_order_each_round() -> None:
    calls: list[str] = []

    def timed(name: str, ticks: count) -> float:
        calls.append(name)
        return next(ticks)

    clocks = {name: count(start) for name, start in (("a", 0), ("b", 100))}
    contestants = {name: lambda n=name: timed(n, clocks[n]) for name in clocks}
    assert interleaved(contestants, 3) == {"a": [0, 1, 2], "b": [100, 101, 102]}
    assert calls == ["a", "b", "b", "a", "a", "b"]


def test_medians_are_not_moved_by_one_disturbance() -> None:
    times = iter([1.0, 50.0, 2.0])
    assert medians({"a": lambda: next(times)}, 3) == {"a": 2.0}


@pytest.mark.parametrize("seconds", [1e-5, 0.01, 0.7, 5.0])
def test_enough_fills_the_time(seconds: float) -> None:
    asked: list[int] = []

    def run(times: int) -> float:
        asked.append(times)
        return seconds * times

    found = enough(run, 0.5)
    assert found * seconds >= 0.5
    assert found * seconds <= max(seconds, 10 * 0.5)
    assert asked[0] == 1  # a slow one is not run twice
    assert len(asked) <= 8


def test_enough_ends_where_nothing_takes_time() -> None:
    assert enough(lambda times: 0.0, 0.5) == 100_000


def test_paced_gives_the_time_of_one_run() -> None:
    assert paced(lambda times: 0.01 * times, 0.5)() == pytest.approx(0.01)


def test_processor_time_counts_children() -> None:
    """The child works a second's hundredths, however long that takes it."""
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint(1, flush=True)"
    command = [sys.executable, "-c", f"{work}\ninput()"]
    before = processor_time() - process_time()
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        if not list(Path("/proc/self/task").glob("*/children")):
            pytest.skip("the system does not list the children of a process")
        assert processor_time() - process_time() - before > 0.2
        child.communicate("")
