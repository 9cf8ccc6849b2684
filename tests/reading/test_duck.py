"""duck.py: DuckDB may read the named file and nothing else."""

import builtins
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ranvier.reading.duck import (
    connect,
    connect_database,
    pattern,
    plain,
    quoted,
    quoted_name,
    reason,
    select,
)
from ranvier.reading.duck import duckdb as imported
from ranvier.reading.opening import ReadError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,x\n2,y\n")
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[Any]:
    with closing(connect(path)) as connection:
        scan = f"read_csv({quoted(pattern(path))})"
        connection.execute(f"CREATE TEMP VIEW data AS SELECT * FROM {scan}")
        yield connection


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from data", {"a": [1, 2], "b": ["x", "y"]}),
        ("SELECT max(a) AS top FROM data;", {"top": [2]}),
        ("with t as (select a from data) from t where a > 1", {"a": [2]}),
        ("values (1)", {"col0": [1]}),
    ],
)
def test_select(connection: Any, query: str, expected: dict[str, Any]) -> None:
    assert select(connection, query).to_pydict() == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "is not one SELECT"),
        ("select 1; select 2", "is not one SELECT"),
        ("drop view data", "is not one SELECT"),
        ("copy data to 'stolen.csv'", "is not one SELECT"),
        ("create table t as select * from data", "is not one SELECT"),
        ("set enable_external_access = true", "is not one SELECT"),
        ("attach 'other.db'", "is not one SELECT"),
        ("install sqlite", "is not one SELECT"),
        ("selec 1", "cannot be understood: syntax error"),
        ("select zz from data", "cannot be run: Referenced column"),
        ("select * from other", "cannot be run: Table with name other does not exist"),
        ("select * from data where a != 'NA'", 'ask for "... is not null"'),
        ("select a, a from data", "more than one column named 'a'"),
    ],
)
def test_no_select(connection: Any, query: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        select(connection, query)


@pytest.mark.parametrize(
    "source", ["read_csv({0})", "read_text({0})", "{0}", "read_blob({0})", "glob({0})"]
)
def test_no_other_file(connection: Any, source: str, tmp_path: Path) -> None:
    other = tmp_path / "secret.csv"
    other.write_text("password\n1234\n")
    with pytest.raises(ReadError, match="the query cannot be run"):
        select(connection, f"select * from {source.format(quoted(str(other)))}")


def test_no_settings(connection: Any) -> None:
    for setting in ("enable_external_access", "autoload_known_extensions"):
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute(f"SET {setting}=true")


def test_database_is_read_only(tmp_path: Path) -> None:
    path = tmp_path / "data.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("create table t as select 1 a")
    with closing(connect_database(path)) as connection:
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("insert into t values (2)")
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            connection.execute(f"copy t to {quoted(str(tmp_path / 'x.csv'))}")


def test_times_with_zone_are_in_utc(connection: Any) -> None:
    table = select(connection, "select timestamptz '2024-01-01 09:00:00+09' as t")
    assert str(table.column("t")[0]) == "2024-01-01 00:00:00+00:00"


def test_json_columns_are_texts() -> None:
    with closing(duckdb.connect()) as connection:
        relation = connection.sql("""select '"x"'::json "a""b", 1 c""")
        assert plain(relation).to_pydict() == {'a"b': ["x"], "c": [1]}


def test_quoting() -> None:
    assert quoted("it's") == "'it''s'"
    assert quoted_name('a"b') == '"a""b"'
    assert pattern(Path("/x/a[1]*?.csv")) == "/x/a[[]1][*][?].csv"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("IO Error: no disk\nadvice", "no disk"),
        ("Invalid Input Error: File 'x' is bad", "File 'x' is bad"),
        ("TProtocolException: Invalid data", "Invalid data"),
        ("plain", "plain"),
        ("", "unknown"),
    ],
)
def test_reason(message: str, expected: str) -> None:
    assert reason(ValueError(message)) == expected


def test_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name == "duckdb":
            raise ImportError("No module named 'duckdb'", name="duckdb")
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        ImportError, match=r"needs duckdb.*pip install 'ranvier\[app\]'"
    ):
        imported()
