"""The command line in process, for tests of its commands."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ranvier.cli import main

PENGUINS = str(Path(__file__).resolve().parent.parent / "examples" / "penguins.csv")
FAST = ["--epochs", "2", "--hidden", "4"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that calls the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return call


def table(path: Path, columns: dict[str, list[Any]]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def columns(rows: int = 40) -> dict[str, list[Any]]:
    """Return a small table that is easy to learn."""
    x = [i / rows for i in range(rows)]
    return {"x": x, "y": ["low" if value < 0.5 else "high" for value in x]}


def refused(result: Result, *parts: str) -> None:
    """Check for exit code 1 and one clear line on standard error."""
    assert result.exit_code == 1, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("Error: ")
    for part in parts:
        assert part in lines[0]


def interrupt(*_: object, **__: object) -> None:
    """Do as Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.fixture
def trained(run: Run, tmp_path: Path) -> Path:
    """Return the file of a model trained on a small table."""
    table(tmp_path / "t.csv", columns() | {"c": ["red", "green"] * 20})
    result = run("train", "t.csv", "--target", "y", "--epochs", 30, "--hidden", "8")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "t-model.safetensors"
