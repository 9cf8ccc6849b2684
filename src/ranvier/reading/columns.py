"""How one column of a table is read: what its values are, and in which form."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.datetimes import ORDER_NAMES, ORDERS, DateFormat
from ranvier.table.json_fields import JsonFields
from ranvier.table.numbers import NumberFormat
from ranvier.table.values import Values

Kind = Literal["number", "date", "duration", "boolean", "text", "empty", "other"]

_NINES = re.compile(r"-9|-?99+(\.9+)?")  # what agencies write for a missing number
MOST_SHOWN = 5  # texts that are named in a sentence


@dataclass(frozen=True)
class ColumnReading:
    """What the values of a column are, and how its texts are read.

    Parameters
    ----------
    kind
        What its values are; durations are in seconds.
    numbers, dates
        How texts become numbers (or durations) and dates; None where none have to.
    zoned
        Whether dates name their zone; they are in UTC then.
    low, high
        The least and the greatest value, as text; "" where there is none.
    whole
        Whether all its numbers are whole.
    rows, missing
        Rows in training, and how many of them have no value; both 0 where all have one.
    texts_missing
        Rows of each text that was read as missing.
    ambiguous
        Whether the texts could as well be read another way.
    other_order
        Of ambiguous dates, the other order.
    looks_like
        "numbers" or "dates" where most texts do, though not all are in one form.
    numbers_missing
        Numbers that mean missing, as the user said.
    sentinel
        A number of nines, such as -999, far from all others; "" if there is none.
    sentinel_rows
        How many rows hold it.
    bounds
        How many rows in training held a bound such as <0.05.
    """

    kind: Kind
    numbers: NumberFormat | None = None
    dates: DateFormat | None = None
    zoned: bool = False
    low: str = ""
    high: str = ""
    whole: bool = False
    rows: int = 0
    missing: int = 0
    texts_missing: tuple[tuple[str, int], ...] = ()
    ambiguous: bool = False
    other_order: str = ""
    looks_like: str = ""
    numbers_missing: tuple[float, ...] = ()
    sentinel: str = ""
    sentinel_rows: int = 0
    bounds: int = 0

    @property
    def from_texts(self) -> bool:
        """Whether texts are read as something else."""
        return self.numbers is not None or self.dates is not None

    @property
    def is_plain(self) -> bool:
        """Whether plain numbers and ISO dates mean in it what they say."""
        if self.kind in {"text", "boolean", "empty", "other"}:
            return False
        numbers, dates = self.numbers, self.dates
        if numbers is not None and (numbers.clock or numbers.decimal != "."):
            return False
        return dates is None or not dates.pattern

    def with_formats(self) -> ColumnReading:
        """Return the reading with the plainest form of texts where it names none."""
        if self.from_texts:
            return self
        if self.kind == "date":
            return replace(self, dates=DateFormat(zoned=self.zoned))
        if self.kind in {"number", "duration"}:
            clock = self.kind == "duration"
            return replace(self, numbers=NumberFormat(clock=clock))
        return self

    def measured(self, values: Values) -> ColumnReading:
        """Return the reading with the range and the missing rows of its values."""
        missing = values.missing
        present = values.data[~missing] if missing.any() else values.data
        low, high = bounds(values, present)
        whole = values.kind == "number" and are_whole(present)
        days = whole and not self.from_texts and look_like_days(present[:1000])
        sentinel, sentinel_rows = ("", 0)
        if values.kind == "number":
            sentinel, sentinel_rows = sentinel_of(present, low, high)
        return replace(
            self,
            sentinel=sentinel,
            sentinel_rows=sentinel_rows,
            looks_like="dates" if days else self.looks_like,
            low=low,
            high=high,
            whole=whole,
            rows=len(missing) if missing.any() else 0,
            missing=len(missing) - len(present),
        )

    def sentence(self, name: str) -> str:
        """Say in one line how the column is read."""
        parts = [self.form()]
        if self.low:
            same = self.low == self.high
            parts.append(f"always {self.low}" if same else f"{self.low} to {self.high}")
        if self.missing:
            parts.append(f"{self.missing} of {self.rows} missing")
        if self.texts_missing:
            shown = [f"{text!r} ({n})" for text, n in self.texts_missing[:MOST_SHOWN]]
            more = len(self.texts_missing) - len(shown)
            parts.append(
                f"read as missing: {', '.join(shown)}"
                + f" and {more} more" * (more > 0)
            )
        return f"{name!r}: {', '.join(parts)}"

    def form(self) -> str:
        """Say what the values are."""
        zone = " in UTC" if self.zoned else ""
        if self.dates is not None:
            form = self.dates.pattern or ORDER_NAMES[self.dates.order]
            return f"date{zone} ({form})"
        if self.numbers is None or self.kind == "duration":
            return f"{self.kind}{zone}" + " in seconds" * (self.kind == "duration")
        said = []
        if self.numbers.decimal == ",":
            said.append("decimal comma")
        if self.numbers.units:
            said.append(f"without {listed(self.numbers.units)}")
        return f"number ({', '.join(said)})" if said else "number"

    def notices(self, name: str) -> list[str]:
        """Say what the user should know: what is ambiguous, and what is missing."""
        said = []
        if self.other_order and self.dates is not None:
            other = self.other_order
            said.append(
                f"The dates of {name!r} can be read in more than one order; they are "
                f"read {ORDER_NAMES[self.dates.order]}, {self.low} to {self.high}. If "
                f"that is wrong, give --date-format {other} (date_format={other!r})."
            )
        elif self.ambiguous and self.numbers is not None:
            point = self.numbers.decimal == "."
            other = "," if point else "."
            said.append(
                f"Each mark in the numbers of {name!r} has three digits behind it; it "
                f"is read with {self.numbers.decimal!r} before the decimals, "
                f"{self.low} to {self.high}. If that is wrong, give "
                f"--decimal {other!r} (decimal={other!r})."
            )
        if self.bounds:
            said.append(
                f"{self.bounds} value(s) of {name!r} are bounds, such as <5: they are "
                f"read as that number, and the column '{name} is a bound' marks them."
            )
        if self.sentinel:
            said.append(
                f"{self.sentinel_rows} value(s) of {name!r} are {self.sentinel}, far "
                "from all others: if that means missing, give "
                f"--na {self.sentinel} (na=[{self.sentinel!r}])."
            )
        if self.looks_like == "dates" and self.kind == "number":
            said.append(
                f"The numbers of {name!r} look like dates, {self.low} to {self.high}: "
                f"read them as dates with --date-format {name}=%Y%m%d "
                f"(date_format={{{name!r}: '%Y%m%d'}}), if they are."
            )
        elif self.looks_like:
            option = "--decimal, --thousands" if self.looks_like == "numbers" else ""
            option = option or "--date-format"
            said.append(
                f"Most values of {name!r} look like {self.looks_like}, but not all are "
                f"in one form, so they are read as texts: correct the others, name "
                f"those that mean missing with --na, or give {option}."
            )
        return said

    def describe(self) -> dict[str, Any]:
        """Return the reading as plain JSON, without what is as usual."""
        described = {
            name: getattr(self, name)
            for name, usual in _USUAL.items()
            if getattr(self, name) != usual
        }
        for name in ("numbers", "dates"):
            if name in described:
                described[name] = described[name].describe()
        if self.texts_missing:
            described["texts_missing"] = [list(pair) for pair in self.texts_missing]
        if self.numbers_missing:
            described["numbers_missing"] = list(self.numbers_missing)
        return described if self.kind == "number" else {"kind": self.kind, **described}

    @classmethod
    def read(cls, described: Any, where: str) -> ColumnReading:
        """Rebuild a reading from what `describe` returned."""
        if isinstance(described, dict):
            lists: dict[str, Any] = {"texts_missing": [], "numbers_missing": []}
            described = {"kind": "number", **_USUAL, **lists, **described}
        given = JsonFields(described, where, list(cls.__dataclass_fields__))
        numbers, dates = given.item("numbers"), given.item("dates")
        pairs = given.items("texts_missing")
        whole = all(
            isinstance(pair, list)
            and list(map(type, pair)) == [str, int]
            and pair[1] >= 0
            for pair in pairs
        )
        given.require(whole, "the texts read as missing are no texts with counts")
        kind: Kind = given.choice("kind", get_args(Kind))  # type: ignore[assignment]
        return cls(
            kind,
            None if numbers is None else NumberFormat.read(numbers, where),
            None if dates is None else DateFormat.read(dates, where),
            given.item("zoned") is True,
            given.text("low"),
            given.text("high"),
            given.item("whole") is True,
            given.count("rows"),
            given.count("missing"),
            tuple((text, count) for text, count in pairs),
            given.item("ambiguous") is True,
            given.choice("other_order", ["", *ORDERS]),
            given.choice("looks_like", ["", "numbers", "dates"]),
            given.numbers("numbers_missing"),
            given.text("sentinel"),
            given.count("sentinel_rows"),
            given.count("bounds"),
        )


# What a description need not say.
_USUAL: dict[str, Any] = {
    field.name: field.default for field in fields(ColumnReading) if field.name != "kind"
}


def are_whole(numbers: NDArray[np.float64]) -> bool:
    """Say whether all numbers are whole; of most columns the first ones tell."""
    parts = (numbers[:1000], numbers)
    return all(bool((part == np.floor(part)).all()) for part in parts)


def look_like_days(numbers: NDArray[Any]) -> bool:
    """Say whether whole numbers are days, such as 20240318."""
    days = (numbers >= 19000101) & (numbers <= 21001231)
    if not days.all():
        return False
    month, day = numbers // 100 % 100, numbers % 100
    days &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return len(np.unique(numbers)) > 1 and bool(days.all())


def sentinel_of(numbers: Any, low: str, high: str) -> tuple[str, int]:
    """Find a number that seems to mean missing, such as -999: which, in how many rows.

    It is all nines, and further from the others than these are from each other.
    `numbers`, an array or an Arrow column, lie between `low` and `high`.
    """
    if not (_NINES.fullmatch(low) or _NINES.fullmatch(high)):
        return "", 0
    if not isinstance(numbers, np.ndarray):
        numbers = numbers.drop_nulls().to_numpy()
    for text, others_end in ((low, "min"), (high, "max")):
        if not _NINES.fullmatch(text):
            continue
        same = numbers == float(text)
        others = numbers[~same]
        if len(others) < 2:
            continue
        gap = abs(float(getattr(others, others_end)()) - float(text))
        if gap > float(others.max()) - float(others.min()) and same.sum() > 1:
            return text, int(same.sum())
    return "", 0


def bounds(values: Values, present: NDArray[Any]) -> tuple[str, str]:
    """Return the least and the greatest of numbers or dates as texts."""
    if values.kind not in {"number", "date"} or not len(present):
        return "", ""
    low, high = present.min(), present.max()
    if values.kind == "number":
        return range_texts(float(low), float(high))
    first, last = (str(date.astype("datetime64[s]")) for date in (low, high))
    if first.endswith("T00:00:00") and last.endswith("T00:00:00"):
        return first[:10], last[:10]
    return first.replace("T", " "), last.replace("T", " ")


def range_texts(low: float, high: float) -> tuple[str, str]:
    """Write two numbers, with enough digits to distinguish them."""
    short = f"{low:g}", f"{high:g}"
    if low.is_integer() and high.is_integer() and max(abs(low), abs(high)) < 1e15:
        return str(int(low)), str(int(high))
    return short if short[0] != short[1] else (repr(low), repr(high))
