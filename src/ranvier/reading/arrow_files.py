"""Parquet, Feather and Arrow IPC files -> a table, with the types that they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.messages import listed
from ranvier.reading.batches import collect
from ranvier.reading.dialect import refuse_duplicates
from ranvier.reading.opening import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 1 << 14  # of a Parquet file


def read_parquet(path: Path) -> tuple[pa.Table, list[str]]:
    """Read a Parquet file, and say what of it is no column."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            refuse_duplicates(file.schema_arrow.names, str(path))
            # A few bytes can stand for any number of rows.
            batches = file.iter_batches(ROWS_AT_ONCE)
            return _tidied(collect(batches, file.schema_arrow, path), path)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise ReadError(
            f"{path} is a damaged Parquet file, or none ({_first_line(error)}): write "
            "it again"
        ) from None


def read_feather(path: Path) -> tuple[pa.Table, list[str]]:
    """Read a Feather or Arrow IPC file, or an Arrow stream."""
    import pyarrow as pa

    fault: Exception | None = None
    for opened in (pa.ipc.open_file, pa.ipc.open_stream):
        try:
            with pa.OSFile(str(path)) as source, opened(source) as reader:
                refuse_duplicates(reader.schema.names, str(path))
                return _tidied(collect(_batches(reader), reader.schema, path), path)
        except (pa.ArrowException, OSError) as error:
            fault = fault or error
    raise ReadError(
        f"{path} is a damaged Arrow file, or none ({_first_line(fault)}): write "
        "it again"
    )


def _batches(reader: Any) -> Iterator[Any]:
    """Read the record batches of a file, or of a stream, one by one."""
    if hasattr(reader, "get_batch"):
        return (reader.get_batch(i) for i in range(reader.num_record_batches))
    return iter(reader)


def _tidied(table: pa.Table, path: Path) -> tuple[pa.Table, list[str]]:
    """Leave out pandas' index, and read bytes that are UTF-8 as the texts they are."""
    table.validate(full=True)  # a damaged file may have offsets beyond its buffers
    notices = []
    index = _index_columns(table.schema.metadata or {}, table.schema.names)
    if index and len(index) < table.num_columns:
        table = table.drop_columns(index)
        notices.append(
            f"The index of pandas in {path.name}, {listed(index)}, is left out: it is "
            "no column. reset_index() before it is written makes it one."
        )
    table = texts_of_bytes(table)
    return table.replace_schema_metadata(None), notices


def _index_columns(metadata: dict[bytes, bytes], names: list[str]) -> list[str]:
    """Return the columns that pandas' metadata name as its index."""
    try:
        described: Any = json.loads(metadata.get(b"pandas", b"{}"))
        index = described.get("index_columns", [])
    except (ValueError, AttributeError):
        return []
    return [name for name in names if name in index]


def texts_of_bytes(table: pa.Table) -> pa.Table:
    """Read columns of bytes as texts where all of them are UTF-8."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            try:
                texts = pc.cast(table.column(at), pa.string())
            except pa.ArrowInvalid:
                continue
            table = table.set_column(at, field.name, texts)
    return table


def _first_line(error: Exception | None) -> str:
    return (str(error).strip().splitlines() or ["unknown"])[0]
