"""The one file of results: a line of JSON for each trial, written when it is over.

A later line for the same trial replaces an earlier one, so a run that is broken off
loses nothing, and `tidy` drops what has been replaced.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ranvier.disk import write_atomic

STORED = Path(__file__).resolve().parents[1] / "results" / "accuracy.jsonl"
FIGURES = 6  # of each number that is written

Result = dict[str, Any]
Key = tuple[str, int, str]  # table, split, contender


def key_of(result: Mapping[str, Any]) -> Key:
    """Tell which trial a result belongs to."""
    return result["table"], result["split"], result["contender"]


def read(path: Path) -> dict[Key, Result]:
    """Read the results; empty where there is no file yet.

    A last line without an end, which a killed run may leave, does not count.

    Raises
    ------
    ValueError
        Another line is no result.
    """
    if not path.exists():
        return {}
    lines = path.read_text("utf-8").split("\n")[:-1]
    results = {}
    for number, line in enumerate(lines, 1):
        try:
            result = json.loads(line)
            results[key_of(result)] = result
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"line {number} of {path} is no result: restore the file, or delete "
                "that line to have its trial run again"
            ) from None
    return results


def append(path: Path, result: Result) -> None:
    """Add a result, at once and whole."""
    line = json.dumps(_rounded(result)) + "\n"
    with _alone(path), path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        if end:  # a line that was broken off must not swallow this one
            file.seek(end - 1)
            if file.read(1) != b"\n":
                _cut(file, end)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def tidy(path: Path) -> None:
    """Drop the lines that later ones replace, and sort the others."""
    with _alone(path):
        results = read(path)
        lines = [json.dumps(results[key]) + "\n" for key in sorted(results)]
        write_atomic(path, "".join(lines).encode())


def _cut(file: Any, end: int) -> None:
    """Cut a file after its last whole line."""
    file.seek(0)
    file.truncate(file.read(end).rfind(b"\n") + 1)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from writing meanwhile; the folder is the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{FIGURES}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value
