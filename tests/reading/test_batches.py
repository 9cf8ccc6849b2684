"""batches.py: record batches that do not fit into the memory are refused."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from ranvier.reading import batches
from ranvier.reading.opening import ReadError

BATCH = pa.record_batch({"x": list(range(1000))})


def test_batches_become_a_table() -> None:
    table = batches.collect([BATCH, BATCH], BATCH.schema, "it")
    assert table.num_rows == 2000
    assert batches.collect([], BATCH.schema, "it").num_rows == 0


def test_batches_without_an_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless() -> Iterator[Any]:
        while True:
            yield BATCH

    monkeypatch.setattr(batches, "most_bytes", lambda: 100_000)
    with pytest.raises(ReadError, match=r"more than 100,000 bytes in 13,000 rows"):
        batches.collect(endless(), BATCH.schema, "it")
