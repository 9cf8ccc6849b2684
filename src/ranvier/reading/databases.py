"""Reading DuckDB and SQLite files: one table, or one query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sys import getsizeof
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any

from ranvier.messages import listed
from ranvier.reading.dialect import refuse_duplicates
from ranvier.reading.duck import (
    connect_database,
    duckdb,
    plain,
    quoted_name,
    reason,
    select,
)
from ranvier.reading.memory import most_bytes
from ranvier.reading.opening import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

VALUES_AT_ONCE = 4096  # of SQLite
POINTER = 8  # bytes
# A view in a stranger's file may never end. SQLite may take so many seconds without a
# row, DuckDB, which gives all rows at once, in all.
LONGEST_SILENCE = 60.0
LONGEST_QUERY = 120.0
SQLITE_MAGIC = b"SQLite format 3\0"
# What a SELECT does; everything else (ATTACH, INSERT, PRAGMA) is refused.
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def is_sqlite(path: Path) -> bool:
    """Say whether a file is an SQLite database, whatever its name."""
    with path.open("rb") as file:
        return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC


def read_duckdb(path: Path, query: str | None) -> pa.Table:
    """Read a table of a DuckDB file, or a query's result."""
    try:
        with closing(connect_database(path)) as connection, _ending(connection):
            if query is not None:
                return select(connection, query)
            found = connection.execute(
                "SELECT table_schema, table_name FROM information_schema.tables "
                "WHERE table_catalog = current_database() ORDER BY ALL"
            ).fetchall()
            names = [
                name if schema == "main" else f"{schema}.{name}"
                for schema, name in found
            ]
            _refuse_several(path, names)
            table = ".".join(map(quoted_name, found[0]))
            return plain(connection.sql(f"SELECT * FROM {table}"))
    except duckdb().Error as error:
        raise ReadError(f"{path} cannot be read as DuckDB: {reason(error)}") from None


def read_sqlite(path: Path, query: str | None) -> pa.Table:
    """Read a table of an SQLite file, or a query's result.

    With Python's own module: DuckDB would have to fetch an extension for it.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            if query is None:
                found = connection.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
                ).fetchall()
                _refuse_several(path, [name for (name,) in found])
                query = f"SELECT * FROM {quoted_name(found[0][0])}"
            connection.set_authorizer(_only_reading)
            longest = most_bytes() // (4 * VALUES_AT_ONCE)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(longest, 10**9))
            silence = _Silence()
            connection.set_progress_handler(silence, 100_000)
            return _fetch(connection.execute(query), silence)
    except (sqlite3.Error, sqlite3.Warning) as error:
        if str(error) == "interrupted":
            raise ReadError(
                f"{path} gave no row in {LONGEST_SILENCE:.0f} seconds and was stopped: "
                "choose fewer rows with a simpler query"
            ) from None
        if "too big" in str(error):
            raise ReadError(
                f"{path} has a text of more than {longest:,} bytes: leave its column "
                "out with a query"
            ) from None
        raise ReadError(
            f"{path} cannot be read as SQLite: {error} (a query has to be one SELECT)"
        ) from None


class _Silence:
    """Ends a statement of SQLite that gives no row for too long."""

    def __init__(self) -> None:
        self.since = monotonic()

    def __call__(self) -> int:
        """Say whether SQLite is to stop, which it asks now and then."""
        return int(monotonic() - self.since > LONGEST_SILENCE)


@contextmanager
def _ending(connection: Any) -> Iterator[None]:
    """End a statement of DuckDB that takes too long."""
    stopped = Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    timer = Timer(LONGEST_QUERY, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (duckdb().Error, RuntimeError, ReadError):
        if not stopped.is_set():
            raise
        raise ReadError(
            f"the table or query gave no result in {LONGEST_QUERY:.0f} seconds and was "
            "stopped: choose fewer rows with a simpler query"
        ) from None
    finally:
        timer.cancel()


def _refuse_several(path: Path, names: list[str]) -> None:
    """Raise unless there is exactly one table to read."""
    if not names:
        raise ReadError(f"{path} holds no table: give a database with one")
    if len(names) > 1:
        raise ReadError(
            f"{path} holds {len(names)} tables, {listed(names, 20)}: choose with a "
            f'query such as "select * from {names[0]}"'
        )


def _only_reading(action: int, *_: Any) -> int:
    """Tell SQLite whether a statement may do something."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _fetch(cursor: sqlite3.Cursor, silence: _Silence) -> pa.Table:
    """Fetch a result column by column."""
    import pyarrow as pa

    if cursor.description is None:
        raise ReadError("the query gives no table: it has to be one SELECT")
    names = [column[0] for column in cursor.description]
    refuse_duplicates(names, "the result of the query")
    columns: list[list[Any]] = [[] for _ in names]
    size, most = 0, most_bytes()
    while rows := cursor.fetchmany(max(VALUES_AT_ONCE // len(names), 1)):
        silence.since = monotonic()
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
            size += sum(map(getsizeof, values)) + POINTER * len(values)
        if size > most:
            raise ReadError(
                f"the table or query gave more than {most:,} bytes in "
                f"{len(columns[0]):,} rows, for which the memory does not suffice: "
                "choose fewer rows with a query"
            )
    return pa.table([_arrow(column) for column in columns], names=names)


def _arrow(values: list[Any]) -> Any:
    """Make an Arrow array; of values of several types, which SQLite allows, texts."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])
