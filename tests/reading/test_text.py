"""text.py: the encoding of real files, and their copies in UTF-8."""

import gzip
from pathlib import Path

import pytest

from ranvier.reading import text
from ranvier.reading.text import (
    MissingFileError,
    ReadError,
    as_utf8,
    encoding_of,
    open_text,
)

KOREAN = "이름,값\n서울,1\n부산 똠방각하,2\n"

CASES = {
    "plain": (b"a,b\n1,2\n", "UTF-8"),
    "korean": (KOREAN.encode(), "UTF-8"),
    "utf-8 with mark": (KOREAN.encode("utf-8-sig"), "UTF-8"),
    "utf-16 little": (b"\xff\xfe" + KOREAN.encode("utf-16-le"), "UTF-16"),
    "utf-16 big": (b"\xfe\xff" + KOREAN.encode("utf-16-be"), "UTF-16"),
    "utf-16 little, no mark": (KOREAN.encode("utf-16-le"), "UTF-16-LE"),
    "utf-16 big, no mark": (KOREAN.encode("utf-16-be"), "UTF-16-BE"),
    "cp949": (KOREAN.encode("cp949"), "CP949"),
    "latin-1": ("name\ncafé,\nMüller\n".encode("latin-1"), "Latin-1"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("piece", [5, 1 << 20])
def test_encodings(
    case: str,
    compress: bool,
    piece: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text, "PIECE", piece)
    content, encoding = CASES[case]
    path = tmp_path / ("data.csv.gz" if compress else "data.csv")
    path.write_bytes(gzip.compress(content) if compress else content)
    assert encoding_of(path) == encoding
    copy = as_utf8(path, encoding, tmp_path)
    assert (copy == path) == (encoding == "UTF-8")
    with open_text(copy) as file:
        expected = content.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
        assert file.read() == expected


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n \r\n\t"])
def test_empty(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"data\.csv is empty: give a file with"):
        encoding_of(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x00\x00", "is no text file, it holds zero bytes"),
        ("a,b\n\0".encode("utf-16-le"), "is no text file"),
        ("a,b".encode("utf-16-le"), "is no text file"),
        ("a,b\n".encode("utf-16-le") + b"\x00\xd8\x00\x00", "is no text file"),
    ],
)
def test_no_text(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=message):
        encoding_of(path)


def test_damaged_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(KOREAN.encode("utf-16")[:-1])
    with pytest.raises(ReadError, match="begins as UTF-16 text, but is damaged"):
        as_utf8(path, encoding_of(path), tmp_path)


@pytest.mark.parametrize("content", [b"hello", gzip.compress(b"a,b\n1,2\n")[:-9]])
def test_damaged_gzip(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="is no whole gzip file"):
        encoding_of(path)


def test_errors_are_both() -> None:
    assert issubclass(ReadError, ValueError)
    assert issubclass(MissingFileError, FileNotFoundError)
    assert str(MissingFileError("there is no file x")) == "there is no file x"
