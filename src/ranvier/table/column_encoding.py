"""One column of a table <-> its columns of the encoded matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.table.bins import Bins
from ranvier.table.column_types import OTHER, Category, Number
from ranvier.table.dates import DATE_PARTS, Date
from ranvier.table.scalers import RobustScaler, Scaler
from ranvier.table.values import Values

Array = NDArray[Any]


class NumericPart(NamedTuple):
    """A number that a column gives: the column itself, or a part of a date.

    ``scaler`` and ``bins`` are fitted to the training rows; ``bins`` hold scaled edges.
    """

    name: str
    scaler: Scaler
    bins: Bins


@dataclass(frozen=True)
class NumericEncoding:
    """A column of numbers or dates: each part scaled, perhaps its bins, then missing.

    Parameters
    ----------
    column
        The source column.
    parts
        Those of its parts that varied in training.
    with_bins
        Whether the piecewise-linear encoding follows each scaled number.
    """

    column: Number | Date
    parts: tuple[NumericPart, ...]
    with_bins: bool

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each encoded column."""
        names = []
        for part in self.parts:
            names.append(part.name)
            if self.with_bins:
                written = part.bins.names(part.scaler, _writer(part.name))
                names += [f"{part.name}: {name}" for name in written]
        if self.column.missing:
            names.append(f"{self.column.name} is missing")
        return tuple(names)

    @property
    def is_bin(self) -> list[bool]:
        """Whether each encoded column belongs to a bin."""
        marked: list[bool] = []
        for part in self.parts:
            marked += [False] + [True] * (len(part.bins) * self.with_bins)
        return marked + [False] * (self.column.missing > 0)

    def encode(self, values: Values, out: Array) -> None:
        """Write the (n, len(names)) columns."""
        raw = self.column.parts(values)
        scaled = zip(self.parts, self.column.varying, strict=True)
        self._write([part.scaler.transform(raw[k]) for part, k in scaled], out)
        if self.column.missing:
            out[:, -1] = np.isnan(raw[0])

    def reference(self, rows: int) -> Array:
        """Return the encoding of a median value, (len(names),).

        The indicator of missing values is their fraction among the training rows.
        """
        out = np.empty((1, len(self.names)))
        self._write([np.zeros(1) for _ in self.parts], out)
        if self.column.missing:
            out[:, -1] = self.column.missing / rows
        return np.asarray(out[0])

    def decode(self, block: Array) -> Array:
        """Return the values of the column, (n,), NaN or NaT where missing."""
        missing = np.zeros(len(block), bool)
        if self.column.missing:
            missing = block[:, -1] > 0.5
        first = None
        if self.column.varying[:1] == (0,):
            first = self.parts[0].scaler.inverse_transform(block[:, 0])
        return np.asarray(self.column.from_part(first, missing))

    def _write(self, scaled: list[Array], out: Array) -> None:
        end = 0
        for part, x in zip(self.parts, scaled, strict=True):
            out[:, end] = x
            end += 1
            if self.with_bins:
                out[:, end : end + len(part.bins)] = part.bins.transform(x)
                end += len(part.bins)


@dataclass(frozen=True)
class OneHotEncoding:
    """A column of categories: a column of 0 and 1 for each.

    Parameters
    ----------
    column
        The source column.
    scaled
        Whether the columns of 0 and 1 are scaled as numbers are. Of two categories then
        only the first has a column: the other would repeat it.
    """

    column: Category
    scaled: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each encoded column."""
        single = self.scaled and len(self.column.names) == 2
        return self.column.names[:1] if single else self.column.names

    @property
    def is_bin(self) -> list[bool]:
        """Whether each encoded column belongs to a bin: none does."""
        return [False] * len(self.names)

    def encode(self, values: Values, out: Array) -> None:
        """Write the (n, len(names)) columns.

        A category without a column is encoded as the average training row, since the
        weights of a column that was always 0 are noise.
        """
        codes = self.column.codes(values)
        known = codes >= 0
        dtype = np.float64 if self.scaled else out.dtype
        one_hot = np.zeros((len(codes), len(self.column.names)), dtype)
        one_hot[np.flatnonzero(known), codes[known]] = 1
        if not known.all():
            one_hot[~known] = self.column.average()
        out[:] = self.scale(one_hot)

    def reference(self, rows: int) -> Array:
        """Return the encoding of the average training row, (len(names),)."""
        return np.asarray(self.scale(self.column.average()[None])[0])

    def decode(self, block: Array) -> Array:
        """Return the categories, (n,): `OTHER` for unseen ones, None where missing."""
        one_hot = block.astype(np.float64)
        if self.scaled:
            columns = [
                scaler.inverse_transform(one_hot[:, k])
                for k, scaler in enumerate(self._scalers)
            ]
            one_hot = np.stack(columns, axis=1)
            if one_hot.shape[1] < len(self.column.names):
                one_hot = np.hstack([one_hot, 1 - one_hot])
        unseen = np.isclose(one_hot, self.column.average(), atol=1e-6).all(axis=1)
        return np.where(unseen, OTHER, self.column.labels[one_hot.argmax(axis=1)])

    def scale(self, one_hot: Array) -> Array:
        """Return the encoded columns of one-hot rows (n, codes)."""
        if not self.scaled:
            return one_hot
        columns = [
            scaler.transform(one_hot[:, k]) for k, scaler in enumerate(self._scalers)
        ]
        return np.stack(columns, axis=1)

    @cached_property
    def _scalers(self) -> list[RobustScaler]:
        means = self.column.average()[: len(self.names)]
        return [RobustScaler.of_indicator(float(mean)) for mean in means]


@dataclass(frozen=True)
class CodeEncoding:
    """A column of many categories: one column of their codes, 0 for unseen ones.

    Parameters
    ----------
    column
        The source column.
    beside_number
        Whether the column is encoded as a number too, which has its name.
    """

    column: Category
    beside_number: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Name of the encoded column."""
        name = self.column.name
        return (f"{name} as code" if self.beside_number else name,)

    @property
    def is_bin(self) -> list[bool]:
        """Whether the encoded column belongs to a bin: it does not."""
        return [False]

    @property
    def size(self) -> int:
        """The number of different codes."""
        return len(self.column.names) + 1

    def encode(self, values: Values, out: Array) -> None:
        """Write the (n, 1) column."""
        out[:, 0] = np.maximum(self.column.codes(values) + 1, 0)

    def reference(self, rows: int) -> Array:
        """Return the code of an unseen category, (1,)."""
        return np.zeros(1)

    def decode(self, block: Array) -> Array:
        """Return the categories, (n,): `OTHER` for unseen ones, None where missing."""
        codes = np.rint(block[:, 0]).astype(np.int64)
        labels = np.concatenate([np.array([OTHER], object), self.column.labels])
        return np.asarray(labels[codes.clip(0, len(labels) - 1)])


ColumnEncoding = NumericEncoding | OneHotEncoding | CodeEncoding


def _writer(name: str) -> Callable[[float], str]:
    """Return how edges of bins are written: elapsed days as dates."""
    if name.endswith(f": {DATE_PARTS[0]}"):
        return lambda days: str(np.datetime64(round(days), "D"))
    return "{:.6g}".format
