"""What the columns of a network are in the user's own table and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ranvier.table.columns import Number
from ranvier.table.table import TableEncoder
from ranvier.tabular.encoding import Encoding

Array = NDArray[Any]

# What is held within (-3, 3) has no end there: a range is told up to this.
EDGE: Final = 2.99


class Units(Protocol):
    """The way back from the columns that a network sees to those of the table."""

    @property
    def leaders(self) -> NDArray[np.int64]:
        """The column that each follows from, (d,): itself, if from none."""

    def table(self, X: Array) -> Mapping[str, Array]:
        """Give rows as the user knows them, by the names of the columns."""

    def of(self, column: int, values: Array) -> Array | None:
        """Give values of a column in the units of the table; None where it has none."""

    def complete(self, X: Array) -> None:
        """Set in rows what follows from other columns."""


class Squashed:
    """Of columns that `TableEncoder` made and `squash` bent."""

    def __init__(self, encoder: TableEncoder) -> None:
        self.encoder = encoder

    @property
    def leaders(self) -> NDArray[np.int64]:
        """See `Units`."""
        return np.arange(len(self.encoder.names))

    def table(self, X: Array) -> Mapping[str, Array]:
        """See `Units`."""
        return self.encoder.inverse(unsquash(X))

    def of(self, column: int, values: Array) -> Array | None:
        """See `Units`."""
        source = self.encoder.columns[self.encoder.source[column]]
        if self.encoder.names[column] != source.name or not isinstance(source, Number):
            return None
        return source.scale.restore(unsquash(np.clip(values, -EDGE, EDGE)))

    def complete(self, X: Array) -> None:
        """Set nothing: each column stands for itself."""


class Encoded:
    """Of the inputs that an `Encoding` makes: the places of a number follow from it."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding

    @property
    def leaders(self) -> NDArray[np.int64]:
        """See `Units`."""
        own = np.arange(len(self.encoding.names))
        return np.maximum.accumulate(np.where(self.encoding.is_place, -1, own))

    def table(self, X: Array) -> Mapping[str, Array]:
        """See `Units`."""
        return self.encoding.inverse(X)

    def of(self, column: int, values: Array) -> Array | None:
        """See `Units`."""
        encoding = self.encoding
        named = encoding.names[column] == encoding.sources[column]
        if column not in encoding.numbers or not named:
            return None
        spread = encoding.numbers[column]
        return spread.restore(np.clip(np.asarray(values, np.float64), -EDGE, EDGE))

    def complete(self, X: Array) -> None:
        """See `Units`."""
        for column, spread in self.encoding.numbers.items():
            if self.encoding.places and spread.bins:
                own = slice(column + 1, column + 1 + spread.bins)
                X[:, own] = spread.places(X[:, column].astype(np.float64))


def squash(X: Array) -> Array:
    """Bend standardised columns smoothly into (-3, 3): x / sqrt(1 + (x/3)^2).

    About x near 0, and no outlier can outvote the other columns. Holzmüller, Grinsztajn
    & Steinwart, "Better by default", 2024, section 3.

    Examples
    --------
    >>> squash(np.float32([[0.0, -1.0, 1e6]])).round(3)
    array([[ 0.   , -0.949,  3.   ]], dtype=float32)
    """
    return np.asarray(X / np.sqrt(1 + np.square(X / 3)))


def unsquash(X: Array) -> Array:
    """Bend columns back as they were before `squash`: x / sqrt(1 - (x/3)^2).

    Examples
    --------
    >>> unsquash(squash(np.float32([[0.5, -2.0]]))).round(3)
    array([[ 0.5, -2. ]], dtype=float32)
    """
    inside = np.clip(np.asarray(X, np.float64) / 3, -1 + 1e-9, 1 - 1e-9)
    return np.asarray(3 * inside / np.sqrt(1 - np.square(inside)), np.float32)
