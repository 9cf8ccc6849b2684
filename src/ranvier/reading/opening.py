"""The bytes of a file, decompressed if its name says that it is compressed."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from ranvier.messages import listed

COMPRESSED = (".gz", ".zst", ".zip")


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
    """Open a file's bytes, decompressed if its name ends in .gz, .zst or .zip."""
    ending = path.suffix.lower()
    if ending == ".gz":
        return cast(BinaryIO, gzip.open(path))
    if ending == ".zip":
        archive = zipfile.ZipFile(path)
        return cast(BinaryIO, archive.open(_member(path)))
    if ending == ".zst":
        import pyarrow as pa

        stream: Any = pa.CompressedInputStream(str(path), "zstd")
        return io.BufferedReader(stream)
    return path.open("rb")


def read_bytes(file: IO[bytes], path: Path, size: int = -1) -> bytes:
    """Read bytes; a damaged compressed file is a ReadError."""
    try:
        return file.read(size) if size >= 0 else file.read()
    except (
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        zipfile.BadZipFile,
        OSError,
    ) as error:
        if not is_compressed(path):
            raise
        kind = {".gz": "gzip", ".zst": "Zstandard"}.get(path.suffix.lower(), "zip")
        raise ReadError(
            f"{path} is no whole {kind} file ({error}): compress it again, or give it "
            "uncompressed"
        ) from None


def _member(path: Path) -> str:
    """Return the name of the only data file in a .zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                info.filename
                for info in archive.infolist()
                if not info.is_dir() and not info.filename.startswith("__MACOSX/")
            ]
    except zipfile.BadZipFile as error:
        raise ReadError(
            f"{path} is no whole zip file ({error}): compress it again, or give it "
            "uncompressed"
        ) from None
    if len(names) != 1:
        raise ReadError(
            f"{path} holds {len(names)} files, {listed(names)}: unpack it and give the "
            "one to read"
        )
    return names[0]
