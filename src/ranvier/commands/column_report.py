"""What became of each column of a table, as plain JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ranvier.reading.decisions import Reading
from ranvier.table.column_types import Category, Column, Dropped, Number
from ranvier.table.dates import Date
from ranvier.table.encoder import TableEncoder


def describe_columns(encoder: TableEncoder, reading: Reading) -> list[dict[str, Any]]:
    """Describe what became of each column of the table, and how it was read.

    Parameters
    ----------
    encoder
        What each column is.
    reading
        How its values were read: the range of dates, marks and units of numbers.
    """
    inputs = Counter(encoder.sources)
    return [
        {
            "name": name,
            "kind": column.kind,
            "missing": column.missing,
            "inputs": inputs[name],
            "detail": _detail(column, reading),
        }
        for name, column in encoder.schema.columns.items()
    ]


def _detail(column: Column, reading: Reading) -> str:
    read = reading.columns.get(column.name)
    form = "" if read is None else read.form()
    match column:
        case Number():
            plain = form in {"", "number", "boolean"}
            said = "" if plain else f", {form.removeprefix('number ').strip('()')}"
            return f"{column.minimum:.6g} to {column.maximum:.6g}{said}"
        case Category():
            return f"{len(column.categories) + column.pooled} values"
        case Date():
            return f"{read.low} to {read.high}, {form}" if read else "date"
        case Dropped():
            return column.reason
