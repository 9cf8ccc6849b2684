"""The suite: faults on their tables and seeds, their cures, and healthy fits."""

from __future__ import annotations

import argparse
import time
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

import ranvier as rv
from benchmarks.accuracy import tables
from benchmarks.doctor.faults import FAULTS, Fault
from benchmarks.doctor.setups import OTHERS, sound

# Facts about a table that are true of it, and change nothing in a fit.
NOTES = (
    "rare_class",
    "imbalanced_classes",
    "duplicate_column",
    "redundant_column",
    "constant_column",
    "copied_rows",
    "time_order",
    "grouped_rows",
    "unit_can_go",
)


class Row(NamedTuple):
    """Of one fault: how often it was seeded, found first, found, and cured."""

    fault: str
    trials: int
    first: int
    found: int
    tried: int
    better: int


def seeded(name: str, fault: Fault, table: str, seed: int) -> rv.Diagnosis:
    """Seed a fault, train, and diagnose with the first cures proven."""
    setup = sound(table, seed)
    rng = np.random.default_rng([seed, zlib.crc32(f"{name} {table}".encode())])
    fault.seed(setup, rng)
    return setup.diagnosis(seed, prove=True)


def row(
    name: str, seeds: Sequence[int], *, verbose: bool = False, others: bool = False
) -> Row:
    """Count for one fault, over its tables (or others in their place) and the seeds."""
    fault = FAULTS[name]
    counts = np.zeros(5, int)
    for table in (OTHERS[own] if others else own for own in fault.tables):
        for seed in seeds:
            found = seeded(name, fault, table, seed)
            right = [f for f in found if f.name in fault.expected]
            first = bool(found) and found[0].name in fault.expected
            proof = right[0].proof if right else None
            better = proof is not None and proof.improves
            counts += [1, first, bool(right), proof is not None, better]
            if verbose and not (first and (better or proof is None)):
                names = [f.name for f in found]
                print(f"    {name} / {table} / {seed}: {names} {proof}", flush=True)
    return Row(name, *counts.tolist())


def table_of(rows: Sequence[Row]) -> str:
    """Write the counts as a Markdown table."""
    totals = np.sum([own[1:] for own in rows], axis=0)
    lines = [
        "| fault | trials | first | found | cures tried | better |",
        "|---|---:|---:|---:|---:|---:|",
        *["| " + " | ".join(map(str, own)) + " |" for own in rows],
        "| **all** | " + " | ".join(map(str, totals)) + " |",
    ]
    return "\n".join(lines)


def healthy(most_rows: int, effort: str) -> Iterator[tuple[str, list[str]]]:
    """Fit each table with the defaults, and yield its name and what is found.

    The rows to score are held out: a quarter, at most `most_rows` in all.
    """
    for table in tables.tables(tables.FOLDER):
        frame, y = tables.read(table, tables.FOLDER)
        parts = tables.split(table, y, 0)
        rng = np.random.default_rng(0)  # a table may be sorted
        train, test = (np.sort(rng.permutation(own)[:most_rows]) for own in parts)
        kinds = rv.TabularClassifier if table.classification else rv.TabularRegressor
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = kinds(effort=effort, random_state=0)
            model.fit(frame.iloc[train], y[train])
            found = rv.diagnose(model, frame.iloc[test], y[test])
            before = rv.preflight(frame.iloc[train], y[train], model)
        yield table.name, [f.name for f in [*before, *found]]


def report_healthy(most_rows: int, effort: str) -> None:
    """Print what is found on healthy fits, and count the alarms."""
    alarms, count = [], 0
    for name, found in healthy(most_rows, effort):
        count += 1
        alarm = [own for own in found if own not in NOTES]
        alarms += [name] * bool(alarm)
        if found:
            print(f"| {name} | {', '.join(found)} |", flush=True)
    print(f"\n{len(alarms)} of {count} healthy fits with an alarm: {alarms}")


def main(arguments: Sequence[str]) -> None:
    """Run the suite; see `--help`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks doctor", description=__doc__
    )
    add = parser.add_argument
    add("--seeds", type=int, default=3, help="for each table (3)")
    add("--faults", nargs="*", default=list(FAULTS), metavar="NAME")
    add("--out", type=Path, help="write the table here, too")
    add("--others", action="store_true", help="on ten other tables")
    add("--verbose", action="store_true", help="print what was missed")
    add("--healthy", action="store_true", help="fits with the defaults instead")
    add("--rows", type=int, default=1000, help="most rows of a healthy fit (1000)")
    add("--effort", default="default", help="of a healthy fit (default)")
    options = parser.parse_args(arguments)
    if options.healthy:
        report_healthy(options.rows, options.effort)
        return
    rows, begun = [], time.monotonic()
    for name in options.faults:
        seeds, verbose = range(options.seeds), options.verbose
        rows.append(row(name, seeds, verbose=verbose, others=options.others))
        print(f"{name}: {rows[-1][1:]}", flush=True)
    print(table_of(rows))
    print(f"{time.monotonic() - begun:.0f} s")
    if options.out:
        options.out.write_text(table_of(rows) + "\n", "utf-8")
