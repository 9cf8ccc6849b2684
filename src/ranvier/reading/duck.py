"""DuckDB, locked down: no extension is fetched, no file is opened but the named one."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ranvier.reading.batches import collect
from ranvier.reading.dialect import refuse_duplicates
from ranvier.reading.memory import most_bytes
from ranvier.reading.opening import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # What does not fit into memory is refused: a stranger's view may fill any disk.
    "temp_directory": "",
}
ROWS_AT_ONCE = 100_000


def duckdb() -> ModuleType:
    """Import DuckDB, and PyArrow for its results; both come with an extra."""
    try:
        import duckdb
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"reading files needs {error.name}, which is not installed: "
            "pip install 'ranvier[app]'"
        ) from error
    return duckdb


def _settings() -> dict[str, str]:
    return {**_SETTINGS, "memory_limit": f"{most_bytes()}B"}


def connect(path: Path | None = None) -> Any:
    """Connect to an empty database that may read this one file, or none."""
    connection = duckdb().connect(":memory:", config=_settings())
    if path is not None:
        paths = sorted({str(path), pattern(path)})
        connection.execute(f"SET allowed_paths=[{', '.join(map(quoted, paths))}]")
    return _locked(connection)


def connect_database(path: Path) -> Any:
    """Connect to a DuckDB file, to read only."""
    return _locked(duckdb().connect(str(path), read_only=True, config=_settings()))


def _locked(connection: Any) -> Any:
    """Allow a connection no other file, and no change of that."""
    # Times with a zone come out in UTC, whatever zone this machine is in.
    connection.execute("SET TimeZone='UTC'")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def pattern(path: Path) -> str:
    """Return a path escaped for DuckDB, which reads [ * ? as wildcards."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def quoted(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def select(connection: Any, query: str) -> pa.Table:
    """Run a user's query, which has to be one SELECT."""
    try:
        statements = connection.extract_statements(query)
    except duckdb().ParserException as error:
        raise ReadError(f"the query cannot be understood: {reason(error)}") from None
    if len(statements) != 1 or statements[0].type != duckdb().StatementType.SELECT:
        raise ReadError(
            f"the query {query[:100]!r} is not one SELECT: give for example "
            '"select * from data where age > 20"'
        )
    try:
        relation = connection.sql(query)
        refuse_duplicates(list(relation.columns), "the result of the query")
        return plain(relation)
    except duckdb().ConversionException as error:
        raise ReadError(
            f"the query cannot be run: {reason(error)}; texts that mean missing are "
            'null in a column of numbers or dates: ask for "... is not null"'
        ) from None
    except duckdb().Error as error:
        raise ReadError(f"the query cannot be run: {reason(error)}") from None


def plain(relation: Any) -> pa.Table:
    """Fetch a result: raw JSON (of mixed types) as texts, intervals in seconds."""
    columns = [
        _plain(quoted_name(name), str(kind))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]
    if any(" AS " in column for column in columns):
        relation = relation.project(", ".join(columns))
    # Older versions of DuckDB have the second name alone.
    fetch = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
    try:
        with fetch(ROWS_AT_ONCE) as reader:
            return collect(reader, reader.schema, "the table or query")
    except OSError as error:  # DuckDB's own, through Arrow
        raise ReadError(
            f"the table or query cannot be fetched: {reason(error)}"
        ) from None


def _plain(name: str, kind: str) -> str:
    """Write in SQL what is fetched of a column."""
    if kind == "JSON":
        return f"{name} ->> '$' AS {name}"
    # Of months DuckDB makes 30 days, and of 12 months 365.25.
    return f"epoch({name}) AS {name}" if kind == "INTERVAL" else name


def reason(error: Exception) -> str:
    """Return what DuckDB says is wrong, without its advice on its own options."""
    if isinstance(error, duckdb().OutOfMemoryException):
        return (
            f"it needs more than {most_bytes():,} bytes, half of the memory: choose "
            "fewer rows with a simpler query"
        )
    first = str(error).strip().splitlines()[0] if str(error).strip() else "unknown"
    return re.sub(r"^([A-Z]\w+ )+Error: |^TProtocolException: ", "", first)
