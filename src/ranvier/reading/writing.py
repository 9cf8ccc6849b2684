"""An Arrow table -> a data file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.disk import write_atomic

if TYPE_CHECKING:
    import pyarrow as pa

# What a cell of a spreadsheet begins with if it is computed.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


def check_ending(path: Path) -> None:
    """Refuse a path whose ending names no format that can be written."""
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(
            f"the ending of {str(path)!r} names no format to write: give a path that "
            f"ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        )


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table in the format the ending of the path names, whole or not at all."""
    check_ending(path)
    write_atomic(path, to_bytes(table, path.suffix.lower()))


def guarded(table: pa.Table) -> pa.Table:
    """Put an apostrophe before texts that a spreadsheet would take for formulas.

    That changes the data, so it is done only when asked for. Numbers stay as they are.
    """
    import pyarrow as pa

    columns = [
        pa.array([_guard(value) for value in column.to_pylist()])
        if any(isinstance(value, str) for value in column.to_pylist())
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=[_guard(name) for name in table.column_names])


def _guard(value: Any) -> Any:
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value


def to_bytes(table: pa.Table, ending: str) -> bytes:
    """Return the bytes of a file with that ending that holds the table."""
    if ending == ".parquet":
        from pyarrow import parquet

        sink = io.BytesIO()
        parquet.write_table(table, sink)
        return sink.getvalue()
    text = io.StringIO(newline="")
    if ending in (".csv", ".tsv"):
        _write_csv(table, text, "\t" if ending == ".tsv" else ",")
    else:
        for batch in table.to_batches():
            for row in batch.to_pylist():
                text.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    return text.getvalue().encode()


def _write_csv(table: pa.Table, text: io.StringIO, delimiter: str) -> None:
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches():
        columns = [map(_cell, column.to_pylist()) for column in batch.columns]
        writer.writerows(zip(*columns, strict=True))


def _cell(value: Any) -> Any:
    """Write truths as other programs do."""
    return str(value).lower() if isinstance(value, bool) else value
