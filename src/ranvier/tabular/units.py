"""Numbers to predict <-> what networks learn of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import StandardScaler, quantiles
from ranvier.table.targets import NumberTarget

Array = NDArray[Any]

SKEWED = 1.0  # the third standardised moment, from which on a logarithm is tried
ENDS = -1, 0, 1
PARTS = ("origin", "unit", "low", "high", "side", "end", "middle", "gain")


@dataclass(frozen=True)
class Units:
    """How numbers y become outputs Z of a network: Z = (f(y) - origin) / unit.

    All parts have one value for each of k targets. f(y) is y. Or, of numbers that trail
    off to one side, it is

        f(y) = log(1 + side (y - end) / middle),

    ``side`` being 1 or -1 for where they trail off to, else 0; ``end`` the other end of
    them, and ``middle`` their median distance from there. What comes back is the median
    then rather than the mean, so that its distance from the end is multiplied by
    ``gain``, which Duan, "Smearing estimate", 1983, is the idea of.

    ``low`` and ``high`` are what training saw; no prediction leaves them.
    """

    origin: Array
    unit: Array
    low: Array
    high: Array
    side: Array
    end: Array
    middle: Array
    gain: Array

    @classmethod
    def of(cls, origin: Array, unit: Array, low: Array, high: Array) -> Units:
        """Give units in which f(y) is y."""
        zeros, ones = np.zeros(len(unit)), np.ones(len(unit))
        return cls(origin, unit, low, high, zeros.astype(int), zeros, ones, ones)

    @classmethod
    def fit(cls, y: Array, weights: Array | None) -> Units:
        """Measure mean and standard deviation of numbers (n, k)."""
        nothing = np.zeros(y.shape[1])
        return cls.of(nothing, nothing, nothing, nothing)._measured(y, weights)

    @classmethod
    def counts(cls, y: Array, weights: Array | None) -> Units:
        """Measure the mean of counts (n, k), 0 staying 0; ValueError of others."""
        mean = np.average(y, axis=0, weights=weights)
        if (y < 0).any() or (mean == 0).any():
            raise ValueError(
                "loss='poisson' needs counts: numbers of at least 0, not all of them 0"
            )
        return cls.of(np.zeros_like(mean), mean, y.min(axis=0), y.max(axis=0))

    @classmethod
    def logarithmic(cls, y: Array, weights: Array | None) -> Units | None:
        """Measure numbers (n, k), the logarithms of those that are skewed.

        None: of no target are they.
        """
        bends = [_bend(x, weights) for x in y.T]
        if not any(side for side, _, _ in bends):
            return None
        side, end, middle = (np.array(part) for part in zip(*bends, strict=True))
        plain = cls.fit(y, weights)
        return replace(plain, side=side, end=end, middle=middle)._measured(y, weights)

    def _measured(self, y: Array, weights: Array | None) -> Units:
        """Measure f(y), with the ends of y."""
        f = self._bent(y)
        mean = np.average(f, axis=0, weights=weights)
        sd = np.sqrt(np.average(np.square(f - mean), axis=0, weights=weights))
        return replace(
            self,
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
        y = self.end + self.gain * (self.bound(Z) - self.end)
        return np.asarray(np.clip(y, self.low, self.high))

    def bound(self, Z: Array) -> Array:
        """Give y of Z, (..., k), of which `tell` gives Z again."""
        f = Z.astype(np.float64) * self.unit + self.origin
        if not self.side.any():
            return np.asarray(f)
        with np.errstate(over="ignore", invalid="ignore"):
            away = self.middle * np.maximum(np.expm1(f), 0)
            return np.where(self.side, self.end + self.side * away, f)

    def balanced(self, Z: Array, Y: Array, weights: Array | None) -> Units:
        """Set the gain so that the mean of predictions is that of the numbers."""
        if not self.side.any():
            return self
        plain = replace(self, gain=np.ones(len(self.unit)))
        told, true = (
            np.abs(np.average(plain.back(part) - self.end, axis=0, weights=weights))
            for part in (Z, Y)
        )
        moved = (self.side != 0) & (told * true > 0)
        return replace(plain, gain=np.where(moved, true / np.where(moved, told, 1), 1))

    def _bent(self, y: Array) -> Array:
        """Give f(y)."""
        if not self.side.any():
            return y
        away = np.maximum(self.side * (y - self.end), 0)
        return np.where(self.side, np.log1p(away / self.middle), y)

    @property
    def name(self) -> str:
        """What the outputs are that are not y itself, in words; empty where none is."""
        told = zip(self.names("y"), self.side, strict=True)
        return ", ".join(name for name, side in told if side)

    def names(self, y: str) -> tuple[str, ...]:
        """Call each output by the name of y; of several also by their places."""
        own = [y] if len(self.unit) == 1 else [f"{y}{k}" for k in range(len(self.unit))]
        return tuple(self.called(name, k) for k, name in enumerate(own))

    def called(self, y: str, k: int = 0) -> str:
        """Call f(y) of target k by the name of y."""
        side, end, middle = self.side[k], self.end[k], self.middle[k]
        if not side:
            return y
        away = f"{y} - {end:.6g}" if side > 0 else f"{end:.6g} - {y}"
        away = y if side > 0 and end == 0 else f"({away})"
        return f"log(1 + {away} / {middle:.6g})"

    def target(self, name: str) -> NumberTarget | None:
        """Describe f(y) of the one target to a run; None if there are several.

        A logarithm is shown as what it is, under a name of its own.
        """
        if len(self.unit) > 1:
            return None
        low, high = sorted(float(self._bent(end)[0]) for end in (self.low, self.high))
        mean, sd = float(self.origin[0]), float(self.unit[0])
        return NumberTarget(
            self.called(name), StandardScaler(mean, sd, mean), low, high
        )

    def describe(self) -> dict[str, Any]:
        """Return the units as plain JSON."""
        return {name: getattr(self, name).tolist() for name in PARTS}

    @classmethod
    def read(cls, value: Any) -> Units:
        """Rebuild units from what `describe` returned."""
        fields = JsonFields(value, "the target", PARTS)
        parts = {name: np.array(fields.numbers(name)) for name in PARTS}
        sizes = {len(part) for part in parts.values()}
        fields.require(len(sizes) == 1, "its parts are not of one length")
        fields.require(bool((parts["unit"] > 0).all()), "a unit is not above 0")
        bent = np.isin(parts["side"], ENDS)
        bent &= (parts["middle"] > 0) & (parts["gain"] > 0)
        fields.require(bool(bent.all()), "it has no logarithm")
        return cls(**parts | {"side": parts["side"].astype(int)})


def _bend(x: Array, weights: Array | None) -> tuple[int, float, float]:
    """Give side, end and middle of numbers (n,), side 0 where they are not skewed."""
    straight = 0, 0.0, 1.0
    mean = np.average(x, weights=weights)
    sd = np.sqrt(np.average(np.square(x - mean), weights=weights))
    if not sd > 0:
        return straight
    skewness = np.average(((x - mean) / sd) ** 3, weights=weights)
    if abs(skewness) < SKEWED:
        return straight
    side = int(np.sign(skewness))
    end = float(x.max()) if side < 0 else _lower_end(x, weights)
    away = side * (x - end)
    middle = quantiles(away, np.array([0.5]), weights)[0]
    middle = middle if middle > 0 else np.average(away, weights=weights)
    if not middle > 0 or not np.isfinite(middle):
        return straight
    return side, end, float(middle)


def _lower_end(y: Array, weights: Array | None) -> float:
    """Give where numbers begin that trail off upwards: at 0, if that is near enough."""
    lowest = float(y.min())
    near = 0 <= lowest < quantiles(y, np.array([0.5]), weights)[0] / 2
    return 0.0 if near else lowest
