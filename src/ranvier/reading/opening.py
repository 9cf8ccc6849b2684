"""The bytes of a file, decompressed if its name says that it is compressed."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from ranvier.messages import listed
from ranvier.reading.memory import most_bytes

COMPRESSED = (".gz", ".zst", ".zip")
LEAST_LIMIT = 1 << 30  # bytes that any compressed file may hold
A_BYTE = 100  # bytes that a byte of a larger compressed file may hold
PIECE = 1 << 18


class ReadError(ValueError):
    """A file cannot be read as a table; the message says why and what to do."""


class MissingFileError(ReadError, FileNotFoundError):
    """There is no such file; the message offers the nearest names of that folder."""


def inner_name(path: Path) -> str:
    """Return the name of what a file holds, in lower case: that of x.csv.gz is x.csv.

    Of a .zip it is the name of its only file; ReadError if there are more or none.
    """
    name = path.name.lower()
    if name.endswith(".zip") and path.is_file():
        return _member(path).lower()
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return name


def is_compressed(path: Path) -> bool:
    """Say whether a file is compressed, by its ending."""
    return path.suffix.lower() in COMPRESSED


def open_bytes(path: Path) -> BinaryIO:
    """Open a file's bytes, decompressed if its name ends in .gz, .zst or .zip.

    Of a compressed file no more can be read than a hundred times its size (or 1 GB) and
    than half of the memory: ReadError, since a few megabytes can hold terabytes. So is
    what shows that the file is damaged.
    """
    if not is_compressed(path):
        return path.open("rb")
    with _own_errors(path):
        stream = _decompressed(path)
    most = min(max(LEAST_LIMIT, A_BYTE * path.stat().st_size), most_bytes())
    return cast(BinaryIO, io.BufferedReader(_Limited(stream, path, most), PIECE))


def _decompressed(path: Path) -> Any:
    """Open a compressed file."""
    ending = path.suffix.lower()
    if ending == ".gz":
        return gzip.open(path)
    if ending == ".zip":
        return zipfile.ZipFile(path).open(_member(path))
    import pyarrow as pa

    return pa.CompressedInputStream(str(path), "zstd")


class _Limited(io.RawIOBase):
    """A decompressed stream that gives at most so many bytes."""

    def __init__(self, stream: Any, path: Path, most: int) -> None:
        self.stream, self.path, self.most, self.read_so_far = stream, path, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _own_errors(self.path):
            piece = self.stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self.read_so_far += len(piece)
        if self.read_so_far > self.most:
            raise ReadError(
                f"{self.path} holds more than {self.most:,} bytes, which is more than "
                f"{A_BYTE} times its size or half of the memory: uncompress it, and "
                "give fewer rows"
            )
        return len(piece)

    def close(self) -> None:
        self.stream.close()
        super().close()


@contextmanager
def _own_errors(path: Path) -> Iterator[None]:
    """Raise ReadError for what the libraries raise about a damaged compressed file."""
    try:
        yield
    except ReadError:
        raise
    except (
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        NotImplementedError,  # a method of compression that zipfile does not know
        RuntimeError,  # a password
        ValueError,
        OSError,
    ) as error:
        if isinstance(error, PermissionError):
            raise
        kind = {".gz": "gzip", ".zst": "Zstandard"}.get(path.suffix.lower(), "zip")
        raise ReadError(
            f"{path} is no whole {kind} file ({error}): compress it again, or give it "
            "uncompressed"
        ) from None


def _member(path: Path) -> str:
    """Return the name of the only data file in a .zip."""
    with _own_errors(path), zipfile.ZipFile(path) as archive:
        names = [
            info.filename
            for info in archive.infolist()
            if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        ]
    if len(names) != 1:
        raise ReadError(
            f"{path} holds {len(names)} files, {listed(names)}: unpack it and give the "
            "one to read"
        )
    return names[0]
