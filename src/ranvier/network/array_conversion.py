"""Numbers out of whatever holds them: arrays, lists, frames and series.

narwhals, which knows the frames of pandas, polars and Arrow, is imported only for them.
"""

from contextlib import suppress
from decimal import Decimal
from math import nan
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed

if TYPE_CHECKING:
    import narwhals as nw

Array = NDArray[Any]

_MISSING: Final = frozenset({"NoneType", "NAType"})  # None and pandas.NA
_HOLDS: Final = {
    "M": "dates",
    "m": "durations",
    "c": "complex numbers",
    "S": "bytes",
    "V": "records",
}


class Read(NamedTuple):
    """Numbers as an array of any shape, and the names of their columns if known."""

    values: Array
    names: list[str] | None = None


class NoNumbersError(Exception):
    """A column or an array holds something other than numbers; the text says what."""


def read(X: Any, dtype: np.dtype[Any], what: str, advice: str) -> Read:
    """Read numbers as a C-contiguous array of a dtype; missing ones become NaN.

    Parameters
    ----------
    X
        An array, nested lists, a frame or a series, or what NumPy can make an array of.
    dtype
        float32 or float64.
    what
        What to call it in errors.
    advice
        What to do about other things than numbers, as a sentence.

    Raises
    ------
    ValueError
        It holds something other than numbers, or numbers too large for `dtype`.
    TypeError
        It is no array, list, frame or series.
    """
    if isinstance(X, np.ndarray | list | tuple):
        return Read(_from_array(_array(X, what), dtype, what, advice))
    if hasattr(X, "toarray") and hasattr(X, "nnz"):
        raise TypeError(
            f"{what} is a sparse matrix ({type(X).__name__}), but a dense one is "
            f"expected: give {what}.toarray()"
        )
    import narwhals as nw

    # Its class first: narwhals itself reports two columns of one name as an error.
    try:
        frame = nw.from_native(X, pass_through=True, allow_series=True)
        if isinstance(frame, nw.DataFrame):
            return _from_frame(frame, dtype, what, advice)
    except nw.exceptions.DuplicateError as error:
        raise ValueError(
            f"{what} has columns of one name ({' '.join(str(error).split())}), but "
            "names must differ: rename the columns"
        ) from None
    if isinstance(frame, nw.LazyFrame):
        raise TypeError(
            f"{what} is a query not yet run ({type(X).__name__}), but its rows are "
            f"expected: run it first, for example {what}.collect()"
        )
    if isinstance(frame, nw.Series):
        return Read(_from_series(frame, dtype, what, advice))
    if not hasattr(X, "__array__"):
        raise TypeError(
            f"{what} is a {type(X).__name__}, but numbers in rows and columns are "
            "expected: give a NumPy array, a list of rows, or a frame of pandas, "
            "polars or Arrow"
        )
    return Read(_from_array(_array(X, what), dtype, what, advice))


def _array(X: Any, what: str) -> Array:
    """Make an array of lists and of what offers itself as one; a mask becomes NaN."""
    if isinstance(X, np.ma.MaskedArray):
        return np.ma.filled(X.astype(np.float64), nan)
    try:
        return np.asarray(X)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{what} is a {type(X).__name__} that makes no array ({error}): give rows "
            "of equal length that hold numbers"
        ) from None


def _from_array(array: Array, dtype: np.dtype[Any], what: str, advice: str) -> Array:
    out = np.empty(array.shape, dtype)
    if array.dtype.kind in "fiub":
        if array.dtype == dtype and array.flags.c_contiguous and array.flags.aligned:
            return array
        return _cast(array, dtype, what)
    columns = array.reshape(array.shape[0] if array.ndim else 1, -1).T
    found: dict[object, str] = {}
    flat = out.reshape(columns.shape[::-1])
    for place, column in enumerate(columns):
        try:
            flat[:, place] = _cast(_numbers(column), dtype, f"column {place} of {what}")
        except NoNumbersError as error:
            found[place] = str(error)
    if found:
        raise _refused(found, what, advice, columns=array.ndim > 1)
    return out


def _from_frame(
    frame: "nw.DataFrame[Any]", dtype: np.dtype[Any], what: str, advice: str
) -> Read:
    names = [str(name) for name in frame.columns]
    # At once if all columns are plain numbers: one by one costs 0.1 ms for each.
    kinds = frame.schema.values()
    if names and all(kind.is_float() or kind.is_integer() for kind in kinds):
        values = frame.to_numpy()
        with suppress(ValueError):  # which names no column
            if values.dtype.kind in "fiu":
                return Read(_cast(values, dtype, what), names)
    out = np.empty(frame.shape, dtype)
    found: dict[object, str] = {}
    for place, series in enumerate(frame.iter_columns()):
        where = f"column {names[place]!r} of {what}"
        try:
            out[:, place] = _cast(_column(series), dtype, where)
        except NoNumbersError as error:
            found[names[place]] = str(error)
    if found:
        raise _refused(found, what, advice, columns=True)
    return Read(out, names)


def _from_series(
    series: "nw.Series[Any]", dtype: np.dtype[Any], what: str, advice: str
) -> Array:
    try:
        return _cast(_column(series), dtype, what)
    except NoNumbersError as error:
        raise _refused({0: str(error)}, what, advice, columns=False) from None


def _column(series: "nw.Series[Any]") -> Array:
    """Return a column as numbers of some NumPy type, missing ones as NaN."""
    import narwhals as nw

    kind = series.dtype
    if kind.is_numeric() or kind in (nw.Boolean, nw.Object, nw.Unknown):
        return _numbers(series.to_numpy())
    if len(series) and series.null_count() == len(series):
        return np.full(len(series), nan)
    raise NoNumbersError(f"holds {_plain(kind)}")


def _plain(kind: "nw.dtypes.DType") -> str:
    """Say in plain words what a column type of narwhals holds."""
    import narwhals as nw

    if isinstance(kind, nw.String):
        return "text"
    if isinstance(kind, nw.Categorical | nw.Enum):
        return "categories"
    if kind.is_temporal():
        return "durations" if isinstance(kind, nw.Duration) else "dates or times"
    return f"values of the type {kind}"


def _numbers(values: Array) -> Array:
    """Return a one-dimensional array as numbers of some NumPy type, None as NaN."""
    if values.dtype.kind in "fiub":
        return values
    if values.dtype.kind in "UT":
        raise NoNumbersError(f"holds text such as {str(values.flat[0])!r}")
    if values.dtype.kind != "O":
        raise NoNumbersError(f"holds {_HOLDS.get(values.dtype.kind, values.dtype)}")
    return np.array([_number(value, row) for row, value in enumerate(values)])


def _number(value: object, row: int) -> float:
    if isinstance(value, Real | Decimal | np.bool_):
        try:
            return float(value)
        except OverflowError:
            raise NoNumbersError(
                f"holds a number beyond float64 in row {row}"
            ) from None
    if type(value).__name__ in _MISSING:
        return nan
    kind = "text" if isinstance(value, str) else f"a {type(value).__name__}"
    text = repr(value)
    shown = text if len(text) <= 30 else f"{text[:30]}..."
    raise NoNumbersError(f"holds {kind}, {shown} in row {row} (counted from 0)")


def _cast(values: Array, dtype: np.dtype[Any], where: str) -> Array:
    """Convert to the dtype, and refuse finite numbers that it cannot hold."""
    try:
        with np.errstate(over="raise"):
            return values.astype(dtype, order="C")
    except FloatingPointError:
        largest = np.finfo(dtype).max
        raise ValueError(
            f"{where} holds the number {_extreme(values):.6g}, but {dtype} ends at "
            f"{largest:.3g}: scale the column, or build the network with "
            "dtype='float64'"
        ) from None


def _extreme(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[np.abs(finite).argmax()])


def _refused(
    found: dict[object, str], what: str, advice: str, *, columns: bool
) -> ValueError:
    """Make the error about columns that hold something other than numbers."""
    first, how = next(iter(found.items()))
    if not columns:
        return ValueError(f"{what} {how}, but numbers are expected. {advice}")
    others = list(found)[1:]
    also = f" (so do {listed(others)})" if len(others) > 1 else ""
    also = f" (so does {listed(others)})" if len(others) == 1 else also
    return ValueError(
        f"column {first!r} of {what} {how}{also}, but numbers are expected. {advice}"
    )
