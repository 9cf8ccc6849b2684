"""sources.py: formats by their endings, compressed files, and settings kept."""

from pathlib import Path

import pyarrow as pa
import pytest

from ranvier.reading.opening import ReadError
from ranvier.reading.options import ReadOptions
from ranvier.reading.reading import read
from ranvier.reading.sources import files_of, format_of, read_source


def test_formats(tmp_path: Path) -> None:
    names = {"a.csv.zst": "CSV", "a.TSV": "TSV", "a.pq": "Parquet", "a.ipc": "Arrow"}
    for name, kind in names.items():
        assert format_of(tmp_path / name) == kind
    with pytest.raises(ReadError, match="uncompress it first"):
        format_of(tmp_path / "a.parquet.gz")


def test_zstandard(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.zst"
    path.write_bytes(
        pa.compress("a;b\n1,5;서울\n".encode("cp949"), "zstd", asbytes=True)
    )
    assert read(path).frame.to_pydict() == {"a": [1.5], "b": ["서울"]}


def test_settings(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("made today\na|b\n1|2\n")
    options = ReadOptions(skip=(1, 0))
    source = read_source(path, options, None, None, tmp_path / "copies")
    assert source.settings == {
        "format": "CSV",
        "encoding": "UTF-8",
        "delimiter": "|",
        "skip": [1, 0],
        "header": 1,
        "sheet": None,
    }
    # A new file with the same line above it is read alike, and one without it too.
    reading = read(path, options=options).reading
    assert read(path, reading=reading).frame.to_pydict() == {"a": [1], "b": [2]}
    path.write_text("a|b\n3|4\n")
    assert read(path, reading=reading).frame.to_pydict() == {"a": [3], "b": [4]}


def test_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "[c].csv"):
        (tmp_path / name).write_text("a\n1\n")
    assert [p.name for p in files_of(tmp_path / "?.csv")] == ["a.csv", "b.csv"]
    assert files_of(tmp_path / "[c].csv") == [tmp_path / "[c].csv"]


@pytest.mark.parametrize(
    ("delimiter", "text"),
    [
        ("||", "x||city\n1.5||Bonn\n2||Kiel\n"),
        ("spaces", "x   city\n 1.5 Bonn\n2\tKiel\n"),
    ],
)
def test_delimiters_of_several_characters(
    delimiter: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    first = read(path, options=ReadOptions(delimiter=delimiter))
    assert first.frame.to_pydict() == {"x": [1.5, 2], "city": ["Bonn", "Kiel"]}
    # New files are read by it.
    again = read(path, reading=first.reading)
    assert again.frame.to_pydict() == first.frame.to_pydict()
    if delimiter == "spaces":
        with pytest.raises(ReadError, match="--delimiter 'spaces'"):
            read(path)
