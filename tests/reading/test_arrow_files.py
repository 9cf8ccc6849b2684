"""arrow_files.py: Parquet and Arrow files, with pandas' index and bytes in them."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from ranvier.reading import batches
from ranvier.reading.arrow_files import read_feather, read_parquet, texts_of_bytes
from ranvier.reading.opening import ReadError
from ranvier.reading.reading import read

FRAME = pd.DataFrame(
    {"x": [1.5, None], "trip": pd.to_timedelta([90, 30], unit="s")}, index=["p", "q"]
)


@pytest.mark.parametrize("name", [None, "site"])
def test_the_index_of_pandas_is_no_column(name: str | None, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    FRAME.rename_axis(name).to_parquet(path)
    table, notices = read_parquet(path)
    assert table.column_names == ["x", "trip"]
    index = name or "__index_level_0__"
    assert notices == [
        f"The index of pandas in x.parquet, {index!r}, is left out: it is no column. "
        "reset_index() before it is written makes it one."
    ]


def test_durations_keep_their_unit(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    FRAME.reset_index(drop=True).to_parquet(path)
    table = read(path)
    assert table.frame["trip"].to_pylist() == [
        dt.timedelta(seconds=90),
        dt.timedelta(seconds=30),
    ]
    assert table.reading.columns["trip"].kind == "duration"
    assert table.reading.columns["trip"].high == "90"


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
def test_feather_and_arrow_streams(compression: str, tmp_path: Path) -> None:
    table = pa.table({"a": [1, None], "t": [dt.datetime(2024, 1, 2)] * 2})
    feather.write_feather(table, tmp_path / "x.feather", compression=compression)
    with (
        pa.OSFile(str(tmp_path / "y.arrow"), "wb") as out,
        pa.ipc.new_stream(out, table.schema) as writer,
    ):
        writer.write_table(table)
    for name in ("x.feather", "y.arrow"):
        found = read(tmp_path / name)
        assert (found.frame.to_pydict(), found.format) == (table.to_pydict(), "Arrow")


def test_bytes_that_are_texts_are_texts(tmp_path: Path) -> None:
    table = pa.table({"a": [b"red", "블루".encode()], "b": [b"\xff\x00", None]})
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    found = read_parquet(path)[0]
    assert found["a"].to_pylist() == ["red", "블루"]
    assert found["b"].type == pa.binary()
    assert texts_of_bytes(table).schema.types == [pa.string(), pa.binary()]


@pytest.mark.parametrize("name", ["x.feather", "x.parquet"])
def test_texts_that_are_not_utf_8(name: str, tmp_path: Path) -> None:
    table = pa.table({"a": ["red", "green"], "b": [1, 2]})
    if name == "x.feather":
        feather.write_feather(table, tmp_path / name, compression="uncompressed")
    else:
        pq.write_table(table, tmp_path / name, use_dictionary=False)
    data = (tmp_path / name).read_bytes().replace(b"green", b"gr\xff\xffn")
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ReadError, match=r"is a damaged .* file, or none.*UTF"):
        read(tmp_path / name)


def test_damaged_files(tmp_path: Path) -> None:
    for name, reader in (("x.feather", read_feather), ("x.parquet", read_parquet)):
        path = tmp_path / name
        path.write_bytes(b"hello")
        with pytest.raises(ReadError, match=r"is a damaged .* file, or none"):
            reader(path)


@pytest.mark.parametrize("ending", ["parquet", "arrow", "stream.arrow"])
def test_a_file_larger_than_the_memory(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"x.{ending}"
    table = pa.table({"x": pa.array([1.5]).take(pa.array([0] * 200_000))})
    if ending == "parquet":
        pq.write_table(table, path)
        assert path.stat().st_size < 2_000
    else:
        new = pa.ipc.new_stream if "stream" in ending else pa.ipc.new_file
        with new(str(path), table.schema) as out:
            out.write_table(table, max_chunksize=10_000)
    assert read(path).frame.num_rows == 200_000
    monkeypatch.setattr(batches, "most_bytes", lambda: 1_000_000)
    with pytest.raises(ReadError, match="gave more than 1,000,000 bytes in"):
        read(path)
