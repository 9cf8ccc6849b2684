"""opening.py: compressed files, whole and damaged."""

import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from ranvier.reading import opening
from ranvier.reading.opening import (
    MissingFileError,
    ReadError,
    inner_name,
    open_bytes,
)
from ranvier.reading.reading import read

TEXT = b"a,b\n1,2\n"


def packed(path: Path, content: bytes = TEXT) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    elif path.suffix == ".zst":
        with pa.output_stream(path, compression="zstd") as out:
            out.write(content)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("Inner.TSV", content)
            archive.writestr("__MACOSX/Inner.TSV", b"")
    else:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "csv.zst", "zip"])
def test_content(ending: str, tmp_path: Path) -> None:
    path = packed(tmp_path / f"x.{ending}")
    with open_bytes(path) as file:
        assert file.read() == TEXT
    assert inner_name(path) == ("inner.tsv" if ending == "zip" else "x.csv")


@pytest.mark.parametrize(
    ("ending", "kind"), [("csv.gz", "gzip"), ("csv.zst", "Zstandard")]
)
def test_damaged(ending: str, kind: str, tmp_path: Path) -> None:
    path = packed(tmp_path / f"x.{ending}", TEXT * 1000)
    path.write_bytes(path.read_bytes()[:-9])
    with (
        open_bytes(path) as file,
        pytest.raises(ReadError, match=f"is no whole {kind} file"),
    ):
        file.read()


def test_archives_of_several_files(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)
    with pytest.raises(
        ReadError, match=r"holds 2 files, 'a\.csv' and 'b\.csv': unpack"
    ):
        inner_name(path)
    path.write_bytes(b"PK")
    with pytest.raises(ReadError, match="is no whole zip file"):
        inner_name(path)


def test_errors_are_both() -> None:
    assert issubclass(ReadError, ValueError)
    assert issubclass(MissingFileError, FileNotFoundError)
    assert str(MissingFileError("there is no file x")) == "there is no file x"


@pytest.mark.parametrize("ending", ["csv.gz", "csv.zst", "zip", "json.gz"])
def test_a_small_file_that_holds_too_much(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / f"x.{ending}", b"a,b\n" + b"1,2\n" * 1_000_000)
    monkeypatch.setattr(opening, "LEAST_LIMIT", 100_000)
    most = max(100_000, 100 * path.stat().st_size)
    with pytest.raises(ReadError, match=f"holds more than {most:,} bytes"):
        read(path)
    monkeypatch.setattr(opening, "LEAST_LIMIT", 4_000_004)
    with open_bytes(path) as file:
        assert len(file.read()) == 4_000_004
