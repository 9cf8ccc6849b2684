"""Pieces of SQL as DuckDB reads it: names, texts, numbers, a chain of subqueries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def identifier(name: str) -> str:
    """Write a name, whatever stands in it.

    Examples
    --------
    >>> print(identifier('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Write a text.

    Examples
    --------
    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def number(value: float) -> str:
    """Write a finite float64 so that the same is read.

    Examples
    --------
    >>> number(0.1)
    '0.1::DOUBLE'
    """
    return f"{float(value)!r}::DOUBLE"


def numbers(values: Array) -> str:
    """Write an array of one or two dimensions as a list of doubles.

    As a text it is parsed in a moment; as a list of literals, each would be an
    expression. Float32 is read as float32, so that a short text gives the same number.

    Examples
    --------
    >>> numbers(np.float32([[0.1, 2]]))
    "'[[0.1, 2.0]]'::FLOAT[][]::DOUBLE[][]"
    """
    brackets = "[]" * values.ndim
    wide = f"::DOUBLE{brackets}"
    kind = f"::FLOAT{brackets}" if values.dtype == np.float32 else ""
    return f"'{_list(values)}'{kind}{wide}"


def _list(values: Array) -> str:
    own = map(str, values) if values.ndim == 1 else map(_list, values)
    return "[" + ", ".join(own) + "]"


def comment(said: str) -> str:
    """Write a line of comment."""
    return "-- " + "".join(c if c.isprintable() else " " for c in said)


class Query:
    """A chain of subqueries, each with the columns of the one before and some more.

    Parameters
    ----------
    first
        The first one.

    Examples
    --------
    >>> query = Query("SELECT 2 AS x")
    >>> query.add({"y": "x + 1"})
    >>> query.add({"z": "x * y"})
    >>> print(query.select("z"))
    WITH
    step0 AS (SELECT 2 AS x),
    step1 AS (SELECT *,
        x + 1 AS y
    FROM step0),
    step2 AS (SELECT *,
        x * y AS z
    FROM step1)
    SELECT z FROM step2
    """

    def __init__(self, first: str) -> None:
        self._steps = [f"step0 AS ({first})"]

    def add(self, columns: Mapping[str, str]) -> None:
        """Add columns, each by its name an expression of what is there already."""
        if not columns:
            return
        # Not by textwrap.indent, which would change texts with line ends in them.
        own = ",\n    ".join(f"{value} AS {name}" for name, value in columns.items())
        last = len(self._steps) - 1
        body = f"SELECT *,\n    {own}\nFROM step{last}"
        self._steps.append(f"step{last + 1} AS ({body})")

    def select(self, columns: str) -> str:
        """Return the whole query, with what it gives."""
        steps = ",\n".join(self._steps)
        return f"WITH\n{steps}\nSELECT {columns} FROM step{len(self._steps) - 1}"
