"""Record batches -> a table, as long as the memory suffices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ranvier.reading.memory import most_bytes
from ranvier.reading.opening import ReadError

if TYPE_CHECKING:
    import pyarrow as pa


def collect(batches: Iterable[Any], schema: Any, what: object) -> pa.Table:
    """Make a table of record batches; ReadError as soon as they exceed the memory.

    Parameters
    ----------
    batches, schema
        Record batches, which are not all in memory yet, and their schema.
    what
        Where they come from, for the message.
    """
    import pyarrow as pa

    found, size, rows, most = [], 0, 0, most_bytes()
    for batch in batches:
        found.append(batch)
        size += batch.nbytes
        rows += batch.num_rows
        if size > most:
            raise ReadError(
                f"{what} gave more than {most:,} bytes in {rows:,} rows, for which the "
                "memory does not suffice: choose fewer rows or columns"
            )
    return pa.Table.from_batches(found, schema)
