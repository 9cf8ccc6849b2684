"""Every figure of the live page and of recording, as one Markdown table.

    python -m benchmarks live [--short] [NAME ...]

Names: paint runs epochs stream (benchmarks/page.py), watched drawn
(benchmarks/watched.py), recording (benchmarks/recording.py). About 40 minutes in all on
a machine that does nothing else; --short tries everything in a few, to see that it
runs. A row is printed as soon as it has been measured.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import page
from benchmarks.machine import description
from benchmarks.page import Figure
from benchmarks.recording import WORKLOADS, recording
from benchmarks.watched import KINDS, watched

NAMES = ["paint", "runs", "epochs", "stream", *KINDS, "recording"]


def measured(name: str, folder: Path, short: bool) -> Iterator[Figure]:
    """Measure what a name stands for."""
    turns = 2 if short else 5
    if name == "stream":
        yield from page.stream(folder, 0.1 if short else 10)
    elif name in KINDS:
        pairs = 10 if name == "drawn" else 30  # twenty pages come and go for minutes
        yield watched(folder, name, *((4, 2, 1.0) if short else (20, pairs, 2.0)))
    elif name == "recording":
        for workload in WORKLOADS:
            yield recording(workload, *((2, 0.2) if short else (150, 0.2)))
    else:
        yield from getattr(page, name)(folder, turns)


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser("python -m benchmarks live")
    parser.add_argument("names", nargs="*", choices=[[], *NAMES], default=[])
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args(arguments)
    print(f"{description()}\n\n| what | figure | how |\n|---|---|---|", flush=True)
    for name in asked.names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            for figure in measured(name, Path(folder), asked.short):
                print("| " + " | ".join(figure) + " |", flush=True)
