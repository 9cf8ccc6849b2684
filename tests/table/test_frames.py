"""frames.py: the same columns and rows from pandas, polars and Arrow."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ranvier as rv
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
        ([[1]], "builtins.list"),
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


MADE = {
    "a dict": {"a": [1, 2, None], "b": np.array([0.5, 1.5, 2.5])},
    "dicts": [{"a": 1, "b": 0.5}, {"b": 1.5, "a": 2}, {"b": 2.5}],
    "a structured array": np.array(
        [(1.0, 0.5), (2.0, 1.5), (np.nan, 2.5)], dtype=[("a", "f8"), ("b", "f4")]
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_columns_of_plain_python(name: str) -> None:
    columns = columns_of(MADE[name])
    np.testing.assert_array_equal(values_of(columns["a"]).data, [1, 2, np.nan])
    assert values_of(columns["b"]).data.tolist() == [0.5, 1.5, 2.5]
    taken = columns_of(take_rows(MADE[name], np.array([1])))
    assert values_of(taken["a"]).data.tolist() == [2]


@pytest.mark.parametrize("name", MADE)
def test_every_door_takes_them(name: str) -> None:
    frame = pd.DataFrame({"a": range(60), "b": [k % 7 / 2 for k in range(60)]})
    frame["y"] = frame.a * 2.0
    made: Any = frame.to_dict("list")
    if name == "dicts":
        made = frame.to_dict("records")
    if name == "a structured array":
        made = frame.to_records(index=False)
    expected = rv.fit_table(frame, "y", effort="fast")
    model = rv.fit_table(made, "y", effort="fast")
    np.testing.assert_array_equal(model.predict(made), expected.predict(frame))
    assert model.evaluate(made) == expected.evaluate(frame)
    X = frame[["a", "b"]]
    own = {"a dict": X.to_dict("list"), "dicts": X.to_dict("records")}
    given = own.get(name, X.to_records(index=False))
    reg = rv.TabularRegressor(effort="fast", random_state=0).fit(given, frame.y)
    np.testing.assert_array_equal(reg.predict(given), reg.predict(X))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths, 'a' 1, 'b' 2"):
        columns_of({"a": [1], "b": [1, 2]})


def test_a_target_may_be_named_as_pandas_names_it() -> None:
    frame = pd.DataFrame({0: range(60), 1: [k % 5 for k in range(60)]})
    frame[3] = frame[0] * 2.0
    assert rv.fit_table(frame, 3, effort="fast").target == "3"
    deep = pd.DataFrame(
        {("x", "mean"): range(60), ("x", "sd"): [k % 5 for k in range(60)]}
    )
    deep[("t", "")] = deep[("x", "mean")] * 2.0
    assert rv.fit_table(deep, ("t", ""), effort="fast").target == "('t', '')"
