"""The rows of a request -> columns for a model, each field checked.

A model reads tables as training did, texts as numbers among them. JSON has types of its
own, so here a number is a JSON number, and what is wrong is said field by field.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

import numpy as np

from ranvier.messages import nearest
from ranvier.table.column_types import Category, Number
from ranvier.table.dates import Date
from ranvier.table.frames import Columns

MOST_ERRORS: Final = 20  # that are listed
ARROW: Final = "application/vnd.apache.arrow.stream"

Column = Number | Category | Date


class RequestError(Exception):
    """A request that cannot be processed: a status, a message, and the fields at fault.

    Parameters
    ----------
    status
        The HTTP status, 4xx or 503.
    message
        What was given, what was expected, what to do.
    fields
        For each field at fault its row, column, value and what was expected.
    """

    def __init__(
        self, status: int, message: str, fields: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = list(fields)


def rows_of_json(body: bytes) -> list[dict[str, Any]]:
    """Read ``{"rows": [...]}``, a list of rows, or one row.

    Raises
    ------
    RequestError
        It is no JSON (400), or no rows (422).
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"the body is no JSON: {str(error)[:200]}") from None
    if isinstance(value, dict) and isinstance(value.get("rows"), list):
        value = value["rows"]
    rows = value if isinstance(value, list) else [value]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise RequestError(
            422,
            'the body holds no rows: give {"rows": [{"column": value, ...}, ...]}, '
            "with at least one row",
        )
    return rows


def columns_of_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], ignored: Sequence[str]
) -> Columns:
    """Turn rows into the columns of a model.

    Parameters
    ----------
    rows
        Values by the names of columns; None is a missing value.
    columns
        The columns of the model.
    ignored
        Other columns of the training table, which rows may have too.

    Raises
    ------
    RequestError
        A field is missing, unknown, or has a value of another type (422).
    """
    errors = list(_names_at_fault(rows, [c.name for c in columns], ignored))
    found: dict[str, Any] = {}
    for column in columns:
        values = [row.get(column.name) for row in rows]
        read, expected = _READERS[type(column)]
        cells = []
        for number, value in enumerate(values):
            try:
                cells.append(None if value is None else read(value))
            except (ValueError, TypeError, OverflowError):
                errors.append(_fault(number, column.name, value, expected))
                cells.append(None)
        found[column.name] = _array(column, cells)
    if errors:
        raise RequestError(
            422,
            f"{len(errors)} field(s) cannot be read; see fields (at most {MOST_ERRORS} "
            "are listed)",
            errors[:MOST_ERRORS],
        )
    return Columns(found)


def _names_at_fault(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], ignored: Sequence[str]
) -> Any:
    known, expected = {*names, *ignored}, set(names)
    for number, row in enumerate(rows):
        for name in expected - row.keys():
            yield _fault(number, name, None, "this column; null where it is missing")
        for name in row.keys() - known:
            near = nearest(str(name), names, 1)
            hint = f"no such column; {near[0]!r} is one" if near else "no such column"
            yield _fault(number, str(name)[:200], row[name], hint)


def _fault(row: int, column: str, value: Any, expected: str) -> dict[str, Any]:
    return {"row": row, "column": column, "given": _short(value), "expected": expected}


def _short(value: Any) -> Any:
    is_plain = isinstance(value, int | None) or _is_finite(value)
    return value if is_plain else str(value)[:100]


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and isfinite(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    number = float(value)
    if not isfinite(number):
        raise ValueError
    return number


def _category(value: Any) -> Any:
    if not isinstance(value, str | bool | int | float):
        raise TypeError
    return value


def _date(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):  # of an Arrow table
        when = value
    elif isinstance(value, dt.date):
        when = dt.datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        when = dt.datetime.fromisoformat(value)
    else:
        raise TypeError
    if when.tzinfo is not None:
        when = when.astimezone(dt.UTC).replace(tzinfo=None)
    return when


_READERS: Final[dict[type, tuple[Any, str]]] = {
    Number: (_number, "a finite number or null"),
    Category: (_category, "a text, a number, true, false or null"),
    Date: (_date, "a date in ISO form, such as 2024-03-18T09:30:00, or null"),
}


def _array(column: Column, cells: list[Any]) -> Any:
    if isinstance(column, Number):
        return np.array([np.nan if cell is None else cell for cell in cells], float)
    if isinstance(column, Date):
        return np.array(cells, "datetime64[us]")
    objects = np.empty(len(cells), object)
    objects[:] = cells
    return objects


def table_of_arrow(body: bytes) -> Any:
    """Read the table of an Arrow stream.

    Raises
    ------
    RequestError
        It is none, or has no rows (422).
    """
    import pyarrow as pa

    try:
        with pa.ipc.open_stream(io.BytesIO(body)) as stream:
            table = stream.read_all()
            table.validate(full=True)
    except (pa.ArrowException, OSError, MemoryError) as error:
        first = (str(error).splitlines() or ["unknown"])[0][:200]
        raise RequestError(400, f"the body is no Arrow stream: {first}") from None
    if not table.num_rows:
        raise RequestError(422, "the table has no rows: give at least one")
    return table
