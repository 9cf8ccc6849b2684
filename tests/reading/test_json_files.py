"""json_files.py: many, sparse and nested keys, and a mark at the start."""

import codecs
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from ranvier.reading.json_files import read_json


def table_of(folder: Path, content: bytes, name: str = "x.jsonl") -> pa.Table:
    path = folder / name
    path.write_bytes(content)
    return read_json(path, path, folder)


def test_many_keys_are_columns(tmp_path: Path) -> None:
    rows = [{f"f{i}": i + row for i in range(251)} for row in range(3)]
    content = "\n".join(map(json.dumps, rows)).encode()
    table = table_of(tmp_path, gzip.compress(content), "x.jsonl.gz")
    assert table.column_names == [f"f{i}" for i in range(251)]
    assert table["f250"].to_pylist() == [250, 251, 252]


def test_sparse_keys_are_columns(tmp_path: Path) -> None:
    rows = [{"id": i, f"k{i}": i} for i in range(60)]
    table = table_of(tmp_path, "\n".join(map(json.dumps, rows)).encode())
    assert table.num_columns == 61
    assert table["k59"].to_pylist()[-1] == 59


def test_nested_keys_have_a_point(tmp_path: Path) -> None:
    content = b'{"user":{"age":3,"at":{"city":"Kiel"}}}\n{"user":{"age":4}}\n'
    assert table_of(tmp_path, content).to_pydict() == {
        "user.age": [3, 4],
        "user.at.city": ["Kiel", None],
    }


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.json.zst"])
def test_an_array_with_a_mark(tmp_path: Path, name: str) -> None:
    content = codecs.BOM_UTF8 + b'[{"a":1},\n{"a":2}]'
    if name.endswith(".gz"):
        content = gzip.compress(content)
    elif name.endswith(".zst"):
        content = pa.compress(content, "zstd", asbytes=True)
    assert table_of(tmp_path, content, name).to_pydict() == {"a": [1, 2]}


def test_only_iso_dates_are_dates(tmp_path: Path) -> None:
    content = b'{"a":"03/04/2024","b":"2024-03-04"}\n{"a":"05/06/2024","b":null}\n'
    table = table_of(tmp_path, content)
    assert table.schema.types == [pa.string(), pa.date32()]
