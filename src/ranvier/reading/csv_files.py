"""CSV and TSV files -> a table of texts, cut into fields by Arrow."""

from __future__ import annotations

import mmap
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.messages import listed
from ranvier.reading.dialect import first_fault, records_of, sample_of
from ranvier.reading.layout import Layout
from ranvier.reading.opening import ReadError, is_compressed, open_bytes
from ranvier.reading.plain import plain_kind

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 22  # bytes that are cut at once
LARGEST_BLOCK = 1 << 30  # a row of more bytes is a quotation mark that is not closed
LAST_ROWS = 5  # among which totals and notes are looked for
_TOTALS = (
    "total", "sum", "subtotal", "grand total", "average", "mean", "합계", "총계",
    "소계", "계", "평균", "gesamt", "summe", "insgesamt", "somme", "suma", "合計",
)  # fmt: skip
_NOTES = ("※", "*", "source", "note", "자료", "출처", "주:", "quelle", "fuente", "#")


def read_csv(
    path: Path, source: Path, layout: Layout, as_texts: Collection[str] | None = None
) -> pa.Table:
    """Read fields as texts, empty ones as missing.

    Columns that plainly hold decimals or ISO dates are read as these at once, which
    takes less time and memory than to read them as texts first.

    Parameters
    ----------
    path
        The file, for messages.
    source
        The same in UTF-8.
    layout
        Where the table lies in it.
    as_texts
        The columns to read as texts whatever they hold; None: all.

    Raises
    ------
    ReadError
        A line has more or fewer fields than the header, or cannot be cut: which.
    """
    import pyarrow as pa

    size, types = BLOCK, _plain_types(source, layout, as_texts)
    while True:
        try:
            table = _cut(source, layout, size, types)
            break
        except pa.ArrowInvalid as error:
            if types:  # a later row holds something else
                types = {}
                continue
            if str(error).startswith("Could not skip"):  # a header alone
                none = pa.array([], pa.string())
                return pa.table([none] * len(layout.names), names=list(layout.names))
            large = "straddling" in str(error) or "block size" in str(error)
            if large and size < LARGEST_BLOCK:
                size *= 16
                continue
            why = _fault(source, layout) or str(error).splitlines()[0]
            raise ReadError(f"{path} cannot be read: {why}") from None
    if (
        _has_quotes(source)
        and _has_open_quote(source)
        and (fault := _fault(source, layout)) is not None
    ):
        raise ReadError(f"{path} cannot be read: {fault}")
    if layout.skip_last:
        table = table.slice(0, max(table.num_rows - layout.skip_last, 0))
    return table


def _plain_types(
    source: Path, layout: Layout, as_texts: Collection[str] | None
) -> dict[str, Any]:
    """Return the type of each column whose first rows are plainly decimals or dates.

    Whole numbers are read as texts, since those of codes have zeros in front.
    """
    import pyarrow as pa

    if as_texts is None:
        return {}
    types: dict[str, Any] = {}
    kinds = {"decimal": pa.float64(), "day": pa.date32(), "moment": pa.timestamp("us")}
    rows = records_of(sample_of(source), layout.delimiter)
    rows = [row for row in rows if row.line > layout.start][:-1]  # the last may be cut
    for at, name in enumerate(layout.names):
        texts = [row.fields[at] for row in rows if at < len(row.fields)]
        kind = plain_kind([text for text in texts if text])
        if name not in as_texts and kind in kinds:
            types[str(at)] = kinds[kind]
    return types


def _cut(source: Path, layout: Layout, size: int, types: Mapping[str, Any]) -> pa.Table:
    """Cut a file into fields with Arrow."""
    import pyarrow as pa
    from pyarrow import csv

    # Names that are all different, whatever the header says.
    names = [str(number) for number in range(len(layout.names))]
    options = {
        "read_options": csv.ReadOptions(
            skip_rows=layout.start, column_names=names, block_size=size
        ),
        "parse_options": csv.ParseOptions(
            delimiter=layout.delimiter,
            newlines_in_values=_has_quotes(source),
            ignore_empty_lines=True,
        ),
        "convert_options": csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()) | dict(types),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    }
    if is_compressed(source):
        with open_bytes(source) as file:
            table = csv.read_csv(file, **options)
    else:
        table = csv.read_csv(str(source), **options)
    return table.rename_columns(list(layout.names))


def _has_quotes(source: Path) -> bool:
    """Say whether a field can hold the end of a line; without quotes none can."""
    if is_compressed(source):
        return True
    with (
        source.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return content.find(b'"') >= 0


def _has_open_quote(source: Path) -> bool:
    """Say whether a file has a quotation mark with no other to close it."""
    with open_bytes(source) as file:
        pieces = iter(lambda: file.read(BLOCK), b"")
        return sum(piece.count(b'"') for piece in pieces) % 2 == 1


def _fault(source: Path, layout: Layout) -> str | None:
    return first_fault(source, layout.delimiter, layout.start, len(layout.names))


def last_rows_notice(table: pa.Table, name: str) -> str | None:
    """Say that the last rows seem to be totals or notes; None if they do not.

    A total names itself; a note fills few of the fields that the other rows fill.
    """
    first = max(table.num_rows - LAST_ROWS, 0)
    if first < LAST_ROWS or table.num_columns < 2:
        return None
    rows = [list(row.values()) for row in table.slice(first).to_pylist()]
    count = 0
    for number, row in enumerate(reversed(rows), 1):
        if _is_total(row) or _is_note(row):
            count = number
    if not count:
        return None
    cells = [next((str(v) for v in row if v is not None), "") for row in rows[-count:]]
    return (
        f"The last {count} row(s) of {name} seem to be totals or notes "
        f"({listed(cells)}): leave them out with --skip 0,{count} (skip=(0, {count}))."
    )


def _is_total(row: list[Any]) -> bool:
    first = next((str(value) for value in row if value is not None), "")
    return first.strip().rstrip(":").lower() in _TOTALS


def _is_note(row: list[Any]) -> bool:
    filled = [str(value).strip() for value in row if value is not None]
    if len(filled) != 1 or len(row) == 1:
        return False
    return filled[0].lower().startswith(_NOTES) or not any(map(str.isalnum, filled[0]))
