"""values.py: every type of column of every library becomes one of three arrays."""

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.values import (
    Values,
    as_categories,
    number_text,
    parse_number,
    values_of,
    without_missing_markers,
)

NAN = float("nan")
DAY = dt.date(2024, 2, 29)
NOON = dt.datetime(2024, 2, 29, 12)
SEOUL = dt.timezone(dt.timedelta(hours=9))


def plain(values: Values) -> tuple[str, str, list[Any]]:
    """Return what a test compares: kind, form, values with None for missing."""
    data = values.data.tolist()
    if values.kind == "number":
        data = [None if v != v else v for v in data]
    return values.kind, values.form, data


NUMBERS = [
    ([1, None, 3], "integer", [1, None, 3]),
    ([1.5, None], "float", [1.5, None]),
    ([True, None, False], "boolean", [1, None, 0]),
    ([decimal.Decimal("1.50"), None], "float", [1.5, None]),
]


@pytest.mark.parametrize(("given", "form", "expected"), NUMBERS)
@pytest.mark.parametrize(
    "make",
    [
        list,
        lambda v: pl.Series("x", v),
        lambda v: pa.chunked_array([v]),
        lambda v: pd.Series(v, dtype=object),
        lambda v: pd.Series(v, dtype=pd.ArrowDtype(pa.array(v).type)),
    ],
    ids=["list", "polars", "arrow", "pandas objects", "pandas arrow"],
)
def test_numbers(make: Any, given: list[Any], form: str, expected: list[Any]) -> None:
    assert plain(values_of(make(given))) == ("number", form, expected)


@pytest.mark.parametrize(
    ("series", "form", "expected"),
    [
        (pd.Series([1, None], dtype="Int64"), "integer", [1, None]),
        (pd.Series([True, None], dtype="boolean"), "boolean", [1, None]),
        (pd.Series([1, 2], dtype="uint8"), "integer", [1, 2]),
        (pd.Series([1.5, NAN], dtype="float32"), "float", [1.5, None]),
        (pl.Series([1.5, NAN, None]), "float", [1.5, None, None]),
        (pd.Series([True, False]), "boolean", [1, 0]),
        (np.array([1, 2], dtype=np.int32), "integer", [1, 2]),
        (np.array([[1.0], [NAN]]), "float", [1, None]),
        (np.array([True, False]), "boolean", [1, 0]),
        ([1, 2.5, None], "float", [1, 2.5, None]),
        ([dt.time(1, 30), None], "float", [5400, None]),
        (pl.Series([dt.time(1, 30), None]), "float", [5400, None]),
        (pl.Series([dt.timedelta(seconds=3), None]), "float", [3, None]),
        (pd.Series([dt.timedelta(days=1), None]), "float", [86400, None]),
        ([10**400, -(10**400)], "integer", [np.inf, -np.inf]),
    ],
)
def test_other_numbers(series: Any, form: str, expected: list[Any]) -> None:
    assert plain(values_of(series)) == ("number", form, expected)


@pytest.mark.parametrize(
    "series",
    [
        ["a", None, "나"],
        np.array(["a", None, "나"], dtype=object),
        pd.Series(["a", None, "나"]),
        pd.Series(["a", NAN, "나"], dtype=object),
        pd.Series(["a", None, "나"], dtype="string"),
        pd.Series(["a", None, "나"], dtype="category"),
        pd.Series(["a", None, "나"], dtype=pd.ArrowDtype(pa.string())),
        pl.Series(["a", None, "나"]),
        pl.Series(["a", None, "나"], dtype=pl.Categorical),
        pl.Series(["a", None, "나"], dtype=pl.Enum(["나", "a"])),
        pa.chunked_array([["a", None], ["나"]]),
        pa.chunked_array([pa.array(["a", None, "나"]).dictionary_encode()]),
    ],
)
def test_texts(series: Any) -> None:
    values = values_of(series)
    assert values.kind == "text"
    assert values.data.tolist() == ["a", None, "나"]
    assert values.missing.tolist() == [False, True, False]


def test_declared_categories_are_texts() -> None:
    for series in (
        pd.Series(pd.Categorical([1, None, 2])),
        pa.chunked_array([pa.array([1, None, 2]).dictionary_encode()]),
    ):
        values = values_of(series)
        assert values.declared
        assert (values.kind, values.data.tolist()) == ("text", ["1", None, "2"])


def test_mixed_objects_are_texts() -> None:
    assert plain(values_of([1, "a", 2.0, None, True, 2.5])) == (
        "text",
        "float",
        ["1", "a", "2", None, "True", "2.5"],
    )


def test_fixed_width_texts_keep_nothing_else() -> None:
    assert values_of(np.array(["ab", "c"])).data.tolist() == ["ab", "c"]


@pytest.mark.parametrize(
    "series",
    [
        [NOON, None],
        [pd.Timestamp(NOON), pd.NaT],
        [NOON.replace(tzinfo=dt.UTC).astimezone(SEOUL), None],
        np.array([NOON, "NaT"], dtype="datetime64[s]"),
        pd.Series([NOON, None]),
        pd.Series([NOON, None]).dt.tz_localize("UTC").dt.tz_convert("Asia/Seoul"),
        pl.Series([NOON, None]),
        pl.Series([NOON, None]).dt.replace_time_zone("UTC"),
        pa.chunked_array([pa.array([NOON, None], pa.timestamp("ns"))]),
        pa.chunked_array([pa.array([NOON, None], pa.timestamp("us", "Asia/Seoul"))]),
    ],
)
def test_dates(series: Any) -> None:
    values = values_of(series)
    assert values.kind == "date"
    assert values.data.dtype == "datetime64[us]"
    assert values.data.tolist() == [NOON, None]
    assert values.missing.tolist() == [False, True]


def test_days() -> None:
    midnight = dt.datetime(2024, 2, 29)
    for series in (
        [DAY, None],
        pl.Series([DAY, None]),
        pa.chunked_array([[DAY, None]]),
    ):
        assert values_of(series).data.tolist() == [midnight, None]


@pytest.mark.parametrize(
    "series",
    [
        [],
        [None, NAN],
        [pd.NA, pd.NaT],
        np.array([NAN, NAN]),
        np.array(["NaT"], dtype="datetime64[s]"),
        pd.Series([None, None]),
        pd.Series([NAN], dtype="category"),
        pl.Series([None, None]),
        pa.chunked_array([pa.nulls(3)]),
        pa.chunked_array([pa.array([None], pa.list_(pa.int8()))]),
    ],
)
def test_empty(series: Any) -> None:
    values = values_of(series)
    assert values.kind == "empty"
    assert values.missing.all()


@pytest.mark.parametrize(
    ("series", "found"),
    [
        ([[1], [2]], "list"),
        ([b"\xff"], "bytes"),
        ([1j], "complex"),
        (np.array([1j]), "complex128"),
        (pl.Series([[1], [2]]), "list"),
        (pl.Series([{"a": 1}]), "struct"),
        (pl.Series([b"\xff"]), "bytes"),
        (pa.chunked_array([[{"a": 1}]]), "struct"),
        ([{"a": 1}], "dict"),
    ],
)
def test_unusable(series: Any, found: str) -> None:
    values = values_of(series)
    assert values.kind == "unusable"
    assert found in values.found


@pytest.mark.parametrize("column", [1, "text", np.zeros((2, 2)), {"a": 1}])
def test_no_column(column: Any) -> None:
    with pytest.raises(ValueError, match="expected one column"):
        values_of(column)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        (" -2.5 ", -2.5),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-3", 0.001),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("1e999", np.inf),
        ("-Inf", -np.inf),
        ("infinity", np.inf),
        ("", None),
        ("1,23", None),
        ("12,34,567", None),
        ("1 2", None),
        ("0x10", None),
        ("1_000", None),
        ("nan", None),
        ("=1+1", None),
        ("٣", None),
        ("3.", 3),
        (".", None),
        ("1e", None),
    ],
)
def test_parse_number(text: str, number: float | None) -> None:
    assert parse_number(text) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_text_is_exact(number: float) -> None:
    assert parse_number(number_text(number)) == number


def test_number_text_is_short() -> None:
    assert [number_text(x) for x in (1.0, -0.5, 1e308)] == ["1", "-0.5", "1e+308"]


def test_signs_of_no_value_among_texts() -> None:
    found = without_missing_markers(
        values_of(["NA", "Na", "none", "n/a", "N/A", "nan"])
    )
    assert found.data.tolist() == [None, "Na", "none", "n/a", None, None]
    assert without_missing_markers(values_of(["NA", "NaN"])).kind == "empty"
    for column in ([1.0, 2.0], pd.Series(["NA", "b"], dtype="category"), ["a", "b"]):
        values = values_of(column)
        assert without_missing_markers(values) is values


def test_taken_for_categories() -> None:
    numbers = as_categories(values_of([1.0, None, 2.5]), "x")
    assert (numbers.kind, numbers.declared) == ("text", True)
    assert numbers.data.tolist() == ["1", None, "2.5"]
    assert as_categories(values_of([True, False]), "x").data.tolist() == [
        "true",
        "false",
    ]
    texts = as_categories(values_of(["007", "NA"]), "x")
    assert texts.data.tolist() == ["007", None]
    for dates, held in (
        (values_of([dt.date(2024, 1, 1)]), "dates"),
        (values_of([[1]]), "list"),
    ):
        with pytest.raises(ValueError, match=f"'x' was to be read.*{held}"):
            as_categories(dates, "x")


WIDE = [10300000000003004, 10300000000002003, 10300000000002004]


@pytest.mark.parametrize(
    "column",
    [
        WIDE, np.array(WIDE), pd.Series(WIDE), pl.Series(WIDE),
        pa.chunked_array([WIDE]),
        pd.Series([*WIDE, None], dtype="Int64"), pl.Series([*WIDE, None]),
        np.array(WIDE, dtype=object),
    ],
)  # fmt: skip
def test_integers_that_floats_cannot_hold_keep_their_digits(column: Any) -> None:
    values = values_of(column)
    assert (values.kind, values.form) == ("text", "integer")
    texts = [str(integer) for integer in WIDE]
    assert [text for text in values.data if text is not None] == texts


def test_bytes_periods_and_intervals() -> None:
    for column in ([b"a", None], pl.Series([b"a", None]), np.array([b"a", b""])):
        assert values_of(column).data[0] == "a"
    periods = pd.Series(pd.period_range("2024-01", periods=2, freq="M"))
    assert values_of(periods).data.astype("datetime64[M]").astype(str).tolist() == [
        "2024-01",
        "2024-02",
    ]
    intervals = pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 2]))
    assert values_of(intervals).data.tolist() == ["(0, 1]", "(1, 2]"]
    wide = values_of(pl.Series([1, None], dtype=pl.Int128))
    np.testing.assert_array_equal(wide.data, [1, np.nan])
