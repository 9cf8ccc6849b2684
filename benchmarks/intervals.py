"""Coverage of prediction intervals.

`python -m benchmarks intervals` fits `TabularRegressor` to each regression table and
reports the fraction of test targets within its intervals, and their width.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import numpy as np

import ranvier as rv
from benchmarks.accuracy import tables
from benchmarks.accuracy.command import names
from benchmarks.accuracy.tables import Table

LEVELS = (0.5, 0.8, 0.9)
# Small tables are split more often, until this many rows have been tested.
TESTED, MOST_SPLITS = 1000, 10
WITHIN = 0.02  # of the level, to count as reached


class Coverage(NamedTuple):
    """Of a table: rows tested, coverage at each of LEVELS, width.

    ``width`` of the widest interval, in standard deviations of the test target.
    """

    table: str
    rows: int
    held: tuple[float, ...]
    width: float


def main(arguments: list[str]) -> None:
    """Measure, and print each table when it is done."""
    given = parser().parse_args(arguments)
    try:
        found = [t for t in tables.tables(tables.FOLDER) if not t.classification]
        wanted = names(given.tables, [table.name for table in found], "table")
    except (ValueError, OSError) as error:
        sys.exit(f"Error: {error}")
    print(f"| table | test rows | {' | '.join(map(str, LEVELS))} | width |")
    print(f"|---|{'---:|' * (len(LEVELS) + 2)}")
    measured = []
    for table in found:
        if table.name in wanted:
            measured.append(coverage(table, given.rows, given.effort))
            print(line(measured[-1]), flush=True)
    print(f"\n{summary(measured)}")


def parser() -> argparse.ArgumentParser:
    """Make the reader of the arguments."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks intervals", description=__doc__
    )
    add = made.add_argument
    add("--tables", help="names between commas; default: all")
    add("--rows", type=int, default=10_000, help="most rows to train on (10000)")
    add("--effort", default="default", help="of the regressor (default)")
    return made


def coverage(table: Table, most: int, effort: str) -> Coverage:
    """Measure a table, over all its splits."""
    held, widths = [], []
    for number in range(min(MOST_SPLITS, ceil(TESTED / (table.rows // 4)))):
        for low, high, y in bounds(table, number, most, effort):
            held.append((low <= y) & (y <= high))
            widths.append(np.mean(high - low) / np.std(y))
    each = [np.concatenate(held[k :: len(LEVELS)]) for k in range(len(LEVELS))]
    return Coverage(
        table.name,
        len(each[0]),
        tuple(float(one.mean()) for one in each),
        float(np.mean(widths[len(LEVELS) - 1 :: len(LEVELS)])),
    )


Bounds = tuple[np.ndarray, np.ndarray, np.ndarray]


def bounds(table: Table, number: int, most: int, effort: str) -> Iterator[Bounds]:
    """Yield the bounds for each level on a split, and the numbers tested."""
    frame, y = tables.read(table, tables.FOLDER)
    kept, test = tables.split(table, y, number)
    kept = np.random.default_rng(number).permutation(kept)[:most]
    model = rv.TabularRegressor(effort=effort, random_state=number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about columns that may leak the target
        model.fit(frame.iloc[kept], y[kept])
    for level in LEVELS:
        _, low, high = model.predict(frame.iloc[test], interval=level)
        yield low, high, y[test]


def line(of: Coverage) -> str:
    """Write a table's line."""
    fractions = " | ".join(f"{held:.3f}" for held in of.held)
    return f"| {of.table} | {of.rows:,} | {fractions} | {of.width:.2f} |"


def summary(measured: list[Coverage]) -> str:
    """Summarise the coverage and its distance from the levels."""
    off = np.array([np.array(of.held) - LEVELS for of in measured])
    near = (np.abs(off[:, -1]) <= WITHIN).sum()
    means = ", ".join(
        f"{level}: {level + mean:.3f}"
        for level, mean in zip(LEVELS, off.mean(axis=0), strict=True)
    )
    return (
        f"On the mean of {len(measured)} tables {means}; for {LEVELS[-1]}, "
        f"{near} tables are within {WITHIN:.0%}."
    )
