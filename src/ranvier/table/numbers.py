"""Texts that hold numbers: their marks, units and signs, found from a whole column."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from ranvier.table.json_fields import JsonFields
from ranvier.table.values import NO_VALUE

SIGNS = {
    "\u2212": "-", "\u2013": "-", "\uff0d": "-", "\uff0b": "+", "\uff0e": ".",
    "\uff0c": ",", "\uff05": "%", "\uff08": "(", "\uff09": ")", "\u2019": "'",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u3000": " ",
    "\uffe6": "\u20a9", "\uff04": "$", "\uffe5": "\u00a5",
}  # fmt: skip
_PLAIN = str.maketrans(SIGNS | {chr(0xFF10 + digit): str(digit) for digit in range(10)})
MAGNITUDES = {
    "k": 1e3, "K": 1e3, "M": 1e6, "Mio": 1e6, "Mio.": 1e6, "mn": 1e6, "million": 1e6,
    "B": 1e9, "bn": 1e9, "Mrd": 1e9, "Mrd.": 1e9, "billion": 1e9, "T": 1e12,
    "천": 1e3, "만": 1e4, "백만": 1e6, "억": 1e8, "조": 1e12, "万": 1e4, "億": 1e8,
}  # fmt: skip
# What spreadsheets write for a number that cannot be computed.
_ERRORS = ["#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "n.a."]
MISSING = NO_VALUE.union(_ERRORS)
# What statistical offices write behind a number: provisional, estimated, revised.
FLAGS = frozenset([*"perbudfscnizv", "*", "**", "†", "‡", "^", "#", "!"])
FOOTNOTE = re.compile(r"\[\w{1,3}\]|\([^\W\d_]{1,12}\.?\)")  # [1], [a], (est.)
_CURRENCY = (
    r"(?:[A-Z]{0,3}[$€£¥₩₹₽₺₫₱₦₴₸₪฿¢]|(?:USD|EUR|GBP|JPY|KRW|CNY|CHF|CAD|AUD|INR|SEK|NOK"
    r"|DKK|PLN|CZK|HUF|BRL|Rs\.?|kr\.?|RM|zł|~|≈))"
)
NUMBER = re.compile(
    rf"""(?P<open>\()?\s*
    (?P<bound>[<>≤≥]=?)?\s*
    (?P<sign>[+-])?\s*
    (?P<prefix>{_CURRENCY})?\s*
    (?P<inner>[+-])?
    (?P<body>\d+(?:[.,'\ ]\d+)*[.,]?|[.,]\d+)
    (?P<power>[eE][+-]?\d+)?
    \s*(?P<suffix>-|[^\w\s.,'()<>=~:;/+\-]{{1,3}}[^\W\d]{{0,2}}|\+
        |[^\W\d_][^\s()\d]{{0,14}}\d?(?:/[^\s()]{{1,6}})?(?:\s[^\d\s(),.]{{1,10}})?
        |{FOOTNOTE.pattern})?
    \s*(?(open)\))""",
    re.VERBOSE,
)
_CLOCK = re.compile(
    r"([+-]?)(?:(\d+)\s+days?,?\s+)?(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?"
)
_ISO_DURATION = re.compile(
    r"([+-]?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class NumberFormat:
    """How the texts of one column are read as numbers.

    Parameters
    ----------
    decimal, thousands
        The mark before the decimals, and between groups of three digits.
    units
        What stands before or after the digits and is taken off: "$", "kg", "%".
    scaled
        Whether k, M, 만 and their like multiply the number.
    clock
        Whether the texts are durations such as 30:15:05, read in seconds.
    missing
        The texts that stand for no value.
    """

    decimal: str = "."
    thousands: str = ","
    units: tuple[str, ...] = ()
    scaled: bool = False
    clock: bool = False
    missing: tuple[str, ...] = ()

    def parse(self, text: str) -> float | None:
        """Return the number of one text; None where it cannot be read this way."""
        text = plain(text)
        if self.clock:
            return seconds(text)
        match = NUMBER.fullmatch(text)
        return infinite(text) if match is None else self.of_match(match)

    def of_match(self, match: re.Match[str]) -> float | None:
        """Return the number of one text that has the shape of a number."""
        number = value(match["body"], self.decimal, self.thousands)
        if number is None:
            return None
        size = float(number + (match["power"] or ""))
        suffix = match["suffix"] or ""
        if match["prefix"] and match["prefix"] not in self.units:
            return None
        if suffix and suffix != "-" and suffix not in self.units:
            factor, rest = magnitude(suffix) if self.scaled else (None, "")
            if factor is None or (rest and rest not in self.units):
                return None
            size *= factor
        negative = "-" in (match["sign"], match["inner"], suffix) or match["open"]
        return -size if negative else size

    def is_missing(self, text: str) -> bool:
        """Say whether a text stands for no value."""
        return text in self.missing or is_placeholder(text)

    def describe(self) -> dict[str, Any]:
        """Return the format as plain JSON."""
        return asdict(self) | {
            "units": list(self.units),
            "missing": list(self.missing),
        }

    @classmethod
    def read(cls, described: Any, where: str) -> NumberFormat:
        """Rebuild a format from what `describe` returned."""
        keys = ["decimal", "thousands", "units", "scaled", "clock", "missing"]
        fields = JsonFields(described, where, keys)
        return cls(
            fields.choice("decimal", [".", ","]),
            fields.choice("thousands", ["", ".", ",", "'", " "]),
            fields.texts("units"),
            fields.item("scaled") is True,
            fields.item("clock") is True,
            fields.texts("missing"),
        )


def plain(text: str) -> str:
    """Write digits, signs and spaces of any script as ASCII has them."""
    return (text if text.isascii() else text.translate(_PLAIN)).strip()


def is_placeholder(text: str) -> bool:
    """Say whether a text is a usual sign of a missing number, or holds no letter."""
    stripped = text.strip().lower()
    return stripped in MISSING or not any(map(str.isalnum, stripped))


def infinite(text: str) -> float | None:
    """Read inf and infinity, which are then refused by name; None of other texts."""
    words = {"inf", "infinity"}
    known = text.lower().lstrip("+-") in words
    return (float("-inf") if text.startswith("-") else float("inf")) if known else None


def value(body: str, decimal: str, thousands: str) -> str | None:
    """Write digits and marks as Python reads them; None where the marks do not fit."""
    whole, found, fraction = body.partition(decimal)
    if decimal in fraction or (fraction and not fraction.isdigit()):
        return None
    if whole and not whole.isdigit():
        groups = whole.split(thousands) if thousands else [whole]
        lengths = [len(group) for group in groups]
        western = all(n == 3 for n in lengths[1:]) and 1 <= lengths[0] <= 3
        indian = lengths[-1] == 3 and all(n == 2 for n in lengths[1:-1])
        indian = indian and thousands == "," and 1 <= lengths[0] <= 2
        if not (western or indian) or not "".join(groups).isdigit():
            return None
        if whole.startswith("0"):
            return None
        whole = "".join(groups)
    return f"{whole or '0'}.{fraction or '0'}" if found else whole


def seconds(text: str) -> float | None:
    """Read 30:15:05, 12:30 (hours and minutes), 2 days 01:00:00 or PT5H in seconds."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        match = _ISO_DURATION.fullmatch(text) if text[-1:] in "DHMS" else None
        if match is None:
            return None
    sign, *parts = match.groups()
    days, hours, minutes, rest = (float(part or 0) for part in parts)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    return -total if sign == "-" else total


def is_flag(suffix: str) -> bool:
    """Say whether a suffix is a remark, such as provisional, and no unit."""
    return suffix in FLAGS or FOOTNOTE.fullmatch(suffix) is not None


def magnitude(suffix: str) -> tuple[float | None, str]:
    """Return the factor that a suffix stands for, and the unit behind it."""
    if suffix in MAGNITUDES:
        return MAGNITUDES[suffix], ""
    first, _, rest = suffix.partition(" ")
    if first in MAGNITUDES:
        return MAGNITUDES[first], rest
    for sign in ("백만", "천", "만", "억", "조", "万", "億"):
        if suffix.startswith(sign):
            return MAGNITUDES[sign], suffix[len(sign) :].strip()
    return None, suffix
