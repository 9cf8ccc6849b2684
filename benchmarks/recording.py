"""What recording a run costs: one training, recorded in every second turn.

    python -m benchmarks live recording

While one network trains, its epochs are recorded in every second turn of some seconds.
The cost of recording at the default rate has two parts. The time in the recorder counts
in full, including waiting for the disk. The slow-down of the epochs themselves (cold
caches, sleeping threads) is the median over neighbouring turns, because other work on
the machine affects both alike.

The fixed cost at the beginning and at the end is reported separately as "once". It is
measured on trainings of a few epochs; at most 0.08 s of it is for the first epochs.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

import ranvier as rv
from benchmarks.page import Figure
from benchmarks.workloads import named
from ranvier.training.history import EpochRecord
from ranvier.training.run_writer import RunWriter
from ranvier.training.stopping import Best

WORKLOADS = ("W2", "W3", "W4", "W5", "W6")
FEW = 5  # epochs of a training whose beginning and end are looked at


@dataclass
class Turn:
    """Some seconds of the training.

    Parameters
    ----------
    recorded
        Whether the recorder saw the epochs.
    epochs
        How many there were.
    seconds
        How long it took by the clock.
    inside
        The part of it that was spent in the recorder.
    """

    recorded: bool
    epochs: int = 0
    seconds: float = 0.0
    inside: float = 0.0

    @property
    def pace(self) -> float:
        """Seconds of an epoch, without what was spent in the recorder."""
        return (self.seconds - self.inside) / self.epochs


class Turns:
    """Lets the recorder see the epochs of every second turn, and times all of them.

    Parameters
    ----------
    seconds
        Length of a turn.
    """

    def __init__(self, seconds: float) -> None:
        self.length = seconds
        self.done: list[Turn] = []
        self.now = Turn(recorded=True)  # what the first epochs may take ends in it
        self.begun = perf_counter()
        self.see = RunWriter.see

    def take(self, recorder: RunWriter, record: EpochRecord, best: Best) -> None:
        """See an epoch or not, in place of the recorder."""
        ended = perf_counter()
        self.now.epochs += 1
        if self.now.recorded:
            self.see(recorder, record, best)
            self.now.inside += perf_counter() - ended
        self.now.seconds = perf_counter() - self.begun
        if self.now.seconds >= self.length:
            self._change(recorder)

    def _change(self, recorder: RunWriter) -> None:
        if not self.now.recorded:  # no time passes for a recorder that sees nothing
            recorder.budget.started += self.now.seconds
            recorder.journal._due += self.now.seconds
        self.done.append(self.now)
        # Off, on; on, off; and so on: neither comes first more often.
        self.now = Turn(recorded=len(self.done) % 4 in {2, 3})
        self.begun = perf_counter()

    @property
    def pairs(self) -> list[tuple[Turn, Turn]]:
        """Neighbouring turns, (plain, recorded)."""
        turns = iter(self.done[1:])
        pairs = zip(turns, turns, strict=False)
        return [(b, a) if a.recorded else (a, b) for a, b in pairs]


@contextmanager
def switched(turns: Turns) -> Iterator[None]:
    """Put the turns between training and its recorder."""

    def see(self: RunWriter, record: EpochRecord, best: Best) -> None:
        turns.take(self, record, best)

    RunWriter.see = see  # type: ignore[method-assign]
    try:
        yield
    finally:
        RunWriter.see = turns.see  # type: ignore[method-assign]


class Training:
    """One of the workloads, from its first weights whenever it is run.

    Parameters
    ----------
    name
        Which.
    """

    def __init__(self, name: str) -> None:
        self.workload = named(name)
        inputs, *_, outputs = self.workload.layers
        rows = self.workload.rows
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(rows, inputs)).astype(np.float32)
        self.y: np.ndarray[Any, Any]
        if self.workload.loss == "cross_entropy":
            self.y = rng.integers(outputs, size=rows).astype(np.int32)
        else:
            self.y = rng.normal(size=(rows, 1)).astype(np.float32)

    def run(self, epochs: int, run: rv.Recording | None, *callbacks: Any) -> float:
        """Train, and return what all but the epochs took, in seconds."""
        (inputs, *hidden, outputs), loss = self.workload.layers, self.workload.loss
        last = "softmax" if loss == "cross_entropy" else "identity"
        net = rv.Network.mlp(
            inputs, hidden, outputs, "relu", output_activation=last, seed=0
        )
        spent: list[float] = []
        options: dict[str, Any] = {"loss": loss, "batch_size": self.workload.batch}
        options |= {"run": run, "progress": False}
        options["callbacks"] = [lambda record: spent.append(record.seconds), *callbacks]
        began = perf_counter()
        rv.train(net, self.X, self.y, epochs=epochs, **options)
        return perf_counter() - began - sum(spent)


def recording(name: str, pairs: int, seconds: float) -> Figure:
    """Measure the cost of recording one workload."""
    training, turns = Training(name), Turns(seconds)
    with tempfile.TemporaryDirectory() as folder:
        once = [
            training.run(FEW, rv.Recording(folder)) - training.run(FEW, None)
            for _ in range(5)
        ]
        with switched(turns):
            training.run(
                10**9,
                rv.Recording(folder),
                lambda record: len(turns.done) > 2 * pairs,
            )
    return (
        f"recording {name}",
        f"{told(turns.pairs)}; once {1e3 * statistics.median(once):.0f} ms",
        f"{pairs} pairs of turns of {seconds:g} s",
    )


def told(pairs: list[tuple[Turn, Turn]]) -> str:
    """Say what recording costs."""
    recorded = [turn for _, turn in pairs]
    outside = sum(turn.seconds - turn.inside for turn in recorded)
    inside = sum(turn.inside for turn in recorded) / outside
    longer = np.array([turn.pace / plain.pace for plain, turn in pairs])
    usual = statistics.median(plain.pace for plain, _ in pairs)
    low, middle, high = np.quantile(longer, [0.25, 0.5, 0.75]) * 100 - 100
    whole = (100 + middle) * (1 + inside) - 100
    return (
        f"{whole:+.1f} % by the clock: {100 * inside:.2f} % in the recorder; the "
        f"epochs, of {1e3 * usual:.2f} ms, {middle:+.1f} % (half of the pairs from "
        f"{low:+.1f} to {high:+.1f} %)"
    )
