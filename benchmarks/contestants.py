"""Competitors in processes of their own.

No pool of threads of one is awake while another is timed, each finds in its environment
how many threads it may take, and each has a memory that can be measured.
"""

import importlib
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import machine, problems
from benchmarks.competitors import Competitor, Trainer, UnsupportedError
from benchmarks.problems import Array, Problem
from benchmarks.workloads import Workload


class Bench:
    """What the process of a competitor does when it is asked."""

    workload: Workload
    problem: Problem
    trainer: Trainer
    predict: Callable[[Array], Array]

    def __init__(self, module: str, threads: int, settings: dict[str, object]) -> None:
        self.module = importlib.import_module(f"benchmarks.competitors.{module}")
        self.threads, self.settings = threads, settings

    def set_up(self, workload: Workload) -> float:
        """Make ready to train; give the seconds of the first epoch, with compiling."""
        self.workload, self.problem = workload, problems.problem_of(workload)
        self.trainer = self.module.Trainer(
            workload, self.problem, self.threads, **self.settings
        )
        return self.train(1)

    def difference(self) -> str:
        """Tell what it computes otherwise than the workload says."""
        return self.trainer.difference

    def train(self, epochs: int) -> float:
        """Train from the first weights; give the seconds that took."""
        begun = perf_counter()
        self.trainer.train(epochs)
        return perf_counter() - begun

    def first_loss(self) -> float:
        """Return the loss of the first weights."""
        return problems.mean_loss(self.workload, self.problem, self.problem.start)

    def loss(self) -> float:
        """Return the loss that the last training reached."""
        weights = self.trainer.weights()
        return problems.mean_loss(self.workload, self.problem, weights)

    def time_to(self, accuracy: float, epochs: int) -> tuple[float, int, float]:
        """Train until a test accuracy is reached, or for so many epochs.

        Gives the seconds of training alone, the epochs, and the accuracy reached.
        """
        reached, count, watching = 0.0, 0, 0.0

        def look() -> bool:
            nonlocal reached, count, watching
            begun = perf_counter()
            weights = self.trainer.weights()
            reached = problems.accuracy(self.workload, self.problem, weights)
            count += 1
            watching += perf_counter() - begun
            return reached >= accuracy

        begun = perf_counter()
        self.trainer.train(epochs, look)
        return perf_counter() - begun - watching, count, reached

    def set_up_prediction(self, workload: Workload) -> float:
        """Make ready to predict; give the largest error of a few rows' outputs."""
        self.workload, self.problem = workload, problems.problem_of(workload)
        start = self.problem.start
        self.predict = self.module.predictor(workload, start, self.threads)
        X = self.problem.X[:50]
        Z = problems.outputs(workload, start, X)
        return float(np.max(np.abs(self.predict(X) - Z)) / np.max(np.abs(Z)))

    def predict_rows(self, rows: int, calls: int) -> float:
        """Predict so many rows so many times; give the seconds that took."""
        X, predict = self.problem.X[:rows], self.predict
        begun = perf_counter()
        for _ in range(calls):
            predict(X)
        return perf_counter() - begun

    def memory_of_prediction(self) -> int | None:
        """Predict all rows once; give the bytes by which the process's peak grew."""
        forgotten, before = machine.forget_memory_peak(), machine.memory_now()
        outputs = self.predict(self.problem.X)
        after = machine.memory_peak()
        if not forgotten or before is None or after is None:
            return None
        return max(0, after - before - outputs.nbytes)


def _serve(
    connection: Connection, module: str, threads: int, settings: dict[str, object]
) -> None:
    """Reply to (method, arguments) with (success, result)."""
    bench: Bench | None = None
    while True:
        try:
            method, arguments = connection.recv()
        except EOFError:  # the other end was closed: nothing more will be asked
            return
        try:
            bench = bench or Bench(module, threads, settings)
            answer = True, getattr(bench, method)(*arguments)
        except UnsupportedError as lack:
            answer = False, lack
        except Exception as error:
            answer = False, RuntimeError(f"{module}, {method}: {error!r}")
        connection.send(answer)


class Contestant:
    """A form of a competitor, in a process of its own with so many threads."""

    def __init__(self, competitor: Competitor, form: str, threads: int) -> None:
        self.competitor, self.form, self.threads = competitor, form, threads
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, competitor.module, threads, competitor.forms[form])
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with machine.thread_limit(threads):
            self._process.start()
        theirs.close()

    def ask(self, method: str, *arguments: object) -> Any:
        """Call a method of its `Bench`.

        Raises
        ------
        UnsupportedError, RuntimeError
            It has no such network, or failed.
        """
        try:
            self._connection.send((method, arguments))
            worked, answer = self._connection.recv()
        except (EOFError, OSError):
            raise RuntimeError(
                f"the process of {self} ended while it was asked to {method}"
            ) from None
        if not worked:
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join()

    @property
    def is_ranvier(self) -> bool:
        """Tell whether it is ours."""
        return self.competitor.module == "ranvier"

    @property
    def short(self) -> str:
        """Name it without its form: ``"PyTorch, 2 threads"``."""
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        return f"{self.competitor.name}, {threads}"

    def __str__(self) -> str:
        return f"{self.short}, {self.form}" if self.form else self.short


class Stage:
    """The contestants of a run; each is started when it is first called on stage."""

    def __init__(self) -> None:
        self._present: dict[tuple[str, str, int], Contestant] = {}

    def call(self, competitor: Competitor, form: str, threads: int) -> Contestant:
        """Return the contestant of this form, the same one each time."""
        key = (competitor.module, repr(competitor.forms[form]), threads)
        if key not in self._present:
            self._present[key] = Contestant(competitor, form, threads)
        return self._present[key]

    def forms(
        self, competitor: Competitor, threads: tuple[int, ...]
    ) -> list[Contestant]:
        """Return a competitor in all its forms."""
        return [
            self.call(competitor, form, count)
            for form in competitor.forms
            for count in threads
        ]

    def clear(self) -> None:
        """End all of them."""
        while self._present:
            self._present.popitem()[1].close()


@contextmanager
def stage() -> Iterator[Stage]:
    """Yield an empty stage, and clear it at the end."""
    theirs = Stage()
    with ExitStack() as ending:
        ending.callback(theirs.clear)
        yield theirs


def say(text: str) -> None:
    """Tell on standard error how far a run is."""
    print(text, file=sys.stderr, flush=True)
