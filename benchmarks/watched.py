"""What it costs a training to be watched by 20 browsers at once.

    python -m benchmarks.watched [--pairs 30] [--seconds 2] [--threads 2] [--browser]

One long recorded training, and a server of its page in a process of its own, as
`live=True` starts it. In turns of some seconds, 20 clients follow the stream of its
epochs and nobody does. The epochs of each pair of neighbouring turns are compared, so
that what else the machine does at the time falls on both alike. At the end the weights
are compared with those of a training that was neither recorded nor watched.

The clients speak HTTP as browsers do and read every event, but they draw nothing: 20
real browsers on a machine of two processors would measure the drawing, which is done
wherever the watchers sit. --browser adds one real Chromium, which draws the curves.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import Any

import numpy as np

import ranvier as rv
from benchmarks.page import chromium, processor, served

CLIENTS = 20
SETTLING = 0.5  # seconds after a turn begins that do not count
NAME = "watched"

LISTEN = """
import http.client, sys, threading
from urllib.parse import urlsplit
at = urlsplit(sys.argv[1])
def ask(path, **headers):
    connection = http.client.HTTPConnection(at.hostname, at.port)
    connection.request("GET", path, headers=headers)
    return connection, connection.getresponse()
cookie = ask("/?" + at.query)[1].headers["set-cookie"].partition(";")[0]
def listen(answer):
    try:
        while answer.read1(65536):
            pass
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        pass  # it was closed
opened = []
for line in sys.stdin:
    if line.strip() == "on":
        for _ in range(int(sys.argv[3])):
            connection, answer = ask("/api/stream?run=" + sys.argv[2], Cookie=cookie)
            opened.append(connection.sock or answer)
            threading.Thread(target=listen, args=[answer], daemon=True).start()
    else:
        for one in opened:
            getattr(one, "shutdown", lambda how: one.close())(2)
        opened.clear()
    print("done", flush=True)
"""


def workload() -> tuple[rv.Network, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give a small network and its rows (W2: 20-64-64-1)."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12_800, 20)).astype(np.float32)
    net = rv.Network.mlp(20, [64, 64], 1, "relu", seed=0)
    return net, X, np.sin(X[:, 0]) * X[:, 1]


class Training(Thread):
    """The recorded training, in a thread: it ends when it is told to."""

    def __init__(self, folder: Path, threads: int) -> None:
        super().__init__()
        self.net, self.X, self.y = workload()
        self.setup = rv.Recording(folder, name=NAME)
        self.threads = threads
        self.times: list[float] = []
        self.over = False

    def run(self) -> None:
        """Train, and note when each epoch ended."""

        def note(record: rv.EpochRecord) -> bool:
            self.times.append(perf_counter())
            return self.over

        options: dict[str, Any] = {"batch_size": 128, "n_threads": self.threads}
        options |= {"progress": False, "callbacks": [note], "run": self.setup}
        rv.train(self.net, self.X, self.y, epochs=10**6, **options)

    def pace(self, begin: float, end: float) -> float:
        """Give the median time of an epoch between two moments."""
        times = np.array(self.times)
        return float(np.median(np.diff(times[(begin <= times) & (times < end)])))


@contextmanager
def clients(address: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """Start the process of the clients, who do not listen yet."""
    command = [sys.executable, "-c", LISTEN, address, NAME, str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.kill()


def switch(process: subprocess.Popen[str], what: str) -> None:
    """Let all clients come, or go."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(what + "\n")
    process.stdin.flush()
    process.stdout.readline()


def measure(folder: Path, pairs: int, seconds: float, threads: int, draw: bool) -> None:
    """Print what being watched costs, and whether the weights are the same."""
    training = Training(folder, threads)
    training.start()
    while len(training.times) < 10:
        sleep(0.1)
    ratios, alone, seen, used = [], [], [], []
    with ExitStack() as stack:
        address, server = stack.enter_context(served(folder))
        listening = stack.enter_context(clients(address, CLIENTS - draw))
        page = stack.enter_context(chromium()).new_page() if draw else None
        if page is not None:
            page.goto(address)
        for turn in range(pairs):
            pace = {}
            for what in ("on", "off") if turn % 2 else ("off", "on"):
                switch(listening, what)
                if page is not None:
                    view = f"{address}#view=curves&run={NAME}"
                    page.goto(view if what == "on" else "about:blank")
                sleep(SETTLING)
                begin, before = perf_counter(), processor(server)
                sleep(seconds)
                end = perf_counter()
                pace[what] = training.pace(begin, end)
                if what == "on":
                    used.append((processor(server) - before) / (end - begin))
            switch(listening, "off")
            alone.append(pace["off"])
            seen.append(pace["on"])
            ratios.append(pace["on"] / pace["off"])
    training.over = True
    training.join()
    report(training, ratios, used, alone, seen)


def report(
    training: Training,
    ratios: list[float],
    used: list[float],
    alone: list[float],
    seen: list[float],
) -> None:
    """Print the figures, and train once more, unwatched, for the weights."""
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75]) * 100 - 100
    print(
        f"{len(ratios)} pairs of turns, epochs of {1e3 * statistics.median(alone):.2f} "
        f"ms alone and {1e3 * statistics.median(seen):.2f} ms watched: {middle:+.2f} % "
        f"(half of the pairs from {low:+.2f} to {high:+.2f} %)"
    )
    share = 100 * statistics.median(used)
    print(f"the server takes {share:.1f} % of a processor while it is watched")
    net, X, y = workload()
    epochs = len(training.times)
    rv.train(net, X, y, epochs=epochs, batch_size=128, progress=False)
    equal = net.theta.tobytes() == training.net.theta.tobytes()
    how = "equal to the bit" if equal else "DIFFERENT"
    print(f"weights after {epochs:,} epochs: {how}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--browser", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.pairs, asked.seconds, asked.threads, asked.browser)


if __name__ == "__main__":
    main()
