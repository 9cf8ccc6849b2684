"""Numbers to predict <-> what networks learn of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.description import Fields
from ranvier.table.scale import Scale
from ranvier.table.targets import NumberTarget
from ranvier.tabular.spread import quantiles

Array = NDArray[Any]

SKEWED = 1.0  # the third standardised moment, from which on a logarithm is tried
ENDS = -1, 0, 1


@dataclass(frozen=True)
class Units:
    """How numbers y become outputs Z of a network: Z = (f(y) - origin) / unit.

    f(y) is y. Or, of numbers that trail off to one side, it is

        f(y) = log(1 + side (y - end) / middle),

    ``side`` being 1 or -1 for where they trail off to, else 0; ``end`` the other end of
    them, and ``middle`` their median distance from there. What comes back is the median
    then rather than the mean, so that its distance from the end is multiplied by
    ``gain``, which Duan, "Smearing estimate", 1983, is the idea of.

    ``low`` and ``high`` are what training saw; no prediction leaves them.
    """

    origin: Array  # (k,), as unit, low and high
    unit: Array
    low: Array
    high: Array
    side: int = 0
    end: float = 0.0
    middle: float = 1.0
    gain: float = 1.0

    @classmethod
    def fit(cls, y: Array, weights: Array | None) -> Units:
        """Measure mean and standard deviation of numbers (n, k)."""
        nothing = np.zeros(y.shape[1])
        return cls._measured(y, weights, cls(nothing, nothing, nothing, nothing))

    @classmethod
    def counts(cls, y: Array, weights: Array | None) -> Units:
        """Measure the mean of counts (n, k), 0 staying 0; ValueError of others."""
        mean = np.average(y, axis=0, weights=weights)
        if (y < 0).any() or (mean == 0).any():
            raise ValueError(
                "loss='poisson' needs counts: numbers of at least 0, not all of them 0"
            )
        return cls(np.zeros_like(mean), mean, y.min(axis=0), y.max(axis=0))

    @classmethod
    def logarithmic(cls, y: Array, weights: Array | None) -> Units | None:
        """Measure the logarithm of numbers (n, 1) where they are skewed, else None."""
        if y.shape[1] > 1:
            return None
        x = y[:, 0]
        mean = np.average(x, weights=weights)
        sd = np.sqrt(np.average(np.square(x - mean), weights=weights))
        if not sd > 0:
            return None
        skewness = np.average(((x - mean) / sd) ** 3, weights=weights)
        if abs(skewness) < SKEWED:
            return None
        side = int(np.sign(skewness))
        end = float(x.max()) if side < 0 else _lower_end(x, weights)
        away = side * (x - end)
        middle = quantiles(away, np.array([0.5]), weights)[0]
        middle = middle if middle > 0 else np.average(away, weights=weights)
        if not middle > 0 or not np.isfinite(middle):
            return None
        nothing = np.zeros(1)
        start = cls(nothing, nothing, nothing, nothing, side, end, float(middle))
        return cls._measured(y, weights, start)

    @classmethod
    def _measured(cls, y: Array, weights: Array | None, start: Units) -> Units:
        """Measure f(y), with the ends of y."""
        f = start._bent(y)
        mean = np.average(f, axis=0, weights=weights)
        sd = np.sqrt(np.average(np.square(f - mean), axis=0, weights=weights))
        return replace(
            start,
            origin=mean,
            unit=np.where(sd > 0, sd, 1.0),
            low=y.min(axis=0),
            high=y.max(axis=0),
        )

    def tell(self, y: Array) -> Array:
        """Give Z of y, (n, k)."""
        return np.asarray((self._bent(y) - self.origin) / self.unit)

    def back(self, Z: Array) -> Array:
        """Give the predictions of Z, (..., k): within what training saw."""
        y = self.bound(Z)
        if self.side:
            y = self.end + self.gain * (y - self.end)
        return np.asarray(np.clip(y, self.low, self.high))

    def bound(self, Z: Array) -> Array:
        """Give y of Z, (..., k), of which `tell` gives Z again."""
        f = Z.astype(np.float64) * self.unit + self.origin
        if not self.side:
            return np.asarray(f)
        with np.errstate(over="ignore"):
            away = self.middle * np.maximum(np.expm1(f), 0)
        return np.asarray(self.end + self.side * away)

    def balanced(self, Z: Array, Y: Array, weights: Array | None) -> Units:
        """Set the gain so that the mean of predictions is that of the numbers."""
        if not self.side:
            return self
        plain = replace(self, gain=1.0)
        told, true = (
            abs(np.average(plain.back(part) - self.end, axis=0, weights=weights)[0])
            for part in (Z, Y)
        )
        return replace(plain, gain=float(true / told) if told * true > 0 else 1.0)

    def _bent(self, y: Array) -> Array:
        """Give f(y)."""
        if not self.side:
            return y
        away = np.maximum(self.side * (y - self.end), 0)
        return np.asarray(np.log1p(away / self.middle))

    @property
    def name(self) -> str:
        """What the outputs are, in words; empty where they are y."""
        return self.called("y") if self.side else ""

    def called(self, y: str) -> str:
        """Call f(y) by the name of y."""
        if not self.side:
            return y
        away = f"{y} - {self.end:.6g}" if self.side > 0 else f"{self.end:.6g} - {y}"
        away = y if self.side > 0 and self.end == 0 else f"({away})"
        return f"log(1 + {away} / {self.middle:.6g})"

    def target(self, name: str) -> NumberTarget | None:
        """Describe f(y) of the one target to a run; None if there are several.

        A logarithm is shown as what it is, under a name of its own.
        """
        if len(self.unit) > 1:
            return None
        low, high = sorted(float(self._bent(end)[0]) for end in (self.low, self.high))
        mean, sd = float(self.origin[0]), float(self.unit[0])
        return NumberTarget(self.called(name), Scale(mean, sd, mean), low, high)

    def describe(self) -> dict[str, Any]:
        """Return the units as plain JSON."""
        parts = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return parts | {name: getattr(self, name) for name in _NUMBERS}

    @classmethod
    def read(cls, value: Any) -> Units:
        """Rebuild units from what `describe` returned."""
        fields = Fields(value, "the target", [*_ARRAYS, *_NUMBERS])
        origin, unit, low, high = (np.array(fields.numbers(name)) for name in _ARRAYS)
        sizes = {len(part) for part in (origin, unit, low, high)}
        fields.require(len(sizes) == 1, "its parts are not of one length")
        fields.require(bool((unit > 0).all()), "a unit is not above 0")
        side, end, middle, gain = (fields.number(name) for name in _NUMBERS)
        fields.require(side in ENDS and middle > 0 and gain > 0, "it has no logarithm")
        return cls(origin, unit, low, high, int(side), end, middle, gain)


def _lower_end(y: Array, weights: Array | None) -> float:
    """Give where numbers begin that trail off upwards: at 0, if that is near enough."""
    lowest = float(y.min())
    near = 0 <= lowest < quantiles(y, np.array([0.5]), weights)[0] / 2
    return 0.0 if near else lowest


_ARRAYS = "origin", "unit", "low", "high"
_NUMBERS = "side", "end", "middle", "gain"
