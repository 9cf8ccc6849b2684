"""Numbers of any distribution -> numbers of the normal one, against heavy tails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from ranvier.table.description import Fields
from ranvier.tabular.spread import quantiles

Array = NDArray[np.float64]

MOST_QUANTILES: Final = 1000
LEAST_QUANTILES: Final = 10
ROWS_OF_QUANTILE: Final = 30
NOISE: Final = 1e-3
END: Final = 1e-7  # the share below the least number, and above the largest


@dataclass(frozen=True)
class NormalScores:
    """The quantiles of a column, by which a number becomes that of a normal law.

    x' is the number below which a share of the normal law lies as large as that of the
    rows below x. Where many rows have one number, it stands in the middle of their
    shares. As for TabM (Gorishniy, Kotelnikov & Babenko, 2025): a quantile for every 30
    rows, but 10 to 1,000, of numbers to which a little noise was added.

    Attributes
    ----------
    knots
        The quantiles, ascending, at shares from 0 to 1 of equal distance.
    """

    knots: tuple[float, ...]

    @classmethod
    def fit(cls, x: Array, weights: Array | None) -> NormalScores:
        """Measure finite numbers, of which not all are equal."""
        count = min(len(x) // ROWS_OF_QUANTILE, MOST_QUANTILES)
        levels = np.linspace(0, 1, max(count, LEAST_QUANTILES))
        largest = float(np.abs(x).max())  # whose square may be no float64
        deviation = float(np.std(x / largest)) * largest
        noise = np.random.default_rng(0).standard_normal(len(x))
        x = x + noise * (NOISE / max(deviation, NOISE))
        knots = np.quantile(x, levels) if weights is None else None
        knots = quantiles(x, levels, weights) if knots is None else knots
        return cls(tuple(np.maximum.accumulate(knots).tolist()))

    def scale(self, x: Array) -> Array:
        """Return x' of numbers; a missing one is at the median, 0."""
        knots, levels = np.array(self.knots), self._levels
        lower = np.interp(x, knots, levels)
        upper = -np.interp(-x, -knots[::-1], -levels[::-1])
        share = np.clip((lower + upper) / 2, END, 1 - END)
        return np.where(np.isnan(x), 0.0, ndtri(share))

    def restore(self, scaled: Array) -> Array:
        """Return x of x': the inverse of `scale` within the range of the rows."""
        return np.asarray(np.interp(ndtr(scaled), self._levels, np.array(self.knots)))

    # It has no bins, and so tells no places among them.

    @property
    def edges(self) -> tuple[float, ...]:
        """Edges of bins: none."""
        return ()

    @property
    def bins(self) -> int:
        """The columns of `places`: none."""
        return 0

    def places(self, scaled: Array) -> Array:
        """Return (n, 0) numbers."""
        return np.empty((len(scaled), 0))

    def bin_names(self, write: Callable[[float], str] = "{:.6g}".format) -> list[str]:
        """Name the columns of `places`: there are none."""
        return []

    def describe(self) -> dict[str, Any]:
        """Return the numbers as plain JSON."""
        return {"knots": list(self.knots)}

    @classmethod
    def read(cls, value: Any, where: str) -> NormalScores:
        """Rebuild it from what `describe` returned."""
        fields = Fields(value, where, ["knots"])
        knots = fields.numbers("knots")
        fields.require(len(knots) > 1, "there are fewer than two quantiles")
        fields.require(sorted(knots) == list(knots), "the quantiles are not in order")
        return cls(knots)

    @property
    def _levels(self) -> Array:
        return np.linspace(0, 1, len(self.knots))
