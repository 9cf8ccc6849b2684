"""memory.py: what does not fit into the memory is refused while it is fetched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ranvier.reading import duck, memory
from ranvier.reading.opening import ReadError
from ranvier.reading.reading import read

BATCH = pa.record_batch({"x": list(range(1000))})


def test_batches_become_a_table() -> None:
    table = memory.collect([BATCH, BATCH], BATCH.schema, "it")
    assert table.num_rows == 2000
    assert memory.collect([], BATCH.schema, "it").num_rows == 0


def test_batches_without_an_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless() -> Iterator[Any]:
        while True:
            yield BATCH

    monkeypatch.setattr(memory, "most_bytes", lambda: 100_000)
    with pytest.raises(ReadError, match=r"more than 100,000 bytes in 13,000 rows"):
        memory.collect(endless(), BATCH.schema, "it")


def test_a_limit_of_this_machine() -> None:
    assert 1 << 27 < memory.most_bytes() < 1 << 50


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("select range as x from range(1000000000000)", "more than .* bytes"),
        ("select range as x from range(1000000000) order by hash(range)", "needs more"),
    ],
)
def test_a_view_without_an_end(
    view: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create view v as {view}")
    for module in (memory, duck):
        monkeypatch.setattr(module, "most_bytes", lambda: 1 << 27)
    with pytest.raises(ReadError, match=said):
        read(path, query="select * from v")
    assert [each.name for each in tmp_path.iterdir()] == ["shop.duckdb"]
