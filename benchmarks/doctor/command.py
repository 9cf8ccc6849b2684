"""The suite: every fault on its tables and seeds, sound trainings, and the cures."""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import ranvier as rv
from benchmarks.doctor.faults import FAULTS, Fault
from benchmarks.doctor.setups import sound


def seeded(name: str, fault: Fault, table: str, seed: int) -> rv.Diagnosis:
    """Seed a fault, train, and diagnose with the cure proven."""
    setup = sound(table, seed)
    rng = np.random.default_rng([seed, zlib.crc32(f"{name} {table}".encode())])
    fault.seed(setup, rng)
    return setup.diagnosis(seed, prove=True)


def row(name: str, seeds: Sequence[int], *, verbose: bool = False) -> dict[str, object]:
    """Count for one fault: found first, found, cures tried, cures that helped."""
    fault, counts = FAULTS[name], {"trials": 0, "first": 0, "found": 0}
    tried = helped = 0
    for table in fault.tables:
        for seed in seeds:
            found = seeded(name, fault, table, seed)
            counts["trials"] += 1
            right = [f for f in found if f.name in fault.expected]
            counts["found"] += bool(right)
            first = bool(found) and found[0].name in fault.expected
            counts["first"] += first
            if right and (proof := right[0].proof) is not None:
                tried += 1
                helped += proof.improves
            if verbose and (not first or (right and right[0].proof and
                            not right[0].proof.improves)):  # fmt: skip
                print(f"    {name} / {table} / {seed}: {[f.name for f in found]} "
                      f"{right[0].proof if right else ''}", flush=True)  # fmt: skip
    return {"fault": name, **counts, "cures": tried, "helped": helped}


def alarms(tables: Sequence[str], seeds: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the findings on sound trainings."""
    return [
        tuple(f.name for f in sound(table, seed).diagnosis(seed))
        for table in tables
        for seed in seeds
    ]


def table_of(rows: Sequence[dict[str, object]]) -> str:
    """Write the counts as a Markdown table."""
    lines = ["| fault | trials | first | found | cures tried | better |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    lines += ["| " + " | ".join(str(value) for value in row.values()) + " |"
              for row in rows]  # fmt: skip
    totals = {name: sum(int(str(row[name])) for row in rows)
              for name in ("trials", "first", "found", "cures", "helped")}  # fmt: skip
    lines.append("| **all** | " + " | ".join(map(str, totals.values())) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Run the suite; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks doctor")
    parser.add_argument("--seeds", type=int, default=3, help="for each table")
    parser.add_argument("--faults", nargs="*", default=list(FAULTS), metavar="NAME")
    parser.add_argument("--out", type=Path, help="JSON lines, a line for each fault")
    parser.add_argument("--verbose", action="store_true", help="print what was missed")
    options = parser.parse_args(arguments)
    rows, begun = [], time.monotonic()
    for name in options.faults:
        rows.append(row(name, range(options.seeds), verbose=options.verbose))
        print(rows[-1], flush=True)
        if options.out:
            with options.out.open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    print(table_of(rows))
    print(f"{time.monotonic() - begun:.0f} s")
