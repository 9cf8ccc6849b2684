"""fit, predict and memory of both MLPs, scikit-learn's and ours, interleaved.

Each case is run so many times in turn by either side, on the same data with the same
random_state; the table gives the shortest time of each, which other work on the machine
disturbs least, and their ratio. That both did the same is checked by their losses.
"""

import argparse
import json
import math
import os
import platform
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import Any

import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn import neural_network
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits

import ranvier as rv
from benchmarks import memory

Array = np.ndarray
FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SIDES = {"scikit-learn": neural_network, "Ranvier": rv}
# After a product the threads of BLAS wait for the next one, busily, for some hundredths
# of a second: so long neither side is measured while they still do.
PAUSE = 0.1
CLOCK: list[Callable[[], float]] = [perf_counter]  # process_time with --one-thread


@dataclass(frozen=True)
class Case:
    """One fit: the data by name, the estimator, its parameters."""

    name: str
    data: str
    parameters: dict[str, Any]
    estimator: str = "MLPClassifier"
    dtype: str = "float64"
    grid: bool = False

    def table(self) -> tuple[Any, Array]:
        """Load or make X and y."""
        X, y = DATA[self.data]()
        return X.astype(self.dtype), y

    def fit(self, side: str, X: Any, y: Array) -> Any:
        """Fit one side's estimator."""
        mlp = getattr(SIDES[side], self.estimator)(random_state=0, **self.parameters)
        if self.grid:
            mlp = GridSearchCV(mlp, {"alpha": [1e-4, 1e-2]}, cv=3, n_jobs=2)
        return mlp.fit(X, y)


def made(n: int, d: int) -> tuple[Array, Array]:
    """Make a table with two classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return X, (X[:, 0] * X[:, 1] + 0.5 * X[:, 2] > 0).astype(int)


def made_sparse() -> tuple[Any, Array]:
    """Make a table like counts of words: one cell in a hundred is filled."""
    X = sp.random(10_000, 5_000, density=0.01, format="csr", random_state=0)
    return X, np.asarray(X[:, :50].sum(axis=1) > X[:, 50:100].sum(axis=1)).ravel()


def stored(name: str, rows: int, scale: float) -> tuple[Array, Array]:
    """Load the first rows of a table of the optional folder of real ones."""
    import pandas as pd

    folder = Path(os.environ.get("RANVIER_DATA", FOLDER))
    frame = pd.read_parquet(folder / "parquet" / f"{name}.parquet").iloc[:rows]
    y = frame.pop("target").to_numpy()
    return np.ascontiguousarray(frame.to_numpy(np.float64)) / scale, y.astype(str)


def digits() -> tuple[Array, Array]:
    """Load scikit-learn's digits."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y


DATA: dict[str, Callable[[], tuple[Any, Array]]] = {
    "10,000 x 20": lambda: made(10_000, 20),
    "50,000 x 50": lambda: made(50_000, 50),
    "digits": digits,
    "letter": lambda: stored("letter", 16_000, 15),
    "mnist": lambda: stored("mnist", 60_000, 255),
    "sparse": made_sparse,
}


def cases() -> Iterator[Case]:
    """List all of them."""
    for data in ("10,000 x 20", "50,000 x 50"):
        for dtype in ("float64", "float32"):
            for solver, epochs in (("adam", 10), ("sgd", 10), ("lbfgs", 20)):
                given = {"solver": solver, "max_iter": epochs}
                yield Case(f"{data} {solver} {dtype}", data, given, dtype=dtype)
    for data, epochs in (("digits", 50), ("letter", 10), ("mnist", 10)):
        for dtype in ("float64", "float32"):
            yield Case(f"{data} adam {dtype}", data, {"max_iter": epochs}, dtype=dtype)
    yield Case("10,000 x 5,000 sparse adam", "sparse", {"max_iter": 3})
    yield Case(
        "10,000 x 5,000 sparse lbfgs", "sparse", {"solver": "lbfgs", "max_iter": 5}
    )
    given = {"max_iter": 20, "early_stopping": True}
    yield Case("digits, grid search, n_jobs=2", "digits", given, grid=True)
    yield Case("digits, early stopping", "digits", given)


def loss_of(fitted: Any) -> float:
    """Give the loss that a fit ended with."""
    return float(getattr(fitted, "best_estimator_", fitted).loss_)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Call a function; give the seconds it took, and its result."""
    sleep(PAUSE)
    started = CLOCK[0]()
    result = call()
    return CLOCK[0]() - started, result


def time_of_fit(case: Case, repeats: int) -> dict[str, float]:
    """Fit both sides in turn; give the shortest time of each, if their losses agree."""
    X, y = case.table()
    best = dict.fromkeys(SIDES, math.inf)
    losses = dict.fromkeys(SIDES, math.nan)
    for _ in range(repeats):
        for side in SIDES:
            seconds, fitted = timed(partial(case.fit, side, X, y))
            best[side] = min(best[side], seconds)
            losses[side] = loss_of(fitted)
    theirs, ours = losses.values()
    loose = 1e-2 if case.dtype == "float32" or "lbfgs" in case.name else 1e-6
    if case.dtype == "float32" and "lbfgs" in case.name:
        loose = 3e-2  # its line search has float32 for numbers there, ours float64
    if not math.isclose(theirs, ours, rel_tol=loose):
        raise SystemExit(f"{case.name}: the losses differ, {theirs} and {ours}")
    return best


def time_of_predict(rows: int, repeats: int) -> dict[str, float]:
    """Time predictions of a default network for so many rows."""
    X, y = made(100_000, 20)
    given = {"max_iter": 1, "random_state": 0}
    fitted = {
        side: module.MLPClassifier(**given).fit(X[:2000], y[:2000])
        for side, module in SIDES.items()
    }
    part = np.ascontiguousarray(X[:rows])
    calls = max(20_000 // rows, 1)

    def many(side: str) -> None:
        for _ in range(calls):
            fitted[side].predict(part)

    best = dict.fromkeys(SIDES, math.inf)
    for _ in range(3 * repeats):
        for side in SIDES:
            seconds, _ = timed(partial(many, side))
            best[side] = min(best[side], seconds / calls)
    return best


def seconds(value: float) -> str:
    """Write a time with three digits in the unit that suits it."""
    units = [("s", 1.0), ("ms", 1e-3), ("us", 1e-6)]
    unit, size = next(((u, s) for u, s in units if value >= s), units[-1])
    return f"{value / size:.3g} {unit}"


def line(name: str, times: dict[str, float]) -> float:
    """Print a row of the table; give the ratio."""
    ratio = times["scikit-learn"] / times["Ranvier"]
    cells = [name, *(seconds(times[side]) for side in SIDES), f"{ratio:.1f}x"]
    print(f"| {' | '.join(cells)} |", flush=True)
    return ratio


def main(arguments: list[str]) -> int:
    """Print the tables that the arguments ask for."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks sklearn", description=__doc__
    )
    parser.add_argument("--repeats", type=int, default=3, help="times each is run")
    text = "cases whose name holds this regular expression"
    parser.add_argument("--only", default="", metavar="PATTERN", help=text)
    text = "give both one thread, and count its processor time: on a busy machine"
    parser.add_argument("--one-thread", action="store_true", help=text)
    parser.add_argument("--no-memory", action="store_true", help="leave memory out")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    if given.one_thread:
        CLOCK[0] = process_time
        os.environ["OMP_NUM_THREADS"] = "1"
        threadpool_limits(1)
    every = {case.name: case for case in cases()}
    if given.memory_of:
        side, name = json.loads(given.memory_of)
        print(
            memory.of_fit(every[name].table(), lambda X, y: every[name].fit(side, X, y))
        )
        return 0
    chosen = [case for name, case in every.items() if re.search(given.only, name)]
    versions = f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}"
    level = rv.show_config(mode="dicts")["engine"]["level"]
    print(f"{platform.machine()}, {os.cpu_count()} processors, {level}; {versions}\n")
    print("| fit | scikit-learn | Ranvier | ratio |\n|---|---|---|---|")
    ratios = []
    for case in chosen:
        try:
            ratios.append(line(case.name, time_of_fit(case, given.repeats)))
        except FileNotFoundError as error:
            print(
                f"| {case.name} | left out: {Path(error.filename).name} is not here |"
            )
    if ratios:
        print(f"| geometric mean | | | {math.exp(np.log(ratios).mean()):.1f}x |")
    print("\n| predict | scikit-learn | Ranvier | ratio |\n|---|---|---|---|")
    for rows in (1, 100, 100_000) if not given.only or "predict" in given.only else ():
        line(
            f"{rows:,} row{'s' * (rows > 1)} of 20",
            time_of_predict(rows, given.repeats),
        )
    if not given.no_memory:
        show_memory(chosen)
    return 0


def show_memory(chosen: list[Case]) -> None:
    """Print what a fit takes beyond the data, each in a process of its own."""
    print("\n| memory of a fit | scikit-learn | Ranvier |\n|---|---|---|")
    for case in chosen:
        if case.grid:
            continue
        peaks = [memory.in_process("sklearn", side, case.name) for side in SIDES]
        if all(peak is not None for peak in peaks):
            cells = [f"{peak / 2**20:.1f} MiB" for peak in peaks if peak is not None]
            print(f"| {case.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
