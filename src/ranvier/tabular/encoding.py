"""Columns of any kind -> the inputs of a network, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.columns import Category as Coded
from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.table.columns import Category, Column, Dropped, Number
from ranvier.table.dates import DATE_PARTS, Date
from ranvier.table.description import Fields
from ranvier.table.table import TableEncoder
from ranvier.table.values import Values, values_of
from ranvier.tabular.recipe import Recipe
from ranvier.tabular.spread import Spread

Array = NDArray[Any]

BINS = 16  # of a column of numbers
ONE_HOT = 8  # columns of a category, up to which each is an input of its own
CATEGORIES = 10_000  # of a column, the most that are kept apart
WIDTH = 8  # of what a category becomes


@dataclass(frozen=True)
class Encoding:
    """Columns of a table <-> the inputs of a network.

    `TableEncoder` decides what each column is; here numbers are scaled so that no
    outlier counts, and told a second time by their places among the quantiles.

    Attributes
    ----------
    table
        What each column is.
    spreads
        Of each column of numbers, by its name; a date has one for each of its parts.
    places
        Whether a number is told a second time, by how far it is through each bin.
    marks
        Whether the 0 and 1 that mark categories are scaled as numbers are; of two
        categories then only the first is marked.
    names, sources
        Of each input: its own, and that of its column in the table.
    """

    table: TableEncoder
    spreads: dict[str, Spread]
    places: bool = True
    marks: bool = False

    @classmethod
    def fit(
        cls,
        frame: Any,
        weights: Array | None = None,
        bins: int = BINS,
        places: bool = True,
        marks: bool = False,
    ) -> Encoding:
        """Learn from the training rows, weighted."""
        table = TableEncoder.fit(frame, most_categories=CATEGORIES)
        spreads = {}
        for column, values in _used(table, frame):
            for name, numbers in _numbers(column, values):
                known = ~np.isnan(numbers)
                own = None if weights is None else weights[known]
                spreads[name] = Spread.fit(numbers[known], own, bins)
        return cls(table, spreads, places, marks)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each input."""
        return tuple(name for _, names in self._named for name in names)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Name of the column in the table of each input."""
        return tuple(source for source, names in self._named for _ in names)

    def transform(self, frame: Any) -> Array:
        """Encode rows: (n, len(names)) float32, all finite."""
        X = np.empty((len(frame), len(self.names)), np.float32)
        end = 0
        for column, values in _used(self.table, frame):
            for name, numbers in _numbers(column, values):
                spread = self.spreads[name]
                scaled = spread.scale(numbers)
                X[:, end] = scaled
                end += 1
                if self.places and spread.bins:
                    X[:, end : end + spread.bins] = spread.places(scaled)
                    end += spread.bins
            if is_coded(column):
                X[:, end] = column.places(values) + 1
                X[:, end] = np.maximum(X[:, end], 0)
                end += 1
            elif isinstance(column, Category):
                width = len(self._marked(column))
                X[:, end : end + width] = self._marks(column, values)
                end += width
            elif column.missing:
                X[:, end] = _missing(column, values)
                end += 1
        return X

    def single(self, frame: Any) -> dict[str, Array]:
        """Give each column of a table as numbers, NaN where missing; dates by day."""
        found: dict[str, Array] = {}
        for column, values in _used(self.table, frame):
            if isinstance(column, Category):
                found[column.name] = column.places(values).astype(np.float64)
            elif numbers := _numbers(column, values):
                found[column.name] = numbers[0][1]
        return found

    @cached_property
    def _named(self) -> list[tuple[str, list[str]]]:
        """The columns used, and what their inputs are called."""
        named = []
        for column in self.table.columns.values():
            if isinstance(column, Dropped):
                continue
            names = list(column.names)
            if is_coded(column):
                names = [column.name]
            elif isinstance(column, Category):
                names = list(self._marked(column))
            else:
                names = []
                for name in _number_names(column):
                    bins = self.spreads[name].bins if self.places else 0
                    names += [name, *(f"{name}: bin {b + 1}" for b in range(bins))]
                names += [f"{column.name} is missing"] if column.missing else []
            named.append((column.name, names))
        return named

    def embedding(self, recipe: Recipe) -> Embedding:
        """Say what a network makes of each input."""
        told: list[Any] = []
        for column in self.table.columns.values():
            if is_coded(column):
                told.append(Coded(len(column.names) + 1, WIDTH))
                continue
            if isinstance(column, Category):
                told += [Plain()] * len(self._marked(column))
                continue
            plain = 0 if isinstance(column, Dropped) else len(column.names)
            for name in _number_names(column):
                spread = self.spreads[name]
                told.append(recipe.number(spread.edges))
                plain += spread.bins * self.places - 1
            told += [Plain()] * plain
        return Embedding(told, scale=recipe.scale_rate > 0)

    def _marked(self, column: Category) -> tuple[str, ...]:
        """Name the marks of a category's column that are inputs."""
        both = len(column.names) == 2
        return column.names[:1] if self.marks and both else column.names

    def _marks(self, column: Category, values: Values) -> Array:
        """Mark the category of each row."""
        marks = np.empty((len(values.data), len(column.names)))
        column.encode(values, marks)
        if not self.marks:
            return marks
        shares = column.average()[: len(self._marked(column))]
        spreads = map(Spread.of_marks, shares)
        return np.stack([s.scale(marks[:, k]) for k, s in enumerate(spreads)], axis=1)

    def describe(self) -> dict[str, Any]:
        """Describe the encoding as plain JSON."""
        return {
            "table": self.table.description(),
            "places": self.places,
            "marks": self.marks,
            "spreads": {name: s.describe() for name, s in self.spreads.items()},
        }

    @classmethod
    def read(cls, value: Any) -> Encoding:
        """Rebuild an encoding from what `describe` returned."""
        parts = ["table", "places", "marks", "spreads"]
        fields = Fields(value, "the inputs", parts)
        table = TableEncoder.from_description(fields.item("table"))
        names = [
            name
            for column in table.columns.values()
            if isinstance(column, Number | Date)
            for name in _number_names(column)
        ]
        spreads = Fields(fields.item("spreads"), "the inputs", names)
        return cls(
            table,
            {name: Spread.read(spreads.item(name), repr(name)) for name in names},
            bool(fields.item("places")),
            bool(fields.item("marks")),
        )


def is_coded(column: Column) -> bool:
    """Say whether a column is one input, the code of its category."""
    return isinstance(column, Category) and len(column.names) > ONE_HOT


def _used(table: TableEncoder, frame: Any) -> list[tuple[Any, Values]]:
    """Pair each column that is used with its values in a table."""
    given = table.given(frame)
    return [
        (column, values_of(given[column.name]))
        for column in table.columns.values()
        if not isinstance(column, Dropped)
    ]


def _number_names(column: Column) -> list[str]:
    """Name the columns of numbers that a column gives."""
    if isinstance(column, Number):
        return [column.name] if column.scale.sd > 0 else []
    if isinstance(column, Date):
        scales = zip(DATE_PARTS, column.scales, strict=True)
        return [f"{column.name}: {part}" for part, scale in scales if scale.sd > 0]
    return []


def _numbers(column: Column, values: Values) -> list[tuple[str, Array]]:
    """Give the columns of numbers that a column gives, NaN where missing."""
    names = _number_names(column)
    if isinstance(column, Number) and names:
        return [(names[0], column.numbers(values))]
    if isinstance(column, Date):
        parts = zip(column.parts(values), column.scales, strict=True)
        varying = [part for part, scale in parts if scale.sd > 0]
        return list(zip(names, varying, strict=True))
    return []


def _missing(column: Number | Date, values: Values) -> Array:
    """Mark the rows without a value."""
    if isinstance(column, Number):
        return np.isnan(column.numbers(values))
    return np.isnan(column.parts(values)[0])
