"""plain.py: what Arrow reads without a guess, and what it leaves."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from ranvier.reading.plain import read_plain


def plain(*texts: str | None) -> list[Any] | None:
    found = read_plain(pa.chunked_array([pa.array(texts, pa.string())]))
    return None if found is None else found.column.to_pylist()


def test_numbers_and_dates() -> None:
    assert plain("1", None, "-2") == [1, None, -2]
    assert plain("1", "2.5", "1e3", "") == [1.0, 2.5, 1000.0, None]
    assert plain("2024-01-02", None) == [dt.date(2024, 1, 2), None]
    assert plain("2024-01-02T03:04", "2024-01-02 03:04:05.5") == [
        dt.datetime(2024, 1, 2, 3, 4),
        dt.datetime(2024, 1, 2, 3, 4, 5, 500_000),
    ]
    zoned = plain("2024-01-02T09:00:00+09:00", "2024-01-02T00:00:00Z")
    assert zoned == [dt.datetime(2024, 1, 2, tzinfo=dt.UTC)] * 2


def test_signs_of_missing_values_are_counted() -> None:
    column = pa.chunked_array([["1.5", "NA", "n/a", None], ["2.5", "NA", "", "2"]])
    found = read_plain(column)
    assert found is not None
    assert found.column.to_pylist() == [1.5, None, None, None, 2.5, None, None, 2.0]
    assert found.texts_missing == (("NA", 2), ("n/a", 1))


@pytest.mark.parametrize(
    "texts",
    [
        ["007", "10"], ["1", "x"], ["1,5"], ["91.420", "2.677"], ["2024-02-30"],
        ["18/03/2024"], ["98765432109876543210", "1"], ["true"], ["NA"], [None], [],
        ["2024-01-02T03:04", "2024-01-02T03:04Z"],
    ],
)  # fmt: skip
def test_what_is_left(texts: list[str | None]) -> None:
    assert plain(*texts) is None


def test_a_late_text_is_seen() -> None:
    assert plain(*["1"] * 1000, "x") is None
    assert plain(*["1"] * 1000, "01") is None
    assert plain(*["2024-01-02"] * 1000, "2024-01-02T03:04") is None
    assert plain(*[None] * 1000, "2") == [None] * 1000 + [2]
