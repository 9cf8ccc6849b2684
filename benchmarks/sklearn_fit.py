"""fit, predict, memory and whole scripts of both MLPs, scikit-learn's and ours.

The two take turns on the same data with the same random_state; the tables give the
medians and their ratio. "At most" is the ratio if the products of the fit, and nothing
else, were computed as fast as NumPy multiplies two matrices of 1024 x 1024 in the same
run. That both did the same is checked by their losses; of scripts, by what they print.
"""

import argparse
import json
import math
import os
import platform
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np
import sklearn
from threadpoolctl import threadpool_limits

import ranvier as rv
from benchmarks import memory, sklearn_scripts
from benchmarks.sklearn_cases import SIDES, Array, Case, cases, made
from benchmarks.timing import PAUSE, Timed, interleaved, processor_time
from ranvier.disk import write_atomic

CLOCK: list[Callable[[], float]] = [perf_counter]  # processor_time with --one-thread
PEAK_SIZE = 1024


def loss_of(fitted: Any) -> float:
    """Return the loss that a fit ended with."""
    return float(getattr(fitted, "best_estimator_", fitted).loss_)


def timed(call: Callable[[], Any]) -> float:
    """Call a function; give the seconds it took."""
    sleep(PAUSE)
    started = CLOCK[0]()
    call()
    return CLOCK[0]() - started


def medians(calls: Mapping[str, Timed], repeats: int) -> dict[str, float]:
    """Compute the median time of each side, in turn."""
    times = interleaved(calls, repeats)
    return {side: median(times[side]) for side in SIDES}


def check(case: Case, X: Any, y: Array) -> None:
    """Fit both sides, and end the program if they don't come to the same loss."""
    fit = case.compared().fit
    theirs, ours = (loss_of(fit(side, X, y)) for side in SIDES)
    if not math.isclose(theirs, ours, rel_tol=case.tolerance):
        raise SystemExit(f"{case.name}: the losses differ, {theirs} and {ours}")


def peak(dtype: str) -> float:
    """Measure the operations a second of NumPy's product."""
    A = np.full((PEAK_SIZE, PEAK_SIZE), 0.5, dtype)
    return 2 * PEAK_SIZE**3 / min(timed(lambda: A @ A) for _ in range(3))


def measure_fit(case: Case, repeats: int) -> list[str]:
    """Time the fit of both sides: the cells of a row."""
    X, y = case.table()
    check(case, X, y)
    calls = {s: partial(timed, partial(case.fit, s, X, y)) for s in SIDES}
    times = medians(calls, repeats)
    most = "—"
    if not case.grid:
        least = case.operations(X, y) / peak(case.dtype)
        most = f"{times['scikit-learn'] / least:.1f}x"
    return [*cells(case.name, times), most]


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

    def many(side: str) -> float:
        predict = fitted[side].predict
        return timed(lambda: [predict(part) for _ in range(calls)]) / calls

    return medians({side: partial(many, side) for side in SIDES}, 3 * repeats)


def seconds(value: float) -> str:
    """Write a time with three digits in the unit that suits it."""
    units = [("s", 1.0), ("ms", 1e-3), ("us", 1e-6)]
    unit, size = next(((u, s) for u, s in units if value >= s), units[-1])
    return f"{value / size:.3g} {unit}"


def cells(name: str, times: Mapping[str, float]) -> list[str]:
    """Return the cells of a row: the name, both times, their ratio."""
    ratio = times["scikit-learn"] / times["Ranvier"]
    return [name, *(seconds(times[side]) for side in SIDES), f"{ratio:.1f}x"]


def rows_of_fits(chosen: list[Case], repeats: int) -> Iterator[list[str]]:
    """Yield the rows of the table of fits, with their geometric mean."""
    ratios, most = [], []
    for case in chosen:
        try:
            row = measure_fit(case, repeats)
        except FileNotFoundError as error:
            yield [case.name, f"left out: {Path(error.filename).name} is not here"]
            continue
        yield row
        ratios.append(float(row[3][:-1]))
        most += [] if case.grid else [float(row[4][:-1])]
    if ratios:
        means = (math.exp(np.log(some).mean()) for some in (ratios, most or [math.nan]))
        yield ["geometric mean", "", "", *(f"{mean:.1f}x" for mean in means)]


def rows_of_predictions(repeats: int) -> Iterator[list[str]]:
    """Yield the rows of the table of predictions."""
    for rows in (1, 100, 100_000):
        name = f"{rows:,} row{'s' * (rows > 1)} of 20"
        yield cells(name, time_of_predict(rows, repeats))


def rows_of_memory(chosen: list[Case]) -> Iterator[list[str]]:
    """Yield what a fit takes beyond the data, each in a process of its own."""
    for case in chosen:
        if case.grid:
            continue
        peaks = [memory.in_process("sklearn", side, case.name) for side in SIDES]
        sizes = [f"{peak / 2**20:.1f} MiB" for peak in peaks if peak is not None]
        if len(sizes) == len(SIDES):
            yield [case.name, *sizes]


def rows_of_scripts(repeats: int) -> Iterator[list[str]]:
    """Yield the rows of the table of scripts, by processor time."""
    for script in sklearn_scripts.scripts():
        name = f"`{script.name}`: {sklearn_scripts.title(script)}"
        yield cells(name, sklearn_scripts.times(script, repeats))


def table(of: str, columns: list[str], rows: Iterator[list[str]]) -> str:
    """Print a table row by row as it is measured, and give its text."""
    lines = []

    def add(row: list[str]) -> None:
        lines.append(f"| {' | '.join(row)} |")
        print(lines[-1], flush=True)

    add([of, *columns])
    add(["---"] * (1 + len(columns)))
    for row in rows:
        add(row + [""] * (1 + len(columns) - len(row)))
    print()
    return "\n".join(lines)


def tables(given: argparse.Namespace) -> dict[str, str]:
    """Measure what the arguments ask for; give the text of each table by its name."""
    chosen = [case for case in cases() if re.search(given.only, case.name)]
    both, everything = ["scikit-learn", "Ranvier"], not given.only
    found = {"conditions": conditions(given)}
    print(found["conditions"] + "\n")
    if chosen:
        rows = rows_of_fits(chosen, given.repeats)
        found["fit"] = table("fit", [*both, "ratio", "at most"], rows)
    if everything or "predict" in given.only:
        rows = rows_of_predictions(given.repeats)
        found["predict"] = table("predict", [*both, "ratio"], rows)
    if everything or "scripts" in given.only:
        rows = rows_of_scripts(max(given.repeats // 2, 1))
        found["scripts"] = table("script", [*both, "ratio"], rows)
    if chosen and not given.no_memory:
        found["memory"] = table("memory of a fit", both, rows_of_memory(chosen))
    return found


def conditions(given: argparse.Namespace) -> str:
    """Say when, on what and how is measured."""
    level = rv.show_config(mode="dicts")["engine"]["level"]
    threads = "as many threads as they choose, by the clock"
    if given.one_thread:
        threads = "one thread, by processor time"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, {os.cpu_count()} "
        f"processors, {level}; scikit-learn {sklearn.__version__}, NumPy "
        f"{np.__version__}; both with {threads}; medians of {given.repeats} runs in "
        f"turn. NumPy's product: {peak('float64') / 1e9:.0f} GFLOP/s in float64, "
        f"{peak('float32') / 1e9:.0f} in float32."
    )


def write(found: Mapping[str, str], page: Path) -> None:
    """Put tables in the place of those of a page.

    A table stands between ``<!-- measured: name -->`` and ``<!-- end -->``.

    Raises
    ------
    SystemExit
        The page has no place of a name; nothing is written then.
    """
    text = page.read_text("utf-8")
    for name, measured in found.items():
        place = re.compile(
            rf"(<!-- measured: {name} -->\n).*?(\n<!-- end -->)", re.DOTALL
        )
        match = place.search(text)
        if match is None:
            raise SystemExit(f"{page} has no line <!-- measured: {name} -->: add one")
        text = text[: match.end(1)] + measured + text[match.start(2) :]
    write_atomic(page, text.encode())


def parser() -> argparse.ArgumentParser:
    """Make the parser of the subcommand."""
    made = argparse.ArgumentParser("python -m benchmarks sklearn", description=__doc__)
    add = made.add_argument
    add("--repeats", type=int, default=5, help="times each is run (5)")
    text = "cases whose name holds this regular expression; or: predict, scripts"
    add("--only", default="", metavar="PATTERN", help=text)
    text = "give both one thread, and count its processor time: on a busy machine"
    add("--one-thread", action="store_true", help=text)
    add("--no-memory", action="store_true", help="leave memory out")
    text = "put the tables into this page, in the place of those it has"
    add("--write", type=Path, metavar="PAGE", help=text)
    add("--memory-of", help=argparse.SUPPRESS)
    return made


def main(arguments: list[str]) -> int:
    """Print the tables that the arguments ask for."""
    given = parser().parse_args(arguments)
    warnings.simplefilter("ignore")
    if given.memory_of:
        side, name = json.loads(given.memory_of)
        case = next(case for case in cases() if case.name == name)
        print(memory.of_fit(case.table(), partial(case.fit, side)))
        return 0
    if given.one_thread:
        CLOCK[0] = processor_time
        os.environ["OMP_NUM_THREADS"] = "1"
        threadpool_limits(1)
    found = tables(given)
    if given.write is not None:
        write(found, given.write)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
