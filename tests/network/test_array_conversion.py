import datetime as dt
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ranvier.network.array_conversion import read

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
NAN = float("nan")


def numbers(X: Any, dtype: np.dtype[Any] = FLOAT64) -> np.ndarray:
    values = read(X, dtype, "X", "Encode it.").values
    assert values.dtype == dtype
    assert values.flags.c_contiguous
    assert values.flags.aligned
    return values


# ---------------------------------------------------------------- arrays and lists

REAL = st.sampled_from(
    ["?", "i1", "u2", "<i4", ">i8", "u8", "<f4", ">f4", "<f8", ">f8"]
)


@given(
    hnp.arrays(
        REAL,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
        elements={"min_value": 0, "max_value": 1},
    ),
    st.sampled_from([FLOAT32, FLOAT64]),
    st.booleans(),
)
def test_arrays_of_every_real_type(
    array: np.ndarray, dtype: np.dtype[Any], turned: bool
) -> None:
    given_array = array.T if turned else array
    np.testing.assert_array_equal(
        numbers(given_array, dtype), given_array.astype(dtype), strict=True
    )


def test_a_ready_array_is_not_copied() -> None:
    X = np.ones((3, 2))
    X.flags.writeable = False
    assert numbers(X) is X


def test_what_the_engine_cannot_read_is_copied() -> None:
    buffer = np.zeros(4 * 8 + 1, np.uint8)
    unaligned = buffer[1:].view(np.float64)
    assert not unaligned.flags.aligned
    strided = np.ones((4, 4))[::2, ::2]
    for X in (unaligned, strided, np.ones((2, 3)).T, np.ones(3, ">f8")):
        np.testing.assert_array_equal(numbers(X), X)


def test_lists_of_rows() -> None:
    assert numbers([[1, 2.5], [True, -3]]).tolist() == [[1, 2.5], [1, -3]]
    assert numbers(((1, 2), (3, 4)), FLOAT32).tolist() == [[1, 2], [3, 4]]
    assert numbers([]).shape == (0,)
    assert numbers([[], []]).shape == (2, 0)


def test_objects_that_hold_numbers() -> None:
    mixed = [[1, Decimal("2.5")], [Fraction(1, 4), np.float32(3)], [True, np.bool_(0)]]
    expected = [[1, 2.5], [0.25, 3], [1, 0]]
    assert numbers(np.array(mixed, dtype=object)).tolist() == expected
    assert numbers(mixed).tolist() == expected
    cube = np.array([[[1, 2], [3, 4]]], dtype=object)
    assert numbers(cube).tolist() == [[[1, 2], [3, 4]]]
    assert numbers(np.array(5, dtype=object)).tolist() == 5


def test_missing_objects_and_masked_values_become_nan() -> None:
    for X in ([[1.0, None]], np.array([[1, pd.NA]], dtype=object)):
        np.testing.assert_array_equal(numbers(X), [[1, NAN]])
    masked = np.ma.masked_array([[1, 2]], mask=[[False, True]])
    np.testing.assert_array_equal(numbers(masked), [[1, NAN]])


def test_whatever_offers_itself_as_an_array() -> None:
    class Offer:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.arange(4.0).reshape(2, 2)

    assert numbers(Offer()).tolist() == [[0, 1], [2, 3]]
    assert numbers(pa.array([1, 2])).tolist() == [1, 2]


def test_plain_arrays_do_not_load_narwhals() -> None:
    import subprocess

    code = (
        "import sys, numpy as np; from ranvier.network.array_conversion import read\n"
        "for X in [[1]], np.ones(2): read(X, np.dtype('f4'), 'X', '')\n"
        "sys.exit('narwhals' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- frames and series

COLUMNS: dict[str, list[Any]] = {"a": [1, 2, 3], "b": [0.5, 1.5, -2.0]}
FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64])
def test_frames_give_numbers_and_names(frame: Any, dtype: np.dtype[Any]) -> None:
    values, names = read(frame(COLUMNS), dtype, "X", "")
    assert names == ["a", "b"]
    assert values.dtype == dtype
    assert values.flags.c_contiguous
    assert values.tolist() == [[1, 0.5], [2, 1.5], [3, -2]]


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_with_missing_values_and_booleans(frame: Any) -> None:
    table = frame(
        {"i": [1, None], "f": [None, 2.5], "b": [True, None], "n": [None] * 2}
    )
    values = numbers(table)
    np.testing.assert_array_equal(values, [[1, NAN, 1, NAN], [NAN, 2.5, NAN, NAN]])


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_of_plain_numbers_with_missing_values(frame: Any) -> None:
    table = frame({"i": [1, None], "f": [None, 2.5]})
    for dtype in (FLOAT32, FLOAT64):
        np.testing.assert_array_equal(numbers(table, dtype), [[1, NAN], [NAN, 2.5]])


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_without_rows_or_columns(frame: Any) -> None:
    none: list[float] = []
    assert numbers(frame({"a": none, "b": none})).shape == (0, 2)
    assert numbers(frame({})).shape == (0, 0)


def test_pandas_types_of_its_own() -> None:
    frame = pd.DataFrame(
        {
            "Int64": pd.array([1, None], dtype="Int64"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "arrow": pd.array([1.5, None], dtype="float64[pyarrow]"),
            "object": pd.Series([Decimal("1.5"), None], dtype=object),
            "float32": np.array([1, 2], np.float32),
        }
    )
    expected = [[1, 1, 1.5, 1.5, 1], [NAN, NAN, NAN, NAN, 2]]
    np.testing.assert_array_equal(numbers(frame), expected)
    assert read(pd.DataFrame([[1, 2]]), FLOAT64, "X", "").names == ["0", "1"]


def test_decimals() -> None:
    for frame in (
        pl.DataFrame({"d": [Decimal("1.5"), None]}),
        pa.table({"d": [Decimal("1.5"), None]}),
    ):
        np.testing.assert_array_equal(numbers(frame), [[1.5], [NAN]])


@pytest.mark.parametrize(
    "series", [pd.Series([1, 2]), pl.Series([1, 2]), pa.chunked_array([[1], [2]])]
)
def test_series(series: Any) -> None:
    assert numbers(series).tolist() == [1, 2]


# ---------------------------------------------------------------- what is refused

DATE = dt.date(2020, 1, 1)


@pytest.mark.parametrize("frame", FRAMES)
def test_columns_of_text_are_named(frame: Any) -> None:
    table = frame({"age": [1, 2], "city": ["Bonn", "Jena"], "day": [DATE, DATE]})
    text = (
        r"column 'city' of X holds text.* \(so does 'day'\), but numbers are expected"
        r"\. Encode it\."
    )
    with pytest.raises(ValueError, match=text):
        numbers(table)


@pytest.mark.parametrize(
    ("series", "holds"),
    [
        (pd.Series(["x", "y"], name="c"), "text"),
        (pd.Series(["x", 1], name="c", dtype=object), "text, 'x' in row 0"),
        (pd.Series([1, "y"], name="c", dtype=object), r"text, 'y' in row 1 \(counted"),
        (pd.Series([1, {}], name="c", dtype=object), "a dict, {} in row 1"),
        (pd.Series(["x", "y"], name="c", dtype="category"), "categories"),
        (pl.Series("c", ["x"], dtype=pl.Enum(["x"])), "categories"),
        (pl.Series("c", [DATE]), "dates or times"),
        (pl.Series("c", [dt.timedelta(1)]), "durations"),
        (pl.Series("c", [[1, 2]]), r"values of the type List\(Int64\)"),
        (pl.Series("c", [b"x"]), "values of the type Binary"),
    ],
)
def test_what_a_column_holds_instead(series: Any, holds: str) -> None:
    with pytest.raises(ValueError, match=f"column 'c' of X holds {holds}"):
        numbers(series.to_frame())
    with pytest.raises(ValueError, match=f"^X holds {holds}.*, but numbers are expect"):
        numbers(series)


@pytest.mark.parametrize(
    ("array", "holds"),
    [
        (
            np.array([["x", "y"]]),
            r"column 0 of X holds text such as 'x' \(so does '1'\)",
        ),
        (
            np.array([[1, "y"], [2, "z"]], dtype=object),
            "column 1 of X holds text, 'y' i",
        ),
        (np.array([1 + 2j]), "X holds complex numbers"),
        (np.array(["2020-01-01"], "M8[D]"), "X holds dates"),
        (np.array([5], "m8[s]"), "X holds durations"),
        (np.array([b"x"]), "X holds bytes"),
        (np.zeros(2, [("a", "f4")]), "X holds records"),
        (np.array([1j], dtype=object), "X holds a complex, 1j in row 0"),
        (np.array(["x" * 99, 1], dtype=object), r"X holds text, 'x{29}\.\.\. in row 0"),
        (np.array([10**400], dtype=object), "X holds a number beyond float64 in row 0"),
    ],
)
def test_arrays_of_other_things(array: Any, holds: str) -> None:
    with pytest.raises(ValueError, match=rf"{holds}.*but numbers are expected\. Enc"):
        numbers(array)


def test_many_columns_of_text_are_counted() -> None:
    frame = pd.DataFrame({f"c{i}": ["x"] for i in range(1000)})
    with pytest.raises(
        ValueError, match=r"column 'c0' .*so do .*and 994 more"
    ) as error:
        numbers(frame)
    assert len(str(error.value)) < 300


def test_numbers_too_large_for_float32() -> None:
    text = (
        r"column 'b' of X holds the number -1e\+300, but float32 ends at 3.4e\+38: "
        "scale the column, or build the network with dtype='float64'"
    )
    frame = pd.DataFrame({"a": [1.0, np.inf], "b": [1e299, -1e300]})
    with pytest.raises(ValueError, match=text):
        numbers(frame, FLOAT32)
    with pytest.raises(ValueError, match=r"^X holds the number 1e\+39"):
        numbers([[1e39, np.nan]], FLOAT32)
    assert numbers([[1e39]]).tolist() == [[1e39]]
    assert numbers([[np.inf, 3e38]], FLOAT32).tolist() == [[np.inf, np.float32(3e38)]]


def test_ragged_lists() -> None:
    text = (
        r"X is a list that makes no array .*: give rows of equal length that hold num"
    )
    with pytest.raises(ValueError, match=text):
        numbers([[1, 2], [3]])


def test_sparse_matrices() -> None:
    for X in (sp.csr_array(np.eye(2)), sp.coo_matrix(np.eye(2))):
        text = r"X is a sparse matrix \(.*\), but a dense one is expected: give X.toarr"
        with pytest.raises(TypeError, match=text):
            numbers(X)


def test_two_columns_of_one_name() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(
        ValueError, match=r"X has columns of one name .*'a' 2 times.*rena"
    ):
        numbers(frame)


def test_queries_not_yet_run() -> None:
    text = r"X is a query not yet run \(LazyFrame\), .*: run it first, .* X.collect\(\)"
    with pytest.raises(TypeError, match=text):
        numbers(pl.LazyFrame({"a": [1]}))


@pytest.mark.parametrize("bad", ["abc", {"a": 1}, {1, 2}, object(), 5, None, lambda: 1])
def test_what_is_no_table(bad: Any) -> None:
    text = (
        r"X is a \w+, but numbers in rows and columns are expected: give a NumPy arra"
    )
    with pytest.raises(TypeError, match=text):
        numbers(bad)
