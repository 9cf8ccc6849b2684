"""reading.py: real files of every format and encoding, and each way to be wrong."""

import datetime as dt
import gzip
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ranvier.reading.reading import (
    MissingFileError,
    ReadError,
    TableFile,
    read,
    read_table,
)

ROWS = {"name": ["Rex", "미미"], "age": [3, None]}
CSV = "name,age\nRex,3\n미미,\n"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "form", "encoding"),
    [
        ("x.csv", CSV, "CSV", "UTF-8"),
        ("X.CSV", CSV, "CSV", "UTF-8"),
        ("x.txt", CSV.replace(",", ";"), "CSV", "UTF-8"),
        ("x.csv", CSV.replace("\n", "\r\n"), "CSV", "UTF-8"),
        ("x.csv", CSV.replace("\n", "\r"), "CSV", "UTF-8"),
        ("x.csv", CSV.replace("\n", "\r\n", 1), "CSV", "UTF-8"),
        ("x.csv", CSV.encode("utf-8-sig"), "CSV", "UTF-8"),
        ("x.csv", CSV.encode("cp949"), "CSV", "CP949"),
        ("x.csv", CSV.encode("utf-16"), "CSV", "UTF-16"),
        ("x.csv.gz", gzip.compress(CSV.encode()), "CSV", "UTF-8"),
        ("x.csv.gz", gzip.compress(CSV.encode("cp949")), "CSV", "CP949"),
        ("x.tsv", CSV.replace(",", "\t"), "TSV", "UTF-8"),
        ("x.jsonl", '{"name":"Rex","age":3}\n{"name":"미미"}\n', "JSON", "UTF-8"),
        ("x.json", '[{"name":"Rex","age":3},{"name":"미미"}]', "JSON", "UTF-8"),
    ],
)
def test_text_formats(
    tmp_path: Path, name: str, content: str | bytes, form: str, encoding: str
) -> None:
    reading = read(written(tmp_path, name, content))
    assert reading.frame.to_pydict() == ROWS
    assert (reading.format, reading.encoding) == (form, encoding)
    assert str(reading.frame.schema.field("age").type) == "int64"
    told = f"{name} is read as {encoding} text, since it is not UTF-8."
    assert reading.notices == (() if encoding == "UTF-8" else (told,))


@pytest.mark.parametrize(
    "name", ["my data.csv", "it's.csv", 'q"?*.csv', "br[1].csv", "y=1.csv", "-한글.csv"]
)
def test_names_of_files(tmp_path: Path, name: str) -> None:
    written(tmp_path, "br1.csv", "wrong,b\n1,2\n")
    assert read(written(tmp_path, name, CSV)).frame.to_pydict() == ROWS
    assert read(str(tmp_path / name)).path == tmp_path / name


def test_folder_names_give_no_columns(tmp_path: Path) -> None:
    folder = tmp_path / "year=2024"
    folder.mkdir()
    assert read(written(folder, "x.csv", CSV)).frame.column_names == ["name", "age"]


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({**ROWS, "Age": [1.5, 2.5]}), path)
    reading = read(path)
    assert reading.frame.to_pydict() == {**ROWS, "Age": [1.5, 2.5]}
    assert (reading.format, reading.encoding, reading.notices) == ("Parquet", None, ())
    query = "select age from data where name = 'Rex'"
    assert read(path, query=query).frame.to_pydict() == {"age": [3]}
    frame = pd.DataFrame({"c": pd.Categorical(["a", None])})
    frame.to_parquet(path)
    assert read(path).frame.to_pydict() == {"c": ["a", None]}


def test_databases_by_content(tmp_path: Path) -> None:
    for name in ("x.db", "x.sqlite", "y.db", "y.duckdb"):
        connect: Any = sqlite3.connect if name[0] == "x" else duckdb.connect
        with closing(connect(str(tmp_path / name))) as connection:
            connection.execute("create table t as select 'Rex' name, 3 age")
            connection.commit()
        reading = read(tmp_path / name)
        assert reading.frame.to_pydict() == {"name": ["Rex"], "age": [3]}
        assert reading.format == ("SQLite" if name[0] == "x" else "DuckDB")
        queried = read(tmp_path / name, query="select age + 1 as older from t")
        assert queried.frame.to_pydict() == {"older": [4]}


def frame_of(folder: Path, content: str) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = read(
        written(folder, "x.csv", content)
    ).frame.to_pydict()
    return rows


def test_types(tmp_path: Path) -> None:
    rows = frame_of(
        tmp_path,
        "i,f,t,yes,d,s,code,mixed,thousand\n"
        '1,1.5,true,Yes,2024-02-29,x,007,1,"1,234"\n'
        '2,,false,no,,,010,NA,"5"\n',
    )
    assert rows == {
        "i": [1, 2],
        "f": [1.5, None],
        "t": ["true", "false"],
        "yes": ["Yes", "no"],
        "d": [dt.date(2024, 2, 29), None],
        "s": ["x", None],
        "code": ["007", "010"],
        "mixed": [1, None],
        "thousand": [1234, 5],
    }


def test_hostile_cells(tmp_path: Path) -> None:
    rows = frame_of(
        tmp_path, 'a,b\n"=cmd|x!A0","line\nbreak"\n\U0001f600,"q ""z"", w"\n'
    )
    assert rows == {"a": ["=cmd|x!A0", "\U0001f600"], "b": ["line\nbreak", 'q "z", w']}
    assert frame_of(tmp_path, "#a,b\n#1,2\n") == {"#a": ["#1"], "b": [2]}
    assert frame_of(tmp_path, 'a,b\n1,6" nail\n2,y\n')["b"] == ['6" nail', "y"]


def test_names_of_columns(tmp_path: Path) -> None:
    # As written, also where they differ by case only; empty ones get one.
    assert frame_of(tmp_path, "a,A,,값 1\n1,2,3,4\n") == {
        "a": [1],
        "A": [2],
        "column2": [3],
        "값 1": [4],
    }


def test_values_that_do_not_fit_the_first_ones(tmp_path: Path) -> None:
    # All rows tell what a column is, however late the first of another kind comes.
    content = "a,b\n" + "1,2\n" * 30_000 + "1,x\n" + '3,"y ""z"""\n'
    table = read(written(tmp_path, "x.csv", content))
    b = table.frame.to_pydict()["b"]
    assert (b[0], b[-2], b[-1]) == (2, None, None)
    assert table.notices == (
        "30000 of 30002 values of 'b' are numbers; 'x' (1), 'y \"z\"' (1) is read as "
        "missing.",
    )
    content = "a,b\n" + "1,2\n" * 30_000 + "1,02\n"
    assert frame_of(tmp_path, content)["b"][-2:] == ["2", "02"]


def test_notices(tmp_path: Path) -> None:
    reading = read(written(tmp_path, "x.csv", "1,2\n3,4\n"))
    assert reading.notices == (
        "The first line of x.csv is taken as column names, though it looks like a row: "
        "if it is one, give --header 0 (header=0).",
    )
    reading = read(written(tmp_path, "x.csv", "a;b\n1,5;2\n"))
    assert reading.frame.to_pydict() == {"a": [1.5], "b": [2]}
    assert reading.notices == ()
    assert reading.reading.lines() == [
        "'a': number (decimal comma), always 1.5",
        "'b': number, always 2",
    ]


def test_query(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", CSV.encode("cp949"))
    query = "select count(*) as n, max(age) as oldest from data"
    reading = read(path, query=query)
    assert isinstance(reading, TableFile)
    assert reading.frame.to_pydict() == {"n": [2], "oldest": [3]}
    for wrong, message in {
        "select * from data where age > 9": "the query gives no rows",
        "select size from data": "the query cannot be run: Referenced column",
        "delete from data": "is not one SELECT",
        "select * from read_text('/etc/passwd')": "cannot be run: .*disabled",
    }.items():
        with pytest.raises(ReadError, match=message):
            read(path, query=wrong)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty: give a file with a header and rows"),
        ("\n\n", "is empty"),
        ("a,b\n", r"has 2 column\(s\) and no rows"),
        ("a,b", r"has 2 column\(s\) and no rows"),
        ("a,b\n1,2\n3,4,5\n", r"line 3 has 3 field\(s\), the header 2"),
        ("a,b\n1,2\n3\n", r"line 3 has 1 field\(s\), the header 2"),
        ("a,b\n1,2,3\n", r"line 2 has 3 field\(s\), the header 2"),
        ("a,b\n" + "1,2\n" * 30_000 + "3\n", r"line 30002 has 1 field\(s\)"),
        ("a,b,a\n1,2,3\n", "has more than one column named 'a': rename"),
        ('a,b\n1,"2\n', "line 2 cannot be cut into fields"),
        (b"a,b\n1,\x00\n", "is no text file"),
    ],
)
def test_bad_csv(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message) as caught:
        read(written(tmp_path, "x.csv", content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["1\n2\n", "[1]", '{"a":1}\n{"a":', '{"a":1,"a":2}', "<xml>"]
)
def test_bad_json(tmp_path: Path, content: str) -> None:
    with pytest.raises(ReadError, match="give one object on each line"):
        read(written(tmp_path, "x.jsonl", content))


def test_json_of_several_types(tmp_path: Path) -> None:
    content = '{"a":1,"b":{"c":1}}\n{"a":"x"}\n'
    rows = read(written(tmp_path, "x.jsonl", content)).frame.to_pydict()
    assert rows == {"a": ["1", "x"], "b.c": [1, None]}


def test_bad_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": list(range(100))}), path)
    whole = path.read_bytes()
    for damaged in (
        whole[:50],
        whole[:-4] + b"XXXX",
        b"hello",
        whole[: len(whole) // 2],
    ):
        path.write_bytes(damaged)
        with pytest.raises(ReadError, match=r"x\.parquet is a damaged Parquet file"):
            read(path)
    path.write_bytes(b"")
    with pytest.raises(ReadError, match="is empty"):
        read(path)
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), path)
    with pytest.raises(ReadError, match="more than one column named 'a'"):
        read(path)
    pq.write_table(pa.table({"a": pa.array([], pa.int8())}), path)
    with pytest.raises(ReadError, match="and no rows"):
        read(path)


def test_bad_database(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read as DuckDB"):
        read(written(tmp_path, "x.db", b"garbage" * 1000))


def test_missing_file(tmp_path: Path) -> None:
    written(tmp_path, "penguins.csv", CSV)
    with pytest.raises(MissingFileError, match=r"did you mean penguins\.csv\?"):
        read(tmp_path / "penguin.csv")
    with pytest.raises(FileNotFoundError, match="check its name"):
        read(tmp_path / "zzz.parquet")
    with pytest.raises(ReadError, match="and no folder"):
        read(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(ReadError, match=r"https://a\.b/x\.csv is an address: download"):
        read("https://a.b/x.csv")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder, not a file: it holds no data"):
        read(tmp_path)
    written(tmp_path, "x.csv", CSV)
    with pytest.raises(ReadError, match=r"is a folder, not a file: it holds 'x\.csv'"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.cvs", r"no known ending: expected one of \.csv, "),
        ("x", "no known ending: expected"),
        ("x.parquet.gz", r"no known ending \(uncompress it first\)"),
    ],
)
def test_unknown_ending(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(written(tmp_path, name, CSV))


def test_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    read(written(tmp_path, "x.csv", CSV.encode("cp949")))
    with pytest.raises(ReadError):
        read(written(tmp_path, "x.csv", "이름,값\n서울\n".encode("cp949")))
    assert list(temporary.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["temporary", "x.csv"]


def test_options(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "made today\nc^d^n\n01/02/2024^1.234^none\n")
    table = read_table(
        path,
        delimiter="^",
        skip=1,
        date_format="DMY",
        thousands={"d": "."},
        na=["none"],
    )
    assert table.to_pydict() == {
        "c": [dt.datetime(2024, 2, 1)],
        "d": [1234],
        "n": [None],
    }


def test_what_is_ambiguous_is_warned_of(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "a;b\n01/02/2024;1,234\n03/04/2024;5,678\n")
    with pytest.warns(UserWarning, match="of 'a' can be|of 'b' has") as warned:
        table = read_table(path)
    assert table["b"].to_pylist() == [1234, 5678]
    told = [str(warning.message) for warning in warned]
    assert told[0].startswith("The dates of 'a' can be read in more than one order; ")
    assert told[0].endswith("give --date-format DMY (date_format='DMY').")
    assert told[1].endswith("give --decimal ',' (decimal=',').")


def test_several_files(tmp_path: Path) -> None:
    written(tmp_path, "a1.csv", "n,x\n1,2\n")
    written(tmp_path, "a2.csv", "x,n\n1.5,03\n")
    table = read(tmp_path / "a*.csv")
    assert table.frame.to_pydict() == {"n": ["1", "03"], "x": [2.0, 1.5]}
    written(tmp_path, "a3.csv", "x,m\n1.5,3\n")
    with pytest.raises(
        ReadError, match=r"a3\.csv has other columns than .*a1\.csv: 'm'"
    ):
        read(tmp_path / "a*.csv")
    with pytest.raises(MissingFileError, match="no name fits the pattern"):
        read(tmp_path / "b*.csv")


def test_new_files_are_read_as_the_training_file(tmp_path: Path) -> None:
    train = "day;sum;id\n18/03/2024;1.234,50;007\n02/04/2024;12,00;008\n"
    trained = read(written(tmp_path, "train.csv", train))
    new = read(
        written(tmp_path, "new.csv", "id,day,sum\n7,01/02/2024,1.234\n"),
        reading=trained.reading,
    )
    assert new.frame.to_pydict() == {
        "id": ["7"],
        "day": [dt.datetime(2024, 2, 1)],
        "sum": [1234],
    }
    wrong = written(tmp_path, "wrong.csv", "day;sum;id\n03/18/2024;1,00;7\n")
    with pytest.raises(ValueError, match=r"column 'day' holds '03/18/2024' in row 0 "):
        read(wrong, reading=trained.reading)


def test_a_query_sees_the_columns_as_they_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", "day;sum\n18/03/2024;1.234,50\n02/04/2024;2,00\n")
    table = read(path, query="select sum, day from data where day > '2024-04-01'")
    assert table.frame.to_pydict() == {"sum": [2.0], "day": [dt.datetime(2024, 4, 2)]}
    assert table.reading.columns["sum"].numbers is not None
    assert table.reading.columns["sum"].numbers.decimal == ","
