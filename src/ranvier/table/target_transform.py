"""Numbers to predict <-> the outputs that networks learn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exact_math import elementary
from ranvier.table.json_fields import JsonFields
from ranvier.table.legacy import upgraded_transform
from ranvier.table.scalers import StandardScaler, quantiles
from ranvier.table.targets import NumberTarget

Array = NDArray[Any]

SKEWED = 1.0  # the absolute skewness from which on a logarithm is tried
SIGNS = -1, 0, 1
PARTS = (
    "center", "scale", "minimum", "maximum", "sign", "edge", "distance", "smearing"
)  # fmt: skip


@dataclass(frozen=True)
class TargetTransform:
    """Targets y to outputs of a network: Z = (f(y) - center) / scale.

    f(y) is y or, for a skewed target,

        f(y) = log(1 + sign (y - edge) / distance).

    All attributes are arrays with a value for each of k targets.

    Attributes
    ----------
    center, scale
        Mean and standard deviation of f(y); of counts, 0 and their mean.
    minimum, maximum
        Of the training rows; predictions are clipped to them.
    sign
        The direction of the long tail: 1 up, -1 down, 0 for f(y) = y.
    edge, distance
        Where the values begin on the other side, and their median distance from there.
    smearing
        Factor on the distance of a prediction from the edge. Without it, the prediction
        of a logarithm would be nearer to the median than to the mean (Duan, "Smearing
        estimate", 1983, has the idea).
    """

    center: Array
    scale: Array
    minimum: Array
    maximum: Array
    sign: Array
    edge: Array
    distance: Array
    smearing: Array

    @classmethod
    def linear(
        cls, center: Array, scale: Array, minimum: Array, maximum: Array
    ) -> TargetTransform:
        """Return a transform with f(y) = y."""
        zeros, ones = np.zeros(len(scale)), np.ones(len(scale))
        signs = zeros.astype(int)
        return cls(center, scale, minimum, maximum, signs, zeros, ones, ones)

    @classmethod
    def fit(cls, y: Array, weights: Array | None) -> TargetTransform:
        """Fit mean and standard deviation of targets (n, k)."""
        zeros = np.zeros(y.shape[1])
        return cls.linear(zeros, zeros, zeros, zeros)._standardised(y, weights)

    @classmethod
    def for_counts(cls, y: Array, weights: Array | None) -> TargetTransform:
        """Fit the mean of counts (n, k), so that 0 stays 0; ValueError for others."""
        mean = np.average(y, axis=0, weights=weights)
        if (y < 0).any() or (mean == 0).any():
            raise ValueError(
                "loss='poisson' needs counts: numbers of at least 0, not all of them 0"
            )
        return cls.linear(np.zeros_like(mean), mean, y.min(axis=0), y.max(axis=0))

    @classmethod
    def logarithmic(cls, y: Array, weights: Array | None) -> TargetTransform | None:
        """Fit a logarithm to each skewed target of y (n, k); None if none is skewed."""
        shapes = [_tail_of(x, weights) for x in y.T]
        if not any(sign for sign, _, _ in shapes):
            return None
        sign, edge, distance = (np.array(part) for part in zip(*shapes, strict=True))
        plain = cls.fit(y, weights)
        bent = replace(plain, sign=sign, edge=edge, distance=distance)
        return bent._standardised(y, weights)

    def _standardised(self, y: Array, weights: Array | None) -> TargetTransform:
        """Set center and scale by f(y), and the range by y."""
        f = self._f(y)
        mean = np.average(f, axis=0, weights=weights)
        sd = np.sqrt(np.average(np.square(f - mean), axis=0, weights=weights))
        return replace(
            self,
            center=mean,
            scale=np.where(sd > 0, sd, 1.0),
            minimum=y.min(axis=0),
            maximum=y.max(axis=0),
        )

    def transform(self, y: Array) -> Array:
        """Return Z of targets y, (n, k)."""
        return np.asarray((self._f(y) - self.center) / self.scale)

    def inverse_transform(self, Z: Array) -> Array:
        """Return y, (..., k), for which `transform` returns Z."""
        f = Z.astype(np.float64) * self.scale + self.center
        if not self.sign.any():
            return np.asarray(f)
        with np.errstate(over="ignore", invalid="ignore"):
            away = self.distance * np.maximum(elementary("expm1", f), 0)
            return np.where(self.sign, self.edge + self.sign * away, f)

    def predictions(self, Z: Array) -> Array:
        """Return predictions of outputs Z, (..., k): smeared, and within the range."""
        y = self.edge + self.smearing * (self.inverse_transform(Z) - self.edge)
        return np.asarray(np.clip(y, self.minimum, self.maximum))

    def slopes(self, Z: Array) -> Array:
        """Return the derivatives of `predictions` by Z, 0 outside the range."""
        f = Z.astype(np.float64) * self.scale + self.center
        with np.errstate(over="ignore", invalid="ignore"):
            bent = self.sign * self.distance * np.exp(f) * (f > 0)
            slopes = self.smearing * self.scale * np.where(self.sign, bent, 1.0)
        y = self.edge + self.smearing * (self.inverse_transform(Z) - self.edge)
        return np.where((self.minimum < y) & (y < self.maximum), slopes, 0.0)

    def with_smearing(
        self, Z: Array, Y: Array, weights: Array | None
    ) -> TargetTransform:
        """Set the smearing so that predictions have the mean of the targets.

        Parameters
        ----------
        Z, Y
            (n, k) outputs, and transformed targets.
        weights
            (n,) of the rows; None: all 1.
        """
        if not self.sign.any():
            return self
        plain = replace(self, smearing=np.ones(len(self.scale)))
        predicted, true = (
            np.abs(
                np.average(plain.predictions(part) - self.edge, axis=0, weights=weights)
            )
            for part in (Z, Y)
        )
        known = (self.sign != 0) & (predicted * true > 0)
        factor = np.where(known, true / np.where(known, predicted, 1), 1)
        return replace(plain, smearing=factor)

    def _f(self, y: Array) -> Array:
        if not self.sign.any():
            return y
        away = np.maximum(self.sign * (y - self.edge), 0)
        return np.where(self.sign, elementary("log1p", away / self.distance), y)

    @property
    def formula(self) -> str:
        """The logarithms, as formulas in y; empty if there are none."""
        named = zip(self.output_names("y"), self.sign, strict=True)
        return ", ".join(name for name, sign in named if sign)

    def output_names(self, y: str) -> tuple[str, ...]:
        """Name the outputs after the target; several get numbers."""
        k = len(self.scale)
        names = [y] if k == 1 else [f"{y}{i}" for i in range(k)]
        return tuple(self.name_of(name, i) for i, name in enumerate(names))

    def name_of(self, y: str, i: int = 0) -> str:
        """Write f(y) of target i, whose name is y."""
        sign, edge, distance = self.sign[i], self.edge[i], self.distance[i]
        if not sign:
            return y
        away = f"{y} - {edge:.6g}" if sign > 0 else f"{edge:.6g} - {y}"
        away = y if sign > 0 and edge == 0 else f"({away})"
        return f"log(1 + {away} / {distance:.6g})"

    def recorded_target(self, name: str) -> NumberTarget | None:
        """Describe f(y) of the only target for a run; None if there are several.

        A logarithm is shown as what it is, with its formula as its name.
        """
        if len(self.scale) > 1:
            return None
        ends = (self.minimum, self.maximum)
        low, high = sorted(float(self._f(end)[0]) for end in ends)
        mean, sd = float(self.center[0]), float(self.scale[0])
        scaler = StandardScaler(mean, sd, mean)
        return NumberTarget(self.name_of(name), scaler, low, high)

    def describe(self) -> dict[str, Any]:
        """Return the transform as plain JSON."""
        return {name: getattr(self, name).tolist() for name in PARTS}

    @classmethod
    def read(cls, value: Any) -> TargetTransform:
        """Rebuild a transform from what `describe` returned."""
        fields = JsonFields(upgraded_transform(value), "the target", PARTS)
        parts = {name: np.array(fields.numbers(name)) for name in PARTS}
        sizes = {len(part) for part in parts.values()}
        fields.require(len(sizes) == 1, "its parts are not of one length")
        fields.require(bool((parts["scale"] > 0).all()), "a scale is not above 0")
        valid = np.isin(parts["sign"], SIGNS)
        valid &= (parts["distance"] > 0) & (parts["smearing"] > 0)
        fields.require(bool(valid.all()), "it has no logarithm")
        return cls(**parts | {"sign": parts["sign"].astype(int)})


def _tail_of(x: Array, weights: Array | None) -> tuple[int, float, float]:
    """Return sign, edge and distance of targets (n,); sign 0 if they are not skewed."""
    straight = 0, 0.0, 1.0
    mean = np.average(x, weights=weights)
    sd = np.sqrt(np.average(np.square(x - mean), weights=weights))
    if not sd > 0:
        return straight
    skewness = np.average(((x - mean) / sd) ** 3, weights=weights)
    if abs(skewness) < SKEWED:
        return straight
    sign = int(np.sign(skewness))
    edge = float(x.max()) if sign < 0 else _lower_edge(x, weights)
    away = sign * (x - edge)
    distance = quantiles(away, np.array([0.5]), weights)[0]
    distance = distance if distance > 0 else np.average(away, weights=weights)
    if not distance > 0 or not np.isfinite(distance):
        return straight
    return sign, edge, float(distance)


def _lower_edge(y: Array, weights: Array | None) -> float:
    """Return 0 if that is near the lowest value; else the lowest value."""
    lowest = float(y.min())
    near = 0 <= lowest < quantiles(y, np.array([0.5]), weights)[0] / 2
    return 0.0 if near else lowest
