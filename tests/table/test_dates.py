"""dates.py: the parts of dates by hand, and dates back from them."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.dates import DATE_PARTS, Date, as_dates, date_parts
from ranvier.table.type_inference import choose_column
from ranvier.table.values import values_of

moments = st.datetimes(dt.datetime(1800, 1, 1), dt.datetime(2200, 1, 1))


def parts(*texts: str) -> dict[str, list[float]]:
    dates = np.array(texts, dtype="datetime64[us]")
    return {
        name: part.tolist()
        for name, part in zip(DATE_PARTS, date_parts(dates), strict=True)
    }


def test_parts_by_hand() -> None:
    # Thursday the 29th of February is the 60th day of the leap year 2024.
    assert parts("2024-02-29T13:30", "1969-12-31") == {
        "elapsed days": [19782 + 13.5 / 24, -1],
        "year": [2024, 1969],
        "month": [2, 12],
        "day of month": [29, 31],
        "day of week": [3, 2],
        "day of year": [60, 365],
        "hour": [13.5, 0],
    }
    assert all(np.isnan(part[0]) for part in parts("NaT").values())


@given(moments)
def test_parts_agree_with_the_calendar(moment: dt.datetime) -> None:
    found = {name: part[0] for name, part in parts(moment.isoformat()).items()}
    assert found["year"] == moment.year
    assert found["month"] == moment.month
    assert found["day of month"] == moment.day
    assert found["day of week"] == moment.weekday()
    assert found["day of year"] == moment.timetuple().tm_yday
    assert found["hour"] == pytest.approx(
        moment.hour + moment.minute / 60 + moment.second / 3600, abs=3e-4
    )


def test_texts() -> None:
    dates = as_dates(values_of(["2024-02-29", None, " 2024-02-29 12:00:00.5 "]))
    assert dates is not None
    assert dates.astype(str).tolist() == [
        "2024-02-29T00:00:00.000000",
        "NaT",
        "2024-02-29T12:00:00.500000",
    ]
    for text in ("2023-02-29", "29.02.2024", "2024-02", "20240229", "today", ""):
        assert as_dates(values_of([text])) is None
    assert as_dates(values_of([1.0])) is None


def column_of(*values: object) -> Date:
    column = choose_column("d", values_of(list(values)))
    assert isinstance(column, Date)
    return column


def test_parts_that_vary() -> None:
    column = column_of(dt.date(2024, 3, 1), dt.date(2024, 3, 8), None)
    varying = [column.part_names[k] for k in column.varying]
    assert varying == ["d: elapsed days", "d: day of month", "d: day of year"]
    parts = column.parts(values_of(["2024-03-08", "2024-03-01", None]))
    day_of_month = parts[column.varying[1]].tolist()
    assert day_of_month[:2] == [8, 1]
    assert np.isnan(day_of_month[2])


def test_refuses_other_kinds() -> None:
    column = column_of(dt.date(2024, 3, 1), dt.date(2024, 3, 8))
    with pytest.raises(
        ValueError, match=r"'d' should hold dates such as .*row 0 .*'x'"
    ):
        column.parts(values_of(["x"]))
    with pytest.raises(ValueError, match="should hold dates"):
        column.parts(values_of([20240301]))
    assert np.isnan(column.parts(values_of([None]))).all()


@given(st.lists(st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)), min_size=2))
def test_days_come_back(days: list[dt.date]) -> None:
    if len(set(days)) > 1:
        column = column_of(*days)
        elapsed = column.parts(values_of(days))[0]
        back = column.from_part(elapsed, np.zeros(len(days), bool))
        assert back.astype("datetime64[D]").tolist() == days


@given(st.lists(st.one_of(st.none(), moments), min_size=2))
def test_times_come_back_to_the_second(times: list[dt.datetime | None]) -> None:
    if len({time for time in times if time}) > 1:
        column = column_of(*times)
        elapsed = column.parts(values_of(times))[0]
        missing = np.isnan(elapsed)
        decoded = column.from_part(np.nan_to_num(elapsed), missing)
        for time, back in zip(times, decoded.tolist(), strict=True):
            assert (time is None) == (back is None)
            assert time is None or abs(time - back) <= dt.timedelta(seconds=1)


def test_signs_of_no_date() -> None:
    dates = as_dates(values_of(["2024-01-01", "NA"]))
    assert dates is not None
    assert np.isnat(dates).tolist() == [False, True]
