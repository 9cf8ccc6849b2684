"""What it costs a training to be watched by 20 browsers at once.

    python -m benchmarks live watched drawn

One long recorded training, and a server of its page in a process of its own, as
`live=True` starts it. In turns of some seconds, 20 watchers follow the stream of its
epochs and nobody does. The epochs of each pair of neighbouring turns are compared, so
that what else the machine does at the time falls on both alike. At the end the weights
are compared with those of a training that was neither recorded nor watched.

Browsers that draw take processor time wherever they are, and here that is the machine
that trains. So the watchers are of two kinds (benchmarks/watchers.py):

watched   20 clients that read every event and draw nothing; two threads train
drawn     20 pages of a Chromium that draw; one thread trains, and they have what it
          leaves of two processors: what is seen is what the server takes
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time, sleep
from typing import Any

import numpy as np

import ranvier as rv
from benchmarks.page import Figure, processor, served
from benchmarks.watchers import family

SETTLING = 0.5  # seconds after a turn begins that do not count
NAME = "watched"

# Of each kind: how benchmarks/watchers.py calls it, the threads that train, and what
# is said of it.
KINDS = {
    "watched": ("clients", 2, "watchers that draw nothing, two threads train"),
    "drawn": ("pages", 1, "pages of a browser that draw, one thread trains"),
}


def workload() -> tuple[rv.Network, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return a small network and its rows (W2: 20-64-64-1)."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12_800, 20)).astype(np.float32)
    net = rv.Network.mlp(20, [64, 64], 1, "relu", seed=0)
    return net, X, np.sin(X[:, 0]) * X[:, 1]


class Training(Thread):
    """The recorded training, in a thread that can be paused and ended."""

    def __init__(self, folder: Path, threads: int) -> None:
        super().__init__()
        self.net, self.X, self.y = workload()
        self.setup = rv.Recording(folder, name=NAME)
        self.threads = threads
        self.times: list[tuple[float, float]] = []  # by the clock, of the processor
        self.should_continue = Event()
        self.should_continue.set()
        self.over = False

    def run(self) -> None:
        """Train, and note when each epoch ended."""

        def note(record: rv.EpochRecord) -> bool:
            self.times.append((perf_counter(), process_time()))
            self.should_continue.wait()
            return self.over

        options: dict[str, Any] = {"batch_size": 128, "n_threads": self.threads}
        options |= {"progress": False, "callbacks": [note], "run": self.setup}
        rv.train(self.net, self.X, self.y, epochs=10**6, **options)

    def pace(self, begin: float, end: float) -> tuple[float, float]:
        """Return an epoch's wall time and processor time between two moments.

        The median of wall time; the mean of processor time, whose resolution is coarse.
        """
        times = np.array(self.times)
        steps = np.diff(times[(begin <= times[:, 0]) & (times[:, 0] < end)], axis=0)
        return float(np.median(steps[:, 0])), float(steps[:, 1].mean())


@dataclass
class Seen:
    """What was measured: of each pair of turns, (alone, watched)."""

    clock: list[tuple[float, float]] = field(default_factory=list)
    work: list[tuple[float, float]] = field(default_factory=list)
    server: list[float] = field(default_factory=list)  # fractions of a processor
    browser: list[float] = field(default_factory=list)


@contextmanager
def watchers(kind: str, count: int, address: str) -> Iterator[subprocess.Popen[str]]:
    """Start the process of the watchers, who do not watch yet."""
    command = [sys.executable, "-m", "benchmarks.watchers", kind, address, NAME]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*command, str(count)], text=True, **pipes) as process:  # type: ignore[call-overload]
        answered(process)
        yield process  # it ends when its input does, and its browser with it


def answered(process: subprocess.Popen[str]) -> None:
    """Wait until the watchers confirm the command."""
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError("the watchers have ended: see above why")


def switch(process: subprocess.Popen[str], what: str) -> None:
    """Let all watchers come, or go."""
    assert process.stdin is not None
    process.stdin.write(what + "\n")
    process.stdin.flush()
    answered(process)


def used(processes: list[int]) -> float:
    """Return the seconds of processor time that some processes have used so far."""
    return sum(processor(process) for process in processes)


def watched(folder: Path, name: str, count: int, pairs: int, seconds: float) -> Figure:
    """Measure what being watched costs, and whether the weights are the same."""
    kind, threads, title = KINDS[name]
    training, seen = Training(folder, threads), Seen()
    training.start()
    try:
        while len(training.times) < 10:
            sleep(0.1)
        with (
            served(folder) as (address, server),
            watchers(kind, count, address) as process,
        ):
            for turn in range(pairs):
                on_first = turn % 2 == 1
                paces = {}
                for on in (on_first, not on_first):
                    # Else the pages that are there would draw while others come.
                    training.should_continue.clear()
                    switch(process, "on" if on else "off")
                    training.should_continue.set()
                    paces[on] = _turn(training, seen, process, server, seconds, on)
                for there, place in ((seen.clock, 0), (seen.work, 1)):
                    there.append((paces[False][place], paces[True][place]))
            switch(process, "off")
    finally:
        training.over = True
        training.should_continue.set()
        training.join()
    return (
        f"{count} {title}",
        told(seen, training),
        f"{pairs} pairs of turns of {seconds:g} s",
    )


def _turn(
    training: Training,
    seen: Seen,
    process: subprocess.Popen[str],
    server: int,
    seconds: float,
    on: bool,
) -> tuple[float, float]:
    """Continue the training for some seconds and return its pace."""
    sleep(SETTLING)
    browsers = [process.pid, *family(process.pid)]
    begin, before = perf_counter(), (used([server]), used(browsers))
    sleep(seconds)
    end = perf_counter()
    if on:
        seen.server.append((used([server]) - before[0]) / (end - begin))
        seen.browser.append((used(browsers) - before[1]) / (end - begin))
    return training.pace(begin, end)


def told(seen: Seen, training: Training) -> str:
    """Say what was seen; train once more, unwatched, for the weights."""
    net, X, y = workload()
    epochs = len(training.times)
    rv.train(net, X, y, epochs=epochs, batch_size=128, progress=False)
    equal = net.theta.tobytes() == training.net.theta.tobytes()
    how = "equal to the bit" if equal else "DIFFERENT"
    server, browser = (100 * statistics.median(s) for s in (seen.server, seen.browser))
    return (
        f"by the clock {compared(seen.clock)}; processor time of the training "
        f"{compared(seen.work)}; the server takes {server:.1f} % of a processor, the "
        f"watchers {browser:.0f} %; weights after {epochs:,} epochs {how}"
    )


def compared(pairs: list[tuple[float, float]]) -> str:
    """Compare epochs alone with epochs watched."""
    alone, watched = np.array(pairs).T
    low, middle, high = np.quantile(watched / alone, [0.25, 0.5, 0.75]) * 100 - 100
    return (
        f"{1e3 * np.median(alone):.2f} ms an epoch alone, {middle:+.1f} % watched "
        f"(half of the pairs from {low:+.1f} to {high:+.1f} %)"
    )
