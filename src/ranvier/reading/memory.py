"""How much memory a table may take: a small file can hold, or claim, a huge one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ranvier.reading.opening import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

UNKNOWN = 1 << 34  # bytes, where the system does not say


def most_bytes() -> int:
    """Return half of the memory of this machine."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # pragma: no cover
        memory = UNKNOWN
    return memory // 2


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
