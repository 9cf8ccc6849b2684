"""One column of any library and type -> numbers, texts or dates in a NumPy array."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier.table.wide_integers import are_inexact

Kind = Literal["number", "text", "date", "empty", "unusable"]
Form = Literal["float", "integer", "boolean"]

# Texts that mean "no value" in a column of numbers, in lower case.
NO_VALUE = frozenset(
    ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", ".",
     "missing"]
)  # fmt: skip

# Texts that mean "no value" among other texts, as written: "Na" may be sodium, and
# "None" a value like any other.
NO_TEXT = frozenset(["NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "null", "NULL"])

_NUMBER = re.compile(
    r"[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?",
    re.ASCII | re.IGNORECASE,
)
_MISSING_TYPES = {"NoneType", "NAType", "NaTType"}  # None, pandas.NA, pandas.NaT
_MIDNIGHT = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class Values:
    """A column's values in one of three arrays, missing ones marked.

    ``data`` holds float64 (missing: NaN) for numbers, objects that are str (missing:
    None) for texts, datetime64[us] in UTC (missing: NaT) for dates; an "empty" column
    has no value at all, an "unusable" one holds something else, named in ``found``.
    """

    kind: Kind
    data: NDArray[Any]
    # Of numbers; of texts what they were written from: integers too wide for floats, or
    # a category's values.
    form: Form = "float"
    declared: bool = False  # a category by its type: its texts stay texts
    found: str = ""
    mixed: bool = False  # read from Python objects of several types

    def __len__(self) -> int:
        return len(self.data)

    def take(self, rows: NDArray[np.int64]) -> Values:
        """Return the values of some rows, as if these were read alone."""
        taken = replace(self, data=self.data[rows])
        empty = self.kind != "unusable" and bool(taken.missing.all())
        return replace(taken, kind="empty", declared=False) if empty else taken

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Mark the rows without a value."""
        if self.kind == "number":
            return np.asarray(np.isnan(self.data))
        if self.kind == "date":
            return np.asarray(np.isnat(self.data))
        if self.kind == "text":
            return np.asarray(self.data == None)  # noqa: E711  # of each element
        return np.full(len(self.data), self.kind == "empty")


def values_of(column: Any) -> Values:
    """Read a narwhals, pandas, polars or Arrow column, a NumPy array or a list."""
    if isinstance(column, Values):
        return column
    if isinstance(column, nw.Series):
        return _from_series(column)
    if isinstance(column, list | tuple):
        return _from_objects(_objects(column))
    if isinstance(column, np.ndarray):
        return _from_array(column)
    try:
        series = nw.from_native(column, series_only=True)
    except TypeError:
        raise ValueError(
            "expected one column (a pandas, polars or Arrow series, a NumPy array or a "
            f"list), but got {type(column).__name__}"
        ) from None
    return _from_series(series)


def without_missing_markers(values: Values) -> Values:
    """Take texts such as "NA" for missing, unless the column declares them categories.

    For columns of texts; which texts mean no value among numbers, `NO_VALUE` says.
    """
    if values.kind != "text" or values.declared or NO_TEXT.isdisjoint(values.data):
        return values
    texts = _objects(None if text in NO_TEXT else text for text in values.data)
    return replace(values, kind="empty" if set(texts) == {None} else "text", data=texts)


def as_categories(values: Values, name: str) -> Values:
    """Take numbers and texts for categories, as if their type declared them.

    Raises ValueError for dates and what is neither.
    """
    values = without_missing_markers(values)
    if values.kind == "number":
        distinct, place = np.unique(values.data, return_inverse=True)
        write = _truth_text if values.form == "boolean" else number_text
        texts = _objects(None if np.isnan(x) else write(float(x)) for x in distinct)
        return Values("text", texts[place.reshape(len(values.data))], declared=True)
    if values.kind in {"date", "unusable"}:
        held = "dates" if values.kind == "date" else values.found
        raise ValueError(
            f"column {name!r} was to be read as categories, but holds {held}: name "
            "columns of numbers or texts only"
        )
    return replace(values, declared=True)


def parse_number(text: str) -> float | None:
    """Read "1,234.5", "-2e3" or " 7 "; None for what is no number."""
    text = text.strip()
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def number_text(number: float) -> str:
    """Write a number as its shortest text: 1.0 as "1"."""
    whole = number.is_integer() and abs(number) < 1e16
    return str(int(number)) if whole else repr(number)


def _truth_text(truth: float) -> str:
    return "true" if truth else "false"


def _from_series(series: nw.Series[Any]) -> Values:
    """Read a narwhals series by its type."""
    dtype = series.dtype
    if dtype in (nw.Int128, nw.UInt128):  # which NumPy has not
        return replace(_from_objects(_objects(series.to_list())), form="integer")
    if dtype.is_integer() or dtype.is_float() or dtype == nw.Boolean:
        wide = dtype.is_integer() and are_inexact(
            (series.min() or 0, series.max() or 0)
        )
        values = _from_array(_objects(series.to_list()) if wide else series.to_numpy())
        # Missing values make floats of narrow integers, and objects of truths.
        form: Form = "float" if dtype.is_float() else "integer"
        return replace(values, form="boolean" if dtype == nw.Boolean else form)
    if len(series) == series.null_count():
        return Values("empty", np.full(len(series), None))
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return _from_categories(series)
    if isinstance(dtype, nw.Decimal):
        return Values("number", series.cast(nw.Float64).to_numpy())
    if isinstance(dtype, nw.Binary):
        return _from_objects(_objects(series.to_list()))
    if dtype.is_nested():
        found = type(dtype).__name__.lower()
        return Values(
            "unusable", np.empty(len(series)), found=f"values of type {found}"
        )
    return _from_array(series.to_numpy())


def _from_categories(series: nw.Series[Any]) -> Values:
    """Read the texts of a column that is a category by its type."""
    if series.implementation.is_pyarrow():
        # As NumPy array, an Arrow dictionary would lose which rows are missing.
        native = series.to_native()
        series = nw.from_native(native.cast(native.type.value_type), series_only=True)
    if series.implementation.is_pandas():
        own = series.to_native().cat
        objects, codes = _objects(own.categories.tolist()), own.codes.to_numpy()
    else:
        objects, codes = _objects(series.to_numpy().tolist()), None
    kinds = {_object_kind(kind) for kind in set(map(type, objects))} - {"missing"}
    form: Form = "float"  # as of all texts
    if kinds in ({"integer"}, {"boolean"}):
        form = kinds.pop()  # type: ignore[assignment]
    texts = _texts(objects)
    if codes is not None:  # -1 where a value is missing
        texts = _objects([*texts, None])[codes]
    return Values("text", texts, form, declared=True)


def _from_array(array: NDArray[Any]) -> Values:
    """Read a one-dimensional NumPy array by its type."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"expected one column, but got an array of shape {array.shape}"
        )
    letter = array.dtype.kind
    if letter in "iu" and len(array) and are_inexact((array.min(), array.max())):
        return _from_objects(_objects(array.tolist()))
    if letter == "O":
        return _from_objects(array)
    if letter in "UTS":
        return _from_objects(_objects(array.tolist()))
    if letter == "M":
        dates = array.astype("datetime64[us]")
        return Values("empty" if np.isnat(dates).all() else "date", dates)
    if letter == "m":
        seconds = array.astype("timedelta64[us]").astype(np.float64) / 1e6
        return Values("number", np.where(np.isnat(array), np.nan, seconds))
    if letter in "buif":
        numbers = array.astype(np.float64)
        forms: dict[str, Form] = {"b": "boolean", "u": "integer", "i": "integer"}
        kind: Kind = "empty" if np.isnan(numbers).all() else "number"
        return Values(kind, numbers, forms.get(letter, "float"))
    return Values("unusable", array, found=f"values of type {array.dtype}")


def _from_objects(objects: NDArray[Any]) -> Values:
    """Read Python objects: all numbers, all dates, or else texts."""
    if any(isinstance(value, bytes) for value in objects):
        objects = _decoded(objects)
    kinds = {kind: _object_kind(kind) for kind in set(map(type, objects))}
    known = set(kinds.values()) - {"missing"}
    if "unusable" in known:
        first = next(kind for kind in kinds if kinds[kind] == "unusable")
        found = f"values of type {first.__name__}"
        return Values("unusable", objects, found=found, mixed=True)
    if not known:
        return Values("empty", objects)
    mixed = len(known) > 1
    if known == {"integer"} and are_inexact(v for v in objects if not is_missing(v)):
        return Values("text", _texts(objects), "integer")
    if known <= {"boolean", "integer", "float"}:
        numbers = np.fromiter(map(_number, objects), np.float64, len(objects))
        form: Form = "float"
        if not mixed:
            form = known.pop()  # type: ignore[assignment]
        kind: Kind = "empty" if np.isnan(numbers).all() else "number"
        return Values(kind, numbers, form, mixed=mixed)
    if known == {"date"}:
        dates = [_utc(v) for v in objects]
        return Values("date", np.array(dates, dtype="datetime64[us]"))
    if known == {"time"}:
        numbers = np.fromiter(map(_seconds, objects), np.float64, len(objects))
        return Values("number", numbers)
    # Texts stay texts in any of their rows, if all else is missing.
    texts_only = known == {"text", "float"} and not any(map(_is_float, objects))
    return Values("text", _texts(objects), mixed=mixed and not texts_only)


def _object_kind(kind: type) -> str:
    """Say how values of a Python type are read."""
    if kind.__name__ in _MISSING_TYPES:
        return "missing"
    for known, name in _OBJECT_KINDS:
        if issubclass(kind, known):
            return name
    return _OTHER_KINDS.get(kind.__name__, "unusable")


def _decoded(objects: NDArray[Any]) -> NDArray[Any]:
    """Make texts of bytes in UTF-8; bytes in something else stay as they are."""
    try:
        return _objects(v.decode() if isinstance(v, bytes) else v for v in objects)
    except UnicodeDecodeError:
        return objects


# Types of libraries that need not be there, by their names.
_OTHER_KINDS = {
    "Decimal": "float", "Fraction": "float", "Period": "date", "Interval": "text",
}  # fmt: skip
_OBJECT_KINDS: list[tuple[type | tuple[type, ...], str]] = [
    (str, "text"),
    ((bool, np.bool_), "boolean"),
    ((int, np.integer), "integer"),
    ((float, np.floating), "float"),
    ((dt.date, np.datetime64), "date"),
    ((dt.time, dt.timedelta), "time"),
]


def _is_float(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(value == value)


def is_missing(value: Any) -> bool:
    """Say whether an object stands for no value."""
    if isinstance(value, float | np.floating):
        return bool(value != value)
    return type(value).__name__ in _MISSING_TYPES


def _number(value: Any) -> float:
    """Make a float of a Python number, NaN of a missing one."""
    if is_missing(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:  # an integer beyond 1.8e308
        return np.inf if value > 0 else -np.inf


def _seconds(value: Any) -> float:
    """Make seconds of a duration or of a time of day."""
    if is_missing(value):
        return np.nan
    if isinstance(value, dt.time):
        value = dt.datetime.combine(_MIDNIGHT, value.replace(tzinfo=None)) - _MIDNIGHT
    return float(value.total_seconds())


def _utc(value: Any) -> Any:
    """Make a date or time without zone of any: a time with zone is taken in UTC."""
    if is_missing(value):
        return np.datetime64("NaT")
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    if type(value).__name__ == "Period":  # by its first moment
        return value.start_time.to_datetime64()
    return value


def _texts(objects: NDArray[Any]) -> NDArray[Any]:
    """Make texts of all objects, None of the missing ones."""
    if set(map(type, objects)) <= {str, type(None)}:
        return objects
    return _objects([None if is_missing(v) else _text(v) for v in objects])


def _text(value: Any) -> str:
    """Write an object as text; the number 1.0 as "1", as integers are."""
    if isinstance(value, float | np.floating):
        return number_text(float(value))
    return str(value)


def _objects(items: Iterable[Any]) -> NDArray[Any]:
    """Make a one-dimensional array of objects, whatever they are."""
    items = list(items)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
