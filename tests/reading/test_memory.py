"""memory.py: what does not fit into the memory is refused while it is fetched."""

from pathlib import Path

import duckdb
import pytest

from ranvier import cgroups
from ranvier.reading import batches, duck, memory
from ranvier.reading.opening import ReadError
from ranvier.reading.reading import read


def test_a_limit_of_this_machine() -> None:
    assert 1 << 27 < memory.most_bytes() < 1 << 50


def test_the_limit_of_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = memory.most_bytes()
    for limit, most in ((1 << 30, 1 << 29), (None, whole), (1 << 62, whole)):
        monkeypatch.setattr(cgroups, "memory", lambda limit=limit: limit)
        assert memory.most_bytes() == most


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
    for module in (batches, duck):
        monkeypatch.setattr(module, "most_bytes", lambda: 1 << 27)
    with pytest.raises(ReadError, match=said):
        read(path, query="select * from v")
    assert [each.name for each in tmp_path.iterdir()] == ["shop.duckdb"]
