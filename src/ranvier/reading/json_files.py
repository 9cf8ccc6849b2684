"""JSON lines, or one JSON array of objects -> a table, through DuckDB."""

from __future__ import annotations

import codecs
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ranvier.reading.duck import connect, duckdb, pattern, plain, quoted, reason
from ranvier.reading.opening import ReadError, is_compressed, open_bytes

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_OBJECT = 1 << 28  # bytes of one row


def read_json(path: Path, source: Path, folder: Path) -> pa.Table:
    """Read JSON; the keys of a nested object become columns such as user.age.

    Parameters
    ----------
    path
        The file, for messages.
    source
        The same in UTF-8.
    folder
        Where a copy may lie.
    """
    source = _without_mark(source, folder)
    # Many keys, and keys that few rows have, are columns, never one map. Only ISO dates
    # are dates here; other forms are read with the whole column in view.
    scan = (
        f"read_json({quoted(pattern(source))}, records=true, sample_size=-1, "
        f"maximum_object_size={LARGEST_OBJECT}, map_inference_threshold=-1, "
        "field_appearance_threshold=0, dateformat='%Y-%m-%d', "
        "timestampformat='%Y-%m-%d %H:%M:%S', hive_partitioning=false)"
    )
    try:
        with closing(connect(source)) as connection:
            table = plain(connection.sql(f"SELECT * FROM {scan}"))
    except duckdb().Error as error:
        raise ReadError(
            f"{path} cannot be read as JSON ({reason(error)}): give one object on each "
            "line, with the column names as keys"
        ) from None
    return _flat(table)


def _without_mark(source: Path, folder: Path) -> Path:
    """Return a file uncompressed and without the mark of UTF-8 at its start."""
    with open_bytes(source) as file:
        head = file.read(3)
        marked = head == codecs.BOM_UTF8
        if not marked and not is_compressed(source):
            return source
        copy = folder / "data.json"
        with copy.open("wb") as out:
            out.write(b"" if marked else head)
            shutil.copyfileobj(file, out)
    return copy


def _flat(table: pa.Table) -> pa.Table:
    """Make a column of each key of an object in a column."""
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table
