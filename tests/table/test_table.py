"""table.py: columns are read once, and rows are taken with what was read."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ranvier as rv
from ranvier.table import table as table_module
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import Columns
from ranvier.table.table import Table
from ranvier.table.values import Values, values_of

DATA: dict[str, list[Any]] = {
    "x": [1.5, None, 3.0, 4.0, 6.0],
    "k": ["a", "b", None, "a", "NA"],
    "t": [True, False, None, True, True],
    "mixed": [1, "two", None, 3, 4],
}
FRAMES = {
    "pandas": pd.DataFrame(DATA),
    "polars": pl.DataFrame({n: v for n, v in DATA.items() if n != "mixed"}),
    "arrow": pa.table({n: v for n, v in DATA.items() if n != "mixed"}),
    "arrays": Columns({n: np.array(v, object) for n, v in DATA.items()}),
}


def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record the columns that are read; what is read stays as it is."""
    seen: list[Any] = []

    def read(column: Any) -> Values:
        seen.append(column)
        return values_of(column)

    monkeypatch.setattr(table_module, "values_of", read)
    return seen


def same(found: Values, expected: Values) -> None:
    assert found.kind == expected.kind
    assert np.array_equal(found.missing, expected.missing)
    if found.kind != "empty":
        assert (found.form, found.declared) == (expected.form, expected.declared)
        np.testing.assert_array_equal(found.data, expected.data)


@pytest.mark.parametrize("library", FRAMES)
def test_a_column_is_read_once(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = reads(monkeypatch)
    table = Table.of(FRAMES[library])
    assert Table.of(table) is table
    assert len(table) == 5
    for _ in range(3):
        assert table.values("x").data.tolist()[2:] == [3, 4, 6]
    assert len(seen) == 1
    encoder = TableEncoder.fit(table)
    encoder.transform(table)
    encoder.column_values(table)
    encoder.schema.unseen_categories(table)
    assert len(seen) == len(table.names)


@pytest.mark.parametrize("door", ["estimator", "fit_table"])
def test_a_fit_reads_each_column_once(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kinds, encoding, notices, leakage and the target come from one reading."""
    n = np.arange(120)
    frame = pd.DataFrame({"x": n / 7, "k": n % 3, "word": [f"w{i % 5}" for i in n]})
    y = (n % 2).astype(str)
    seen = reads(monkeypatch)
    if door == "estimator":
        rv.TabularClassifier(effort="fast", categories=["k"]).fit(frame, y)
    else:
        rv.fit_table(frame.assign(y=y), "y", effort="fast")
    names = [column.name for column in seen if hasattr(column, "name")]
    assert sorted(names) == sorted({*names}), names
    assert {"x", "k", "word"} <= {*names}


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("rows", [[0, 3], [2], [4, 1, 1], [], [0, 2, 3, 4]])
def test_some_rows_are_as_if_read_alone(library: str, rows: list[int]) -> None:
    taken = np.array(rows, np.int64)
    table = Table.of(FRAMES[library])
    for name in table.names:
        table.values(name)
    part, alone = table.take(taken), Table.of(FRAMES[library]).take(taken)
    for name in table.names:
        if rows:
            same(part.values(name), alone.values(name))
        assert len(part.values(name)) == len(rows)


def test_rows_are_taken_without_reading_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table.of(FRAMES["pandas"])
    for name in table.names:
        table.values(name)
    seen = reads(monkeypatch)
    part = table.take(np.array([0, 3]))
    kinds = {name: part.values(name).kind for name in part.names}
    assert kinds == {"x": "number", "k": "text", "t": "number", "mixed": "number"}
    assert len(seen) == 1  # of several types: in these rows all are numbers


def test_all_rows_are_the_table_itself() -> None:
    table = Table.of(FRAMES["pandas"])
    assert table.take(np.arange(5)) is table
    assert table.take(np.arange(5)[::-1]) is not table


def test_names() -> None:
    table = Table.of(FRAMES["polars"])
    assert table.names == ("x", "k", "t")
    assert "k" in table
    assert "z" not in table
    table.require("k")
    with pytest.raises(ValueError, match="has no column 'xx': did you mean 'x'"):
        table.require("xx")
    with pytest.raises(ValueError, match="expected a table with named columns"):
        Table.of([1, 2])
