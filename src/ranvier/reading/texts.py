"""How the texts of one column are read, from all of them together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ranvier.reading.columns import ColumnReading
from ranvier.table.datetimes import (
    ORDER_NAMES,
    DateGuess,
    guess_dates,
    looks_like_dates,
)
from ranvier.table.number_guess import NumberGuess, guess_numbers, looks_like_numbers
from ranvier.table.values import Values


@dataclass(frozen=True)
class Hints:
    """What is known of a column beside its values.

    ``decimal``, ``thousands``, ``date_format`` and ``na`` are what the user gave;
    ``prefer_decimal`` and ``prefer_order`` what the other columns prove.
    """

    decimal: str | None = None
    thousands: str | None = None
    date_format: str | None = None
    na: tuple[str, ...] = ()
    prefer_decimal: str = "."
    prefer_order: str | None = None


def guess_texts(values: Values, hints: Hints) -> tuple[ColumnReading, str, str]:
    """Find how the texts of a column are read.

    Returns the reading, and the decimal mark and the order of dates that they prove,
    each "" where they prove none.
    """
    counts = Counter(values.data.tolist())
    counts.pop(None, 0)
    signs = Counter({text: counts.pop(text) for text in hints.na if text in counts})
    named = tuple(signs.most_common())
    if not counts:
        return ColumnReading("empty", texts_missing=named), "", ""
    if {text.strip().lower() for text in counts} <= {"true", "false"}:
        return ColumnReading("boolean", texts_missing=named), "", ""
    order = hints.date_format if hints.date_format in ORDER_NAMES else None
    pattern = "" if order else hints.date_format or ""
    dates = guess_dates(counts, pattern=pattern, prefer=order or hints.prefer_order)
    if dates is not None and order and dates.format.order != order:
        dates = _in_order(counts, order, dates)
    if dates is not None:
        return _of_dates(dates, counts, signs, order), "", dates.proven or ""
    numbers = guess_numbers(
        counts,
        decimal=hints.decimal,
        thousands=hints.thousands,
        prefer=hints.prefer_decimal,
    )
    if numbers is not None:
        return _of_numbers(numbers, counts, signs), numbers.marks or "", ""
    looks = "dates" if looks_like_dates(counts) else ""
    looks = looks or (
        "numbers" if looks_like_numbers(counts) and _varied(counts) else ""
    )
    return ColumnReading("text", texts_missing=named, looks_like=looks), "", ""


def _varied(counts: Mapping[str, int]) -> bool:
    """Say whether texts are too many to be categories that happen to have digits."""
    codes = any(re.match(r"\s*0\d", text) for text in counts)
    return len(counts) > 20 and not codes


def _in_order(
    counts: Mapping[str, int], order: str, guess: DateGuess
) -> DateGuess | None:
    """Read dates in the order that the user named, if nearly all can be."""
    own = replace(guess.format, order=order, missing=())
    texts = [text for text in counts if not own.is_missing(text)]
    rows = np.array([counts[text] for text in texts])
    unread = np.isnat(own.parse(texts))
    if rows[unread].sum() > 0.01 * rows.sum():
        return guess  # such as 2024-03-18, whatever the order of the others
    return DateGuess(own, "", order, int(rows[unread].sum()))


def _of_dates(
    guess: DateGuess,
    counts: Mapping[str, int],
    signs: Counter[str],
    order: str | None,
) -> ColumnReading:
    format = replace(guess.format, missing=_signs(guess.format.missing, signs))
    return ColumnReading(
        "date",
        dates=format,
        zoned=format.zoned,
        texts_missing=_counted(format.missing, {**counts, **signs}),
        ambiguous=guess.other != "" and order is None,
        other_order=guess.other if order is None else "",
    )


def _of_numbers(
    guess: NumberGuess, counts: Mapping[str, int], signs: Counter[str]
) -> ColumnReading:
    format = replace(guess.format, missing=_signs(guess.format.missing, signs))
    return ColumnReading(
        "duration" if format.clock else "number",
        numbers=format,
        texts_missing=_counted(format.missing, {**counts, **signs}),
        ambiguous=guess.ambiguous,
    )


def _signs(found: tuple[str, ...], named: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted({*found, *named}))


def _counted(
    texts: tuple[str, ...], counts: Mapping[str, int]
) -> tuple[tuple[str, int], ...]:
    """Count the rows of texts, most frequent first; empty ones are not worth a word."""
    told = [(text, counts.get(text, 0)) for text in texts if text.strip()]
    return tuple(sorted(told, key=lambda pair: (-pair[1], pair[0])))
