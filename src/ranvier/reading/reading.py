"""A data file on disk -> an Arrow table, and how it was read.

Arrow, since it keeps integers with missing values as integers (pandas makes floats of
them, so that a class 1 would read 1.0), and since its own readers and DuckDB's results
need no copy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.checks import checked_list, checked_path
from ranvier.reading.decisions import Reading
from ranvier.reading.duck import connect, duckdb, select
from ranvier.reading.opening import MissingFileError as MissingFileError
from ranvier.reading.opening import ReadError as ReadError
from ranvier.reading.options import Given, ReadOptions
from ranvier.reading.sources import Source, files_of, read_source

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TableFile:
    """A table that was read from a file.

    Attributes
    ----------
    frame
        A pyarrow.Table with at least one row and no column name twice.
    path
        The file, or the pattern that names several.
    format
        "CSV", "TSV", "Parquet", "Arrow", "JSON", "Excel", "DuckDB" or "SQLite".
    encoding
        "UTF-8", "UTF-16" ("UTF-16-LE" or "UTF-16-BE" where it does not begin with its
        mark), "CP949", "Shift-JIS", "Windows-1252" or "Latin-1"; None where the file is
        no text.
    reading
        How the columns were read.
    notices
        What the user should know about it, as sentences.
    options
        What the user said about it.
    """

    frame: pa.Table
    path: Path
    format: str
    encoding: str | None
    reading: Reading
    notices: tuple[str, ...]
    options: ReadOptions


def read(
    path: str | Path,
    *,
    query: str | None = None,
    options: ReadOptions | None = None,
    reading: Reading | None = None,
    target: str | None = None,
) -> TableFile:
    r"""Read a data file into memory.

    Nothing is fetched from anywhere, and a query can reach no other file.

    Parameters
    ----------
    path
        A .csv, .tsv, .txt, .parquet, .feather, .arrow, .jsonl, .ndjson, .json, .xlsx,
        .ods, .duckdb, .db or .sqlite file; the text formats also with .gz, .zst or
        .zip. With a * in its name, all files that fit, as one table.
    query
        One SELECT. The table of a file is named ``data``; in a database, tables have
        their own names. Default: all of the file, or the database's only table.
    options
        What the user says about the file. Default: all is found by looking.
    reading
        How the training table was read; the file is read likewise.
    target
        The column to predict: a few different texts there stay texts.

    Returns
    -------
    TableFile
        The table, and how it was read.

    Raises
    ------
    MissingFileError
        There is no such file (also a FileNotFoundError); the nearest names are offered.
    ReadError
        The file is empty, has no rows, is damaged or of unknown kind, has uneven lines
        or a column name twice, or the query is wrong (a ValueError in each case).
    ValueError
        A value contradicts how the training table was read.
    ImportError
        What reads such files is not installed; the message names the extra.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "pets.csv")
    ...     _ = path.write_text("name,age\nRex,3\nMimi,\n")
    ...     read(path).frame.to_pydict()
    {'name': ['Rex', 'Mimi'], 'age': [3, None]}
    """
    duckdb()  # named if it is missing, whatever the format
    given = options or ReadOptions()
    files = files_of(path)
    with tempfile.TemporaryDirectory(prefix="ranvier-") as folder:
        sources = [
            read_source(file, given, reading, query, Path(folder, str(number)))
            for number, file in enumerate(files)
        ]
    raw = _joined(sources)
    first = sources[0]
    decided, frame = _decide(raw, given, reading, target, first.settings)
    notices = [notice for source in sources for notice in source.notices]
    if reading is None:
        notices += decided.notices
    if query is not None and first.format not in ("DuckDB", "SQLite"):
        frame, decided = _queried(frame, query, decided)
    if not frame.num_rows and query is not None:
        raise ReadError("the query gives no rows: widen its conditions")
    if not frame.num_rows:
        raise ReadError(
            f"{path} has {frame.num_columns} column(s) and no rows: give at least one"
        )
    kind = first.format, first.encoding
    return TableFile(frame, Path(path), *kind, decided, tuple(notices), given)


def read_table(
    path: str | Path,
    *,
    delimiter: str | None = None,
    decimal: Given = None,
    thousands: Given = None,
    date_format: Given = None,
    encoding: str | None = None,
    na: Sequence[str] = (),
    skip: int | tuple[int, int] | None = None,
    header: int | None = None,
    sheet: str | None = None,
    query: str | None = None,
) -> pa.Table:
    r"""Read a data file into an Arrow table, as the commands do.

    `fit_table` keeps how the table was read with the model, and reads new rows alike.

    Parameters
    ----------
    path
        A CSV, TSV, Parquet, Feather, JSON, Excel, OpenDocument, DuckDB or SQLite file;
        with a * in its name, all files that fit, as one table.
    delimiter
        What separates fields of a text file. Default: , ; tab or |, found by looking.
    decimal, thousands
        The mark before the decimals, and between groups of digits: for all columns, or
        a dict by their names. Default: found in each column from all rows.
    date_format
        "YMD", "MDY" or "DMY", or a format of `datetime.strptime`, or a dict of these by
        the columns' names. Default: found in each column from all rows.
    encoding
        Of a text file. Default: the one that most bytes fit.
    na
        Texts that mean missing, beside the usual ones.
    skip
        Lines above the header that are no part of the table, or a pair of these and
        lines at the end.
    header
        How many lines hold the column names, 0, 1 or 2. Default: 1.
    sheet
        Of a workbook. Default: the first.
    query
        One SELECT on the table ``data``, or on the tables of a database.

    Returns
    -------
    pyarrow.Table
        Texts that hold numbers, durations (in seconds) or dates are such.

    Raises
    ------
    ValueError
        The file cannot be read as a table; the message says why and what to do.
    FileNotFoundError
        There is no such file.
    ImportError
        What reads such files is not installed; the message names the extra.

    Warns
    -----
    UserWarning
        For each thing that was guessed and could be otherwise.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "rents.csv")
    ...     _ = path.write_text("city;rent\nKiel;1.005,50\nBonn;812,00\n")
    ...     read_table(path).to_pydict()
    {'city': ['Kiel', 'Bonn'], 'rent': [1005.5, 812.0]}
    """
    import warnings

    path = checked_path("path", path)
    options = ReadOptions(
        delimiter=delimiter,
        decimal=decimal,
        thousands=thousands,
        date_format=date_format,
        encoding=encoding,
        na=tuple(map(str, checked_list("na", na, "texts"))),
        skip=(skip, 0) if isinstance(skip, int) else skip,
        header=header,
        sheet=sheet,
    )
    table = read(path, query=query, options=options)
    for notice in table.notices:
        warnings.warn(notice, UserWarning, stacklevel=2)
    return table.frame


def _joined(sources: Sequence[Source]) -> pa.Table:
    """Make one table of those of several files, which have to have the same columns."""
    import pyarrow as pa

    first = sources[0]
    for source in sources[1:]:
        if set(source.table.column_names) != set(first.table.column_names):
            other = set(source.table.column_names) ^ set(first.table.column_names)
            raise ReadError(
                f"{source.path} has other columns than {first.path}: "
                f"{min(other)!r} is in one of them only; give files with equal columns"
            )
    tables = [source.table for source in sources]
    if len(tables) == 1:
        return tables[0]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise ReadError(f"the files hold columns of different types: {error}") from None


def _decide(
    raw: pa.Table,
    options: ReadOptions,
    reading: Reading | None,
    target: str | None,
    settings: Mapping[str, Any],
) -> tuple[Reading, pa.Table]:
    """Read the columns as those of training were read, and decide on all others."""
    if reading is None:
        return Reading.fit(raw, options=options, target=target, source=settings)
    return Reading.fit(
        reading.apply(raw, target=target),
        options=options,
        target=target,
        source=settings,
    )


def _queried(frame: pa.Table, query: str, before: Reading) -> tuple[pa.Table, Reading]:
    """Run a query on a table; columns that it leaves as they are keep their reading."""
    with closing(connect()) as connection:
        connection.register("data", frame.replace_schema_metadata(None))
        result = select(connection, query)
    decided, result = Reading.fit(result, source=before.source)
    columns = dict(decided.columns)
    for name, column in before.columns.items():
        if name in columns and columns[name].kind == column.kind:
            columns[name] = replace(
                columns[name], numbers=column.numbers, dates=column.dates
            )
    decided = Reading(columns, before.source)
    return decided.attached(result), decided
