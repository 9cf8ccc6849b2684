"""How a CSV file is written: its delimiter, its header, its first malformed line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ranvier.messages import listed
from ranvier.reading.text import ReadError, open_text
from ranvier.table.values import parse_number

DELIMITERS = ",;\t|"
SAMPLE = 1 << 16  # characters from which the delimiter is judged
RECORDS = 100

# 1,5 and 1,2345 have a decimal comma; 1,234 may be a thousand and more.
_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})", flags=re.ASCII)
_POINT = re.compile(r"[+-]?\d*\.\d+", flags=re.ASCII)


class Dialect(NamedTuple):
    """The delimiter of fields, and the mark before the decimals of numbers."""

    delimiter: str
    decimal: str = "."


def dialect_of(path: Path, delimiters: str = DELIMITERS) -> Dialect:
    """Find the dialect from the first lines.

    The delimiter is the one that cuts most lines as it cuts the header. (DuckDB would
    guess too, but reads a file with one uneven line as a single column.)
    """
    with open_text(path) as file:
        sample = file.read(SAMPLE)
        complete = not file.read(1)
    best, best_score = Dialect(delimiters[0]), (0.0, 0)
    for delimiter in delimiters:
        records = _records(sample, delimiter)
        if not complete and len(records) > 1:
            records.pop()  # cut off in the middle
        width = len(records[0]) if records else 0
        even = sum(len(record) == width for record in records) / max(len(records), 1)
        if width > 1 and (even, width) > best_score:
            best_score = (even, width)
            mark = "." if delimiter == "," else _decimal(records)
            best = Dialect(delimiter, mark)
    return best


def _decimal(records: list[list[str]]) -> str:
    """Find the decimal mark: a comma where some number shows it and none a point."""
    fields = [field.strip() for record in records[1:] for field in record]
    comma = any(_COMMA.fullmatch(field) for field in fields)
    point = any(_POINT.fullmatch(field) for field in fields)
    return "," if comma and not point else "."


def _records(sample: str, delimiter: str) -> list[list[str]]:
    """Cut the first lines into fields, up to one that cannot be."""
    records = []
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    try:
        for record in islice(reader, RECORDS):
            if record:
                records.append(record)
    except csv.Error:
        pass
    return records


def header_of(path: Path, delimiter: str) -> list[str]:
    """Return the column names as they are written; ReadError if one is there twice."""
    try:
        with open_text(path) as file:
            names = next(filter(None, csv.reader(file, delimiter=delimiter)), [])
    except csv.Error as error:
        raise ReadError(f"the first line of {path} cannot be read: {error}") from None
    refuse_duplicates(names, str(path))
    return names


def refuse_duplicates(names: list[str], where: str) -> None:
    """Raise ReadError for names that are there twice; empty ones may be."""
    twice = [name for name, times in Counter(names).items() if times > 1 and name]
    if twice:
        raise ReadError(
            f"{where} has more than one column named {listed(twice)}: rename them so "
            "that each name is there once"
        )


def looks_like_data(names: list[str]) -> bool:
    """Say whether a header seems to be a row: all its fields are numbers."""
    return all(parse_number(name) is not None for name in names)


def first_fault(path: Path, delimiter: str) -> str | None:
    """Say which line of a file is malformed, and how; None if none is."""
    start = 1
    with open_text(path) as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        width = 0
        try:
            for record in reader:
                if record and not width:
                    width = len(record)
                elif record and len(record) != width:
                    return (
                        f"line {start} has {len(record)} field(s), the header {width} "
                        f"(delimiter {delimiter!r}): correct that line"
                    )
                start = reader.line_num + 1
        except csv.Error as error:
            return (
                f"line {start} cannot be cut into fields ({error}): look for a "
                "quotation mark that is not closed"
            )
    return None
