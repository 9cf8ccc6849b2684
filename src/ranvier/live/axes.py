"""Columns of the user's table as axes, whatever the network's inputs make of them.

A number becomes several inputs (its bins), a category one for each value. A picture is
drawn over columns of the table, in their units: positions along an axis are encoded as
the rows of the table were, so that every point of the picture is a possible row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ranvier.table.column_types import Category
from ranvier.table.encoder import TableEncoder
from ranvier.table.values import Values

Array = NDArray[Any]

MICROSECONDS: Final = 86_400_000_000  # of a day
EXTREMES: Final = (0.005, 0.995)  # quantiles that an axis reaches to
PARTS: Final = 10  # of a number, to see what it says about the target


@dataclass(frozen=True, eq=False)
class Axis:
    """A column, where its rows lie, and how positions become inputs.

    Parameters
    ----------
    name
        Name of the column.
    kind
        Of its values.
    places
        (n,) position of each row: the number, the index of the category, or days since
        1970; NaN where missing.
    labels
        Names of the categories; () of others.
    inputs
        Indices of the network's inputs that follow from it.
    encode
        Turns positions (m,) into these inputs, (m, len(inputs)).
    """

    name: str
    kind: Literal["number", "category", "date"]
    places: NDArray[np.float64]
    labels: tuple[str, ...]
    inputs: NDArray[np.int64]
    encode: Callable[[NDArray[np.float64]], Array]

    @property
    def range(self) -> tuple[float, float]:
        """The ends of the axis: bands of all categories, or numbers within the data."""
        if self.kind == "category":
            return -0.5, len(self.labels) - 0.5
        known = self.places[np.isfinite(self.places)]
        if not len(known):
            return -1.0, 1.0
        low, high = np.quantile(known, EXTREMES)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            low, high = known.min(), known.max()
        if high == low:
            return float(low) - 1, float(high) + 1
        return float(low), float(high)

    def positions(self, size: int) -> NDArray[np.float64]:
        """Return positions along the axis; in a band of a category all are its own."""
        low, high = self.range
        if self.kind == "category":
            middles = low + (high - low) * (np.arange(size) + 0.5) / size
            return np.asarray(np.round(middles))
        return np.linspace(low, high, size)

    @property
    def usual(self) -> float:
        """The commonest category, or the median as a row has it."""
        known = self.places[np.isfinite(self.places)]
        if not len(known):
            return float("nan")
        if self.kind == "category":
            return float(np.bincount(known.astype(np.int64)).argmax())
        return float(np.quantile(known, 0.5, method="lower"))

    def shown(self, position: float) -> Any:
        """Return what the user's table holds at a position; None where missing."""
        if not np.isfinite(position):
            return None
        if self.kind == "category":
            return self.labels[int(position)]
        if self.kind == "date":
            moment = np.datetime64(round(position * MICROSECONDS), "us")
            return str(moment)[:10] if position % 1 == 0 else str(moment)[:19]
        return float(f"{position:.6g}")

    def relevance(self, Y: Array) -> float:
        """Return how much of the target the column explains, alone, from 0 to 1.

        Parameters
        ----------
        Y
            (n, k) numbers, or one-hot rows.
        """
        known = np.isfinite(self.places)
        if known.sum() < 2:
            return 0.0
        x, Y = self.places[known], Y[known]
        if self.kind == "category":
            part = x.astype(np.int64)
        else:
            edges = np.quantile(x, np.linspace(0, 1, PARTS + 1)[1:-1])
            part = np.searchsorted(edges, x, "right")
        Y = Y - Y.mean(axis=0)
        counts = np.bincount(part)
        sums = np.zeros((len(counts), Y.shape[1]))
        np.add.at(sums, part, Y)
        used = counts > 0
        between = float((sums[used] ** 2 / counts[used, None]).sum())
        total = float((Y**2).sum())
        spare = used.sum() - 1
        if not total or spare >= len(x) - 1:
            return 0.0
        left = (1 - between / total) * (len(x) - 1) / (len(x) - 1 - spare)
        return float(1 - left)


def of_inputs(
    columns: Sequence[str], X: Array, codes: Sequence[bool]
) -> tuple[Axis, ...]:
    """Return the inputs themselves as axes; some hold codes of categories."""

    def axis(i: int) -> Axis:
        places = X[:, i].astype(np.float64)
        if not codes[i]:
            return Axis(columns[i], "number", places, (), np.array([i]), _as_they_are)
        labels = tuple(map(str, range(int(places.max(initial=0)) + 1)))
        return Axis(columns[i], "category", places, labels, np.array([i]), _as_they_are)

    return tuple(map(axis, range(len(columns))))


def of_table(encoder: TableEncoder, X: Array) -> tuple[Axis, ...]:
    """Return the columns of the table that an encoder made the inputs X of."""
    table = encoder.inverse_transform(X)
    sources = np.array(encoder.sources)
    return tuple(
        _table_axis(encoder, column, table[column.name], sources)
        for column in encoder.schema.used
    )


def _table_axis(
    encoder: TableEncoder, column: Any, values: Array, sources: Array
) -> Axis:
    inputs = np.flatnonzero(sources == column.name)
    encodings = [e for e in encoder.encodings if e.column.name == column.name]

    def encoded(values: Values) -> Array:
        X = np.empty((len(values), len(inputs)), np.float32)
        end = 0
        for encoding in encodings:
            start, end = end, end + len(encoding.names)
            encoding.encode(values, X[:, start:end])
        return X

    if isinstance(column, Category):
        texts = [_text(label) for label in column.labels]
        place = {text: i for i, text in enumerate(texts)}
        places = np.array([place.get(_text(v), np.nan) for v in values], float)
        labels = np.array(column.labels, object)
        return Axis(
            column.name, "category", places, tuple(texts), inputs,
            lambda at: encoded(Values("text", labels[at.astype(int)], declared=True)),
        )  # fmt: skip
    if values.dtype.kind == "M":
        moments = values.astype("datetime64[us]")
        days = moments.astype(np.int64) / MICROSECONDS
        return Axis(
            column.name, "date", np.where(np.isnat(moments), np.nan, days), (), inputs,
            lambda at: encoded(
                Values("date", np.rint(at * MICROSECONDS).astype("datetime64[us]"))
            ),
        )  # fmt: skip
    return Axis(
        column.name, "number", values.astype(np.float64), (), inputs,
        lambda at: encoded(Values("number", at.astype(np.float64))),
    )  # fmt: skip


def _text(label: object) -> str:
    return "" if label is None else str(label)


def _as_they_are(positions: NDArray[np.float64]) -> Array:
    return positions[:, None]
