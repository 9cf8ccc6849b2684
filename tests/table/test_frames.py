"""frames.py: the same columns and rows from pandas, polars and Arrow."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier.table.frames import columns_of, take_rows, target_column
from ranvier.table.values import values_of

DATA = {"a": [1, 2, 3], "키": ["x", "y", "z"]}
FRAMES = [pd.DataFrame(DATA, index=[7, 8, 9]), pl.DataFrame(DATA), pa.table(DATA)]


@pytest.mark.parametrize("frame", FRAMES, ids=["pandas", "polars", "arrow"])
def test_columns_and_rows(frame: Any) -> None:
    columns = columns_of(frame)
    assert list(columns) == ["a", "키"]
    assert values_of(columns["a"]).data.tolist() == [1, 2, 3]
    taken = take_rows(frame, np.array([2, 0]))
    assert type(taken) is type(frame)
    assert values_of(target_column(taken, "키")).data.tolist() == ["z", "x"]
    assert len(take_rows(frame, np.array([], dtype=np.int64))) == 0


def test_names_are_texts() -> None:
    assert list(columns_of(pd.DataFrame([[1, 2]]))) == ["0", "1"]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]),
        pa.table([[1], [2], [3]], names=["a", "b", "a"]),
        pd.DataFrame([[1, 2]], columns=[1, "1"]),
    ],
    ids=["pandas", "arrow", "as texts"],
)
def test_duplicate_names(frame: Any) -> None:
    with pytest.raises(ValueError, match=r"more than one column named '[a1]': rename"):
        columns_of(frame)


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (np.zeros((2, 2)), "numpy.ndarray"),
        ({"a": [1]}, "builtins.dict"),
        (pl.LazyFrame({"a": [1]}), "LazyFrame"),
        (None, "NoneType"),
    ],
)
def test_no_table(frame: Any, name: str) -> None:
    with pytest.raises(
        ValueError, match=f"expected a table with named columns.*{name}"
    ):
        columns_of(frame)


def test_unknown_column() -> None:
    frame = pd.DataFrame({"income": [1], "age": [2]})
    with pytest.raises(ValueError, match=r"no column 'Incme': did you mean 'income'\?"):
        target_column(frame, "Incme")
    with pytest.raises(ValueError, match="there are the columns 'income' and 'age'"):
        target_column(frame, "zzz")
