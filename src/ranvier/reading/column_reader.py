"""Reading the columns of a training table one by one, and what they prove together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier.reading.bounds import are_bounds
from ranvier.reading.columns import (
    ColumnReading,
    are_whole,
    look_like_days,
    range_texts,
    sentinel_of,
)
from ranvier.reading.options import ReadOptions
from ranvier.reading.plain import Plain, read_plain
from ranvier.reading.texts import Hints, guess_texts
from ranvier.table.datetimes import ORDER_NAMES, DateFormat
from ranvier.table.numbers import NumberFormat
from ranvier.table.values import Values, number_text, parse_number, values_of

# A target of up to so many different texts is one of classes, whatever they look like.
MOST_TEXT_CLASSES = 20


class ColumnReader:
    """Reads the columns of one training table, and gathers what they prove."""

    def __init__(
        self,
        options: ReadOptions,
        target: str | None,
        as_texts: frozenset[str],
        known: Mapping[str, ColumnReading],
        from_csv: bool = False,
    ) -> None:
        self._options = options
        self._target = target
        self._as_texts = as_texts
        self._known = known
        self._from_csv = from_csv  # then columns of numbers prove the decimal point
        self._marks: set[str] = set()
        self._orders: set[str] = set()

    def preferences(self) -> Hints:
        """Return what the columns read so far prove together, for those that do not."""
        decimal = "," if self._marks == {","} else "."
        order = next(iter(self._orders)) if len(self._orders) == 1 else None
        return Hints(prefer_decimal=decimal, prefer_order=order)

    def read(
        self,
        name: str,
        column: Any,
        prefer: Hints | None = None,
        plain: Plain | None = None,
    ) -> tuple[ColumnReading, Any]:
        """Read a column: how, and its new values, None where they stay as they are."""
        if name in self._known:
            return self._known[name], None
        hints = self._options.hints(name, prefer or Hints())
        found, new = self._read(name, column, hints, prefer, plain)
        missing = tuple(
            x for x in map(parse_number, hints.na) if x is not None and np.isfinite(x)
        )
        if found.kind != "number" or not missing:
            return found, new
        values = values_of(column if new is None else new)
        masked = without_numbers(values, missing)
        found = replace(found, numbers_missing=missing)
        if masked is values:
            return found, new
        counts = Counter(values.data[~values.missing & masked.missing].tolist())
        texts = [(number_text(number), n) for number, n in counts.most_common()]
        found = replace(found, texts_missing=(*found.texts_missing, *texts))
        return found.measured(masked), masked.data

    def _read(
        self,
        name: str,
        column: Any,
        hints: Hints,
        prefer: Hints | None,
        plain: Plain | None,
    ) -> tuple[ColumnReading, Any]:
        named = (hints.decimal, hints.thousands, hints.date_format, *hints.na)
        if name not in self._as_texts and not any(named):
            plain = plain_texts(column) if plain is None else plain
            if plain is not None:
                return self._of_plain(*plain)
        if (typed := _of_arrow_numbers(column)) is not None:
            if self._from_csv and not typed.whole:
                self._marks.add(".")
            return typed, None
        values = values_of(column)
        if values.kind != "text" or values.declared or name in self._as_texts:
            return _of_typed(values, column), None
        found, mark, order = guess_texts(values, hints)
        if name == self._target and len(set(values.data)) <= MOST_TEXT_CLASSES:
            found = ColumnReading("text", texts_missing=_named(values, hints.na))
        self._marks |= {mark} - {""}
        self._orders |= {order} - {""}
        proof = self._marks if found.numbers is not None else self._orders
        if prefer is not None and len(proof) == 1:
            found = replace(found, ambiguous=False, other_order="")
        if not found.from_texts:
            masked = without_texts(values, found)
            new = None if masked is values else masked.data
            if self._options.texts_stay and found.kind == "text":
                new = _as_category(masked.data)
            return found.measured(masked), new
        new = read_texts(found, values, name)
        if found.kind == "number" and name != self._target:
            found = replace(found, bounds=int(np.count_nonzero(are_bounds(values))))
        return found.measured(values_of(new)), new

    def _of_plain(
        self, new: Any, texts_missing: tuple[tuple[str, int], ...]
    ) -> tuple[ColumnReading, Any]:
        """Describe a column that Arrow has read."""
        import pyarrow as pa

        series = nw.from_native(new, series_only=True)
        if pa.types.is_floating(new.type):
            self._marks.add(".")
        typed = _of_arrow_numbers(series) or _of_typed(values_of(series), series)
        markers = tuple(sorted(text for text, _ in texts_missing))
        return replace(
            typed, texts_missing=texts_missing, **_formats(typed, markers)
        ), new


def _named(values: Values, na: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Count the rows of the texts that the user named as missing."""
    counts = Counter(values.data.tolist())
    return tuple((text, counts[text]) for text in na if text in counts)


def without_texts(values: Values, column: ColumnReading) -> Values:
    """Take the texts that the user named as missing out of a column of texts."""
    named = {text for text, _ in column.texts_missing}
    if values.kind != "text" or not named.intersection(values.data.tolist()):
        return values
    data = values.data.copy()
    data[[text in named for text in values.data]] = None
    empty = all(text is None for text in data)
    return replace(values, kind="empty" if empty else "text", data=data)


def without_numbers(values: Values, missing: Collection[float]) -> Values:
    """Take the numbers that the user named as missing out of a column of numbers."""
    named = np.isin(values.data, list(missing))
    if values.kind != "number" or not named.any():
        return values
    return replace(values, data=np.where(named, np.nan, values.data))


def _as_category(texts: NDArray[Any]) -> Any:
    """Make an Arrow column whose type says that all its texts are values."""
    import pyarrow as pa

    return pa.chunked_array([pa.array(texts, pa.string()).dictionary_encode()])


def _formats(typed: ColumnReading, missing: tuple[str, ...]) -> dict[str, Any]:
    """Return how texts of a plain column are read."""
    if typed.kind == "date":
        return {"dates": DateFormat(zoned=typed.zoned, missing=missing)}
    return {"numbers": NumberFormat(missing=missing)}


def plain_texts(column: Any) -> Plain | None:
    """Read an Arrow column of plain texts; None of any other column."""
    if not isinstance(column, nw.Series) or not column.implementation.is_pyarrow():
        return None
    if column.dtype != nw.String:
        return None
    return read_plain(column.to_native())


def _of_arrow_numbers(column: Any) -> ColumnReading | None:
    """Describe an Arrow column of numbers without a copy; None of any other."""
    if not isinstance(column, nw.Series) or not column.implementation.is_pyarrow():
        return None
    if not (column.dtype.is_integer() or column.dtype.is_float()):
        return None
    low, high = column.min(), column.max()
    rows, missing = len(column), column.null_count()
    if low is None or not np.isfinite([float(low), float(high)]).all():
        return None
    first = column.head(1000).drop_nulls().to_numpy()
    whole = column.dtype.is_integer() or (
        are_whole(first) and are_whole(column.drop_nulls().to_numpy())
    )
    low, high = range_texts(float(low), float(high))
    days = whole and look_like_days(first.astype(np.int64))
    sentinel, sentinel_rows = sentinel_of(column, low, high)
    return ColumnReading(
        "number",
        low=low,
        high=high,
        whole=whole,
        rows=rows if missing else 0,
        missing=missing,
        looks_like="dates" if days else "",
        sentinel=sentinel,
        sentinel_rows=sentinel_rows,
    )


def _of_typed(values: Values, column: Any) -> ColumnReading:
    """Describe a column that is what its type says."""
    kind: Any = {"unusable": "other"}.get(values.kind, values.kind)
    if values.kind == "number" and values.form == "boolean":
        kind = "boolean"
    if isinstance(column, nw.Series) and column.dtype in (nw.Duration, nw.Time):
        kind = "duration"
    return ColumnReading(kind, zoned=is_zoned(column)).measured(values)


def is_zoned(column: Any) -> bool:
    """Say whether a column holds times with a zone."""
    dtype = getattr(column, "dtype", None)
    return isinstance(dtype, nw.Datetime) and dtype.time_zone is not None


def read_texts(column: ColumnReading, values: Values, name: str) -> NDArray[Any]:
    """Read the texts of a column: floats or dates, (n,), NaN or NaT where missing.

    Raises ValueError for a text that cannot be read so: which, and its row.
    """
    distinct = [
        text for text in dict.fromkeys(values.data.tolist()) if text is not None
    ]
    read: NDArray[Any]
    if column.dates is not None:
        dates, signs = column.dates, column.dates.is_missing
        parsed = dates.parse(distinct)
        unread = np.isnat(parsed)
        none: Any = np.datetime64("NaT", "us")
        read = parsed
    else:
        numbers = column.numbers
        assert numbers is not None
        signs, none = numbers.is_missing, np.nan
        floats = [numbers.parse(text) for text in distinct]
        unread = np.array([number is None for number in floats], bool)
        read = np.array([np.nan if x is None else x for x in floats], np.float64)
        if not unread.any() and None not in values.data and _are_whole(read, distinct):
            read, none = read.astype(np.int64), 0
    for text in np.array(distinct, dtype=object)[unread]:
        if not signs(text):
            _refuse(column, values, name, text)
    known = dict(zip(distinct, range(len(distinct)), strict=True)) | {
        None: len(distinct)
    }
    codes = np.fromiter(
        (known[text] for text in values.data), np.int64, len(values.data)
    )
    return np.append(read, none)[codes]


def _are_whole(numbers: NDArray[np.float64], texts: Collection[str]) -> bool:
    """Say whether numbers are whole and exact."""
    whole = bool(
        (numbers == np.floor(numbers)).all() and (np.abs(numbers) < 2**53).all()
    )
    return whole and not any("." in text or ":" in text for text in texts)


def _refuse(column: ColumnReading, values: Values, name: str, text: str) -> None:
    row = values.data.tolist().index(text)
    how = f"a {column.kind}"
    if column.dates is not None:
        form = column.dates.pattern or ORDER_NAMES[column.dates.order]
        zone = "with" if column.zoned else "without"
        how = f"a date read {form}, {zone} a zone"
    elif column.numbers is not None:
        how += f" with {column.numbers.decimal!r} before the decimals"
    raise ValueError(
        f"column {name!r} holds {text!r} in row {row} (counted from 0), which is not "
        f"{how}, as in training ({column.low} to {column.high}): write it as there, "
        "leave the cell empty if it is missing, or train again on a table with both"
    )
