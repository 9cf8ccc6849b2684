"""Columns of any kind <-> one float matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ranvier.messages import choose, listed
from ranvier.table.columns import (
    REASONS,
    Category,
    Column,
    Dropped,
    Number,
    read_column,
)
from ranvier.table.description import Fields
from ranvier.table.frames import column_of, columns_of
from ranvier.table.kinds import MOST_CATEGORIES, choose_column
from ranvier.table.scale import Block
from ranvier.table.values import as_categories, values_of

FORMAT, VERSION = "ranvier table", 1


@dataclass(frozen=True)
class TableEncoder:
    """Columns of a table <-> columns of one float matrix.

    Numbers are standardised, categories become one column of 0 and 1 each, dates their
    parts; missing values have a column of their own where training had some. Columns
    that cannot help are left out. `notices` says what was decided and why.

    Attributes
    ----------
    rows
        Number of training rows.
    columns
        Each source column by its name: a `Number`, `Category`, `Date` or `Dropped`,
        with its ``kind`` ("number", "category", "date", "dropped"), the training rows
        without a value (``missing``) and the statistics of its kind.
    names
        Name of each column of the matrix: "income", "income is missing",
        "island=Biscoe", "island is other", "date: month".
    source
        Name of the source column of each column of the matrix.
    notices
        What the user should know about the columns, as sentences.

    Examples
    --------
    >>> import polars
    >>> frame = polars.DataFrame({"size": [1.0, 3.0, None], "kind": ["a", "b", "a"]})
    >>> encoder = TableEncoder.fit(frame)
    >>> encoder.names
    ('size', 'size is missing', 'kind=a', 'kind=b')
    >>> encoder.transform(frame)
    array([[-1.,  0.,  1.,  0.],
           [ 1.,  0.,  0.,  1.],
           [ 0.,  1.,  1.,  0.]], dtype=float32)
    """

    rows: int
    _columns: tuple[Column, ...]

    def __repr__(self) -> str:
        used = sum(not isinstance(column, Dropped) for column in self._columns)
        width = len(self.names)
        return f"TableEncoder({used} columns used, {width} columns of the matrix)"

    def __getstate__(self) -> dict[str, Any]:
        # Without what is worked out from these two; a view of it cannot be pickled.
        return {"rows": self.rows, "_columns": self._columns}

    @classmethod
    def fit(
        cls,
        frame: Any,
        *,
        target: str | None = None,
        exclude: Sequence[str] = (),
        most_categories: int = MOST_CATEGORIES,
        categories: Sequence[str] = (),
    ) -> TableEncoder:
        """Learn the columns from the training rows.

        Parameters
        ----------
        frame
            A pandas or polars data frame or an Arrow table: the training rows alone,
            so that nothing is learnt from rows held out.
        target
            Column to predict; it is no input.
        exclude
            Other columns that are no inputs.
        most_categories
            How many categories of a column are kept apart, at most.
        categories
            Columns that hold categories, though their values are numbers.

        Returns
        -------
        TableEncoder
            The same rows always give the same encoder.

        Raises
        ------
        ValueError
            No table, no rows, a name that is not there or there twice, infinite
            numbers, or no column that can be used.
        """
        columns = columns_of(frame)
        left_out = [*exclude] if target is None else [target, *exclude]
        for name in (*left_out, *categories):
            column_of(columns, name)
        rows = len(frame)
        if not rows:
            raise ValueError(
                "the table has no rows: give at least one row to learn from"
            )
        values = {name: values_of(series) for name, series in columns.items()}
        values |= {name: as_categories(values[name], name) for name in categories}
        chosen = tuple(
            choose_column(name, own, most_categories)
            for name, own in values.items()
            if name not in set(left_out)
        )
        encoder = cls(rows, chosen)
        if not encoder.names:
            told = " ".join(encoder.notices) or "There is no column beside the target."
            raise ValueError(
                f"none of the {len(chosen)} columns can be used as input. {told} Give "
                "a table with a column whose values vary"
            )
        return encoder

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Each source column by its name, in the order of the training table."""
        return MappingProxyType({column.name: column for column in self._columns})

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each column of the matrix."""
        return tuple(name for column in self._columns for name in column.names)

    @cached_property
    def source(self) -> tuple[str, ...]:
        """Name of the source column of each column of the matrix."""
        return tuple(column.name for column in self._columns for _ in column.names)

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What the user should know about the columns, as sentences."""
        return tuple(_notices(self._columns))

    def transform(self, frame: Any, *, dtype: DTypeLike = np.float32) -> Block:
        """Encode rows.

        Parameters
        ----------
        frame
            A table with the columns of the training table, in any order; others are
            ignored, and so are the target and the columns left out.
        dtype
            float32 or float64.

        Returns
        -------
        ndarray
            (n, len(names)), C-contiguous, all finite. A missing number takes the median
            of the training rows. A category never seen in training goes to the bucket
            "is other"; where training had nothing to fill that bucket, it is encoded as
            the average training row, and so is a missing category.

        Raises
        ------
        ValueError
            A column is missing, or holds values of another kind than in training, or
            infinite numbers.
        """
        given = self.given(frame)
        X = np.empty((len(frame), len(self.names)), dtype=dtype)
        for column, part in self._parts():
            column.encode(values_of(given[column.name]), X[:, part])
        return X

    def unseen(self, frame: Any) -> list[str]:
        """Report categories that training had not seen, or too rarely to keep apart.

        Parameters
        ----------
        frame
            A table as for `transform`.

        Returns
        -------
        list of str
            A sentence for each column with such values: which, and in how many rows.
        """
        given = self.given(frame)
        sentences = []
        for column, _ in self._parts():
            if not isinstance(column, Category):
                continue
            if counts := column.unseen(values_of(given[column.name])):
                sentences.append(
                    f"Column {column.name!r} holds categories that training did not "
                    f"see or hardly saw, in {sum(counts.values())} row(s): "
                    f"{listed(counts)}."
                )
        return sentences

    def inverse(self, matrix: Block) -> dict[str, NDArray[Any]]:
        """Turn rows of the matrix into the user's columns and units.

        Parameters
        ----------
        matrix
            (n, len(names)), as `transform` returns it.

        Returns
        -------
        dict of str to ndarray
            (n,) values of each column that is used: float64 (NaN where missing),
            objects (categories; None where missing, "(other)" for the bucket),
            datetime64[us] (to the second).

        Raises
        ------
        ValueError
            The matrix has another shape.
        """
        matrix = np.asarray(matrix)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.names):
            raise ValueError(
                f"expected a matrix of {len(self.names)} columns, but got the shape "
                f"{matrix.shape}: give what transform() returned"
            )
        return {
            column.name: column.decode(matrix[:, at]) for column, at in self._parts()
        }

    def description(self) -> dict[str, Any]:
        """Describe the encoder as plain JSON, for `from_description` to rebuild."""
        columns = [column.describe() for column in self._columns]
        return {
            "format": FORMAT,
            "version": VERSION,
            "rows": self.rows,
            "columns": columns,
        }

    @classmethod
    def from_description(cls, description: Any) -> TableEncoder:
        """Rebuild an encoder.

        Parameters
        ----------
        description
            What `description` returned, or the same read from JSON.

        Returns
        -------
        TableEncoder
            Equal to the one described.

        Raises
        ------
        ValueError
            Anything else: each field is checked, and nothing in it is executed.
        """
        keys = ["format", "version", "rows", "columns"]
        fields = Fields(description, "the table", keys)
        fields.choice("format", [FORMAT])
        version = fields.count("version")
        if version > VERSION:
            raise ValueError(
                f"the table was described by version {version} of the format, and this "
                f"Ranvier reads up to version {VERSION}: install a newer Ranvier"
            )
        columns = tuple(
            read_column(value, f"column {number} of the table")
            for number, value in enumerate(fields.items("columns"))
        )
        fields.require(
            len({column.name for column in columns}) == len(columns),
            "two columns have the same name",
        )
        return cls(fields.count("rows"), columns)

    def _parts(self) -> Iterable[tuple[Number | Category | Any, slice]]:
        """Pair each used column with its place in the matrix."""
        end = 0
        for column in self._columns:
            start, end = end, end + len(column.names)
            if not isinstance(column, Dropped):
                yield column, slice(start, end)

    def given(self, frame: Any) -> dict[str, Any]:
        """Return the table's columns; a missing one is named, with the nearest."""
        given = columns_of(frame)
        missing = [
            column.name for column, _ in self._parts() if column.name not in given
        ]
        if missing:
            raise ValueError(
                f"the table lacks the column(s) {listed(missing)}, which training had: "
                f"{choose(missing[0], given, 'columns')}"
            )
        return given


def _notices(columns: Sequence[Column]) -> Iterable[str]:
    """Say what was decided about the columns, one sentence for each reason."""
    for why, reason in REASONS.items():
        dropped = [c for c in columns if isinstance(c, Dropped) and c.why == why]
        if len(dropped) == 1:
            detail = f" ({dropped[0].detail})" if dropped[0].detail else ""
            yield f"Column {dropped[0].name!r} is left out: {reason}{detail}."
        elif dropped:
            names = listed(column.name for column in dropped)
            yield f"{len(dropped)} columns are left out ({reason}): {names}."
    marked: dict[tuple[str, ...], list[str]] = {}
    for column in columns:
        if isinstance(column, Number) and column.markers:
            marked.setdefault(column.markers, []).append(column.name)
    for markers, names_of_marked in marked.items():
        yield (
            f"The texts {listed(markers)} among the numbers of "
            f"{listed(names_of_marked)} are read as missing."
        )
    for column in columns:
        if isinstance(column, Category) and column.pooled:
            yield (
                f"The {column.pooled} rarest categories of {column.name!r} share one "
                f"column ({column.other} rows); {len(column.categories)} have their "
                "own."
            )
