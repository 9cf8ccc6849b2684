"""Tables of any library: their columns by name, some of their rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier.messages import choose, listed

Series: TypeAlias = nw.Series[Any]


@dataclass(frozen=True)
class Columns:
    """A table made of arrays, where no data frame library need be there.

    Parameters
    ----------
    columns
        The (n,) values of each column by its name, at least one.
    """

    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def named_columns(frame: Any) -> Any:
    """Return a dict of columns, a list of dicts or a structured array as `Columns`.

    A dict of single values is one row. A key that a row has not is missing there.
    Anything else is returned as it is.
    """
    if _is_dict(frame) and not any(map(_is_column, frame.values())):
        frame = [frame]
    if isinstance(frame, np.ndarray) and frame.dtype.names:
        return Columns({name: frame[name] for name in frame.dtype.names})
    if _is_dict(frame):
        for name, values in frame.items():
            if not _is_column(values):
                raise ValueError(
                    f"the column {name!r} is {values!r}, but others have a value for "
                    "each row: give a list for every column, or one value for each"
                )
        columns = {str(name): _array(values) for name, values in frame.items()}
        sizes = {name: len(column) for name, column in columns.items()}
        if len(set(sizes.values())) > 1:
            raise ValueError(
                "the columns have different lengths, "
                f"{', '.join(f'{name!r} {n}' for name, n in sizes.items())}: give one "
                "value for each row in every column"
            )
        return Columns(columns)
    is_list = isinstance(frame, list | tuple) and len(frame) > 0
    if is_list and all(isinstance(row, Mapping) for row in frame):
        names = dict.fromkeys(name for row in frame for name in row)
        return Columns(
            {str(name): _array([row.get(name) for row in frame]) for name in names}
        )
    return frame


def _is_dict(frame: Any) -> bool:
    """Whether it is a dict of columns; a sparse matrix may be one of its cells."""
    is_dict = isinstance(frame, Mapping) and not hasattr(frame, "tocsr")
    return is_dict and len(frame) > 0


def _is_column(values: Any) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str | bytes)


def _array(values: Any) -> NDArray[Any]:
    """Make a one-dimensional array of a column; numbers stay numbers."""
    if isinstance(values, np.ndarray):
        return values
    values = list(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def column_name(what: str, name: Any) -> str:
    """Return the name of a column as a text, whatever a data frame calls it.

    Raises ValueError, which says what the column is for, where it is no name.
    """
    if isinstance(name, str):
        return str(name)
    is_name = isinstance(name, int | float | tuple | dt.date | np.integer | np.floating)
    if not is_name or isinstance(name, bool) or name != name:
        raise ValueError(
            f"{what} must be the name of a column, but got {name!r}: give for example "
            "'price'"
        )
    return str(name)


def columns_of(frame: Any) -> dict[str, Any]:
    """Return the columns of a pandas, polars or Arrow table by their names.

    Raises ValueError for anything else, and for names that are there twice.
    """
    frame = named_columns(frame)
    if isinstance(frame, Columns):
        return dict(frame.columns)
    try:
        table = nw.from_native(frame, eager_only=True)
        series = list(table.iter_columns())
        names = [str(name) for name in table.columns]
    except TypeError:
        raise ValueError(
            "expected a table with named columns (a pandas or polars data frame, "
            "collected if lazy, an Arrow table, or a dict of columns), but got "
            f"{type(frame).__module__}.{type(frame).__name__}"
        ) from None
    except nw.exceptions.DuplicateError:
        names, series = [str(name) for name in _native_names(frame)], []
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(
            f"the table has more than one column named {listed(twice)}: rename them so "
            "that each name is there once"
        )
    return dict(zip(names, series, strict=True))


def column_of(columns: Mapping[str, Series], name: str) -> Series:
    """Return one of the columns; for an unknown name, ValueError offers the nearest."""
    if name not in columns:
        raise ValueError(
            f"the table has no column {name!r}: {choose(name, columns, 'columns')}"
        )
    return columns[name]


def target_column(frame: Any, name: str) -> Series:
    """Return the column to predict.

    Parameters
    ----------
    frame
        A pandas or polars data frame or an Arrow table.
    name
        Name of a column.

    Returns
    -------
    narwhals.Series
        The column; `ranvier.table.targets` takes it as it is.

    Raises
    ------
    ValueError
        There is no such column (the nearest names are offered), or a name twice.
    """
    return column_of(columns_of(frame), name)


def take_rows(frame: Any, rows: NDArray[np.int64]) -> Any:
    """Return some rows of a table as a table of the same library.

    Parameters
    ----------
    frame
        A pandas or polars data frame or an Arrow table.
    rows
        Row numbers from 0, in any order.

    Returns
    -------
    same as `frame`
        The rows in the given order.
    """
    frame = named_columns(frame)
    if isinstance(frame, Columns):
        return Columns({name: values[rows] for name, values in frame.columns.items()})
    return nw.from_native(frame, eager_only=True)[rows].to_native()


def _native_names(frame: Any) -> list[Any]:
    """Return the column names of a table that narwhals refuses for duplicates."""
    if hasattr(frame, "column_names"):  # Arrow
        return list(frame.column_names)
    return list(frame.columns)
