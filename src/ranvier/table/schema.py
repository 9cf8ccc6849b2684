"""What each column of a table is, decided from the training rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ranvier.messages import choose, listed
from ranvier.table.column_types import (
    REASONS,
    Category,
    Column,
    Dropped,
    Number,
    as_numbers,
    read_column,
)
from ranvier.table.dates import Date
from ranvier.table.histogram import NO_HISTOGRAM
from ranvier.table.json_fields import JsonFields
from ranvier.table.table import Table
from ranvier.table.type_inference import MOST_CATEGORIES, choose_column
from ranvier.table.values import Values, as_categories

FORMAT, VERSION = "ranvier table", 1
# A model file has room for the histograms of so many columns.
MOST_HISTOGRAMS = 2000


@dataclass(frozen=True)
class Schema:
    """The columns of a table: their kinds, and the statistics of the training rows.

    Columns that cannot help are left out; `notices` says which and why.

    Attributes
    ----------
    rows
        Number of training rows.
    columns
        Each source column by its name: a `Number`, `Category`, `Date` or `Dropped`,
        with its ``kind`` ("number", "category", "date", "dropped"), the training rows
        without a value (``missing``) and the statistics of its kind.
    used
        Those that are not dropped.
    notices
        What the user should know about the columns, as sentences.

    Examples
    --------
    >>> import polars
    >>> frame = polars.DataFrame({"size": [1.0, 3.0, None], "kind": ["a", "b", "a"]})
    >>> {name: c.kind for name, c in Schema.fit(frame).columns.items()}
    {'size': 'number', 'kind': 'category'}
    """

    rows: int
    _columns: tuple[Column, ...]

    def __repr__(self) -> str:
        return f"Schema({len(self.used)} of {len(self._columns)} columns used)"

    def __getstate__(self) -> dict[str, Any]:
        # Without what is derived from these two; a view of it cannot be pickled.
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
        numbers: Sequence[str] = (),
    ) -> Schema:
        """Learn the columns from the training rows.

        Parameters
        ----------
        frame
            A pandas or polars data frame or an Arrow table: the training rows alone,
            so that nothing is learned from rows held out.
        target
            Column to predict; it is no input.
        exclude
            Other columns that are no inputs.
        most_categories
            How many categories of a column are kept apart, at most.
        categories
            Columns that hold categories, though their values are numbers.
        numbers
            Columns that hold numbers, though their values are texts, such as "007".

        Returns
        -------
        Schema
            The same rows always give the same schema.

        Raises
        ------
        ValueError
            No table, no rows, a name that is not there or there twice, infinite
            numbers, or no column that can be used.
        """
        table = Table.of(frame)
        left_out = [*exclude] if target is None else [target, *exclude]
        for name in left_out:
            table.require(name)
        _check_named(table, categories, numbers)
        if not len(table):
            raise ValueError(
                "the table has no rows: give at least one row to learn from"
            )
        chosen = tuple(
            choose_column(
                name,
                _as_named(table.values(name), name, categories, numbers),
                most_categories,
            )
            for name in table.names
            if name not in set(left_out)
        )
        if len(chosen) > MOST_HISTOGRAMS:
            chosen = tuple(
                replace(column, histogram=NO_HISTOGRAM)
                if isinstance(column, Number | Date)
                else column
                for column in chosen
            )
        schema = cls(len(table), chosen)
        if not schema.used:
            notices = (
                " ".join(schema.notices) or "There is no column beside the target."
            )
            raise ValueError(
                f"none of the {len(chosen)} columns can be used as input. {notices} "
                "Give a table with a column whose values vary"
            )
        return schema

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Each source column by its name, in the order of the training table."""
        return MappingProxyType({column.name: column for column in self._columns})

    @cached_property
    def used(self) -> tuple[Number | Category | Date, ...]:
        """The columns that are not dropped, in the order of the training table."""
        return tuple(c for c in self._columns if not isinstance(c, Dropped))

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What the user should know about the columns, as sentences."""
        return (*self.left_out, *_decided(self._columns))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Which columns are no inputs, and why, as sentences."""
        return tuple(_left_out(self._columns))

    def values(self, frame: Any) -> Iterable[tuple[Number | Category | Date, Values]]:
        """Pair each used column with its values in a table, read once.

        Parameters
        ----------
        frame
            A table with the used columns of the training table, in any order; others
            are ignored.

        Raises
        ------
        ValueError
            A column is missing; the nearest name is offered.
        """
        table = Table.of(frame)
        missing = [column.name for column in self.used if column.name not in table]
        if missing:
            raise ValueError(
                f"the table lacks the column(s) {listed(missing)}, which training had: "
                f"{choose(missing[0], table.names, 'columns')}"
            )
        return ((column, table.values(column.name)) for column in self.used)

    def unseen_categories(self, frame: Any) -> list[str]:
        """Report categories that training had not seen, or too rarely to keep apart.

        Parameters
        ----------
        frame
            A table as for `values`.

        Returns
        -------
        list of str
            A sentence for each column with such values: which, and in how many rows.
        """
        sentences = []
        for column, values in self.values(frame):
            if not isinstance(column, Category):
                continue
            if counts := column.unseen(values):
                sentences.append(
                    f"Column {column.name!r} holds categories that training did not "
                    f"see or hardly saw, in {sum(counts.values())} row(s): "
                    f"{listed(counts)}."
                )
        return sentences

    def description(self) -> dict[str, Any]:
        """Describe the schema as plain JSON, for `from_description` to rebuild."""
        columns = [column.describe() for column in self._columns]
        return {
            "format": FORMAT,
            "version": VERSION,
            "rows": self.rows,
            "columns": columns,
        }

    @classmethod
    def from_description(cls, description: Any) -> Schema:
        """Rebuild a schema.

        Parameters
        ----------
        description
            What `description` returned, or the same read from JSON.

        Returns
        -------
        Schema
            Equal to the one described.

        Raises
        ------
        ValueError
            Anything else: each field is checked, and nothing in it is executed.
        """
        keys = ["format", "version", "rows", "columns"]
        fields = JsonFields(description, "the table", keys)
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


def _as_named(
    values: Values, name: str, categories: Sequence[str], numbers: Sequence[str]
) -> Values:
    """Read a column as the user says, if it is named."""
    if name in categories:
        return as_categories(values, name)
    if name in numbers and values.kind == "text":
        return Values("number", as_numbers(values, name))
    return values


def _left_out(columns: Sequence[Column]) -> Iterable[str]:
    """Say which columns are left out, one sentence for each reason."""
    for why, reason in REASONS.items():
        dropped = [c for c in columns if isinstance(c, Dropped) and c.why == why]
        if len(dropped) == 1:
            detail = f" ({dropped[0].detail})" if dropped[0].detail else ""
            yield f"Column {dropped[0].name!r} is left out: {reason}{detail}."
        elif dropped:
            names = listed(column.name for column in dropped)
            yield f"{len(dropped)} columns are left out ({reason}): {names}."


def _decided(columns: Sequence[Column]) -> Iterable[str]:
    """Say what else was decided about the columns."""
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


def _check_named(
    table: Table, categories: Sequence[str], numbers: Sequence[str]
) -> None:
    """Raise for named columns that are not there, or are named as both."""
    for what, names in (("categories", categories), ("numbers", numbers)):
        for name in names:
            if name not in table:
                raise ValueError(
                    f"{what}: there is no column {name!r}: "
                    f"{choose(name, table.names, 'columns')}"
                )
    if both := [name for name in numbers if name in categories]:
        raise ValueError(
            f"{listed(both)} is named both as numbers and as categories: leave it out "
            "of one of them"
        )
