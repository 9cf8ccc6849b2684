"""Columns of texts that need no guess: plain numbers and ISO dates, read by Arrow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ranvier.table.numbers import MISSING

if TYPE_CHECKING:
    import pyarrow as pa

CODE = r"^\s*[+-]?0[0-9]+\s*$"  # 007 is a code, no number
WHOLE = r"^[+-]?[0-9]+$"
GROUPED = r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})*$"  # 1.234 may be a thousand and more
DECIMAL = r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
SAMPLE = 200  # values by which most columns of other texts are known


class Plain(NamedTuple):
    """A column as Arrow read it, and the rows of each text that it took for missing."""

    column: pa.ChunkedArray
    texts_missing: tuple[tuple[str, int], ...]


def plain_kind(texts: Sequence[str]) -> str | None:
    """Say what texts plainly are: "decimal", "day", "moment", or None of others."""
    if not texts:
        return None
    if all(re.fullmatch(DECIMAL, text) for text in texts):
        marked = any("." in text or "e" in text.lower() for text in texts)
        grouped = all(re.fullmatch(GROUPED, text) for text in texts)
        return "decimal" if marked and not grouped else None
    for kind, form in (("day", DAY), ("moment", MOMENT + "$")):
        if all(re.match(form, text) for text in texts):
            return kind
    return None


def read_plain(column: pa.ChunkedArray) -> Plain | None:
    """Read a column of texts as numbers or dates, if they are plainly written.

    None of other texts, of codes with leading zeros, of whole numbers with more digits
    than 64 bits hold, and of numbers such as 1.234 throughout, which are ambiguous.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sample = column.slice(0, SAMPLE).drop_null()
    if not len(sample):
        sample = column.drop_null().slice(0, SAMPLE)
    kind = _kind_of(sample.filter(pc.invert(_missing(sample))))
    if kind is None:
        return None
    # Most columns have no text that means missing, and are not searched for one.
    if (read := _read(column, kind)) is not None:
        return Plain(read, ())
    missing = _missing(column)
    if not pc.any(missing).as_py():
        return None
    texts = pc.if_else(missing, pa.scalar(None, pa.string()), column)
    if (read := _read(texts, kind)) is None:
        return None
    taken = column.filter(missing).value_counts().to_pylist()
    counts = [(str(row["values"]), int(row["counts"])) for row in taken]
    counts = [pair for pair in counts if pair[0].strip()]
    return Plain(read, tuple(sorted(counts, key=lambda pair: (-pair[1], pair[0]))))


def _read(texts: Any, kind: str) -> Any:
    """Read texts of one kind; None where there are others among them."""
    return _numbers(texts) if kind == "number" else _dates(texts, kind)


def _missing(column: Any) -> Any:
    """Mark the texts that are known signs of a missing value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.ascii_lower(pc.utf8_trim_whitespace(column))
    return pc.is_in(lower, value_set=pa.array(sorted(MISSING)))


def _kind_of(sample: Any) -> str | None:
    """Say what the first values seem to be: numbers, days, moments or other texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(sample):
        return None
    for kind, form in (("day", DAY), ("moment", MOMENT)):
        if pc.all(pc.match_substring_regex(sample, form)).as_py():
            return kind
    try:
        pc.cast(sample, pa.float64())
    except pa.ArrowInvalid:
        return None
    return "number"


def _numbers(texts: Any) -> Any:
    """Read numbers, whole ones as integers; None if there are texts or codes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        whole = pc.cast(texts, pa.int64())
        return None if pc.any(pc.match_substring_regex(texts, CODE)).as_py() else whole
    except pa.ArrowInvalid:
        pass
    try:
        numbers = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
    first = texts.drop_null().slice(0, SAMPLE)
    for form in (WHOLE, GROUPED):
        parts = (first, texts)
        if all(pc.all(pc.match_substring_regex(p, form)).as_py() for p in parts):
            return None
    return numbers


def _dates(texts: Any, kind: str) -> Any:
    """Read ISO dates as days, local moments or moments in UTC; None of others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    form = DAY if kind == "day" else MOMENT
    if not pc.all(pc.match_substring_regex(texts, form)).as_py():
        return None
    zones = [None, "UTC"]
    types = [pa.date32()] if kind == "day" else [pa.timestamp("us", z) for z in zones]
    for type_ in types:
        try:
            return pc.cast(texts, type_)
        except pa.ArrowInvalid:
            continue
    return None
