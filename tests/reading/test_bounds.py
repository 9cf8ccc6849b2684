"""bounds.py: <0.05 is its number, and a mark beside it, at every door."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ranvier as rv
from ranvier.reading.bounds import are_bounds
from ranvier.reading.decisions import Reading
from ranvier.table.frames import columns_of
from ranvier.table.values import values_of

TEXTS = ["<0.05", "0.3", None, "> 100", "7", "≤2", "a<b"]


def test_which_texts_are_bounds() -> None:
    assert are_bounds(TEXTS).tolist() == [True, False, False, True, False, True, False]
    assert not are_bounds([1.0, 2.0]).any()
    assert not are_bounds(pd.Series(["<1", "2"], dtype="category")).any()


def table(n: int = 200) -> pd.DataFrame:
    x = np.random.default_rng(0).gamma(2, 1, n)
    texts = ["<1" if value < 1 else f"{value:.3f}" for value in x]
    return pd.DataFrame({"dose": texts, "y": np.log(x).round(4)})


@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_marks_in_training_and_in_new_rows(make: Any) -> None:
    frame = table()
    reading, read = Reading.fit(make(frame))
    marks = values_of(columns_of(read)["dose is a bound"]).data
    assert marks.tolist() == (frame.dose == "<1").astype(float).tolist()
    assert values_of(columns_of(read)["dose"]).kind == "number"
    assert f"{int(marks.sum())} value(s) of 'dose' are bounds" in reading.notices[0]
    new = columns_of(reading.apply(make(pd.DataFrame({"dose": ["<1", "3"]}))))
    assert values_of(new["dose is a bound"]).data.tolist() == [1, 0]
    new = columns_of(reading.apply(make(pd.DataFrame({"dose": [0.5, 3.0]}))))
    assert values_of(new["dose is a bound"]).data.tolist() == [0, 0]
    # What has been read keeps its marks.
    again = columns_of(reading.apply(read))
    assert values_of(again["dose is a bound"]).data.tolist() == marks.tolist()


@pytest.mark.filterwarnings("ignore:.*are bounds")
def test_every_door_gives_the_same(tmp_path: Path) -> None:
    frame = table()
    frame.to_csv(tmp_path / "doses.csv", index=False)
    read = rv.read_table(tmp_path / "doses.csv")
    models = [
        rv.fit_table(given, "y", effort="fast")
        for given in (frame, pl.from_pandas(frame), read)
    ]
    expected = models[0].predict(frame)
    for model in models:
        assert list(model.columns) == ["dose", "dose is a bound"]
        for given in (frame, read):
            np.testing.assert_array_equal(model.predict(given), expected)
        assert model.evaluate(frame) == models[0].evaluate(read)


@pytest.mark.filterwarnings("ignore:.*are bounds")
def test_the_marks_of_a_target_are_no_input(tmp_path: Path) -> None:
    frame = table()[["dose"]].assign(x=range(200))
    assert list(rv.fit_table(frame, "dose", effort="fast").columns) == ["x"]
    frame.to_csv(tmp_path / "doses.csv", index=False)
    read = rv.read_table(tmp_path / "doses.csv")
    assert list(rv.fit_table(read, "dose", effort="fast").columns) == ["x"]
