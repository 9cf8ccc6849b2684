"""A data file on disk -> an Arrow table, through DuckDB.

Arrow, since it keeps integers with missing values as integers (pandas makes floats of
them, so that a class 1 would read 1.0) and is what DuckDB hands over without a copy.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ranvier.messages import listed
from ranvier.reading.databases import is_sqlite, read_duckdb, read_sqlite
from ranvier.reading.dialect import (
    Dialect,
    dialect_of,
    first_fault,
    header_of,
    looks_like_data,
    refuse_duplicates,
)
from ranvier.reading.duck import connect, duckdb, pattern, plain, quoted, reason, select
from ranvier.reading.text import MissingFileError as MissingFileError
from ranvier.reading.text import ReadError as ReadError
from ranvier.reading.text import as_utf8, encoding_of

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = {
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".json": "JSON",
    ".duckdb": "DuckDB",
    ".ddb": "DuckDB",
    ".db": "DuckDB",
    ".sqlite": "SQLite",
    ".sqlite3": "SQLite",
}
_TEXT = {"CSV", "TSV", "JSON"}
# What texts may be read as. Not BOOLEAN: DuckDB takes Yes and No for it, and classes
# Yes and No would come back as true and false.
_TYPES = ["BIGINT", "DOUBLE", "TIME", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"]


@dataclass(frozen=True)
class Reading:
    """What was read from a file.

    Attributes
    ----------
    frame
        A pyarrow.Table with at least one row and no column name twice.
    path
        The file.
    format
        "CSV", "TSV", "Parquet", "JSON", "DuckDB" or "SQLite".
    encoding
        "UTF-8", "UTF-16" ("UTF-16-LE" or "UTF-16-BE" where it does not begin with its
        mark), "CP949" or "Latin-1"; None where the file is no text.
    notices
        What the user should know about the reading, as sentences.
    """

    frame: pa.Table
    path: Path
    format: str
    encoding: str | None
    notices: tuple[str, ...]


def read(path: str | Path, *, query: str | None = None) -> Reading:
    r"""Read a data file into memory.

    CSV and TSV files need a header; their delimiter (, ; tab |) and the types of their
    columns are found by looking. Text files may be UTF-8, UTF-16, CP949 or Latin-1, and
    gzip-compressed. Nothing is fetched from anywhere, and a query can reach no other
    file.

    Parameters
    ----------
    path
        A .csv, .tsv, .txt, .parquet, .jsonl, .ndjson, .json, .duckdb, .db or .sqlite
        file; the text formats also with .gz.
    query
        One SELECT. The table of a file is named ``data``; in a database, tables have
        their own names. Default: all of the file, or the database's only table.

    Returns
    -------
    Reading
        The table, and how it was read.

    Raises
    ------
    MissingFileError
        There is no such file (also a FileNotFoundError); the nearest names are offered.
    ReadError
        The file is empty, has no rows, is damaged or of unknown kind, has uneven lines
        or a column name twice, or the query is wrong (a ValueError in each case).
    ImportError
        DuckDB or PyArrow is not installed; they come with ``ranvier[app]``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("name,age\nRex,3\nMimi,\n")
    ...     read(path).frame.to_pydict()
    {'name': ['Rex', 'Mimi'], 'age': [3, None]}
    """
    if "://" in str(path):
        raise MissingFileError(f"{path} is an address: download it and give the file")
    path = Path(path).expanduser()
    _refuse_missing(path)
    kind = _format_of(path)
    encoding: str | None = None
    notices: tuple[str, ...] = ()
    try:
        if path.stat().st_size == 0:
            raise ReadError(f"{path} is empty: give a file with a header and rows")
        if kind in {"DuckDB", "SQLite"}:
            kind = "SQLite" if is_sqlite(path) else "DuckDB"
            reader = read_sqlite if kind == "SQLite" else read_duckdb
            frame = reader(path, query)
        elif kind == "Parquet":
            frame = _read_parquet(path, query)
        else:
            frame, encoding, notices = _read_text(path, kind, query)
    except PermissionError:
        raise ReadError(f"{path} may not be read: ask its owner to allow it") from None
    if not frame.num_rows and query is not None:
        raise ReadError("the query gives no rows: widen its conditions")
    if not frame.num_rows:
        raise ReadError(
            f"{path} has {frame.num_columns} column(s) and no rows: give at least one"
        )
    return Reading(frame, path, kind, encoding, notices)


def _refuse_missing(path: Path) -> None:
    """Raise for a path that names no file."""
    if path.is_file():
        return
    if path.is_dir():
        files = sorted(p.name for p in path.iterdir() if _suffix(p) in FORMATS)
        there = f"it holds {listed(files)}" if files else "it holds no data files"
        raise ReadError(f"{path} is a folder, not a file: {there}")
    folder = path.parent
    if not folder.is_dir():
        raise MissingFileError(f"there is no file {path}, and no folder {folder}")
    files = [p.name for p in folder.iterdir() if p.is_file()]
    near = get_close_matches(path.name, files, 3)
    there = f"did you mean {' or '.join(near)}?" if near else "check its name"
    raise MissingFileError(f"there is no file {path}: {there}")


def _suffix(path: Path) -> str:
    """Return the ending of a name in lower case, without .gz."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _format_of(path: Path) -> str:
    """Return a file's format by its ending."""
    kind = FORMATS.get(_suffix(path))
    compressed = path.name.lower().endswith(".gz")
    if kind is None or (compressed and kind not in _TEXT):
        hint = ""
        if _suffix(path) in {".xls", ".xlsx", ".ods"}:
            hint = " (save the sheet as CSV)"
        elif compressed:
            hint = " (uncompress it first)"
        raise ReadError(
            f"{path} has no known ending{hint}: expected one of {', '.join(FORMATS)}, "
            "or a text format with .gz"
        )
    return kind


def _read_parquet(path: Path, query: str | None) -> pa.Table:
    """Read a Parquet file."""
    damaged = duckdb().Error
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = f"read_parquet({quoted(pattern(path))}, hive_partitioning=false)"
    try:
        frame = _scan(path, source, query)
        names = pq.read_schema(path).names
    except (damaged, pa.ArrowException, OSError) as error:
        raise ReadError(
            f"{path} is a damaged Parquet file, or none ({reason(error)}): write it "
            "again"
        ) from None
    refuse_duplicates(names, str(path))
    return frame if query is not None else frame.rename_columns(names)


def _read_text(
    path: Path, kind: str, query: str | None
) -> tuple[pa.Table, str, tuple[str, ...]]:
    """Read a text file, through a copy in UTF-8 where it is written otherwise."""
    encoding = encoding_of(path)
    notices = []
    if encoding != "UTF-8":
        notices.append(
            f"{path.name} is read as {encoding} text, since it is not UTF-8."
        )
    with tempfile.TemporaryDirectory(prefix="ranvier-") as folder:
        source = as_utf8(path, encoding, Path(folder))
        if kind == "JSON":
            return _read_json(path, source, query), encoding, tuple(notices)
        dialect = dialect_of(source, "\t") if kind == "TSV" else dialect_of(source)
        names = header_of(source, dialect.delimiter)
        if looks_like_data(names):
            notices.append(
                f"The first line of {path.name} is taken as column names, though it "
                "holds numbers only."
            )
        if dialect.decimal == ",":
            notices.append(f"Numbers in {path.name} are read with a decimal comma.")
        frame = _read_csv(path, source, dialect, query)
    if query is None:
        # As written: DuckDB renames a column that differs from another only by case.
        given = zip(names, frame.column_names, strict=True)
        frame = frame.rename_columns([written or default for written, default in given])
    return frame, encoding, tuple(notices)


def _read_csv(
    path: Path, source: Path, dialect: Dialect, query: str | None
) -> pa.Table:
    """Read a CSV file in UTF-8."""
    options = (
        f"{quoted(pattern(source))}, delim={quoted(dialect.delimiter)}, header=true, "
        f"skip=0, decimal_separator={quoted(dialect.decimal)}, "
        f"auto_type_candidates=[{', '.join(map(quoted, _TYPES))}], "
        "quote='\"', escape='\"', comment='', hive_partitioning=false"
    )
    # First with types from a sample; then from all rows, should a later one not fit;
    # then with both kinds of line ends, or stray quotation marks.
    attempts = ["", ", sample_size=-1", ", sample_size=-1, strict_mode=false"]
    fault = None
    for attempt in attempts:
        try:
            return _scan(source, f"read_csv({options}{attempt})", query)
        except duckdb().Error as error:
            fault = reason(error)
            if isinstance(error, duckdb().ConversionException):
                continue
            if found := first_fault(source, dialect.delimiter):
                fault = found
                break
    raise ReadError(f"{path} cannot be read: {fault}")


def _read_json(path: Path, source: Path, query: str | None) -> pa.Table:
    """Read JSON lines, or one JSON array, of objects in UTF-8."""
    scan = (
        f"read_json({quoted(pattern(source))}, records=true, sample_size=-1, "
        "hive_partitioning=false)"
    )
    try:
        return _scan(source, scan, query)
    except duckdb().Error as error:
        raise ReadError(
            f"{path} cannot be read as JSON ({reason(error)}): give one object on each "
            "line, with the column names as keys"
        ) from None


def _scan(path: Path, scan: str, query: str | None) -> pa.Table:
    """Read one file through DuckDB, whole or by a query on the table ``data``."""
    with closing(connect(path)) as connection:
        connection.execute(f"CREATE TEMP VIEW data AS SELECT * FROM {scan}")
        if query is None:
            return plain(connection.sql("SELECT * FROM data"))
        return select(connection, query)
