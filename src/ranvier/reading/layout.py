"""Where the table lies in a text file: its delimiter, its header and its first row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ranvier.reading.dialect import (
    DELIMITERS,
    Record,
    delimiter_of,
    records_of,
    refuse_duplicates,
    sample_of,
    unusual_delimiter,
    width_of,
)
from ranvier.reading.opening import ReadError
from ranvier.table.numbers import NUMBER, is_placeholder, plain

_SEPARATOR = re.compile(r"sep=(.)[\r\n]+", re.IGNORECASE)  # what Excel writes and reads
ROWS_TO_JUDGE = 3  # fewer rows say nothing about a second header


@dataclass(frozen=True)
class Layout:
    """Where the table lies in a text file.

    Parameters
    ----------
    delimiter
        What separates fields.
    skip, skip_last
        Lines above the header, and lines at the end, that are no part of the table.
    header
        Lines of column names: 0, 1, or 2 that are joined.
    names
        The column names.
    start
        Lines above the first row of the table.
    notices
        What the user should know, as sentences.
    """

    delimiter: str
    skip: int
    skip_last: int
    header: int
    names: tuple[str, ...]
    start: int
    notices: tuple[str, ...] = ()


def layout_of(
    path: Path,
    name: str,
    *,
    delimiter: str | None = None,
    delimiters: str = DELIMITERS,
    skip: tuple[int, int] | None = None,
    header: int | None = None,
) -> Layout:
    """Find where the table lies.

    Parameters
    ----------
    path
        A text file in UTF-8.
    name
        What to call it in messages.
    delimiter, skip, header
        What the user gave; None: found by looking.
    delimiters
        The delimiters to choose from.

    Raises
    ------
    ReadError
        There seems to be something else above or in the table, or a name twice: what
        it is, and the option that reads it.
    """
    sample = sample_of(path)
    notices = []
    first, last = skip or (0, 0)
    if skip is None and (separator := _SEPARATOR.match(sample)) is not None:
        first, delimiter = 1, delimiter or separator[1]
        notices.append(f"The first line of {name} names the delimiter {delimiter!r}.")
    sample = "".join(sample.splitlines(keepends=True)[first:])
    cut = delimiter or delimiter_of(sample, delimiters)
    records = [Record(r.fields, r.line + first) for r in records_of(sample, cut)]
    if not records:
        raise ReadError(
            f"{name} has no line below those skipped: give a smaller --skip"
        )
    width, _ = width_of(records)
    if delimiter is None and width == 1:
        _refuse_unusual(sample, name)
    if skip is None and header != 0:
        _refuse_preamble(records, width, name, cut)
    header = _header_of(records, header, name)
    rows = records[header:]
    names = _names(records, header, width)
    refuse_duplicates(list(names), name)
    if header == 1 and _looks_like_data(names, rows):
        notices.append(
            f"The first line of {name} is taken as column names, though it looks like "
            "a row: if it is one, give --header 0 (header=0)."
        )
    start = (rows[0].line if rows else records[-1].line + 1) - 1
    names = tuple(given or f"column{i}" for i, given in enumerate(names))
    return Layout(cut, first, last, header, names, start, tuple(notices))


def _refuse_unusual(sample: str, name: str) -> None:
    """Raise where something unusual seems to separate the fields."""
    if (unusual := unusual_delimiter(sample)) is not None:
        raise ReadError(
            f"the fields of {name} seem to be separated by {unusual!r}: give "
            f"--delimiter {unusual!r} (delimiter={unusual!r})"
        )


def _refuse_preamble(
    records: Sequence[Record], width: int, name: str, delimiter: str
) -> None:
    """Raise for lines above the header, and for a header with too few names."""
    if width == 1:
        return
    whole = (i for i, r in enumerate(records) if len(r.fields) == width)
    at = next((i for i in whole if not _is_title(records[i].fields)), 0)
    if at == 0:
        return
    above = records[0].fields
    if at == 1 and len(above) == width - 1 and len(above) > 1:
        raise ReadError(
            f"the header of {name} has {len(above)} names, and the lines below it "
            f"{width} fields (delimiter {delimiter!r}): add the name that is missing, "
            "or leave the header out with --skip 1 --header 0"
        )
    skip = records[at].line - 1
    shown = delimiter.join(above)[:60]
    raise ReadError(
        f"{name} seems to begin with {skip} line(s) that are no part of the table, the "
        f"first {shown!r}: leave them out with --skip {skip} (skip={skip})"
    )


def _is_title(fields: Sequence[str]) -> bool:
    """Say whether a line has a text in its first field only, as above a table."""
    return bool(fields[0].strip()) and not any(map(str.strip, fields[1:]))


def _header_of(records: Sequence[Record], header: int | None, name: str) -> int:
    """Return how many lines are names; ReadError where there seem to be two."""
    if header is not None:
        return header
    if len(records) >= 2 + ROWS_TO_JUDGE and _is_second_header(records):
        second = ", ".join(map(repr, records[1].fields[:4]))
        raise ReadError(
            f"line {records[1].line} of {name} seems to be a second header or units "
            f"({second}): join it to the first with --header 2 (header=2), or leave "
            f"the first out with --skip {records[1].line - 1}"
        )
    return 1


def _is_second_header(records: Sequence[Record]) -> bool:
    """Say whether the second line holds no number where all lines below it do."""
    second, rows = records[1].fields, [record.fields for record in records[2:]]
    numeric = []
    for column in range(len(second)):
        values = [row[column] for row in rows if column < len(row)]
        values = [value for value in values if not is_placeholder(value)]
        if values and sum(map(_is_number, values)) >= 0.95 * len(values):
            numeric.append(column)
    others = [second[column] for column in numeric if not _is_number(second[column])]
    named = [text for text in others if text.strip()]
    worded = any(not is_placeholder(text) for text in named)
    return (
        len(numeric) > 1
        and len(others) == len(numeric)
        and worded
        and (len(named) > len(others) / 2)
    )


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(plain(text)) is not None and text.strip()[:1] != "("


def _names(records: Sequence[Record], header: int, width: int) -> tuple[str, ...]:
    """Return the column names as they are written, or joined from two lines."""
    if header == 0:
        return ("",) * width
    if header == 1 or len(records) < header:
        return tuple(records[0].fields)
    above, below = records[0].fields, records[1].fields
    joined, last = [], ""
    for i, low in enumerate(below):
        high = above[i].strip() if i < len(above) else ""
        # An empty name stands below the one to its left, as merged cells do.
        last = high or last
        low = low.strip()
        below_counts = low and low != last and not (is_placeholder(low) and low != "%")
        joined.append(f"{last} {low}".strip() if below_counts else last)
    return tuple(joined)


def _looks_like_data(names: Sequence[str], rows: Sequence[Record]) -> bool:
    """Say whether a header looks like a row of the columns below it."""
    if not rows or not any(map(_is_number, names)):
        return False
    for column, name in enumerate(names):
        below = [row.fields[column] for row in rows if column < len(row.fields)]
        numeric = all(_is_number(text) or is_placeholder(text) for text in below)
        if numeric != _is_number(name) or (not numeric and name not in below):
            return False
    return True
