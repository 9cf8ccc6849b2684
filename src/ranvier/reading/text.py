"""A text file in any encoding -> one in UTF-8, which is what DuckDB reads."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast

PIECE = 1 << 20  # bytes decoded at once
HEAD = 1 << 20  # bytes by which UTF-16 and files that are no text are known
BOMS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


class ReadError(ValueError):
    """A file cannot be read as a table; the message says why and what to do."""


class MissingFileError(ReadError, FileNotFoundError):
    """There is no such file; the message offers the nearest names of that folder."""


def encoding_of(path: Path) -> str:
    """Find how a text file is encoded: UTF-8, UTF-16 (-LE, -BE), CP949 or Latin-1.

    UTF-16 is known by its mark at the start, and without one (then it is -LE or -BE) by
    the zero bytes of its ASCII letters; of the others, the first in which the whole
    file decodes. Raises ReadError for an empty file and for one that is no text.
    """
    with _open(path) as file:
        head = _read(file, path, HEAD)
    for bom, encoding in BOMS.items():
        if head.startswith(bom):
            return encoding
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise ReadError(f"{path} is empty: give a file with a header and rows")
    if b"\0" in head:
        if (unmarked := _unmarked_utf_16(head)) is not None:
            return unmarked
        raise ReadError(
            f"{path} is no text file, it holds zero bytes: save it as UTF-8 text, or "
            "give it the ending of its true format"
        )
    for encoding in ("UTF-8", "CP949"):
        try:
            for _ in _pieces(path, encoding):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    return "Latin-1"


def _unmarked_utf_16(head: bytes) -> str | None:
    """Say in which UTF-16 bytes are lines of fields, if in one: no control letters.

    Read in the wrong order of bytes, neither a comma nor the end of a line is one.
    """
    for encoding in ("UTF-16-LE", "UTF-16-BE"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        controls = {letter for letter in text if letter < " "}
        lines = controls & set("\r\n") and controls <= set("\r\n\t")
        if lines and any(mark in text for mark in ",;\t|:"):
            return encoding
    return None


def as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Return the file itself if it is UTF-8, else its copy in UTF-8 in a folder."""
    if encoding == "UTF-8":
        return path
    copy = folder / "data.txt"
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            out.writelines(_pieces(path, encoding))
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{path} begins as {encoding} text, but is damaged ({error.reason}): save "
            "it as UTF-8"
        ) from None
    return copy


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 file, compressed or not, for the csv module."""
    return io.TextIOWrapper(_open(path), encoding="utf-8-sig", newline="")


def _open(path: Path) -> BinaryIO:
    """Open a file's bytes, decompressed where its name ends in .gz."""
    if path.suffix.lower() == ".gz":
        return cast(BinaryIO, gzip.open(path))
    return path.open("rb")


def _read(file: BinaryIO, path: Path, size: int) -> bytes:
    """Read bytes; a damaged compressed file is a ReadError."""
    try:
        return file.read(size)
    except DAMAGED as error:
        raise ReadError(
            f"{path} is no whole gzip file ({error}): compress it again, or give it "
            "uncompressed"
        ) from None


def _pieces(path: Path, encoding: str) -> Iterator[str]:
    """Decode a file piece by piece, so that a large one needs no memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with _open(path) as file:
        while piece := _read(file, path, PIECE):
            yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)
