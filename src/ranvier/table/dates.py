"""Dates and times <-> the parts of them that a network can use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranvier.table.histogram import NO_HISTOGRAM, Histogram
from ranvier.table.json_fields import JsonFields
from ranvier.table.legacy import with_histogram
from ranvier.table.scalers import StandardScaler
from ranvier.table.value_checks import refuse
from ranvier.table.values import Values, without_missing_markers

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
    values, n = without_missing_markers(values), len(values.data)
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
    """A column of dates or times (in UTC).

    ``scalers`` standardise the DATE_PARTS; parts that did not vary in training are not
    encoded. ``histogram`` counts the training rows between quantiles of elapsed days.
    """

    kind: ClassVar = "date"
    name: str
    scalers: tuple[StandardScaler, ...]
    missing: int
    histogram: Histogram = NO_HISTOGRAM

    @cached_property
    def part_names(self) -> tuple[str, ...]:
        """Names of its numeric parts."""
        return tuple(f"{self.name}: {part}" for part in DATE_PARTS)

    @cached_property
    def varying(self) -> tuple[int, ...]:
        """Indices of the parts that varied in training."""
        return tuple(i for i, scaler in enumerate(self.scalers) if scaler.sd > 0)

    def parts(self, values: Values) -> list[NDArray[np.float64]]:
        """Return the DATE_PARTS of each row, NaN where missing."""
        dates = as_dates(values)
        if dates is None:
            refuse(self.name, values, "dates such as 2024-12-31")
        return date_parts(dates)

    def from_part(
        self, first: NDArray[np.float64] | None, missing: NDArray[np.bool_]
    ) -> NDArray[np.datetime64]:
        """Return dates from elapsed days, None if these did not vary.

        To the second, or to the day if all times in training were midnight.
        """
        days = np.full(len(missing), self.scalers[0].mean) if first is None else first
        hour = self.scalers[-1]
        whole_days = hour.sd == 0 and hour.mean == 0
        unit, per_day = ("D", 1) if whole_days else ("s", 86400)
        dates = np.rint(days * per_day).astype(f"datetime64[{unit}]")
        dates = dates.astype("datetime64[us]")
        dates[missing] = np.datetime64("NaT")
        return dates

    def describe(self) -> dict[str, Any]:
        """Return the column as plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "scales": [scaler.describe() for scaler in self.scalers],
            "missing": self.missing,
            **self.histogram.field(),
        }

    @classmethod
    def read(cls, value: Any, where: str) -> Date:
        """Rebuild a column from what `describe` returned."""
        keys = ["kind", "name", "scales", "missing", "histogram"]
        fields = JsonFields(with_histogram(value), where, keys)
        scalers = tuple(
            StandardScaler.read(item, where) for item in fields.items("scales")
        )
        fields.require(
            len(scalers) == len(DATE_PARTS), f"a date has {len(DATE_PARTS)} parts"
        )
        histogram = Histogram.read(fields.item("histogram"), where)
        return cls(fields.text("name"), scalers, fields.count("missing"), histogram)
