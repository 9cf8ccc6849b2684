"""The command line of `python -m benchmarks accuracy`."""

import argparse
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.accuracy import presets, results, tables
from benchmarks.accuracy.contenders import CONTENDERS, KNOWN
from benchmarks.accuracy.picture import draw
from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.running import Plan, run_all
from benchmarks.accuracy.standing import gather
from benchmarks.accuracy.summary import report
from ranvier.disk import write_atomic


def main(arguments: list[str]) -> None:
    """Run the missing trials, then report."""
    given = parser().parse_args(arguments)
    # SIGTERM ends the running trial, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if not given.report:
            run_all(plan(given))
        stored = results.read(given.results)
        if given.presets:
            print(presets.compare(stored))
        elif given.write is not None:
            write(stored, given.write)
        else:
            print(report(stored))
    except (ValueError, OSError) as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        print("Interrupted: finished trials are stored and are not run again.")
        sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """Make the reader of the arguments."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks accuracy", description=__doc__
    )
    add = made.add_argument
    add("--contenders", help="names between commas; default: all")
    add("--tables", help="names between commas; default: all")
    add("--again", default="", help="contenders to run again, between commas")
    add("--python", default=sys.executable, help="interpreter of all but Ranvier")
    add("--limit", type=float, default=7200, help="processor seconds per trial (7200)")
    add("--threads", type=int, default=2, help="threads per trial (2)")
    add(
        "--rows",
        type=int,
        default=tables.MOST_TRAINING,
        help="most training rows (10000)",
    )
    add("--results", type=Path, default=results.STORED, help="file of results")
    add("--report", action="store_true", help="run nothing, report only")
    add(
        "--presets",
        action="store_true",
        help="compare presets with the authors' code only",
    )
    add("--write", type=Path, help="write the report and its picture here")
    return made


def write(stored: Mapping[Key, Result], path: Path) -> None:
    """Write the report, and its picture in the folder pictures beside it."""
    picture = path.parent / "pictures" / f"{path.stem}.png"
    text = report(stored, picture.relative_to(path.parent).as_posix())
    picture.parent.mkdir(exist_ok=True)
    draw(gather(stored), picture)
    write_atomic(path, text.encode())
    print(f"Report: {path}")


def plan(given: argparse.Namespace) -> Plan:
    """Turn arguments into a plan."""
    found = tables.tables(tables.FOLDER)
    again = names(given.again, list(KNOWN), "contender")
    usual = presets.PAIRED if given.presets else [c.name for c in CONTENDERS]
    chosen = list(usual)
    if given.contenders is not None:
        chosen = names(given.contenders, list(KNOWN), "contender")
    wanted = names(given.tables, [table.name for table in found], "table")
    return Plan(
        contenders=tuple(chosen),
        tables=tuple(
            replace(table, most_training=given.rows)
            for table in found
            if table.name in wanted
        ),
        folder=tables.FOLDER,
        path=given.results,
        limit=given.limit,
        threads=given.threads,
        python=given.python,
        again=frozenset(again),
    )


def names(given: str | None, known: list[str], what: str) -> list[str]:
    """Read names between commas (None: all); refuse unknown ones."""
    if given is None:
        return known
    chosen = [name.strip() for name in given.split(",") if name.strip()]
    for name in chosen:
        if name not in known:
            raise ValueError(
                f"there is no {what} {name!r}: choose from {', '.join(known)}"
            )
    return chosen
