"""One file of any format -> a table of texts and of types that the file names."""

from __future__ import annotations

import glob
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.messages import listed
from ranvier.reading.arrow_files import read_feather, read_parquet
from ranvier.reading.csv_files import last_rows_notice, read_csv
from ranvier.reading.databases import is_sqlite, read_duckdb, read_sqlite
from ranvier.reading.decisions import Reading
from ranvier.reading.dialect import DELIMITERS
from ranvier.reading.json_files import read_json
from ranvier.reading.layout import Layout, layout_of
from ranvier.reading.opening import (
    MissingFileError,
    ReadError,
    inner_name,
    is_compressed,
)
from ranvier.reading.options import ReadOptions
from ranvier.reading.spreadsheets import write_sheet
from ranvier.reading.text import (
    SEPARATOR,
    Encoded,
    as_utf8,
    examine,
    with_one_delimiter,
)

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = {
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".feather": "Arrow",
    ".arrow": "Arrow",
    ".ipc": "Arrow",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".json": "JSON",
    ".xlsx": "Excel",
    ".xlsm": "Excel",
    ".xls": "Excel",
    ".ods": "Excel",
    ".duckdb": "DuckDB",
    ".ddb": "DuckDB",
    ".db": "DuckDB",
    ".sqlite": "SQLite",
    ".sqlite3": "SQLite",
}
_TEXT = {"CSV", "TSV", "JSON"}


@dataclass(frozen=True)
class Source:
    """A file as it was read, its columns of texts not yet made numbers or dates.

    ``settings`` are what new files are read by: the format, encoding, delimiter, lines
    skipped, lines of header and sheet, as plain JSON.
    """

    table: pa.Table
    path: Path
    format: str
    encoding: str | None
    settings: Mapping[str, Any]
    notices: tuple[str, ...]


def files_of(path: str | Path) -> list[Path]:
    """Return the files that a path, or a pattern with a *, names, in their order."""
    if "://" in str(path):
        raise MissingFileError(f"{path} is an address: download it and give the file")
    path = Path(path).expanduser()
    if path.is_file() or not glob.has_magic(str(path)):
        _refuse_missing(path)
        return [path]
    found = map(Path, glob.glob(str(path)))  # noqa: PTH207  # any folder may have a *
    files = sorted(file for file in found if file.is_file())
    if not files:
        raise MissingFileError(f"there is no file {path}: no name fits the pattern")
    return files


def read_source(
    path: Path,
    options: ReadOptions,
    reading: Reading | None,
    query: str | None,
    folder: Path,
) -> Source:
    """Read one file; ``folder``, which is not there yet, is for its copies."""
    folder.mkdir()
    kind = format_of(path)
    try:
        if path.stat().st_size == 0:
            raise ReadError(f"{path} is empty: give a file with a header and rows")
        if kind in {"DuckDB", "SQLite"}:
            kind = "SQLite" if is_sqlite(path) else "DuckDB"
            table = (read_sqlite if kind == "SQLite" else read_duckdb)(path, query)
            return Source(table, path, kind, None, {"format": kind}, ())
        if kind in {"Parquet", "Arrow"}:
            reader = read_parquet if kind == "Parquet" else read_feather
            table, notices = reader(path)
            return Source(table, path, kind, None, {"format": kind}, tuple(notices))
        return _read_text(path, kind, options, reading, folder)
    except PermissionError:
        raise ReadError(f"{path} may not be read: ask its owner to allow it") from None


def format_of(path: Path) -> str:
    """Return a file's format by its ending."""
    ending = Path(inner_name(path)).suffix
    kind = FORMATS.get(ending)
    compressed = is_compressed(path)
    if kind is None or (compressed and kind not in _TEXT):
        hint = " (uncompress it first)" if compressed else ""
        raise ReadError(
            f"{path} has no known ending{hint}: expected one of {', '.join(FORMATS)}, "
            "or a text format with .gz, .zst or .zip"
        )
    return kind


def _read_text(
    path: Path,
    kind: str,
    options: ReadOptions,
    reading: Reading | None,
    folder: Path,
) -> Source:
    """Read a text file, or a workbook as one, through a copy in UTF-8 where needed."""
    notices, encoded = [], Encoded("UTF-8", None)
    if kind == "Excel":
        source = folder / "sheet.csv"
        notices += write_sheet(path, options.sheet, source)
        if source.stat().st_size == 0:
            raise ReadError(f"{path} is empty: give a sheet with a header and rows")
    else:
        encoded = _encoded(path, options, reading)
        notices += _encoding_notices(path, encoded, options)
        source = as_utf8(path, encoded, folder)
    wide = _wide_delimiter(kind, options, reading)
    if wide is not None:
        source = with_one_delimiter(source, wide, folder)
        options = replace(options, delimiter=SEPARATOR)
    settings: dict[str, Any] = {"format": kind, "encoding": encoded.name}
    encoding = None if kind == "Excel" else encoded.name
    if kind == "JSON":
        table = read_json(path, source, folder)
        return Source(table, path, kind, encoding, settings, tuple(notices))
    layout = _layout(path, source, kind, options, reading)
    table = read_csv(path, source, layout, _as_texts(options, reading))
    notices += layout.notices
    if options.skip is None and (last := last_rows_notice(table, path.name)):
        notices.append(last)
    settings |= {
        "delimiter": wide or layout.delimiter,
        "skip": [layout.skip, layout.skip_last],
        "header": layout.header,
        "sheet": options.sheet,
    }
    return Source(table, path, kind, encoding, settings, tuple(notices))


def _wide_delimiter(
    kind: str, options: ReadOptions, reading: Reading | None
) -> str | None:
    """Return a delimiter of several characters, given now or for training."""
    known = {} if reading is None else reading.source
    delimiter = options.delimiter or known.get("delimiter")
    is_wide = kind == "CSV" and isinstance(delimiter, str) and len(delimiter) > 1
    return delimiter if is_wide else None


def _as_texts(options: ReadOptions, reading: Reading | None) -> Collection[str] | None:
    """Return the columns that have to be read from their texts, None for all."""
    if options.na or options.decimal or options.thousands or options.date_format:
        return None
    columns = {} if reading is None else reading.columns
    return [
        name
        for name, column in columns.items()
        if not column.is_plain or column.whole or column.zoned
    ]


def _encoded(path: Path, options: ReadOptions, reading: Reading | None) -> Encoded:
    """Find the encoding: the given one, that of training, or the best fit."""
    if options.encoding is None and reading is not None:
        before = str(reading.source.get("encoding", "UTF-8"))
        if before not in ("UTF-8", "UTF-16"):
            encoded = examine(path, before)
            utf8 = examine(path, "UTF-8")
            if encoded.bad is None and utf8.bad is not None:
                return encoded
    return examine(path, options.encoding)


def _encoding_notices(path: Path, encoded: Encoded, options: ReadOptions) -> list[str]:
    notices = []
    if encoded.name != "UTF-8" and options.encoding is None:
        notices.append(
            f"{path.name} is read as {encoded.name} text, since it is not UTF-8."
        )
    if encoded.bad is not None:
        notices.append(
            f"{encoded.bad.number} line(s) of {path.name} hold bytes that are not "
            f"{encoded.name}, the first is line {encoded.bad.first}; they are read as "
            "\ufffd. If that is wrong, give --encoding (encoding=)."
        )
    return notices


def _layout(
    path: Path,
    source: Path,
    kind: str,
    options: ReadOptions,
    reading: Reading | None,
) -> Layout:
    """Find where the table lies: as in the training file, if its columns are there."""
    delimiters = "\t" if kind == "TSV" else DELIMITERS
    if reading is not None and reading.source.get("format") == kind:
        before = ReadOptions.read(reading.source)
        own = {name: value for name, value in vars(options).items() if value}
        layout = _try(path, source, replace(before, **own), delimiters)
        if layout is not None and _has_columns(layout, reading.columns):
            return layout
    return _layout_by(path, source, options, delimiters)


def _try(
    path: Path, source: Path, options: ReadOptions, delimiters: str
) -> Layout | None:
    try:
        return _layout_by(path, source, options, delimiters)
    except ReadError:
        return None


def _has_columns(layout: Layout, columns: Collection[str]) -> bool:
    """Say whether most columns of training are there, the target perhaps not."""
    return len(set(columns) - set(layout.names)) <= max(1, len(columns) // 2)


def _layout_by(
    path: Path, source: Path, options: ReadOptions, delimiters: str
) -> Layout:
    return layout_of(
        source,
        path.name,
        delimiter=options.delimiter,
        delimiters=delimiters,
        skip=options.skip,
        header=options.header,
    )


def _refuse_missing(path: Path) -> None:
    """Raise for a path that names no file."""
    if path.is_file():
        return
    if path.is_dir():
        files = sorted(p.name for p in path.iterdir() if p.suffix.lower() in FORMATS)
        there = "it holds no data files"
        if files:
            every = f"'{path}/*{Path(files[0]).suffix}'"
            there = f"it holds {listed(files)} (all of one kind as one table: {every})"
        raise ReadError(f"{path} is a folder, not a file: {there}")
    folder = path.parent
    if not folder.is_dir():
        raise MissingFileError(f"there is no file {path}, and no folder {folder}")
    names = [p.name for p in folder.iterdir() if p.is_file()]
    near = get_close_matches(path.name, names, 3)
    there = f"did you mean {' or '.join(near)}?" if near else "check its name"
    raise MissingFileError(f"there is no file {path}: {there}")
