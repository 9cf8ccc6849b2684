"""How rows differ from the training rows: what a model file holds of these suffices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed, plain
from ranvier.table.column_types import Category, Number
from ranvier.table.dates import Date
from ranvier.table.encoder import TableEncoder
from ranvier.table.histogram import Histogram
from ranvier.table.table import Table

Array = NDArray[Any]

# How probable so many rows are, at most, for a column to be reported, if new rows and
# training rows come from one distribution. A table may have thousands of numbers.
CATEGORIES, NUMBERS = 0.01, 1e-6
# Rare categories come in clusters, which that probability does not know: there have to
# be so many times as many unseen ones as training leads to expect.
EXCESS = 1.5
# How far a number has to be outside of training to be reported by itself: beyond twice
# the largest of training on a scale of asinh(distance from the median / width), and
# more than a range away; in this fraction of the rows, as any table has a wrong value.
FAR, FAR_ROWS = 2.0, 0.01


class DriftWarning(UserWarning):
    """Rows to predict differ from the training rows.

    Examples
    --------
    >>> import warnings
    >>> import ranvier as rv
    >>> warnings.filterwarnings("ignore", category=rv.DriftWarning)
    >>> warnings.resetwarnings()
    """


@dataclass(frozen=True)
class ColumnDrift:
    """How one column differs from training.

    Attributes
    ----------
    name, kind
        The column; ``"number"``, ``"category"`` or ``"date"``.
    missing, training_missing
        Fraction of the rows without a value, here and in training.
    unseen
        Rows with a category that training did not see, or too rarely to keep apart.
    below, above
        Rows below and above all training rows.
    farthest
        The number farthest outside, or the most frequent unseen category; None: none.
    statistic
        Of numbers and dates, the Kolmogorov-Smirnov statistic at the 5% quantiles of
        training; of categories, the total variation distance. Missing values are left
        out. In [0, 1]; NaN where there are no values.
    psi
        Population stability index over the same bins and missing values; rule of thumb:
        below 0.1 stable, above 0.25 shifted, for hundreds of rows or more.
    concerns
        What `TableModel.predict` warns of, in words; () where chance explains it.
    """

    name: str
    kind: str
    missing: float
    training_missing: float
    unseen: int
    below: int
    above: int
    farthest: Any
    statistic: float
    psi: float
    concerns: tuple[str, ...]


@dataclass(frozen=True)
class DriftReport:
    """How rows differ from the training rows, column by column.

    Attributes
    ----------
    rows, training_rows
        Numbers of rows.
    affected
        Rows that are outside of training in any column: an unseen category, a number
        or date beyond all of training, or a value missing where training had none.
    columns
        A `ColumnDrift` for each column that is an input.
    """

    rows: int
    training_rows: int
    affected: int
    columns: tuple[ColumnDrift, ...]

    def __repr__(self) -> str:
        head = f"DriftReport: {self.rows:,} rows against {self.training_rows:,}, "
        head += f"{self.affected:,} outside of training"
        rows = [("column", "PSI", "distance", "missing", "in training", "outside")]
        for c in self.columns:
            outside = c.unseen + c.below + c.above
            figures = f"{c.psi:.3f}", f"{c.statistic:.3f}"
            missing = f"{c.missing:.1%}", f"{c.training_missing:.1%}"
            rows.append((plain(c.name)[:40], *figures, *missing, f"{outside:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                text.ljust(width) if k == 0 else text.rjust(width)
                for k, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        return "\n".join([head, *lines])

    @property
    def message(self) -> str | None:
        """What to warn of, in words; None: nothing beyond chance."""
        concerns = [text for column in self.columns for text in column.concerns]
        if not concerns:
            return None
        more = len(concerns) - 5
        shown = "; ".join(concerns[:5]) + (f"; and {more} more" if more > 0 else "")
        return (
            f"{self.affected:,} of {self.rows:,} rows ({self.affected / self.rows:.1%})"
            f" are outside of training: {shown}. Predictions for them are "
            "extrapolations; drift() compares all columns."
        )


class DriftMixin:
    """Adds `drift` to an estimator."""

    _fitted: Any
    _table: Any

    def drift(self, X: Any) -> DriftReport:
        """Compare rows with the training rows; see `TableModel.drift`.

        Parameters
        ----------
        X
            Rows as for `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, table["x"] % 7)
        >>> reg.drift(pd.DataFrame({"x": [10, 20, 900]})).affected
        1
        """
        found: DriftReport = self._fitted.drift(self._table(X))
        return found


def drift(encoder: TableEncoder, frame: Any) -> DriftReport:
    """Compare rows with the training rows of an encoder."""
    return _report(encoder, frame, figures=True)


def drift_message(encoder: TableEncoder, frame: Any) -> str | None:
    """Return what to warn of before predicting rows; None: nothing beyond chance."""
    return _report(encoder, frame, figures=False).message


def _report(encoder: TableEncoder, frame: Any, *, figures: bool) -> DriftReport:
    table, n = Table.of(frame), encoder.schema.rows
    affected = np.zeros(len(table), bool)
    columns = []
    for column, values in encoder.schema.values(table) if len(table) else ():
        if isinstance(column, Category):
            codes = column.codes(values)
            found = _categories(column, column.unseen(values), codes, n, figures)
            outside = (codes < 0) | (codes == len(column.categories))
            if column.missing:  # whose code is the last one
                outside &= codes != len(column.names) - 1
        else:
            x = column.parts(values)[0]
            found, outside = _numbers(column, x, n, figures)
        affected |= outside
        columns.append(found)
    return DriftReport(len(table), n, int(affected.sum()), tuple(columns))


def _categories(
    column: Category, unseen: dict[str, int], codes: Array, n: int, figures: bool
) -> ColumnDrift:
    count, m = sum(unseen.values()), len(codes)
    missing = codes == (len(column.names) - 1 if column.missing else -1)
    # Without a code of their own, missing and unseen values differ in their codes only.
    n_missing = int(missing.sum())
    concerns = []
    # Training had so many rows that were then of a category hardly seen.
    rare = column.other + column.counts.count(1)
    usual = _chance(count, rare + 1, n, m) >= CATEGORIES if count else True
    if not usual and count > EXCESS * (rare + 1) * m / n:
        concerns.append(
            f"{column.name!r} holds {len(unseen)} unseen or rare categories in {count} "
            f"row(s): {listed(unseen, 3)}"
        )
    concerns += _missing_concern(column, n_missing, n, m)
    statistic = psi = np.nan
    if figures:
        trained = [*column.counts, column.other]
        known = np.bincount(codes[(codes >= 0) & ~missing], minlength=len(trained))
        new = [*known[: len(trained)], count if not column.other else 0]
        statistic = float(np.abs(_part(new) - _part([*trained, 0])).sum() / 2)
        psi = _psi([*new, n_missing], [*trained, 0, column.missing])
    return ColumnDrift(
        column.name, column.kind, n_missing / m, column.missing / n, count, 0, 0,
        next(iter(unseen), None), statistic, psi, tuple(concerns),
    )  # fmt: skip


def _numbers(
    column: Number | Date, x: Array, n: int, figures: bool
) -> tuple[ColumnDrift, NDArray[np.bool_]]:
    missing, m = np.isnan(x), len(x)
    n_missing = int(missing.sum())
    outside = missing if not column.missing else np.zeros(m, bool)
    low, high = _range(column)
    below, above = x < low, x > high
    counts = int(below.sum()), int(above.sum())
    farthest, concerns = None, []
    if sum(counts):
        beyond = np.where(below, low - x, np.where(above, x - high, -1.0))
        farthest = float(x[int(beyond.argmax())])
        # Two sides; on each, one training row is the outermost.
        unlikely = _chance(sum(counts), 2, n, m) < NUMBERS
        far = _far(column, x[below | above], low, high)
        if unlikely or far.sum() > FAR_ROWS * m:
            concerns.append(
                f"{column.name!r} is outside of its training range, "
                f"{_shown(column, low)} to {_shown(column, high)}, in {sum(counts)} "
                f"row(s), up to {_shown(column, farthest)}"
            )
    concerns += _missing_concern(column, n_missing, n, m)
    statistic = psi = np.nan
    if figures and column.histogram.edges:
        statistic, psi = _figures(column, column.histogram, x[~missing], n_missing)
    found = ColumnDrift(
        column.name, column.kind, n_missing / m, column.missing / n, 0, *counts,
        None if farthest is None else _value(column, farthest), statistic, psi,
        tuple(concerns),
    )  # fmt: skip
    return found, outside | below | above


def _missing_concern(
    column: Number | Category | Date, count: int, n: int, m: int
) -> Iterator[str]:
    """Say that values are missing where training had none."""
    if count and not column.missing and _chance(count, 1, n, m) < CATEGORIES:
        yield f"{column.name!r} has no value in {count} row(s), but training had all"


def _chance(count: int, events: int, n: int, m: int) -> float:
    """Return the probability of so many rows or more in m new ones, by chance alone.

    Before an event number `events` would have come in n exchangeable training rows:
    the tail of a negative binomial distribution. With one event, that all of `count`
    rows are among the m: (m / (n + m))^count.
    """
    from scipy.special import betainc

    return float(betainc(count, events, m / (n + m)))


def _range(column: Number | Date) -> tuple[float, float]:
    if isinstance(column, Number):
        return column.minimum, column.maximum
    edges = column.histogram.edges or (-np.inf, np.inf)
    return edges[0], edges[-1]


def _far(column: Number | Date, x: Array, low: float, high: float) -> Array:
    """Say which numbers outside of training are far outside, (k,)."""
    scale, edges = column.scalers[0], column.histogram.edges
    if not edges or scale.sd == 0:
        return np.zeros(len(x), bool)
    first, third = np.interp([0.25, 0.75], *_cumulative(column.histogram))
    width = third - first if third > first else scale.sd

    def size(values: Any) -> Array:
        return np.asarray(np.arcsinh(np.abs(values - scale.median) / width))

    apart = np.maximum(low - x, x - high) > high - low
    return apart & (size(x) > FAR * max(size(low), size(high)))


def _cumulative(histogram: Histogram) -> tuple[Array, Array]:
    """Return the fractions of training at or below each edge, and the edges."""
    total = np.cumsum(histogram.counts)
    return total / total[-1], np.array(histogram.edges)


def _figures(
    column: Number | Date, histogram: Histogram, x: Array, n_missing: int
) -> tuple[float, float]:
    """Return the Kolmogorov-Smirnov statistic at the edges, and the PSI."""
    new, trained = histogram.count(x), [0, *histogram.counts, 0]
    psi = _psi([*new, n_missing], [*trained, column.missing])
    if not len(x):
        return np.nan, psi
    apart = np.cumsum(_part(new)) - np.cumsum(_part(trained))
    return float(np.abs(apart).max()), psi


def _psi(new: Any, trained: Any) -> float:
    """Return sum (p - q) ln(p / q), with half a row added to each bin in use."""
    counts = np.array([new, trained], np.float64)
    p, q = counts[:, counts.any(axis=0)] + 0.5
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def _part(counts: Any) -> Array:
    counts = np.asarray(counts, np.float64)
    total = counts.sum()
    return np.full(len(counts), np.nan) if total == 0 else counts / total


def _value(column: Number | Date, x: float) -> Any:
    """Return a number, or the date of so many days."""
    if isinstance(column, Number):
        return x
    return column.from_part(np.array([x]), np.array([False]))[0]


def _shown(column: Number | Date, x: float) -> str:
    if isinstance(column, Number):
        return f"{x:.6g}"
    return str(_value(column, x)).replace("T00:00:00.000000", "")
