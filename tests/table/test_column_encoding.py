"""column_encoding.py: each way to encode a column by hand, and back."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ranvier.table.bins import Bins
from ranvier.table.column_encoding import (
    CodeEncoding,
    ColumnEncoding,
    NumericEncoding,
    NumericPart,
    OneHotEncoding,
)
from ranvier.table.column_types import OTHER, Category, Number
from ranvier.table.dates import Date
from ranvier.table.scalers import StandardScaler
from ranvier.table.type_inference import choose_column
from ranvier.table.values import values_of

NUMBER = Number("x", "float", StandardScaler(10.0, 2.0, 11.0), 6.0, 14.0, 3, ("?",))
CATEGORY = Category("c", ("a", "b"), (3, 1), pooled=2, other=4, missing=2)
UNPOOLED = Category("c", ("a", "b"), (3, 1), pooled=0, other=0, missing=0)


def standard(column: Number | Date, bins: Bins | None = None) -> NumericEncoding:
    """Encode with the column's own scalers, and bins if there are any."""
    parts = [
        NumericPart(column.part_names[k], column.scalers[k], bins or Bins())
        for k in column.varying
    ]
    return NumericEncoding(column, tuple(parts), bins is not None)


def encode(encoding: ColumnEncoding, values: Any) -> list[list[float]]:
    out = np.full((len(values), len(encoding.names)), 99.0)
    encoding.encode(values_of(values), out)
    assert len(encoding.is_bin) == len(encoding.names)
    assert encoding.reference(100).shape == (len(encoding.names),)
    return out.tolist()


def test_number() -> None:
    encoding = standard(NUMBER)
    assert encoding.names == ("x", "x is missing")
    # (12 - 10) / 2; a missing value takes the median 11, (11 - 10) / 2
    assert encode(encoding, [12.0, None]) == [[1, 0], [0.5, 1]]
    assert encode(encoding, ["12", "?", " na "]) == [[1, 0], [0.5, 1], [0.5, 1]]
    assert encode(encoding, [None, None]) == [[0.5, 1], [0.5, 1]]
    back = encoding.decode(np.array([[1.0, 0], [0.5, 1]]))
    assert back[0] == 12
    assert np.isnan(back[1])
    assert encoding.reference(30).tolist() == [0, 0.1]


def test_number_that_is_constant_where_known() -> None:
    column = Number("x", "float", StandardScaler(5.0, 0.0, 5.0), 5.0, 5.0, 1)
    encoding = standard(column)
    assert encoding.names == ("x is missing",)
    assert encode(encoding, [5.0, None, 7.0]) == [[0], [1], [0]]
    back = encoding.decode(np.array([[0.0], [1.0]]))
    assert np.array_equal(back, [5, np.nan], equal_nan=True)


def test_number_with_bins() -> None:
    encoding = standard(NUMBER, Bins((-2.0, 0.0, 2.0)))
    names = ("x", "x: bin 1, 6 to 10", "x: bin 2, 10 to 14", "x is missing")
    assert encoding.names == names
    assert encoding.is_bin == [False, True, True, False]
    assert encode(encoding, [12.0, None]) == [[1, 1, 0.5, 0], [0.5, 1, 0.25, 1]]
    assert encoding.reference(30).tolist() == [0, 1, 0, 0.1]
    assert encoding.decode(np.array([[1.0, 1, 0.5, 0]])).tolist() == [12]


def test_date() -> None:
    values = pd.to_datetime(["2024-01-01", "2024-01-03", None, "2024-01-05"] * 5)
    column = choose_column("day", values_of(values.to_numpy()))
    assert isinstance(column, Date)
    encoding = standard(column)
    assert encoding.names[0] == "day: elapsed days"
    assert encoding.names[-1] == "day is missing"
    out = np.array(encode(encoding, values.to_numpy()))
    assert out[:, -1].tolist() == [0, 0, 1, 0] * 5
    assert np.array_equal(encoding.decode(out), values.to_numpy(), equal_nan=True)


def test_bins_of_days_are_named_by_their_dates() -> None:
    days = pd.date_range("2024-01-01", periods=9, freq="D").to_numpy()
    column = choose_column("day", values_of(days))
    assert isinstance(column, Date)
    scaler = column.scalers[0]
    edges = scaler.transform(19723.0 + np.array([0.0, 4.0, 8.0]))
    part = NumericPart(column.part_names[0], scaler, Bins(tuple(edges)))
    names = NumericEncoding(column, (part,), True).names
    assert "day: elapsed days: bin 1, 2024-01-01 to 2024-01-05" in names


def test_one_hot() -> None:
    encoding = OneHotEncoding(CATEGORY)
    assert encoding.names == ("c=a", "c=b", "c is other", "c is missing")
    assert encode(encoding, ["b", "new", None, "a"]) == [
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
        [1, 0, 0, 0],
    ]
    assert encoding.decode(np.eye(4)).tolist() == ["a", "b", OTHER, None]


def test_one_hot_of_an_unseen_category_is_the_average_row() -> None:
    encoding = OneHotEncoding(UNPOOLED)
    assert encode(encoding, ["b", "new", None]) == [[0, 1], [0.75, 0.25], [0.75, 0.25]]
    # The average weighs missing rows too, where training had some.
    missing = Category("c", ("a", "b"), (3, 1), pooled=0, other=0, missing=4)
    assert encode(OneHotEncoding(missing), ["new"]) == [[3 / 8, 1 / 8, 4 / 8]]


@pytest.mark.parametrize("scaled", [True, False])
def test_one_hot_and_back(scaled: bool) -> None:
    values = ["a", "b", "b", "b"] * 5
    column = choose_column("two", values_of(values))
    assert isinstance(column, Category)
    encoding = OneHotEncoding(column, scaled)
    out = np.array(encode(encoding, values))
    assert out.shape == (20, 2 - scaled)
    assert encoding.decode(out).tolist() == values
    unseen = np.array(encode(encoding, ["c"]))
    assert encoding.decode(unseen).tolist() == [OTHER]
    assert np.array_equal(encoding.reference(20), unseen[0])


def test_codes() -> None:
    encoding = CodeEncoding(CATEGORY)
    assert encoding.names == ("c",)
    assert encoding.size == 5
    assert encode(encoding, ["a", "b", "new", None]) == [[1], [2], [3], [4]]
    assert encode(CodeEncoding(UNPOOLED), ["a", "new"]) == [[1], [0]]
    codes = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    assert encoding.decode(codes).tolist() == [OTHER, "a", "b", OTHER, None]
