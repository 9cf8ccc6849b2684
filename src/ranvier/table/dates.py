"""Dates and times <-> the parts of them that a network can use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranvier.table.description import Fields
from ranvier.table.scale import Block, Scale
from ranvier.table.values import Values, refuse, without_signs

DATE_PARTS = (
    "elapsed days",
    "year",
    "month",
    "day of month",
    "day of week",
    "day of year",
    "hour",
)

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?", flags=re.ASCII
)


def as_dates(values: Values) -> NDArray[np.datetime64] | None:
    """Return dates, NaT where missing, also from ISO texts; None of anything else."""
    values, n = without_signs(values), len(values.data)
    if values.kind == "date":
        return values.data
    if values.kind == "empty":
        return np.full(n, np.datetime64("NaT", "us"))
    if values.kind != "text":
        return None
    known: dict[str | None, np.datetime64] = {None: np.datetime64("NaT", "us")}
    for text in set(values.data) - {None}:
        if not _ISO.fullmatch(text.strip()):
            return None
        try:
            known[text] = np.datetime64(text.strip(), "us")
        except ValueError:  # the 31st of February
            return None
    return np.array([known[text] for text in values.data], dtype="datetime64[us]")


def date_parts(dates: NDArray[np.datetime64]) -> list[NDArray[np.float64]]:
    """Return the DATE_PARTS of each date, NaN where missing. Monday is day 0."""
    years, months, days = (dates.astype(f"datetime64[{unit}]") for unit in "YMD")
    elapsed = (dates - np.datetime64(0, "us")) / np.timedelta64(1, "D")

    def number(parts: NDArray[Any]) -> NDArray[np.float64]:
        return np.where(np.isnat(dates), np.nan, parts.astype(np.int64))

    return [
        elapsed,
        number(years) + 1970,
        number(months) % 12 + 1,
        number(days - months.astype("datetime64[D]")) + 1,
        (number(days) + 3) % 7,  # 1970-01-01 was a Thursday
        number(days - years.astype("datetime64[D]")) + 1,
        (dates - days.astype("datetime64[us]")) / np.timedelta64(1, "h"),
    ]


@dataclass(frozen=True)
class Date:
    """A column of dates or times (in UTC): its parts, as standardised numbers.

    ``scales`` belong to DATE_PARTS; parts that did not vary in training get no column.
    """

    kind: ClassVar = "date"
    name: str
    scales: tuple[Scale, ...]
    missing: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of the matrix."""
        parts = tuple(f"{self.name}: {DATE_PARTS[i]}" for i in self._varying)
        return parts + ((f"{self.name} is missing",) if self.missing else ())

    @cached_property
    def _varying(self) -> tuple[int, ...]:
        return tuple(i for i, scale in enumerate(self.scales) if scale.sd > 0)

    def parts(self, values: Values) -> list[NDArray[np.float64]]:
        """Return the DATE_PARTS of each row, NaN where missing."""
        dates = as_dates(values)
        if dates is None:
            refuse(self.name, values, "dates such as 2024-12-31")
        return date_parts(dates)

    def encode(self, values: Values, out: Block) -> None:
        """Write the (n, len(names)) columns."""
        parts = self.parts(values)
        for column, i in enumerate(self._varying):
            out[:, column] = self.scales[i].standardise(parts[i])
        if self.missing:
            out[:, -1] = np.isnan(parts[0])

    def decode(self, block: Block) -> NDArray[np.datetime64]:
        """Return the dates, to the second; to the day where all times were midnight."""
        days, hour = self.scales[0], self.scales[-1]
        Z = block[:, 0] if days.sd > 0 else np.zeros(len(block))
        whole_days = hour.sd == 0 and hour.mean == 0
        unit, per_day = ("D", 1) if whole_days else ("s", 86400)
        dates = np.rint(days.restore(Z) * per_day).astype(f"datetime64[{unit}]")
        dates = dates.astype("datetime64[us]")
        if self.missing:
            dates[block[:, -1] > 0.5] = np.datetime64("NaT")
        return dates

    def describe(self) -> dict[str, Any]:
        """Return the column as plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "scales": [scale.describe() for scale in self.scales],
            "missing": self.missing,
        }

    @classmethod
    def read(cls, value: Any, where: str) -> Date:
        """Rebuild a column from what `describe` returned."""
        fields = Fields(value, where, ["kind", "name", "scales", "missing"])
        scales = tuple(Scale.read(item, where) for item in fields.items("scales"))
        fields.require(
            len(scales) == len(DATE_PARTS), f"a date has {len(DATE_PARTS)} parts"
        )
        return cls(fields.text("name"), scales, fields.count("missing"))
