"""The encoder: columns of any kind <-> one matrix of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import unknown
from ranvier.table.bins import Bins
from ranvier.table.column_encoding import (
    CodeEncoding,
    ColumnEncoding,
    NumericEncoding,
    NumericPart,
    OneHotEncoding,
)
from ranvier.table.column_types import Category, Number
from ranvier.table.dates import Date
from ranvier.table.json_fields import JsonFields
from ranvier.table.legacy import upgraded_encoder
from ranvier.table.scalers import SCALERS, Numeric, Scaler, fit_scaler
from ranvier.table.schema import Schema
from ranvier.table.table import Table
from ranvier.table.type_inference import MOST_CATEGORIES

Array = NDArray[Any]

MOST_BINS = 400  # of all columns together: with many columns, each has fewer bins


@dataclass(frozen=True)
class TableEncoder:
    """Columns of a table <-> columns of one float32 matrix.

    Attributes
    ----------
    schema
        What each column of the table is.
    numeric
        How numbers are scaled: ``"standard"``, ``"robust"``, ``"quantile"``, or
        ``"bins"``, which is robust with a piecewise-linear encoding beside it.
    scalers, bins
        The `Scaler` and the `Bins` of each number by its name; a date has one for each
        of its parts.
    scale_one_hot
        Whether one-hot columns are scaled as numbers are; of two categories then only
        the first has a column.
    one_hot_limit
        The most one-hot columns of a category; one that needs more is encoded by its
        code. None: no limit.
    codes
        Columns of numbers that are categories too, by their names: after the number
        follows its code.
    names, sources
        Name of each column of the matrix, and of the column of the table it comes from.

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

    schema: Schema
    numeric: Numeric
    scalers: dict[str, Scaler]
    bins: dict[str, Bins]
    scale_one_hot: bool = False
    one_hot_limit: int | None = None
    codes: Mapping[str, Category] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        frame: Any,
        weights: Array | None = None,
        *,
        target: str | None = None,
        exclude: Sequence[str] = (),
        categories: Sequence[str] = (),
        numbers: Sequence[str] = (),
        most_categories: int = MOST_CATEGORIES,
        numeric: Numeric = "standard",
        n_bins: int = 0,
        scale_one_hot: bool = False,
        one_hot_limit: int | None = None,
    ) -> TableEncoder:
        """Fit to training rows.

        Parameters
        ----------
        frame
            A `Table`, a pandas, polars or Arrow table, or `Columns`.
        weights
            (n,) weights of the rows, used by robust and quantile scalers and by bins.
        target
            Column to predict, which is not encoded.
        exclude
            Other columns that are not encoded.
        categories
            Columns that hold categories although their values are numbers.
        numbers
            Columns that hold numbers although their values are texts, such as "007".
        most_categories
            The most categories of a column that are kept apart.
        numeric, scale_one_hot, one_hot_limit
            See the attributes.
        n_bins
            The most bins of a number.

        Raises
        ------
        ValueError
            As `Schema.fit`.
        """
        if numeric not in get_args(Numeric):
            raise unknown("numeric encoding", numeric, get_args(Numeric))
        table = Table.of(frame)
        schema = Schema.fit(
            table,
            target=target,
            exclude=exclude,
            most_categories=most_categories,
            categories=categories,
            numbers=numbers,
        )
        scalers: dict[str, Scaler] = {}
        bins: dict[str, Bins] = {}
        count = min(n_bins, MOST_BINS // max(_count_parts(schema), 1))
        for column, values in schema.values(table):
            if isinstance(column, Category):
                continue
            parts = column.parts(values)
            for k in column.varying:
                name, known = column.part_names[k], ~np.isnan(parts[k])
                x = parts[k][known]
                own = None if weights is None else weights[known]
                scalers[name] = fit_scaler(numeric, x, own, column.scalers[k])
                bins[name] = Bins()
                if numeric in ("robust", "bins"):
                    bins[name] = Bins.fit(x, own, count, scalers[name])
        return cls(schema, numeric, scalers, bins, scale_one_hot, one_hot_limit)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each column of the matrix."""
        return tuple(name for encoding in self.encodings for name in encoding.names)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Name of the column of the table that each column of the matrix comes from."""
        return tuple(
            encoding.column.name for encoding in self.encodings for _ in encoding.names
        )

    @cached_property
    def is_bin(self) -> NDArray[np.bool_]:
        """Whether each column of the matrix belongs to a bin."""
        return np.array([b for encoding in self.encodings for b in encoding.is_bin])

    @cached_property
    def numeric_columns(self) -> dict[int, NumericPart]:
        """The scaled numbers: index in the matrix -> name, scaler and bins.

        With ``numeric="bins"``, the columns of its bins follow.
        """
        parts = {part.name: part for e in self.encodings for part in _parts(e)}
        return {i: parts[name] for i, name in enumerate(self.names) if name in parts}

    @cached_property
    def encodings(self) -> tuple[ColumnEncoding, ...]:
        """How each used column of the table is encoded."""
        return tuple(e for column in self.schema.used for e in self._encodings(column))

    @cached_property
    def reference_row(self) -> Array:
        """The encoding of a row with typical values, (len(names),).

        Numbers are at their medians; categories and indicators of missing values have
        the mean of the training rows, and codes that of an unseen category.
        """
        rows = self.schema.rows
        return np.concatenate([e.reference(rows) for e in self.encodings])

    def transform(self, frame: Any) -> Array:
        """Encode rows.

        Parameters
        ----------
        frame
            A table with the used columns of the training table, in any order; others
            are ignored.

        Returns
        -------
        ndarray
            (n, len(names)) float32, C-contiguous, all finite. A missing number takes
            the median of the training rows. A category that training did not see
            shares the column of the pooled ones ("is other") or, if there is none, is
            encoded as the average training row; so is a missing category.

        Raises
        ------
        ValueError
            A column is missing, or holds values of another kind than in training, or
            infinite numbers.
        """
        table = Table.of(frame)
        X = np.empty((len(table), len(self.names)), np.float32)
        end = 0
        for column, values in self.schema.values(table):
            for encoding in self._encodings(column):
                start, end = end, end + len(encoding.names)
                encoding.encode(values, X[:, start:end])
        return X

    def inverse_transform(self, X: Any) -> dict[str, Array]:
        """Turn rows of the matrix into the columns and units of the table.

        Parameters
        ----------
        X
            (n, len(names)), as `transform` returns it.

        Returns
        -------
        dict of str to ndarray
            (n,) values of each used column: float64 (NaN where missing), objects
            (categories; None where missing, "(other)" for unseen or pooled ones), or
            datetime64[us]. Numbers are as exact as float32 leaves them, and less far
            from the median.

        Raises
        ------
        ValueError
            X has another shape.
        """
        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != len(self.names):
            raise ValueError(
                f"expected a matrix of {len(self.names)} columns, but got the shape "
                f"{X.shape}: give what transform() returned"
            )
        columns: dict[str, Array] = {}
        for encoding, at in self._slices():
            # Of a number that is a category too, the number says more.
            columns.setdefault(encoding.column.name, encoding.decode(X[:, at]))
        return columns

    def column_values(self, frame: Any) -> dict[str, Array]:
        """Return each used column as (n,) numbers: values, codes or elapsed days.

        Missing numbers and dates are NaN; codes below 0 mean no known category.
        """
        found: dict[str, Array] = {}
        for column, values in self.schema.values(frame):
            if isinstance(column, Category):
                found[column.name] = column.codes(values).astype(np.float64)
            elif column.varying:
                found[column.name] = column.parts(values)[column.varying[0]]
        return found

    def describe(self) -> dict[str, Any]:
        """Describe the encoder as plain JSON, for `read` to rebuild."""
        return {
            "table": self.schema.description(),
            "numeric": self.numeric,
            "scalers": {name: s.describe() for name, s in self.scalers.items()},
            "bins": {name: list(bins.edges) for name, bins in self.bins.items()},
            "scale_one_hot": self.scale_one_hot,
            "one_hot_limit": self.one_hot_limit,
            "codes": [category.describe() for category in self.codes.values()],
        }

    @classmethod
    def read(cls, value: Any) -> TableEncoder:
        """Rebuild an encoder from what `describe` returned; ValueError if damaged."""
        fields = JsonFields(upgraded_encoder(value), "the encoder", _KEYS)
        schema = Schema.from_description(fields.item("table"))
        numeric: Numeric = fields.choice("numeric", get_args(Numeric))  # type: ignore[assignment]
        names = [
            column.part_names[k]
            for column in schema.used
            if isinstance(column, Number | Date)
            for k in column.varying
        ]
        scalers = JsonFields(fields.item("scalers"), "the scalers", names)
        bins = JsonFields(fields.item("bins"), "the bins", names)
        limit = fields.item("one_hot_limit")
        codes = [Category.read(v, "the codes") for v in fields.items("codes")]
        numbers = {c.name for c in schema.used if isinstance(c, Number)}
        fields.require(
            {category.name for category in codes} <= numbers, "a code is no number"
        )
        return cls(
            schema,
            numeric,
            {name: SCALERS[numeric].read(scalers.item(name), name) for name in names},
            {name: Bins.read(bins.numbers(name), bins) for name in names},
            bool(fields.item("scale_one_hot")),
            None if limit is None else fields.count("one_hot_limit"),
            {category.name: category for category in codes},
        )

    def _encodings(self, column: Number | Category | Date) -> list[ColumnEncoding]:
        if isinstance(column, Category):
            limit = self.one_hot_limit
            if limit is not None and len(column.names) > limit:
                return [CodeEncoding(column)]
            return [OneHotEncoding(column, self.scale_one_hot)]
        names = [column.part_names[k] for k in column.varying]
        parts = [NumericPart(n, self.scalers[n], self.bins[n]) for n in names]
        number = NumericEncoding(column, tuple(parts), self.numeric == "bins")
        if column.name not in self.codes:
            return [number]
        return [number, CodeEncoding(self.codes[column.name], beside_number=True)]

    def _slices(self) -> Iterator[tuple[ColumnEncoding, slice]]:
        """Pair each encoding with its columns of the matrix."""
        end = 0
        for encoding in self.encodings:
            start, end = end, end + len(encoding.names)
            yield encoding, slice(start, end)


_KEYS = (
    "table", "numeric", "scalers", "bins", "scale_one_hot", "one_hot_limit", "codes",
)  # fmt: skip


def _parts(encoding: ColumnEncoding) -> tuple[NumericPart, ...]:
    return encoding.parts if isinstance(encoding, NumericEncoding) else ()


def _count_parts(schema: Schema) -> int:
    """Count the numbers that are encoded: columns and parts of dates."""
    return sum(len(c.varying) for c in schema.used if not isinstance(c, Category))
