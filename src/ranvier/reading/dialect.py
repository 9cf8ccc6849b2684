"""How lines are cut into fields: the delimiter, and the first line that cannot be."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ranvier.messages import listed
from ranvier.reading.opening import ReadError
from ranvier.reading.text import open_text

DELIMITERS = ",;\t|"
UNUSUAL = "^~\u00a7\u00a6\x01\x1f "  # looked for where none of the usual ones cuts
SAMPLE = 1 << 16  # characters from which the delimiter is judged
RECORDS = 100


class Record(NamedTuple):
    """The fields of one record, and the line, from 1, that it begins on."""

    fields: list[str]
    line: int


def sample_of(path: Path) -> str:
    """Return the first lines of a file as text, whole ones if more follow."""
    with open_text(path) as file:
        sample = file.read(SAMPLE)
        if file.read(1):
            end = max(sample.rfind("\n"), sample.rfind("\r"))
            sample = sample[: end + 1] or sample
    return sample


def records_of(sample: str, delimiter: str) -> list[Record]:
    """Cut the first lines into fields, up to one that cannot be."""
    records: list[Record] = []
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    line = 1
    try:
        for fields in islice(reader, RECORDS):
            if fields:
                records.append(Record(fields, line))
            line = reader.line_num + 1
    except csv.Error:
        pass
    return records


def width_of(records: Iterable[Record]) -> tuple[int, float]:
    """Return how many fields most records have, and what fraction of them has so many.

    Of two that are as frequent, it is the header's.
    """
    widths = [len(record.fields) for record in records]
    if not widths:
        return 0, 0.0
    times = Counter(widths)
    width = max(times, key=lambda width: (times[width], width == widths[0]))
    return width, times[width] / len(widths)


def delimiter_of(sample: str, delimiters: str = DELIMITERS) -> str:
    """Find the delimiter: the one that cuts most lines into equally many fields."""
    best, best_score = delimiters[0], (0.0, 0)
    for delimiter in delimiters:
        width, even = width_of(records_of(sample, delimiter))
        if width > 1 and (even, width) > best_score:
            best, best_score = delimiter, (even, width)
    return best


def unusual_delimiter(sample: str) -> str | None:
    """Find what seems to separate fields where no usual delimiter does.

    "spaces" stands for one or several between two fields.
    """
    for delimiter in UNUSUAL:
        records = records_of(sample, delimiter)
        if len(records) > 1 and width_of(records)[0] > 1 and width_of(records)[1] == 1:
            return delimiter
    lines = [line.split() for line in sample.splitlines() if line.strip()]
    widths = {len(line) for line in lines}
    return "spaces" if len(lines) > 1 and len(widths) == 1 and max(widths) > 1 else None


def refuse_duplicates(names: list[str], where: str) -> None:
    """Raise ReadError for names that are there twice; empty ones may be."""
    twice = [name for name, times in Counter(names).items() if times > 1 and name]
    if twice:
        raise ReadError(
            f"{where} has more than one column named {listed(twice)}: rename them so "
            "that each name is there once"
        )


def first_fault(path: Path, delimiter: str, skip: int, width: int) -> str | None:
    """Say which line of a file is malformed, and how; None if none is.

    Parameters
    ----------
    path
        A text file in UTF-8.
    delimiter
        What separates fields.
    skip
        Lines at the start that are no part of the table.
    width
        How many fields each line has to have.
    """
    with open_text(path) as file:
        for _ in range(skip):
            file.readline()
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        start = 1
        try:
            for record in reader:
                if record and len(record) != width:
                    return (
                        f"line {start + skip} has {len(record)} field(s), the header "
                        f"{width} (delimiter {delimiter!r}): correct that line, or "
                        "leave lines at the end out with --skip 0,N"
                    )
                start = reader.line_num + 1
        except csv.Error as error:
            return (
                f"line {start + skip} cannot be cut into fields ({error}): look for a "
                "quotation mark that is not closed"
            )
    return None
