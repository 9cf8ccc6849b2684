"""The progress bar of a training: loss, validation score, rows a second, time left."""

import sys
from time import monotonic
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from ranvier.checks import checked_bool
from ranvier.training.history import EpochRecord

# A terminal is redrawn at most so often a second; drawing must not cost training time.
REDRAWS = 10


class Bar(Protocol):
    """Something that shows records while it is open."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def show(self, record: EpochRecord) -> None:
        """Show the state after an epoch."""


def bar(progress: bool | None, epochs: int, stream: TextIO | None = None) -> Bar:
    """Return the bar for a training of so many epochs.

    Parameters
    ----------
    progress
        True for a bar, False for none, None for one where `stream` is a terminal.
    epochs
        Epochs the training may take.
    stream
        Where to draw; None: standard error.

    Returns
    -------
    Bar
        Rich's where rich is installed, else a single line of text.
    """
    stream = sys.stderr if stream is None else stream
    if progress is not None:
        progress = checked_bool("progress", progress)
    else:
        progress = stream is not None and stream.isatty()
    if not progress:
        return NoBar()
    try:
        return RichBar(epochs, stream)
    except ImportError:
        return PlainBar(epochs, stream)


def line(record: EpochRecord, epochs: int, seconds: float) -> str:
    """Return the state after an epoch, `seconds` after the start, as a line of text.

    What matters most stands first: a narrow terminal cuts the end.
    """
    left = seconds / record.epoch * (epochs - record.epoch)
    parts = [f"epoch {record.epoch}/{epochs}", f"{clock(left)} left"]
    parts.append(f"loss {record.loss:.4g}")
    if record.validation_loss is not None:
        parts.append(f"validation {record.validation_loss:.4g}")
    parts += [f"{name} {value:.4g}" for name, value in record.metrics.items()]
    parts.append(f"{with_prefix(record.rows_per_second)} rows/s")
    return "  ".join(parts)


def with_prefix(number: float) -> str:
    """Write a count with three digits and k, M or G: 1234567 -> "1.23M"."""
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{prefix}"
    return f"{number:.3g}"


def clock(seconds: float) -> str:
    """Write a duration as hours, minutes and seconds: 3723 -> "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class NoBar:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, record: EpochRecord) -> None:
        """Show nothing."""


class PlainBar:
    """One line of text that is written over itself."""

    def __init__(self, epochs: int, stream: TextIO) -> None:
        self.epochs = epochs
        self.stream = stream
        self.last: EpochRecord | None = None
        self.started = monotonic()
        self.drawn = float("-inf")
        self.width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.last is not None:
            self._draw(self.last)
            self.stream.write("\n")
            self.stream.flush()

    def show(self, record: EpochRecord) -> None:
        """Write the line again, unless that was just done."""
        self.last = record
        if monotonic() - self.drawn >= 1 / REDRAWS:
            self._draw(record)

    def _draw(self, record: EpochRecord) -> None:
        self.drawn = monotonic()
        text = line(record, self.epochs, self.drawn - self.started)
        # Blanks cover what a longer line before has left.
        self.stream.write("\r" + text.ljust(self.width))
        self.stream.flush()
        self.width = len(text)


class RichBar:
    """A bar drawn by rich."""

    def __init__(self, epochs: int, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        text = Column(no_wrap=True, overflow="ellipsis")
        self.progress = Progress(
            BarColumn(bar_width=10, table_column=Column(min_width=10)),
            TextColumn("{task.description}", markup=False, table_column=text),
            console=Console(file=stream),
            refresh_per_second=REDRAWS,
        )
        self.epochs = epochs
        self.started = monotonic()
        self.task: Any = self.progress.add_task(f"epoch 0/{epochs}", total=epochs)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def show(self, record: EpochRecord) -> None:
        """Move the bar; rich redraws it in its own time."""
        text = line(record, self.epochs, monotonic() - self.started)
        self.progress.update(self.task, completed=record.epoch, description=text)
