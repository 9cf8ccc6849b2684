"""What every command of ``ranvier`` shares: one message for what goes wrong, and files.

Exit codes: 0 done; 1 failed, with one line "Error: ..." on standard error; 2 misused;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, NoReturn, TextIO

from ranvier.commands import report
from ranvier.files import FileFormatError
from ranvier.reading.reading import TableFile
from ranvier.reading.reading import read as read_table
from ranvier.run.folder import MANIFEST
from ranvier.startup import INTERRUPTED as INTERRUPTED
from ranvier.tabular.model import TableModel

try:
    import click as click
    from rich.console import Console as Console
except ImportError as missing:
    raise SystemExit(
        f"Error: the command ranvier needs {missing.name}, which is not installed: "
        "run pip install 'ranvier[app]'"
    ) from None

_saved: list[Path] = []  # by the command that runs, for what Ctrl-C says

FAILURES = (
    ValueError,
    OSError,
    ArithmeticError,
    ImportError,
    MemoryError,
    RuntimeError,  # a run in use, a page that does not open, an unknown RANVIER_LEVEL
)


def table_to_predict(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add DATA, --target, --query and --task to a command, in the order of its help."""
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


force_option = click.option(
    "--force",
    is_flag=True,
    help="Write even over an input file or the model of another training.",
)


class _CtrlC:
    """Whether Ctrl-C was pressed, also where a library has lost the exception.

    DuckDB raises one of its own instead, and pandas, while PyArrow imports it, none.
    """

    pressed = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        raise KeyboardInterrupt


ctrl_c = _CtrlC()  # of the command that runs


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed since the command began."""
    if ctrl_c.pressed:
        raise KeyboardInterrupt


@contextmanager
def _noticing_ctrl_c() -> Iterator[None]:
    ctrl_c.pressed = False
    if current_thread() is not main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # as it is for jobs in the background of a script
        signal.signal(signal.SIGINT, ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def one_message() -> Iterator[None]:
    """Turn what can go wrong into one message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A letter that the terminal does not have is no reason to fail.
            stream.reconfigure(errors="replace")
    _saved.clear()
    with _noticing_ctrl_c(), warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            yield
        except BrokenPipeError:
            drop_output(sys.stdout)
            sys.exit(1)
        except KeyboardInterrupt:
            _end_interrupted()
        except Exception as error:
            if ctrl_c.pressed:
                _end_interrupted()
            if not isinstance(error, FAILURES):
                raise
            fail(_message(error))


def _end_interrupted() -> NoReturn:
    said = f"The model is in {_saved[-1]}." if _saved else "Nothing was written."
    click.echo(f"Interrupted. {said}", err=True)
    sys.exit(INTERRUPTED)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Print a warning as a notice, without the line of code that gave it."""
    tell([str(message)])


def drop_output(stream: TextIO) -> None:
    """Send the rest of the output nowhere, once whoever read it has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Output:
    """Standard output that stays quiet when its reader, say `head`, has closed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            drop_output(self._stream)
            return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            drop_output(self._stream)


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
    """Return the console that prints to standard output."""
    output: Any = Output(sys.stdout)
    return Console(file=output, quiet=quiet, highlight=False)


def read(data: Path, query: str | None, **given: Any) -> TableFile:
    """Read the table that a command is given; see `ranvier.reading.reading.read`."""
    table = read_table(data, query=query, **given)
    stop_if_interrupted()
    return table


def check_output(
    path: Path, inputs: Iterable[Path], *, force: bool, option: str = "--out"
) -> None:
    """Refuse an output that cannot be written, or that is one of the inputs.

    Parameters
    ----------
    path
        The file to write.
    inputs
        Files that the command reads; a link to one of them is that file, too.
    force
        Whether the user wants an input to be replaced.
    option
        The option that gave the path, for the message.

    Raises
    ------
    ValueError
        The path may not be written.
    """
    check_folder(path, option)
    for given in inputs:
        if not force and path.exists() and given.exists() and path.samefile(given):
            raise ValueError(
                f"{option} {str(path)!r} is the input {str(given)!r} itself: give "
                "another file, or --force to replace it"
            )
    folder = path.resolve().parent
    if not force and any((one / MANIFEST).exists() for one in (folder, folder.parent)):
        raise ValueError(
            f"{option} {str(path)!r} lies in the folder of a run: give a file outside "
            "of it, or --force to write there"
        )


def check_model_output(
    path: Path, target: str, *, asked_for: bool, force: bool
) -> None:
    """Refuse to replace the model of another training.

    Parameters
    ----------
    path
        The model file to write.
    target
        Column that the new model will predict.
    asked_for
        Whether the user named the file. The default name is that of the table: a model
        of the same table and target may be replaced there.
    force
        Whether the user wants any model to be replaced.

    Raises
    ------
    ValueError
        The file is a model of another training.
    """
    if force or not path.is_file():
        return
    try:
        known = TableModel.load(path).target
    except FileFormatError:
        return  # no model, or one that nobody can use any more
    if asked_for or known != target:
        raise ValueError(
            f"{str(path)!r} is a model of another training, which predicts {known!r}: "
            "give --out another file, or --force to replace it"
        )


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


def save_with_fallback(model: TableModel, path: Path) -> None:
    """Save a model; if that fails, save it to a temporary folder and say where.

    Parameters
    ----------
    model, path
        What may have taken an hour to train, and where it is meant to be.

    Raises OSError if it is not in `path`, which says where it is instead, if anywhere.
    """
    try:
        model.save(path)
        _saved.append(path)
    except OSError as error:
        instead = _save_elsewhere(model, path.name)
        if instead is None:
            raise
        raise OSError(
            f"{error.filename}: {error.strerror}. The trained model is in {instead}: "
            "move it from there, since that folder may be emptied"
        ) from error


def _save_elsewhere(model: TableModel, name: str) -> Path | None:
    """Save a model in a new temporary folder; None if that fails too."""
    with suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix="ranvier-"))
        try:
            model.save(folder / name)
        except OSError:
            folder.rmdir()
            raise
        return folder / name
    return None


def print_json(told: report.Report) -> None:
    """Print one JSON object."""
    output: Any = Output(sys.stdout)
    click.echo(json.dumps(report.finite(told), allow_nan=False), file=output)


def tell(notices: Iterable[str]) -> None:
    """Print notices on standard error."""
    for notice in notices:
        click.echo(f"Note: {report.plain(notice)}", err=True)
