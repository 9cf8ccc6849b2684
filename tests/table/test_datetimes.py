from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import pytest

from ranvier.table.datetimes import DateFormat, guess_dates, looks_like_dates

MOMENTS = [
    datetime(2010, 1, 2) + timedelta(days=37 * i, hours=i % 24) for i in range(90)
]
DAYS = [moment.replace(hour=0) for moment in MOMENTS]


@pytest.mark.parametrize(
    "pattern",
    [
        "%m/%d/%Y", "%d/%m/%Y", "%Y.%m.%d", "%d-%b-%Y", "%d-%b-%y", "%Y년 %m월 %d일",
        "%B %d, %Y", "%d.%m.%y", "%y-%m-%d", "%m/%d/%y", "%Y. %m. %d.", "%Y/%m/%d",
        "%d %B %Y", "%Y-%b-%d",
    ],
)  # fmt: skip
def test_each_form_of_a_day(pattern: str) -> None:
    texts = [day.strftime(pattern) for day in DAYS]
    guess = guess_dates(Counter(texts))
    assert guess is not None
    assert guess.format.parse(texts).tolist() == DAYS


@pytest.mark.parametrize(
    "pattern",
    [
        "%m/%d/%Y %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M:%S",
        "%m/%d/%Y %I:%M %p", "%a, %d %b %Y %H:%M:%S +0000",
        "%Y-%m-%d %H:%M:%S.%f", "%Y년 %m월 %d일 %H시 %M분",
    ],
)  # fmt: skip
def test_each_form_of_a_time(pattern: str) -> None:
    texts = [moment.strftime(pattern) for moment in MOMENTS]
    guess = guess_dates(Counter(texts))
    assert guess is not None
    assert guess.format.parse(texts).tolist() == MOMENTS


def test_zones_are_taken_to_utc_and_local_times_are_not_mixed_with_them() -> None:
    guess = guess_dates({"2024-03-18 09:00+09:00": 1, "2024-03-18T01:00:00Z": 1})
    assert guess is not None
    assert guess.format.zoned
    dates = guess.format.parse(["2024-03-18 09:00:00+09:00", "2024-03-18 09:00"])
    assert dates[0] == np.datetime64("2024-03-18T00:00")
    assert np.isnat(dates[1])


def test_month_and_day_are_never_swapped() -> None:
    guess = guess_dates(Counter(["06/22/2023", "07/06/2023", "10/03/2023"]))
    assert guess is not None
    assert (guess.format.order, guess.other, guess.proven) == ("MDY", "", "MDY")
    dates = guess.format.parse(["01/05/2023", "22/06/2023"])
    assert dates[0] == np.datetime64("2023-01-05")
    assert np.isnat(dates[1])


def test_days_up_to_12_are_ambiguous_unless_another_column_tells() -> None:
    texts = Counter(["03/04/2024", "05/06/2024"])
    guess = guess_dates(texts)
    assert guess is not None
    assert (guess.format.order, guess.other) == ("MDY", "DMY")
    guess = guess_dates(texts, prefer="DMY")
    assert guess is not None
    assert guess.format.order == "DMY"
    # The first of each month.
    guess = guess_dates(Counter(["01/03/2024", "01/05/2024"]))
    assert guess is not None
    assert guess.format.order == "DMY"


def test_a_named_pattern_is_followed() -> None:
    guess = guess_dates({"20240318": 2, "-": 1}, pattern="%Y%m%d")
    assert guess is not None
    assert guess.format.parse(["20240318"])[0] == np.datetime64("2024-03-18")
    assert guess.format.missing == ("-",)
    assert guess_dates({"red": 1}, pattern="%Y%m%d") is None


def test_two_digits_mean_the_years_near_those_with_four() -> None:
    guess = guess_dates(Counter(["3/18/1935", "4/20/20", "5/25/09"]))
    assert guess is not None
    years = guess.format.parse(["4/20/20", "5/25/09"]).astype("datetime64[Y]")
    assert years.astype(int).tolist() == [-50, -61]


@pytest.mark.parametrize(
    "texts",
    [
        ["18/03/2024", "03/18/2024"], ["1.5", "2.5"], ["1.2.3", "1.12.4"], ["10.0.0.1"],
        ["010-1234-5678"], ["2024-02-31", "2024-02-30"], ["12:30"], ["red"], ["-"],
    ],
)  # fmt: skip
def test_what_is_no_column_of_dates(texts: list[str]) -> None:
    assert guess_dates(Counter(texts)) is None


def test_a_few_impossible_dates_are_named() -> None:
    texts = Counter({f"2024-02-{day:02}": 20 for day in range(1, 29)})
    guess = guess_dates(texts | {"2024-02-31": 3})
    assert guess is not None
    assert (guess.format.missing, guess.strays) == (("2024-02-31",), 3)


def test_a_format_comes_back_from_json() -> None:
    format = DateFormat("DMY", True, 1950, "", ("-",))
    assert DateFormat.read(format.describe(), "column 'a'") == format
    with pytest.raises(ValueError, match="order is 'MYD'"):
        DateFormat.read(format.describe() | {"order": "MYD"}, "column 'a'")


def test_looks_like_dates() -> None:
    assert looks_like_dates(Counter(["18/03/2024", "03/18/2024", "x"]))
    assert not looks_like_dates({"1.5": 1})


def test_the_other_order_is_one_that_fits() -> None:
    guess = guess_dates(Counter(["29.03.23", "11.04.23", "30.12.23"]))
    assert guess is not None
    assert (guess.format.order, guess.other) == ("DMY", "YMD")


def test_a_quarter_is_its_first_day() -> None:
    texts = ["2000Q1", "2000-Q2", "Q3 2000", "2000년 4분기", "2001 1분기", "2001/q2"]
    expected = ["2000-01", "2000-04", "2000-07", "2000-10", "2001-01", "2001-04"]
    dates = DateFormat().parse(texts).astype("datetime64[M]")
    assert dates.astype(str).tolist() == expected
    assert guess_dates(Counter(texts)) is not None
    assert guess_dates(Counter(["2000Q5", "Q0 2001"])) is None
