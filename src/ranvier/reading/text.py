"""A text file in any encoding -> one in UTF-8, which is what Arrow and DuckDB read."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from ranvier.reading.opening import ReadError, open_bytes

SEPARATOR = "\x1f"  # the unit separator of ASCII, for delimiters that are longer
PIECE = 1 << 20  # bytes decoded at once
HEAD = 1 << 20  # bytes by which UTF-16 and files that are no text are known
BOMS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
# The first of those that fit equally well is taken.
CANDIDATES = {
    "UTF-8": "utf-8",
    "CP949": "cp949",
    "Shift-JIS": "cp932",
    "GB18030": "gb18030",
    "EUC-JP": "euc_jp",
    "Windows-1252": "cp1252",
    "Big5": "big5",  # where a letter can end in an ASCII byte, as °C does
}
# Of a guessed encoding: with more lines than this that do not fit, it is none of them.
MOST_BAD_LINES, MOST_BAD = 4, 0.25
_WESTERN = re.compile("[À-ÖØ-öø-ÿ°µ€\u2013\u2014\u2018-\u201e…²³±§£«»½¼¾®©™ªºŠšŽžŒœŸ·]")
# The letters that texts mostly consist of have a first byte below these: in CP949
# syllables, in Shift-JIS, GB18030 and EUC-JP those of the first level, in Big5 the
# frequent ones.
_LEADS = {
    "cp949": b"\xc9", "cp932": b"\x98", "gb18030": b"\xd8", "big5": b"\xc7",
    "euc_jp": b"\xd0",
}  # fmt: skip
_TABLES = {"cp949": "euc_kr", "gb18030": "gb2312"}  # without their rare letters
_MOST_HANJA = 0.25  # of the letters of a Korean text
_JAPANESE = re.compile("[\u3001-\u30ff\uff01-\uff60々]")
_LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")


class BadLines(NamedTuple):
    """Lines whose bytes do not fit the encoding: how many, and the first."""

    number: int
    first: int


class Encoded(NamedTuple):
    """The encoding of a text file, and the lines that do not fit it, if any."""

    name: str
    bad: BadLines | None


def examine(path: Path, given: str | None = None) -> Encoded:
    """Find the encoding of a text file, or take the given one, and what does not fit.

    Raises ReadError as `encoding_of` does.
    """
    if given is not None:
        codec_of(given)
        return Encoded(given, bad_lines(path, given))
    if (marked := _marked(path)) is not None:
        return Encoded(marked, None)
    if _is_strict(path):
        return Encoded("UTF-8", None)
    found = _best_fit(path)
    bad = bad_lines(path, found)
    if bad is not None and bad.number > MOST_BAD_LINES:
        lines = sum(1 for _ in _other_lines(path))
        if bad.number > MOST_BAD * lines:
            raise ReadError(
                f"the encoding of {path} is unclear: {found} fits best, but not "
                f"{bad.number} of its {lines} lines with letters beyond ASCII (the "
                f"first is line {bad.first}): give --encoding (encoding=), or save it "
                "as UTF-8"
            )
    return Encoded(found, bad)


def encoding_of(path: Path) -> str:
    """Find how a text file is encoded.

    UTF-16 is known by its mark at the start, and without one (then it is -LE or -BE) by
    the zero bytes of its ASCII letters. Of UTF-8, CP949, Shift-JIS, GB18030, EUC-JP,
    Windows-1252 (or Latin-1, where only that is used of it) and Big5, it is the one
    whose usual letters most of the file's are, so that one broken byte changes nothing.

    Raises ReadError for an empty file, for one that is no text, and for one that no
    encoding fits.
    """
    return examine(path).name


def _marked(path: Path) -> str | None:
    """Name the UTF-16 that a file begins with, if any; ReadError for no text."""
    with open_bytes(path) as file:
        head = file.read(HEAD)
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
    return None


def _is_strict(path: Path) -> bool:
    """Say whether a file is UTF-8 throughout."""
    try:
        for _ in _pieces(path, "utf-8", "strict"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _best_fit(path: Path) -> str:
    """Find the encoding that most bytes of a file fit."""
    other = b"".join(line for _, line in _other_lines(path))
    fits = {name: _fit(other, codec) for name, codec in CANDIDATES.items()}
    best = max(fits, key=lambda name: fits[name])
    if best == "Windows-1252" and not re.search(rb"[\x80-\x9f]", other):
        return "Latin-1"
    return best


def _fit(content: bytes, codec: str) -> float:
    """Return the fraction of letters beyond ASCII that are usual in an encoding."""
    letters = Counter(content.decode(codec, "replace"))
    others = {letter: n for letter, n in letters.items() if letter > "\x7f"}
    usual = sum(n for letter, n in others.items() if _is_usual(letter, codec))
    total = sum(others.values())
    if codec == "cp949":
        hanja = sum(n for letter, n in others.items() if _is_hanja(letter))
        usual += hanja if hanja <= _MOST_HANJA * total else 0
    if codec == "cp1252":
        # Western letters stand alone or in twos.
        usual -= sum(len(run) for run in _LONG_RUN.findall(content))
    return max(usual, 0) / max(total, 1)


def _is_usual(letter: str, codec: str) -> bool:
    """Say whether a letter is one that texts in an encoding mostly consist of."""
    if letter == "\ufffd":
        return False
    if codec in ("cp932", "euc_jp") and _JAPANESE.match(letter):
        return True
    if codec == "gb18030" and "\u3040" <= letter <= "\u30ff":
        return False  # kana are there, but not in Chinese texts
    if codec in _LEADS:
        return _encodes(letter, _TABLES.get(codec, codec), _LEADS[codec])
    return codec == "utf-8" or bool(_WESTERN.match(letter))


def _is_hanja(letter: str) -> bool:
    """Say whether a letter is one of the Chinese ones that Korean texts have."""
    is_chinese = "\u4e00" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff"
    return is_chinese and _encodes(letter, "euc_kr", b"\xfe")


def _encodes(letter: str, codec: str, below: bytes) -> bool:
    """Say whether a letter has two bytes in an encoding, the first below a limit."""
    try:
        encoded = letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and encoded[:1] < below


def bad_lines(path: Path, encoding: str) -> BadLines | None:
    """Count the lines that do not fit an encoding; None if all do."""
    codec = codec_of(encoding)
    if codec.startswith("utf-16"):
        return None
    bad = []
    for number, line in _other_lines(path):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            bad.append(number)
    return BadLines(len(bad), bad[0]) if bad else None


def codec_of(encoding: str) -> str:
    """Return Python's name of an encoding; ReadError for an unknown one."""
    name = CANDIDATES.get(encoding, encoding)
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ReadError(
            f"there is no encoding {encoding!r}: give one such as UTF-8, CP949, "
            "Shift-JIS, GB18030, Windows-1252 or UTF-16"
        ) from None


def _other_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not ASCII alone, with their numbers from 1."""
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            if not line.isascii():
                yield number, line


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


def as_utf8(path: Path, encoded: Encoded, folder: Path) -> Path:
    """Return the file itself if it is UTF-8 throughout, else its copy in a folder.

    Bytes that do not fit become U+FFFD; UTF-16 that is damaged is a ReadError.
    """
    codec = codec_of(encoded.name)
    if codec == "utf-8" and encoded.bad is None:
        return path
    copy = folder / "data.txt"
    errors = "strict" if codec.startswith("utf-16") else "replace"
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            out.writelines(_pieces(path, codec, errors))
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{path} begins as {encoded.name} text, but is damaged ({error.reason}): "
            "save it as UTF-8"
        ) from None
    return copy


def with_one_delimiter(path: Path, delimiter: str, folder: Path) -> Path:
    """Copy a UTF-8 file with a delimiter of several characters replaced by one.

    "spaces" stands for one or more spaces or tabs; those around a line are left out.
    """
    copy = folder / "fields.txt"
    with open_text(path) as file, copy.open("w", encoding="utf-8", newline="") as out:
        for line in file:
            if delimiter == "spaces":
                out.write(SEPARATOR.join(line.split()) + "\n")
            else:
                out.write(line.replace(delimiter, SEPARATOR))
    return copy


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 file, compressed or not, for the csv module."""
    return io.TextIOWrapper(
        open_bytes(path), encoding="utf-8-sig", errors="replace", newline=""
    )


def _pieces(path: Path, codec: str, errors: str) -> Iterator[str]:
    """Decode a file piece by piece, so that a large one needs no memory."""
    decoder = codecs.getincrementaldecoder(codec)(errors)
    with open_bytes(path) as file:
        while piece := file.read(PIECE):
            yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)
