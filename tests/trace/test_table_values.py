import numpy as np
import pandas as pd
import polars as pl
import pytest

from ranvier.inspectable import EncodedRows
from ranvier.table.frames import Columns
from ranvier.trace.table_values import LONGEST, text, values_of

COLUMNS = {"size": [1.5, np.nan, 1 / 3], "kind": ["a", None, "long" * 20]}


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS, strict=False),
        Columns({k: np.array(v, object) for k, v in COLUMNS.items()}),
    ],
    ids=["pandas", "polars", "arrays"],
)
def test_what_the_table_holds_in_the_rows_asked_for(table) -> None:
    rows = EncodedRows(np.zeros((3, 3)), (), ("kind", "size", "size"), table=table)
    told = values_of(rows, np.array([2, 1]))
    assert list(told) == ["kind", "size"]
    assert told["size"] == ("0.333333", "(missing)")
    assert told["kind"] == ("longlong" * 4 + "longl...", "(missing)")
    assert len(told["kind"][0]) == LONGEST


def test_numbers_are_their_own_table() -> None:
    assert values_of(EncodedRows(np.zeros((1, 1)), (), ()), np.array([0])) == {}


def test_values_of_any_kind() -> None:
    missing = [None, np.nan, pd.NA, pd.NaT, np.datetime64("NaT")]
    assert {text(value) for value in missing} == {"(missing)"}
    values = [39.1000001, np.float32(0.1), 10**9, True, np.datetime64("2024-05-01")]
    assert [text(value) for value in values] == [
        "39.1", "0.1", "1000000000", "True", "2024-05-01",
    ]  # fmt: skip
