"""checks.py: new rows that contradict those of training."""

import datetime as dt

import pandas as pd
import pytest

from ranvier.reading.decisions import Reading

SEOUL = dt.timezone(dt.timedelta(hours=9))


def read_of(**columns: list[object]) -> Reading:
    return Reading.fit(pd.DataFrame(columns))[0]


def test_a_thousandth_of_whole_numbers() -> None:
    reading = read_of(people=[91420, 2677, 297])
    reading.apply(pd.DataFrame({"people": [105000, 3]}))
    reading.apply(pd.DataFrame({"people": [50.5, 3]}))
    with pytest.raises(ValueError, match=r"holds 91\.42 in row 1 .*, a thousandth "):
        reading.apply(pd.DataFrame({"people": [None, 91.42, 2.677]}))


def test_texts_with_a_point_between_thousands() -> None:
    reading = read_of(people=["91420", "2677", "297"])
    assert reading.apply(pd.DataFrame({"people": ["91.5"]}))["people"].tolist() == [
        91.5
    ]
    with pytest.raises(ValueError, match=r"holds '91\.420' in row 1 .*--thousands \."):
        reading.apply(pd.DataFrame({"people": ["297", "91.420"]}))


def test_a_thousandfold() -> None:
    reading = read_of(rate=[1.25, 9.5])
    reading.apply(pd.DataFrame({"rate": [1e9, 2.5]}))
    with pytest.raises(
        ValueError, match=r"holds 4250 in row 0 .*, a thousand times the"
    ):
        reading.apply(pd.DataFrame({"rate": [4250, 3000]}))


def test_times_with_and_without_a_zone() -> None:
    local, zoned = dt.datetime(2024, 1, 2, 3), dt.datetime(2024, 1, 2, 3, tzinfo=SEOUL)
    with pytest.raises(
        ValueError, match=r"had no zone in training, and row 0 .* has one"
    ):
        read_of(t=[local]).apply(pd.DataFrame({"t": [zoned]}))
    with pytest.raises(
        ValueError, match=r"had a zone in training, and row 0 .* has none"
    ):
        read_of(t=[zoned]).apply(pd.DataFrame({"t": [local]}))
    read_of(t=[zoned]).apply(
        pd.DataFrame({"t": pd.Series([None], dtype="datetime64[us]")})
    )
