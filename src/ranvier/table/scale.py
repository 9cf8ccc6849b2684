"""Numbers <-> standardised numbers: mean 0, standard deviation 1."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.description import Fields

Block = NDArray[np.floating[Any]]  # columns of the matrix

# Further than this from the mean, in standard deviations, values are held. Training
# rows never reach it (they lie within sqrt(n)); a stray value cannot overflow float32.
LIMIT = 1e6


@dataclass(frozen=True)
class Scale:
    """The mean, standard deviation and median of the training rows.

    A standard deviation of 0 says that all values were equal: they standardise to 0.
    """

    mean: float
    sd: float
    median: float

    @classmethod
    def fit(cls, x: NDArray[np.float64]) -> Scale:
        """Measure finite numbers, at least one; safe up to the largest float64."""
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

    def standardise(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (x - mean) / sd; missing values take the median."""
        x = np.where(np.isnan(x), self.median, x)
        if self.sd == 0.0:
            return np.zeros_like(x)
        with np.errstate(over="ignore"):
            # Halved first: the difference of two large numbers stays finite.
            Z = (x / 2 - self.mean / 2) / self.sd * 2
        return np.clip(Z, -LIMIT, LIMIT)

    def restore(self, Z: Block) -> NDArray[np.float64]:
        """Return mean + sd z, the numbers in their own units."""
        with np.errstate(over="ignore"):
            half = self.mean / 2 + Z.astype(np.float64) / 2 * self.sd
            return np.asarray(half * 2)

    def describe(self) -> dict[str, float]:
        """Return the numbers as plain JSON."""
        return asdict(self)

    @classmethod
    def read(cls, value: Any, where: str) -> Scale:
        """Rebuild a scale from what `describe` returned."""
        fields = Fields(value, where, ["mean", "sd", "median"])
        return cls(
            fields.number("mean"), fields.number("sd", least=0), fields.number("median")
        )
