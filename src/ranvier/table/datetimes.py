"""Texts that hold dates: their order, time and zone, found from a whole column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields
from ranvier.table.numbers import is_placeholder, plain

ORDERS = ("YMD", "MDY", "DMY")
ORDER_NAMES = {"YMD": "year first", "MDY": "month first", "DMY": "day first"}
_BY_USE = ("DMY", "MDY", "YMD")  # which one to offer
BULK, STRAY_TEXTS = 0.99, 5  # as for numbers
PIVOT = 1969  # two-digit years lie within a century from here, as in POSIX

Dates = NDArray[np.datetime64]

_NAMES = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
]  # fmt: skip
_MONTHS = {name: month for month, name in enumerate(_NAMES, 1)}
_MONTHS |= {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_BETWEEN = r"\s*(?:[-/.]|년|年)\s*"
_DATE = rf"""(?:
    (?P<a>\d{{1,4}}){_BETWEEN}(?P<b>\d{{1,2}})\s*(?:[-/.]|월|月)\s*(?P<c>\d{{1,4}})\s*
        (?:일|日|\.)?
    |(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-\s./]*(?P<name>[a-zäé]{{3,9}})\.?[-\s,./]*
        (?P<year>\d{{4}}|\d{{2}})
    |(?P<name2>[a-zäé]{{3,9}})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}})
    |(?P<year3>\d{{4}})[-\s](?P<name3>[a-zäé]{{3,9}})[-\s](?P<day3>\d{{1,2}})
    |(?P<year4>\d{{4}})(?:[-/]|년\s*|年)(?P<month4>\d{{1,2}})(?:월|月)?
    |(?P<year5>\d{{4}})(?:년)?[-/\s]?(?:q(?P<quarter5>[1-4])|(?P<quarter6>[1-4])분기)
    |q(?P<quarter7>[1-4])[-/\s]?(?P<year7>\d{{4}}))"""
_TIME = r"""(?:(?:t|\s|,\s|\s?\()\s*
    (?P<half>am|pm|오전|오후)?\s*(?P<hour>\d{1,2})[:시]\s*(?P<minute>[0-5]\d)분?
    (?:[:\s]\s*(?P<second>[0-5]\d)초?(?:[.,](?P<fraction>\d{1,9}))?)?
    \s*(?P<half2>[ap]\.?m\.?)?
    \s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"""
_TEXT = re.compile(_WEEKDAY + _DATE + _TIME, re.VERBOSE | re.IGNORECASE)


@dataclass(frozen=True)
class DateFormat:
    """How the texts of one column are read as dates.

    Parameters
    ----------
    order
        Of numbers in a date: "YMD", "MDY" or "DMY".
    zoned
        Whether the texts name their zone; such times are taken to UTC.
    pivot
        The earliest of the hundred years that two digits can mean.
    pattern
        What the user gave instead, as for `datetime.strptime`; "" if nothing.
    missing
        The texts that stand for no date.
    """

    order: str = "YMD"
    zoned: bool = False
    pivot: int = PIVOT
    pattern: str = ""
    missing: tuple[str, ...] = ()

    def parse(self, texts: Sequence[str]) -> Dates:
        """Return the dates of texts, (n,), NaT where one cannot be read this way."""
        if self.pattern:
            return np.array(
                [self._by_pattern(text) for text in texts], "datetime64[us]"
            )
        parsed = _Parsed.of(texts)
        dates = parsed.dates(self.order, self.pivot)
        dates[parsed.zoned != self.zoned] = np.datetime64("NaT")
        return dates

    def is_missing(self, text: str) -> bool:
        """Say whether a text stands for no date."""
        return text in self.missing or is_placeholder(text)

    def _by_pattern(self, text: str) -> np.datetime64:
        try:
            date = datetime.strptime(plain(text), self.pattern)
        except ValueError:
            return np.datetime64("NaT")
        if date.tzinfo is not None:
            date = date.astimezone(UTC).replace(tzinfo=None)
        return np.datetime64(date, "us")

    def describe(self) -> dict[str, Any]:
        """Return the format as plain JSON."""
        return asdict(self) | {"missing": list(self.missing)}

    @classmethod
    def read(cls, described: Any, where: str) -> DateFormat:
        """Rebuild a format from what `describe` returned."""
        keys = ["order", "zoned", "pivot", "pattern", "missing"]
        fields = JsonFields(described, where, keys)
        return cls(
            fields.choice("order", ORDERS),
            fields.item("zoned") is True,
            fields.count("pivot"),
            fields.text("pattern"),
            fields.texts("missing"),
        )


class DateGuess(NamedTuple):
    """What a column's texts say about how they are to be read.

    ``other`` is another order in which they could be read, "" if there is none;
    ``proven`` the order of day and month that they prove, None if they prove none.
    """

    format: DateFormat
    other: str
    proven: str | None
    strays: int


def guess_dates(
    counts: Mapping[str, int], *, pattern: str = "", prefer: str | None = None
) -> DateGuess | None:
    """Find how a column's texts are read as dates; None if they are none.

    Parameters
    ----------
    counts
        Rows of each different text.
    pattern
        A format that the user has named, as for `datetime.strptime`.
    prefer
        The order of a column that proves none, such as 3/4/2024 throughout.
    """
    signs = [text for text in counts if is_placeholder(text)]
    texts = [text for text in counts if not is_placeholder(text)]
    if not texts:
        return None
    rows = np.array([counts[text] for text in texts])
    if pattern:
        own = DateFormat(pattern=pattern)
        return _judged(own, own.parse(texts), texts, signs, rows)
    if not _TEXT.fullmatch(plain(texts[0])) and not _TEXT.fullmatch(plain(texts[-1])):
        return None
    parsed = _Parsed.of(texts)
    if not parsed.found.any():
        return None
    pivot = _pivot_of(parsed)
    zoned = bool(parsed.zoned[parsed.found].mean() > 0.5)
    dates = {order: parsed.dates(order, pivot) for order in ORDERS}
    valid = {order: int(rows[~np.isnat(d)].sum()) for order, d in dates.items()}
    most = max(valid.values())
    best = [order for order in ORDERS if valid[order] == most]
    rivals = [o for o in best if not _equal(dates[o], dates[best[0]])]
    if rivals and prefer in best:
        order = str(prefer)
    elif rivals:
        order = parsed.likely(best)
    else:
        order = best[0]
    own = DateFormat(order, zoned, pivot)
    wrong_zone = parsed.zoned != zoned
    dates[order][wrong_zone] = np.datetime64("NaT")
    judged = _judged(own, dates[order], texts, signs, rows)
    if judged is None:
        return None
    certain = order if not rivals and len(best) == 1 and order != "YMD" else None
    different = [o for o in best if not _equal(dates[o], dates[order])]
    other = min(different, key=_BY_USE.index) if rivals else ""
    return judged._replace(other=other, proven=certain)


def looks_like_dates(counts: Mapping[str, int]) -> bool:
    """Say whether most texts have the shape of a date, whatever their order."""
    total = sum(counts.values())
    shaped = sum(n for text, n in counts.items() if _TEXT.fullmatch(plain(text)))
    return total > 0 and shaped > 0.5 * total


def _judged(
    own: DateFormat,
    dates: Dates,
    texts: list[str],
    signs: list[str],
    rows: NDArray[Any],
) -> DateGuess | None:
    """Return the guess if nearly all texts can be read by a format."""
    unread = np.isnat(dates)
    strays = [text for text, is_unread in zip(texts, unread, strict=True) if is_unread]
    n_strays = int(rows[unread].sum())
    if n_strays > (1 - BULK) * rows.sum() or len(strays) > STRAY_TEXTS:
        return None
    own = replace(own, missing=tuple(sorted({*signs, *strays})))
    return DateGuess(own, "", None, n_strays)


class _Parsed(NamedTuple):
    """Texts of dates cut into numbers.

    ``numbers`` and ``digits`` (how long each number is) are (n, 3), in the order as
    written; for ``named`` months they are year, month and day.
    """

    found: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    digits: NDArray[np.int64]
    named: NDArray[np.bool_]
    microseconds: NDArray[np.int64]
    zoned: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Parsed:
        """Cut each text into its numbers."""
        n = len(texts)
        parsed = cls(
            np.zeros(n, bool), np.zeros((n, 3), np.int64), np.zeros((n, 3), np.int64),
            np.zeros(n, bool), np.zeros(n, np.int64), np.zeros(n, bool),
        )  # fmt: skip
        for row, text in enumerate(texts):
            match = _TEXT.fullmatch(plain(text))
            if match is None:
                continue
            numbers, named = _numbers_of(match)
            if numbers is None or (time := _time_of(match)) is None:
                continue
            parsed.found[row] = True
            parsed.numbers[row] = [int(number) for number in numbers]
            parsed.digits[row] = [len(number) for number in numbers]
            parsed.named[row] = named
            parsed.microseconds[row] = time
            parsed.zoned[row] = match["zone"] is not None
        return parsed

    def dates(self, order: str, pivot: int) -> Dates:
        """Return dates whose numbers stand in an order; NaT where they cannot."""
        at = [order.index(part) for part in "YMD"]
        ymd, digits = self.numbers[:, at].copy(), self.digits[:, at].copy()
        # Named months, and four digits in front, say themselves what they are.
        fixed = self.named | (self.digits[:, 0] == 4)
        ymd[fixed], digits[fixed] = self.numbers[fixed], self.digits[fixed]
        year, month, day = ymd.T.copy()
        two = digits[:, 0] <= 2
        century = pivot - pivot % 100 + year
        year = np.where(two, np.where(century < pivot, century + 100, century), year)
        valid = self.found & (digits[:, 0] != 1) & (digits[:, 0] != 3)
        valid &= (month >= 1) & (month <= 12) & (day >= 1) & (digits[:, 2] <= 2)
        month, year = np.where(valid, month, 1), np.where(valid, year, 1970)
        months = (year - 1970) * 12 + month - 1
        first = months.astype("datetime64[M]")
        length = (first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")
        valid &= day <= length.astype(np.int64)
        days = np.where(valid, day - 1, 0).astype("timedelta64[D]")
        time = self.microseconds.astype("timedelta64[us]")
        result: Dates = first.astype("datetime64[D]") + days + time
        result[~valid] = np.datetime64("NaT")
        return result

    def likely(self, orders: Sequence[str]) -> str:
        """Choose between orders that all fit: by where the days and the years vary."""
        free = self.found & ~self.named & (self.digits[:, 0] != 4)
        numbers = self.numbers[free]
        # The first of each month: what is always 1 is the day.
        constant = (numbers == 1).all(axis=0)
        if constant.any() and not constant.all():
            for order in orders:
                if constant[order.index("D")]:
                    return order
        # Of two-digit parts, the years have the fewest distinct values.
        distinct = [len(np.unique(column)) for column in numbers.T]
        fewest = min(distinct[order.index("Y")] for order in orders)
        orders = [o for o in orders if distinct[o.index("Y")] == fewest]
        return orders[0] if orders[0] != "YMD" or len(orders) == 1 else orders[1]


def _numbers_of(match: re.Match[str]) -> tuple[Sequence[str] | None, bool]:
    """Return three numbers as written, or year, month and day where these are certain.

    A month begins on its first day, a quarter on that of its first month.
    """
    if match["a"] is not None:
        return (match["a"], match["b"], match["c"]), False
    if match["year4"] is not None:
        return (match["year4"], match["month4"], "1"), True
    if (year := match["year5"] or match["year7"]) is not None:
        quarter = match["quarter5"] or match["quarter6"] or match["quarter7"]
        return (year, str(3 * int(quarter) - 2), "1"), True
    suffix = "" if match["day"] else "2" if match["day2"] else "3"
    month = _MONTHS.get(match[f"name{suffix}"][:3].lower())
    if month is None:
        return None, False
    return (match[f"year{suffix}"], str(month), match[f"day{suffix}"]), True


def _time_of(match: re.Match[str]) -> int | None:
    """Return the time of day in UTC, in microseconds; None for one that is none."""
    if match["hour"] is None:
        return 0
    hour, half = int(match["hour"]), (match["half"] or match["half2"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "오후" or half.startswith("p"))
    if hour > 24 or (hour == 24 and int(match["minute"])):
        return None
    seconds = hour * 3600 + int(match["minute"]) * 60 + int(match["second"] or 0)
    fraction = int((match["fraction"] or "0").ljust(6, "0")[:6])
    zone = (match["zone"] or "").replace(":", "")
    if zone[:1] in ("+", "-") and zone:
        offset = int(zone[1:3]) * 3600 + int(zone[3:5] or 0) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds * 1_000_000 + fraction


def _pivot_of(parsed: _Parsed) -> int:
    """Take two-digit years for those nearest to the four-digit ones."""
    digits, numbers = parsed.digits[parsed.found], parsed.numbers[parsed.found]
    four = digits == 4
    both = four.any() and not four.any(axis=1).all()
    return int(np.median(numbers[four])) - 50 if both else PIVOT


def _equal(first: Dates, second: Dates) -> bool:
    same = (first == second) | (np.isnat(first) & np.isnat(second))
    return bool(same.all())
