"""decisions.py: one reading for every library, kept as JSON and with Arrow tables."""

import datetime as dt
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier.reading.decisions import Reading
from ranvier.table.frames import Columns

COLUMNS: dict[str, list[Any]] = {
    "day": ["18/03/2024", "02/04/2024", None],
    "eur": ["1.001,50", "2,00", "-"],
    "zoned": ["2024-03-18T09:00:00+09:00", "2024-03-18T01:00:00Z", None],
    "code": ["01", "2", "3"],
    "n": ["1", "2", "NA"],
    "x": [1.5, 2.0, 3.0],
    "trip": ["0:01:30", "30:15:05", None],
}
EXPECTED = {
    "day": [dt.datetime(2024, 3, 18), dt.datetime(2024, 4, 2), None],
    "eur": [1001.5, 2.0, None],
    "zoned": [
        dt.datetime(2024, 3, 18, tzinfo=dt.UTC),
        dt.datetime(2024, 3, 18, 1, tzinfo=dt.UTC),
        None,
    ],
    "code": ["01", "2", "3"],
    "n": [1, 2, None],
    "x": [1.5, 2.0, 3.0],
    "trip": [90, 108905, None],
}
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


def rows_of(frame: Any) -> dict[str, list[Any]]:
    if isinstance(frame, pd.DataFrame):
        with warnings.catch_warnings():
            # PyArrow takes zoned columns in a way that pandas 3.1 deprecates.
            warnings.simplefilter("ignore", DeprecationWarning)
            frame = pa.Table.from_pandas(frame)
    table = frame if isinstance(frame, pa.Table) else frame.to_arrow()
    return dict(table.to_pydict())


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_is_read_alike(library: str) -> None:
    make = LIBRARIES[library]
    reading, frame = Reading.fit(make(COLUMNS))
    assert isinstance(frame, type(make(COLUMNS)))
    assert rows_of(frame) == EXPECTED
    assert rows_of(reading.apply(make(COLUMNS))) == EXPECTED
    assert reading == Reading.fit(pd.DataFrame(COLUMNS))[0]
    assert Reading.read(reading.describe()) == reading


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("day", "03/18/2024"), ("eur", "1.50"), ("zoned", "2024-03-18T09:00:00"),
        ("n", "one"), ("trip", "3 hours"),
    ],
)  # fmt: skip
def test_what_training_could_not_have_is_refused(
    library: str, name: str, text: str
) -> None:
    reading, _ = Reading.fit(pd.DataFrame(COLUMNS))
    with pytest.raises(ValueError, match=rf"column '{name}' holds '.*' in row 1 "):
        reading.apply(LIBRARIES[library]({name: [COLUMNS[name][0], text]}))


def test_rows_of_any_index_keep_their_places() -> None:
    table = pd.DataFrame(COLUMNS, index=[7, 7, 3])
    _, frame = Reading.fit(table)
    assert frame.index.tolist() == [7, 7, 3]
    assert frame["eur"].tolist()[:2] == [1001.5, 2.0]


def test_an_arrow_table_carries_its_reading() -> None:
    reading, frame = Reading.fit(pa.table(COLUMNS))
    again, same = Reading.fit(frame.slice(1))
    assert again == reading
    assert same.equals(frame.slice(1))
    # A column that is texts once more is read anew.
    texts = frame.set_column(1, "eur", pa.array(["1.5", "2.5", "x"]))
    assert Reading.fit(texts)[0].columns["eur"].kind == "text"


def test_training_numbers_and_new_texts() -> None:
    table = pd.DataFrame({"x": [1.5], "d": [dt.datetime(2024, 1, 2)]})
    reading, _ = Reading.fit(table)
    new = reading.apply(pd.DataFrame({"x": ["2.5"], "d": ["2024-03-04"]}))
    assert new["x"].tolist() == [2.5]
    assert new["d"].tolist() == [pd.Timestamp(2024, 3, 4)]
    with pytest.raises(ValueError, match="'d' holds '03/04/2024'"):
        reading.apply(pd.DataFrame({"x": ["2.5"], "d": ["03/04/2024"]}))


def test_damaged_descriptions() -> None:
    described = Reading.fit(pd.DataFrame(COLUMNS))[0].describe()
    for damaged in ({}, {**described, "columns": []}, {**described, "source": 1}, None):
        with pytest.raises(ValueError, match="the reading is damaged"):
            Reading.read(damaged)


def test_notices_of_columns_that_are_alike_are_one() -> None:
    table = pd.DataFrame({"a": ["1", "NA"], "b": ["2", "NA"], "c": ["3", "?"]})
    assert Reading.fit(table)[0].notices == (
        "'NA' among the numbers of 'a' and 'b' is read as missing.",
        "1 of 2 values of 'c' are numbers; '?' (1) is read as missing.",
    )


def test_arrays_are_read_as_tables_are() -> None:
    arrays = {name: np.array(texts, dtype=object) for name, texts in COLUMNS.items()}
    reading, table = Reading.fit(Columns(arrays))
    assert table.columns["eur"].tolist()[:2] == [1001.5, 2.0]
    assert reading.apply(Columns(arrays)).columns["trip"].tolist()[:2] == [90, 108905]
    assert reading.columns["day"] == Reading.fit(pa.table(COLUMNS))[0].columns["day"]
