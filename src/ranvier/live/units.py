"""What the columns of a network are in the user's own table and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ranvier.network.columns import Column, Plain
from ranvier.network.network import Network
from ranvier.table.columns import Number
from ranvier.table.table import TableEncoder
from ranvier.tabular.decoding import decode, numbers_among
from ranvier.tabular.encoding import Encoding

Array = NDArray[Any]

# What is held within (-3, 3) has no end there: a range is told up to this.
EDGE: Final = 2.99


class Units(Protocol):
    """The way back from the columns that are shown to those of the table."""

    @property
    def shown(self) -> NDArray[np.int64]:
        """The columns that can be looked over: what only follows from one is none."""

    def table(self, rows: Array) -> Mapping[str, Array]:
        """Give rows as the user knows them, by the names of the columns."""

    def of(self, column: int, values: Array) -> Array | None:
        """Give values of a column in the units of the table; None where it has none."""

    def follow(self, X: Array, column: int) -> None:
        """Set what follows from a column that was set."""


class Squashed:
    """Of columns that `TableEncoder` made and `squash` bent.

    Parameters
    ----------
    encoder
        The encoder.
    X
        The rows, (n, d).
    """

    def __init__(self, encoder: TableEncoder, X: Array) -> None:
        self.encoder, self.X = encoder, X

    @property
    def shown(self) -> NDArray[np.int64]:
        """All columns."""
        return np.arange(len(self.encoder.names))

    def table(self, rows: Array) -> Mapping[str, Array]:
        """See `Units`."""
        return self.encoder.inverse(unsquash(self.X[rows]))

    def of(self, column: int, values: Array) -> Array | None:
        """See `Units`."""
        source = self.encoder.columns[self.encoder.source[column]]
        if self.encoder.names[column] != source.name or not isinstance(source, Number):
            return None
        return source.scale.restore(unsquash(np.clip(values, -EDGE, EDGE)))

    def follow(self, X: Array, column: int) -> None:
        """Set nothing: each column stands for itself."""


class Embedded:
    """Of what the embedding of a network makes of the inputs of an `Encoding`.

    Parameters
    ----------
    encoding
        The encoding.
    network
        The network, the scale of its embedding at 1.
    X
        The rows as they were encoded, (n, inputs).
    """

    def __init__(self, encoding: Encoding, network: Network, X: Array) -> None:
        self.encoding, self.X = encoding, X
        columns: tuple[Column, ...] = ()
        if network.embedding is not None:
            columns = network.embedding.columns
        starts = np.cumsum([0, *(column.outputs for column in columns)]).tolist()
        self.units = starts[-1]
        # Where in what is shown a number stands as it is, and its bins right after it.
        self.numbers = {
            starts[place]: (spread, spread.bins * encoding.places)
            for place, spread in numbers_among(encoding).items()
            if isinstance(columns[place], Plain)
        }
        self.named = {
            starts[place]: encoding.names[place] == encoding.sources[place]
            for place in numbers_among(encoding)
        }

    @property
    def shown(self) -> NDArray[np.int64]:
        """All columns but the bins of numbers."""
        kept = np.ones(self.units, bool)
        for place, (_, bins) in self.numbers.items():
            kept[place + 1 : place + 1 + bins] = False
        return np.flatnonzero(kept)

    def table(self, rows: Array) -> Mapping[str, Array]:
        """See `Units`."""
        return decode(self.encoding, self.X[rows])

    def of(self, column: int, values: Array) -> Array | None:
        """See `Units`."""
        if column not in self.numbers or not self.named[column]:
            return None
        spread, _ = self.numbers[column]
        return spread.restore(np.clip(np.asarray(values, np.float64), -EDGE, EDGE))

    def follow(self, X: Array, column: int) -> None:
        """Set the bins of a number."""
        if column in self.numbers:
            spread, bins = self.numbers[column]
            if bins:
                scaled = X[:, column].astype(np.float64)
                X[:, column + 1 : column + 1 + bins] = spread.places(scaled)


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
