"""Tables in Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from statistics import geometric_mean

MISSING = "-"


def figure(value: float | None, unit: str = "") -> str:
    """Write a number with three significant digits, thousands apart by commas."""
    if value is None or not isfinite(value):
        return MISSING
    if abs(value) >= 100:
        return f"{value:,.0f}{unit}"
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1
    return f"{value:.{digits}f}{unit}"


def percent(fraction: float) -> str:
    """Write a fraction as a whole number of percent."""
    return f"{100 * fraction:.0f} %" if isfinite(fraction) else MISSING


def times(ratio: float) -> str:
    """Write a ratio: ``"2.50x"``."""
    return figure(ratio, "x")


def mean_ratio(ratios: Iterable[float]) -> float:
    """Compute the geometric mean, not a number where there is none to take it of."""
    several = list(ratios)
    return geometric_mean(several) if several else nan


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table: the first column to the left, figures to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    for line in lines:
        if len(line) != len(head):
            raise ValueError(f"a row has {len(line)} cells, but the head {len(head)}")
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]

    def written(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in others)]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([written(lines[0]), written(rule), *map(written, lines[1:])])


@dataclass(frozen=True)
class Section:
    """A section of the report: its text, and the figures that `goals` judges."""

    text: str
    reached: dict[str, float] = field(default_factory=dict)


def written(title: str, *parts: str) -> str:
    """Write the text of a section; empty parts are left out."""
    return "\n\n".join([f"## {title}", *(part for part in parts if part)]) + "\n"


def bullets(notes: Iterable[str]) -> str:
    """Write a list; a note that begins with two blanks belongs to the one above."""
    return "\n".join(note if note.startswith("  ") else f"- {note}" for note in notes)
