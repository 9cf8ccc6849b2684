"""Writing tables: each format comes back as it was, the names exact."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from ranvier.reading.reading import read
from ranvier.reading.writing import ENDINGS, guarded, to_bytes, write_table

TABLE = pa.table(
    {
        "prediction": ["Adélie", 'a "b", c', None],
        "Prediction": [0.5, 1.25, None],
        "펭귄": [1, 2, 3],
        "seen": [True, None, False],
        "day": [dt.date(2024, 2, 29)] * 3,
    }
)


def test_csv_is_plain() -> None:
    assert to_bytes(TABLE, ".csv").decode() == (
        "prediction,Prediction,펭귄,seen,day\n"
        "Adélie,0.5,1,true,2024-02-29\n"
        '"a ""b"", c",1.25,2,,2024-02-29\n'
        ",,3,false,2024-02-29\n"
    )


def test_json_lines_are_objects() -> None:
    rows = [json.loads(line) for line in to_bytes(TABLE, ".jsonl").splitlines()]
    assert rows[0]["prediction"] == "Adélie"
    assert rows[2] == {
        "prediction": None,
        "Prediction": None,
        "펭귄": 3,
        "seen": False,
        "day": "2024-02-29",
    }


def test_parquet_is_the_table(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.parquet")
    assert parquet.read_table(tmp_path / "t.parquet").equals(TABLE)


@pytest.mark.parametrize("ending", ENDINGS)
def test_ranvier_reads_what_it_writes(ending: str, tmp_path: Path) -> None:
    table = TABLE.drop_columns(["Prediction"])
    path = tmp_path / f"t{ending}"
    write_table(table, path)
    frame = read(path).frame
    assert frame.column_names == table.column_names
    assert frame["펭귄"].to_pylist() == [1, 2, 3]
    assert frame["prediction"].to_pylist() == table["prediction"].to_pylist()


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"xlsx' names no format to write: give a"):
        write_table(TABLE, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_formulas_are_guarded_only_when_asked_for() -> None:
    """Item S11: a guard changes the data, so it is no default."""
    texts = ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "plain", "'=1", "", None]
    table = pa.table({"=name": texts, "n": [-1.5] * 10, "b": [True] * 10})
    assert b"\n=1+1," in to_bytes(table, ".csv")
    safe = guarded(table)
    assert safe.column_names == ["'=name", "n", "b"]
    told = safe["'=name"].to_pylist()
    assert told[:6] == [f"'{text}" for text in texts[:6]]
    assert told[6:] == texts[6:]
    assert safe["n"].to_pylist() == [-1.5] * 10
    # There and back: one apostrophe taken away gives what was there.
    back = [text[1:] if text in told[:6] else text for text in told]
    assert back == texts
