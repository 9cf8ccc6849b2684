"""What every command of ``ranvier`` shares: one message for what goes wrong, and files.

Exit codes: 0 done; 1 failed, with one line "Error: ..." on standard error; 2 misused;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ranvier.job import report
from ranvier.job.model import Model

try:
    import click as click
    from rich.console import Console as Console
except ImportError as missing:
    raise SystemExit(
        f"Error: the command ranvier needs {missing.name}, which is not installed: "
        "run pip install 'ranvier[app]'"
    ) from None

INTERRUPTED = 130  # 128 + SIGINT, as shells count
FAILURES = (ValueError, OSError, ArithmeticError, ImportError, MemoryError)


def table_to_predict(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command DATA, --target, --query and --task, in the order of its help."""
    for add in (
        click.option(
            "--task",
            type=click.Choice(["classification", "regression"]),
            help="What to predict; inferred from the target if not given.",
        ),
        click.option(
            "--query", help="SQL to read DATA with; a file is the table named data."
        ),
        click.option("-t", "--target", required=True, help="Column to predict."),
        click.argument("data", type=click.Path(path_type=Path)),
    ):
        command = add(command)
    return command


@contextmanager
def one_message() -> Iterator[None]:
    """Turn what can go wrong into one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A letter that the terminal does not have is no reason to fail.
            stream.reconfigure(errors="replace")
    try:
        yield
    except BrokenPipeError:
        # Whoever read our output has gone; what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except FAILURES as error:
        fail(_message(error))
    except KeyboardInterrupt:
        click.echo("Interrupted. Nothing was written.", err=True)
        sys.exit(INTERRUPTED)


def _message(error: Exception) -> str:
    """Say what an error says; one of the system's own, without its number."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__


def fail(message: str) -> NoReturn:
    """End with one line on standard error."""
    click.echo(f"Error: {report.plain(message)}", err=True)
    sys.exit(1)


def console(quiet: bool = False) -> Console:
    """Give the console that prints to standard output."""
    return Console(file=sys.stdout, quiet=quiet, highlight=False)


def check_folder(path: Path, option: str = "--out") -> None:
    """Refuse a path that cannot be written before an hour is spent on training."""
    folder = path.resolve().parent
    why = None
    if path.is_dir():
        why = "that is a folder"
    elif not folder.is_dir():
        why = f"there is no folder {folder}"
    elif not os.access(folder, os.W_OK):
        why = f"{folder} may not be written to"
    if why is not None:
        raise ValueError(
            f"cannot write to {str(path)!r}: {why}; give {option} a file in a folder "
            "that exists and may be written to"
        )


def print_json(told: report.Report) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(report.finite(told), allow_nan=False))


def load(path: Path) -> Model:
    """Read a model file."""
    if not path.exists():
        raise FileNotFoundError(
            f"there is no model file {str(path)!r}: give one that `ranvier train` wrote"
        )
    return Model.load(path)


def tell(notices: Iterable[str]) -> None:
    """Print notices on standard error."""
    for notice in notices:
        click.echo(f"Note: {report.plain(notice)}", err=True)
