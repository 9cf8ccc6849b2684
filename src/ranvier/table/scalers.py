"""Scalers: numbers <-> numbers of about unit scale."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields

Array = NDArray[np.float64]
Block = NDArray[np.floating[Any]]  # columns of the matrix

# Standardised values are clipped to this many standard deviations. Training rows never
# reach it (they lie within sqrt(n)); a stray value cannot overflow float32.
LIMIT: Final = 1e6
SMOOTH_LIMIT: Final = 3.0

MOST_QUANTILES: Final = 1000
LEAST_QUANTILES: Final = 10
ROWS_PER_QUANTILE: Final = 30
NOISE: Final = 1e-3
TAIL: Final = 1e-7  # the probability below the lowest quantile and above the highest


class Scaler(Protocol):
    """A map of numbers that has been fitted to a column, and its inverse.

    A missing value (NaN) becomes what the median becomes.
    """

    def transform(self, x: Array) -> Array:
        """Return scaled numbers, (n,), all finite."""

    def inverse_transform(self, scaled: Block) -> Array:
        """Return numbers in the units of the column, (n,)."""

    def describe(self) -> dict[str, Any]:
        """Return the fitted values as plain JSON."""


@dataclass(frozen=True)
class StandardScaler:
    """(x - mean) / sd, with the median of the training rows for missing values.

    A standard deviation of 0 says that all values were equal: they become 0.
    """

    mean: float
    sd: float
    median: float

    @classmethod
    def fit(cls, x: Array) -> StandardScaler:
        """Fit to finite numbers, at least one; safe up to the largest float64."""
        lowest, highest = float(x.min()), float(x.max())
        if lowest == highest:
            return cls(lowest, 0.0, lowest)
        # Divided by a power of two, which is exact, so that no square overflows; and
        # measured from the first value, so that a large mean costs no digits.
        _, exponent = np.frexp(max(abs(lowest), abs(highest)))
        u = np.ldexp(x, -exponent)
        d = u - u[0]
        mean = d.mean()
        sd = np.sqrt(np.mean(np.square(d - mean)))
        return cls(
            float(np.ldexp(u[0] + mean, exponent)),
            float(np.ldexp(sd, exponent)),
            float(np.ldexp(np.median(u), exponent)),
        )

    def transform(self, x: Array) -> Array:
        """See `Scaler`; clipped to `LIMIT`."""
        x = np.where(np.isnan(x), self.median, x)
        if self.sd == 0.0:
            return np.zeros_like(x)
        with np.errstate(over="ignore"):
            # Halved first: the difference of two large numbers stays finite.
            Z = (x / 2 - self.mean / 2) / self.sd * 2
        return np.clip(Z, -LIMIT, LIMIT)

    def inverse_transform(self, scaled: Block) -> Array:
        """See `Scaler`."""
        with np.errstate(over="ignore"):
            half = self.mean / 2 + scaled.astype(np.float64) / 2 * self.sd
            return np.asarray(half * 2)

    def describe(self) -> dict[str, Any]:
        """See `Scaler`."""
        return asdict(self)

    @classmethod
    def read(cls, value: Any, where: str) -> StandardScaler:
        """Rebuild a scaler from what `describe` returned."""
        fields = JsonFields(value, where, ["mean", "sd", "median"])
        return cls(
            fields.number("mean"), fields.number("sd", least=0), fields.number("median")
        )


@dataclass(frozen=True)
class RobustScaler:
    """u = (x - median) / width, clipped smoothly to (-3, 3); see `smooth_clip`.

    ``width`` is the interquartile range or, if that is 0, half of the whole range.
    """

    median: float
    width: float

    @classmethod
    def fit(cls, x: Array, weights: Array | None = None) -> RobustScaler:
        """Fit to finite numbers that are not all equal, and weights of their rows.

        Quantiles are values of the column, so that a row of weight 2 counts exactly as
        two rows do.
        """
        first, median, third = quantiles(x, np.array([0.25, 0.5, 0.75]), weights)
        width = third - first
        if not width > 0:
            width = (x.max() - x.min()) / 2
        # With numbers near the largest float64, the difference may have overflowed.
        width = min(float(width), float(np.finfo(np.float64).max))
        return cls(float(median), width)

    @classmethod
    def of_indicator(cls, mean: float) -> RobustScaler:
        """Return the scaler of a column of 0 and 1 with a known mean."""
        width = 1.0 if 0.25 < mean < 0.75 else 0.5
        return cls(float(mean > 0.5), width)

    def transform(self, x: Array) -> Array:
        """See `Scaler`."""
        with np.errstate(over="ignore"):
            u = x / self.width - self.median / self.width
        clipped = np.clip(np.nan_to_num(u, nan=0.0), -LIMIT, LIMIT)
        return np.asarray(smooth_clip(clipped), np.float64)

    def inverse_transform(self, scaled: Block) -> Array:
        """See `Scaler`."""
        with np.errstate(over="ignore"):
            return self.median + undo_smooth_clip(scaled) * self.width

    def describe(self) -> dict[str, Any]:
        """See `Scaler`."""
        return asdict(self)

    @classmethod
    def read(cls, value: Any, where: str) -> RobustScaler:
        """Rebuild a scaler from what `describe` returned."""
        fields = JsonFields(value, where, ["median", "width"])
        width = fields.number("width")
        fields.require(width > 0, "the width is not above 0")
        return cls(fields.number("median"), width)


@dataclass(frozen=True)
class QuantileScaler:
    """Numbers -> quantiles of the standard normal distribution, against heavy tails.

    x becomes the normal quantile at the fraction of training rows below x. Where many
    rows share one value, it takes the middle of their fractions. As in TabM (Gorishniy,
    Kotelnikov & Babenko, 2025): one quantile for every 30 rows, but 10 to 1,000, of
    values with a little noise added.

    Attributes
    ----------
    quantiles
        Of the training rows, ascending, at evenly spaced fractions from 0 to 1.
    """

    quantiles: tuple[float, ...]

    @classmethod
    def fit(cls, x: Array, weights: Array | None = None) -> QuantileScaler:
        """Fit to finite numbers that are not all equal, and weights of their rows."""
        count = min(len(x) // ROWS_PER_QUANTILE, MOST_QUANTILES)
        levels = np.linspace(0, 1, max(count, LEAST_QUANTILES))
        largest = float(np.abs(x).max())  # its square may overflow float64
        deviation = float(np.std(x / largest)) * largest
        noise = np.random.default_rng(0).standard_normal(len(x))
        x = x + noise * (NOISE / max(deviation, NOISE))
        if weights is None:
            fitted = np.quantile(x, levels)
        else:
            fitted = quantiles(x, levels, weights)
        return cls(tuple(np.maximum.accumulate(fitted).tolist()))

    def transform(self, x: Array) -> Array:
        """See `Scaler`."""
        from scipy.special import ndtri

        known, levels = np.array(self.quantiles), self._levels
        lower = np.interp(x, known, levels)
        upper = -np.interp(-x, -known[::-1], -levels[::-1])
        fraction = np.clip((lower + upper) / 2, TAIL, 1 - TAIL)
        return np.where(np.isnan(x), 0.0, ndtri(fraction))

    def inverse_transform(self, scaled: Block) -> Array:
        """See `Scaler`; exact within the range of the training rows."""
        from scipy.special import ndtr

        known = np.array(self.quantiles)
        return np.asarray(np.interp(ndtr(scaled), self._levels, known))

    def describe(self) -> dict[str, Any]:
        """See `Scaler`."""
        return {"quantiles": list(self.quantiles)}

    @classmethod
    def read(cls, value: Any, where: str) -> QuantileScaler:
        """Rebuild a scaler from what `describe` returned."""
        fields = JsonFields(value, where, ["quantiles"])
        known = fields.numbers("quantiles")
        fields.require(len(known) > 1, "there are fewer than two quantiles")
        fields.require(sorted(known) == list(known), "the quantiles are not in order")
        return cls(known)

    @property
    def _levels(self) -> Array:
        return np.linspace(0, 1, len(self.quantiles))


def smooth_clip(u: Block) -> Block:
    """Return u / sqrt(1 + (u/3)^2): about u near 0, and within (-3, 3).

    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024, section 3.

    Examples
    --------
    >>> smooth_clip(np.float32([[0.0, -1.0, 1e6]])).round(3)
    array([[ 0.   , -0.949,  3.   ]], dtype=float32)
    """
    return np.asarray(u / np.sqrt(1 + np.square(u / SMOOTH_LIMIT)))


def undo_smooth_clip(clipped: Block) -> Array:
    """Return u from `smooth_clip(u)`, in float64.

    Examples
    --------
    >>> undo_smooth_clip(smooth_clip(np.array([0.5, -2.0]))).round(3)
    array([ 0.5, -2. ])
    """
    inside = np.clip(
        np.asarray(clipped, np.float64) / SMOOTH_LIMIT, -1 + 1e-12, 1 - 1e-12
    )
    return np.asarray(SMOOTH_LIMIT * inside / np.sqrt(1 - np.square(inside)))


Numeric = Literal["standard", "robust", "bins", "quantile"]

SCALERS: dict[Numeric, Any] = {
    "standard": StandardScaler,
    "robust": RobustScaler,
    "bins": RobustScaler,
    "quantile": QuantileScaler,
}


def fit_scaler(
    numeric: Numeric, x: Array, weights: Array | None, standard: StandardScaler
) -> Scaler:
    """Fit the scaler of a way to scale numbers; ``standard`` is fitted already."""
    if numeric == "standard":
        return standard
    if numeric == "quantile":
        return QuantileScaler.fit(x, weights)
    return RobustScaler.fit(x, weights)


def quantiles(x: Array, levels: Array, weights: Array | None = None) -> Array:
    """Return the values of x below which fractions of the total weight lie.

    Parameters
    ----------
    x, weights
        (n,) numbers, and weights of their rows; None: all 1.
    levels
        (k,) fractions in [0, 1].

    Returns
    -------
    ndarray
        (k,) values that occur in `x`, so that a row of weight 2 counts exactly as two
        equal rows do.
    """
    order = np.argsort(x, kind="stable")
    x = x[order]
    if weights is None:
        position = np.ceil(levels * len(x)) - 1
    else:
        cumulative = np.cumsum(weights[order])
        # A little less, so that rounding in the sum skips no value.
        wanted = levels * cumulative[-1] * (1 - 1e-12)
        position = np.searchsorted(cumulative, wanted)
    return np.asarray(x[np.clip(position, 0, len(x) - 1).astype(np.int64)])
