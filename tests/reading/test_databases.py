"""databases.py: one table or one query of DuckDB and SQLite files."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ranvier.reading import databases
from ranvier.reading.databases import is_sqlite, read_duckdb, read_sqlite
from ranvier.reading.opening import ReadError

READERS = {"duckdb": read_duckdb, "sqlite": read_sqlite}
CONNECT: dict[str, Any] = {"duckdb": duckdb.connect, "sqlite": sqlite3.connect}


def write(path: Path, kind: str, *statements: str) -> Path:
    with closing(CONNECT[kind](str(path))) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


@pytest.fixture(params=READERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_only_table(kind: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "it's 한글 #1?.db",
        kind,
        'create table "my ""t""" (n integer, x double, s varchar)',
        'insert into "my ""t""" values (1, 1.5, \'a\'), (null, 2.5, \'나\')',
    )
    table = READERS[kind](path, None)
    assert table.to_pydict() == {"n": [1, None], "x": [1.5, 2.5], "s": ["a", "나"]}
    assert str(table.schema.field("n").type).startswith("int")
    assert is_sqlite(path) == (kind == "sqlite")


def test_query(kind: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.db",
        kind,
        "create table t (a integer)",
        "create table u (a integer, b varchar)",
        "insert into t values (1), (2)",
        "insert into u values (2, 'two')",
    )
    read = READERS[kind]
    query = "select t.a, u.b from t left join u on t.a = u.a order by t.a"
    assert read(path, query).to_pydict() == {"a": [1, 2], "b": [None, "two"]}
    with pytest.raises(ReadError, match=r"holds 2 tables, 't' and 'u': choose with"):
        read(path, None)
    with pytest.raises(ReadError, match="more than one column named 'a'"):
        read(path, "select a, a from t")
    for wrong in (
        "insert into t values (3)",
        "drop table t",
        "select 1; select 2",
        f"attach '{tmp_path / 'other.db'}' as o",
        "select * from missing",
        "selec",
        "",
    ):
        with pytest.raises(ReadError):
            read(path, wrong)
    assert not (tmp_path / "other.db").exists()
    assert read(path, "select count(*) n from t").to_pydict() == {"n": [2]}


def test_views_are_tables_too(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", kind, "create view v as select 1 as a")
    assert READERS[kind](path, None).to_pydict() == {"a": [1]}


def test_no_table(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", kind, "create table t (a integer)", "drop table t")
    with pytest.raises(ReadError, match="holds no table"):
        READERS[kind](path, None)


def test_damaged(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + b"garbage" * 1000)
    with pytest.raises(ReadError, match=r"x\.db cannot be read as"):
        READERS[kind](path, None)


def test_schemas_of_duckdb(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.duckdb",
        "duckdb",
        "create schema s",
        "create table s.t as select 1 a",
    )
    assert read_duckdb(path, None).to_pydict() == {"a": [1]}


def test_views_of_duckdb_reach_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "secret.csv"
    other.write_text("password\n1234\n")
    view = f"create view v as select * from read_csv('{other}')"
    path = write(tmp_path / "x.duckdb", "duckdb", view)
    with pytest.raises(ReadError, match="disabled by configuration"):
        read_duckdb(path, None)


def test_sqlite_values_of_several_types(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.db",
        "sqlite",
        "create table t (a, b, c)",
        "insert into t values (1, 1, x'00'), ('two', 2.5, null), (null, null, null)",
    )
    assert read_sqlite(path, None).to_pydict() == {
        "a": ["1", "two", None],
        "b": [1.0, 2.5, None],
        "c": [b"\0", None, None],
    }


def test_sqlite_functions_are_harmless(tmp_path: Path) -> None:
    path = write(tmp_path / "x.db", "sqlite", "create table t as select 1 a")
    with pytest.raises(ReadError, match="not authorized"):
        read_sqlite(path, "select load_extension('evil') from t")
    assert read_sqlite(path, "select abs(-a) b from t").to_pydict() == {"b": [1]}


# ---------------------------------------------------------------- views without end

ENDLESS = (
    "create view t as with recursive c(x) as (select 1 union all select x + 1 from c) "
)


def test_a_sqlite_view_that_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "LONGEST_SILENCE", 0.2)
    monkeypatch.setattr(databases, "most_bytes", lambda: 1_000_000)
    for name, what, text in (
        ("rows", "select x from c", "bytes in .* rows, for which the memory"),
        ("none", "select count(*) from c", "gave no row in 0 seconds and was stopped"),
    ):
        with closing(sqlite3.connect(tmp_path / f"{name}.sqlite")) as connection:
            connection.execute(ENDLESS + what)
            connection.commit()
        with pytest.raises(ReadError, match=text):
            read_sqlite(tmp_path / f"{name}.sqlite", None)


def test_texts_larger_than_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "most_bytes", lambda: 1 << 24)
    for length, said in ((500, "more than .* bytes in"), (5_000, "a text of more")):
        path = tmp_path / f"{length}.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"{ENDLESS} select hex(zeroblob({length // 2})) from c")
            connection.commit()
        with pytest.raises(ReadError, match=said):
            read_sqlite(path, None)


def test_a_duckdb_view_that_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "LONGEST_QUERY", 0.5)
    with closing(duckdb.connect(str(tmp_path / "a.duckdb"))) as connection:
        connection.execute(ENDLESS + "select count(*) as n from c")
    with pytest.raises(ReadError, match="gave no result in 0 seconds and was stopped"):
        read_duckdb(tmp_path / "a.duckdb", None)
