"""Which kind a column is, from the values of the training rows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ranvier.table.column_types import Category, Column, Dropped, Number, as_numbers
from ranvier.table.dates import Date, as_dates, date_parts
from ranvier.table.histogram import Histogram
from ranvier.table.scalers import StandardScaler
from ranvier.table.value_checks import refuse_infinite
from ranvier.table.values import (
    NO_VALUE,
    Values,
    number_text,
    parse_number,
    without_missing_markers,
)
from ranvier.table.wide_integers import few_codes, is_wide

# Fewer rows than this say nothing about whether values are identifiers.
ROWS_TO_JUDGE = 20
# Up to this many categories, each has its column, however rare.
FEW_CATEGORIES = 50
# Above, a category needs this many rows, and to be among so many most frequent ones;
# the others share a bucket.
LEAST_ROWS, MOST_CATEGORIES = 10, 200
# Texts in a column of numbers that are no known sign of a missing value: at most so
# many different ones, in at most this share of the rows.
STRAY_TEXTS, STRAY_SHARE = 5, 0.01

_ID_NAME = re.compile(
    r"(.*[\W_])?(id|ids|idx|index|key|no|nr|num|number|row|rownum|rownames|uid|uuid|guid"
    r"|serial)|unnamed: \d+|column\d+|.*번호|",
    flags=re.IGNORECASE,
)
_ID_SUFFIX = re.compile(r".*[a-z]I[Dd]")  # PassengerId, customerID
_CODE = re.compile(r"[+-]?0\d", flags=re.ASCII)  # 007 is a code, no number


def choose_column(
    name: str, values: Values, most_categories: int = MOST_CATEGORIES
) -> Column:
    """Decide what becomes of a column, and measure it.

    Raises ValueError for infinite numbers: which column, how many, the first row.
    """
    missing = int(np.count_nonzero(values.missing))
    if values.kind == "empty":
        return Dropped(name, "empty", "", missing)
    if values.kind == "unusable":
        return Dropped(name, "unusable", values.found, 0)
    if values.kind == "text" and not values.declared:
        counts = Counter(values.data.tolist())
        counts.pop(None, 0)
        if {text.strip().lower() for text in counts} == {"true", "false"}:
            return _number(name, replace(values, form="boolean"), ())
        markers = number_markers(counts)
        if markers is not None:
            return _number(name, values, markers)
        values = without_missing_markers(values)
        missing = int(np.count_nonzero(values.missing))
        if values.kind == "empty":
            return Dropped(name, "empty", "", missing)
    dates = None if values.declared else as_dates(values)
    if dates is not None:
        return _date(name, dates)
    if values.kind == "number":
        return _number(name, values, ())
    counts = Counter(values.data.tolist())
    counts.pop(None, 0)
    return choose_category(name, counts, missing, most_categories)


def number_markers(counts: Counter[str]) -> tuple[str, ...] | None:
    """Say whether texts are numbers: the texts among them that mean no value, or None.

    Nearly all have to be numbers; the others usual signs of a missing value, or few.
    """
    numbers = strays = 0
    markers = []
    n_strays = 0
    for text, count in counts.items():
        if parse_number(text) is not None:
            if _CODE.match(text.strip()) or (is_wide(text) and few_codes(counts)):
                return None
            numbers += count
        else:
            markers.append(text)
            if text.strip().lower() not in NO_VALUE:
                n_strays += 1
                strays += count
    few = n_strays <= STRAY_TEXTS and strays <= STRAY_SHARE * (numbers + strays)
    return tuple(sorted(markers)) if numbers and few else None


def _number(name: str, values: Values, markers: tuple[str, ...]) -> Column:
    """Measure a column of numbers, or leave it out."""
    numbers = as_numbers(values, name, markers, values.form)
    refuse_infinite(numbers, name)
    present = numbers[~np.isnan(numbers)]
    missing = len(numbers) - len(present)
    scale = StandardScaler.fit(present)
    if scale.sd == 0 and not missing:
        return Dropped(name, "constant", number_text(scale.mean), 0)
    if not missing and _is_id(name, present):
        return Dropped(name, "id", "", 0)
    low, high = float(present.min()), float(present.max())
    histogram = Histogram.fit(present)
    return Number(name, values.form, scale, low, high, missing, markers, histogram)


def _is_id(name: str, numbers: NDArray[np.float64]) -> bool:
    """Say whether numbers only count or name the rows: by their name and values."""
    if len(numbers) <= ROWS_TO_JUDGE:
        return False
    if not (_ID_NAME.fullmatch(name) or _ID_SUFFIX.fullmatch(name)):
        return False
    whole = bool((numbers == np.floor(numbers)).all())
    return whole and len(np.unique(numbers)) == len(numbers)


def _date(name: str, dates: NDArray[np.datetime64]) -> Column:
    """Measure the parts of dates, or leave the column out."""
    present = dates[~np.isnat(dates)]
    missing = len(dates) - len(present)
    if not missing and (present == present[0]).all():
        return Dropped(name, "constant", str(present[0]), 0)
    parts = date_parts(present)
    scalers = tuple(StandardScaler.fit(part) for part in parts)
    return Date(name, scalers, missing, Histogram.fit(parts[0]))


def choose_category(
    name: str, counts: Counter[str], missing: int, most: int
) -> Category | Dropped:
    """Choose the categories that are kept apart, or leave the column out.

    Parameters
    ----------
    name
        Of the column.
    counts
        Rows of each text.
    missing
        Rows without a value.
    most
        The most categories that are kept apart.
    """
    rows = sum(counts.values())
    if len(counts) == 1 and not missing:
        return Dropped(name, "constant", repr(next(iter(counts))[:50]), 0)
    if len(counts) == rows > ROWS_TO_JUDGE:
        return Dropped(name, "id", "", missing)
    kept = dict(counts)
    if len(counts) > FEW_CATEGORIES:
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = dict(pair for pair in ranked[:most] if pair[1] >= LEAST_ROWS)
    if not kept:
        return Dropped(name, "text", f"{len(counts)} different texts", missing)
    categories = tuple(sorted(kept))
    return Category(
        name,
        categories,
        tuple(kept[category] for category in categories),
        pooled=len(counts) - len(kept),
        other=rows - sum(kept.values()),
        missing=missing,
    )
