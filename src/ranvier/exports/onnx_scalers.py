"""Scalers of numbers as nodes of an ONNX graph, in double. Imports onnx."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.onnx_graph import Tensor
from ranvier.table.bins import Bins
from ranvier.table.scalers import (
    LIMIT,
    SMOOTH_LIMIT,
    TAIL,
    QuantileScaler,
    RobustScaler,
    Scaler,
)

Array = NDArray[Any]

# Coefficients of the normal quantile, numerator and denominator from the constant on:
# near the middle, and in the tails down to a probability of 1.4e-11. Wichura,
# "Algorithm AS 241: the percentage points of the normal distribution", 1988.
MIDDLE: Final = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3),
)  # fmt: skip
TAILS: Final = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
     6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
MIDDLE_HALF: Final = 0.425


def scale(x: Tensor, scaler: Scaler) -> Tensor:
    """Scale numbers (n, 1) as a scaler does; NaN becomes what a median becomes."""
    if isinstance(scaler, QuantileScaler):
        return _quantile(x, scaler)
    assert isinstance(scaler, RobustScaler)
    return _robust(x, scaler)


def _robust(x: Tensor, scaler: RobustScaler) -> Tensor:
    """Scale numbers as `RobustScaler.transform` does, a missing one to 0."""
    u = x / scaler.width - scaler.median / scaler.width
    zero = Tensor(x.graph, x.graph.constant(np.array(0.0)), x.dtype)
    u = u.apply("IsNaN").where(zero, u).clip(-LIMIT, LIMIT)
    v = u / SMOOTH_LIMIT
    return u / (v * v + 1).apply("Sqrt")


def bins(scaled: Tensor, edges_of: Bins) -> Tensor:
    """Compute how far scaled numbers (n, 1) are through each bin, (n, bins)."""
    graph, edges = scaled.graph, np.array(edges_of.edges)
    start = Tensor(graph, graph.constant(edges[:-1]), scaled.dtype)
    width = Tensor(graph, graph.constant(np.diff(edges)), scaled.dtype)
    return ((scaled - start) / width).clip(0, 1)


def _quantile(x: Tensor, scaler: QuantileScaler) -> Tensor:
    """Map numbers to normal quantiles as `QuantileScaler.transform` does."""
    known = np.array(scaler.quantiles)
    start, width, level = known[:-1], np.diff(known), 1 / (len(known) - 1)
    sloped = width > 0
    passed = (x - _constant(x, start[sloped])) / _constant(x, width[sloped])
    fraction = _sum(passed.clip(0, 1), level, int(sloped.sum()))
    if not sloped.all():  # a value of many rows takes the middle of their fractions
        jump = _constant(x, start[~sloped])
        for side in ("GreaterOrEqual", "Greater"):
            reached = x.apply(side, jump).cast("float64")
            fraction = fraction + _sum(reached, level / 2, int((~sloped).sum()))
    scaled = normal_quantile(fraction.clip(TAIL, 1 - TAIL))
    return x.apply("IsNaN").where(_constant(x, np.array(0.0)), scaled)


def normal_quantile(p: Tensor) -> Tensor:
    """Compute the quantile of the standard normal distribution at fractions p."""
    q = p - 0.5
    r = q * q * -1 + MIDDLE_HALF**2
    middle = q * _polynomial(MIDDLE[0], r) / _polynomial(MIDDLE[1], r)
    smaller = p.apply("Min", p * -1 + 1)
    t = smaller.apply("Log").apply("Neg").apply("Sqrt") - 1.6
    tail = _polynomial(TAILS[0], t) / _polynomial(TAILS[1], t) * q.apply("Sign")
    return q.apply("Abs").apply("LessOrEqual", MIDDLE_HALF).where(middle, tail)


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    *others, last = coefficients
    value = x * last + others[-1]
    for coefficient in others[-2::-1]:
        value = value * x + coefficient
    return value


def _sum(values: Tensor, weight: float, count: int) -> Tensor:
    """Return the weighted sum of values (n, count), (n, 1)."""
    return values.apply("MatMul", _constant(values, np.full((count, 1), weight)))


def _constant(like: Tensor, values: Array) -> Tensor:
    return Tensor(like.graph, like.graph.constant(values), like.dtype)
