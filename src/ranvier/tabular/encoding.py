"""Columns of any kind -> the inputs of a network, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.columns import Category as Coded
from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.table.columns import Category, Dropped, Number
from ranvier.table.dates import DATE_PARTS, Date
from ranvier.table.description import Fields
from ranvier.table.table import TableEncoder
from ranvier.tabular import inputs
from ranvier.tabular.normal import NormalScores
from ranvier.tabular.recipe import Recipe
from ranvier.tabular.spread import Spread

Array = NDArray[Any]

BINS = 16  # of a column of numbers
MOST_PLACES = 400  # of all columns: of many columns each has fewer bins
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
    one_hot
        The most inputs that a category is marked by; one that needs more is a code.
        None: all are marked.
    names, sources
        Of each input: its own, and that of its column in the table.
    """

    table: TableEncoder
    spreads: dict[str, inputs.Scale]
    places: bool = True
    marks: bool = False
    one_hot: int | None = inputs.ONE_HOT

    @classmethod
    def fit(
        cls,
        frame: Any,
        weights: Array | None = None,
        bins: int = BINS,
        places: bool = True,
        target: str | None = None,
        categories: Sequence[str] = (),
        marks: bool = False,
        normal: bool = False,
        one_hot: int | None = inputs.ONE_HOT,
    ) -> Encoding:
        """Learn from training rows and weights.

        A target among the columns is no input; ``categories`` are told to be such.
        ``normal`` numbers are scaled by their quantiles, and have no places.
        """
        table = TableEncoder.fit(
            frame,
            target=target,
            most_categories=CATEGORIES,
            categories=categories,
        )
        spreads: dict[str, inputs.Scale] = {}
        told = [inputs.number_names(column) for column in table.columns.values()]
        bins = min(bins, MOST_PLACES // max(sum(map(len, told)), 1))
        for column, values in inputs.used(table, frame):
            for name, numbers in inputs.numbers(column, values):
                known = ~np.isnan(numbers)
                own = None if weights is None else weights[known]
                spreads[name] = (
                    NormalScores.fit(numbers[known], own)
                    if normal
                    else Spread.fit(numbers[known], own, bins)
                )
        return cls(table, spreads, places, marks, one_hot)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each input."""
        return tuple(name for _, names in self._named for name in names)

    @cached_property
    def is_place(self) -> NDArray[np.bool_]:
        """Whether each input says how far a number is through a bin."""
        places: list[bool] = []
        for source, names in self._named:
            own: list[bool] = []
            for name in inputs.number_names(self.table.columns[source]):
                own += [False] + [True] * (self.spreads[name].bins * self.places)
            places += own + [False] * (len(names) - len(own))
        return np.array(places, bool)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Name of the column in the table of each input."""
        return tuple(source for source, names in self._named for _ in names)

    @cached_property
    def numbers(self) -> dict[int, inputs.Scale]:
        """How the inputs that are numbers of the table, told once, are scaled."""
        pairs = enumerate(zip(self.names, self.sources, strict=True))
        return {
            place: self.spreads[name]
            for place, (name, source) in pairs
            if name in inputs.number_names(self.table.columns[source])
        }

    def transform(self, frame: Any) -> Array:
        """Encode rows: (n, len(names)) float32, all finite."""
        X = np.empty((len(frame), len(self.names)), np.float32)
        end = 0
        for column, values in inputs.used(self.table, frame):
            for name, numbers in inputs.numbers(column, values):
                spread = self.spreads[name]
                scaled = spread.scale(numbers)
                X[:, end] = scaled
                end += 1
                if self.places and spread.bins:
                    X[:, end : end + spread.bins] = spread.places(scaled)
                    end += spread.bins
            if self._is_coded(column):
                X[:, end] = column.places(values) + 1
                X[:, end] = np.maximum(X[:, end], 0)
                end += 1
            elif isinstance(column, Category):
                width = len(inputs.marked(column, self.marks))
                marks = inputs.encode(column, values)
                X[:, end : end + width] = inputs.marks(column, marks, self.marks)
                end += width
            elif column.missing:
                X[:, end] = inputs.missing(column, values)
                end += 1
        return X

    def inverse(self, X: Any) -> dict[str, Array]:
        """Turn inputs of a network into the user's columns and units.

        Parameters
        ----------
        X
            (n, len(names)), as `transform` returns it.

        Returns
        -------
        dict of str to ndarray
            (n,) values of each column that is used: float64 (NaN where missing),
            objects (categories; None where missing, "(other)" where training had no
            such value or pooled it), datetime64[us]. Numbers are as exact as float32
            leaves them, and less so far outside what is usual.

        Raises
        ------
        ValueError
            X has another shape.
        """
        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != len(self.names):
            raise ValueError(
                f"expected {len(self.names)} inputs in each row, but got the shape "
                f"{X.shape}: give what transform() returned"
            )
        found, end = {}, 0
        for name, names in self._named:
            start, end = end, end + len(names)
            found[name] = inputs.decode(
                column := self.table.columns[name], X[:, start:end], self.spreads,
                self.marks, self._is_coded(column),
            )  # fmt: skip
        return found

    @cached_property
    def usual(self) -> Array:
        """The inputs of a row of which nothing is known, (len(names),).

        Numbers are at their medians, categories and missing values what they are in the
        average of the training rows.
        """
        parts = []
        for column in self.table.columns.values():
            if self._is_coded(column):
                parts.append(np.zeros(1))  # the code of what was never seen
            elif isinstance(column, Category):
                average = column.average()[None]
                parts.append(inputs.marks(column, average, self.marks)[0])
            elif not isinstance(column, Dropped):
                middle = np.zeros(1)
                for name in inputs.number_names(column):
                    spread = self.spreads[name]
                    parts.append(middle)
                    if self.places and spread.bins:
                        parts.append(spread.places(middle)[0])
                if column.missing:
                    parts.append(np.array([column.missing / self.table.rows]))
        return np.concatenate(parts)

    def single(self, frame: Any) -> dict[str, Array]:
        """Give each column of a table as numbers, NaN where missing; dates by day."""
        found: dict[str, Array] = {}
        for column, values in inputs.used(self.table, frame):
            if isinstance(column, Category):
                found[column.name] = column.places(values).astype(np.float64)
            elif numbers := inputs.numbers(column, values):
                found[column.name] = numbers[0][1]
        return found

    def _is_coded(self, column: Any) -> bool:
        """Say whether a column is one input, the code of its category."""
        return inputs.is_coded(column, self.one_hot)

    @cached_property
    def _named(self) -> list[tuple[str, list[str]]]:
        """The columns used, and what their inputs are called."""
        named = []
        for column in self.table.columns.values():
            if isinstance(column, Dropped):
                continue
            names = list(column.names)
            if self._is_coded(column):
                names = [column.name]
            elif isinstance(column, Category):
                names = list(inputs.marked(column, self.marks))
            else:
                names = []
                for name in inputs.number_names(column):
                    names += [name, *self._bin_names(name)]
                names += [f"{column.name} is missing"] if column.missing else []
            named.append((column.name, names))
        return named

    def _bin_names(self, name: str) -> list[str]:
        """Name the inputs that tell a number a second time."""
        if not self.places:
            return []
        spread = self.spreads[name]
        days = name.endswith(f": {DATE_PARTS[0]}")
        told = spread.bin_names(inputs.day) if days else spread.bin_names()
        return [f"{name}: {bin_name}" for bin_name in told]

    def embedding(self, recipe: Recipe) -> Embedding:
        """Say what a network makes of each input."""
        told: list[Any] = []
        for column in self.table.columns.values():
            if self._is_coded(column):
                told.append(Coded(len(column.names) + 1, WIDTH))
                continue
            if isinstance(column, Category):
                told += [Plain()] * len(inputs.marked(column, self.marks))
                continue
            plain = 0 if isinstance(column, Dropped) else len(column.names)
            for name in inputs.number_names(column):
                spread = self.spreads[name]
                told.append(recipe.number(spread.edges))
                plain += spread.bins * self.places - 1
            told += [Plain()] * plain
        return Embedding(told, scale=recipe.scale_rate > 0)

    def describe(self) -> dict[str, Any]:
        """Describe the encoding as plain JSON."""
        return {
            "table": self.table.description(),
            "places": self.places,
            "marks": self.marks,
            "one_hot": self.one_hot,
            "spreads": {name: s.describe() for name, s in self.spreads.items()},
        }

    @classmethod
    def read(cls, value: Any) -> Encoding:
        """Rebuild an encoding from what `describe` returned."""
        parts = ["table", "places", "marks", "one_hot", "spreads"]
        fields = Fields(value, "the inputs", parts)
        table = TableEncoder.from_description(fields.item("table"))
        names = [
            name
            for column in table.columns.values()
            if isinstance(column, Number | Date)
            for name in inputs.number_names(column)
        ]
        spreads = Fields(fields.item("spreads"), "the inputs", names)
        return cls(
            table,
            {name: read_scale(spreads.item(name), repr(name)) for name in names},
            bool(fields.item("places")),
            bool(fields.item("marks")),
            None if fields.item("one_hot") is None else fields.count("one_hot"),
        )


def read_scale(value: Any, where: str) -> inputs.Scale:
    """Rebuild how a number is scaled from what its `describe` returned."""
    normal = isinstance(value, dict) and "knots" in value
    return NormalScores.read(value, where) if normal else Spread.read(value, where)
