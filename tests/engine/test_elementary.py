"""The engine's vector functions against float64 and mpmath, in units of last place."""

import os
import subprocess
import sys
from collections.abc import Callable
from math import inf, nan, pi, sqrt
from typing import NamedTuple

import mpmath as mp
import numpy as np
import pytest
from scipy.special import erf, expit, ndtr

from ranvier import _engine

Array = np.ndarray


class Witness(NamedTuple):
    in_float64: Callable[[Array], Array]
    exactly: Callable[[mp.mpf], mp.mpf]
    low: float  # from here to high the function has finite values other than its limits
    high: float


WITNESSES = {
    "exp": Witness(np.exp, mp.exp, -746, 709.7),
    "expm1": Witness(np.expm1, mp.expm1, -40, 709.7),
    "log": Witness(np.log, mp.log, 5e-324, 1.7e308),
    "log1p": Witness(np.log1p, mp.log1p, -1 + 1e-15, 1.7e308),
    "tanh": Witness(np.tanh, mp.tanh, -22, 22),
    "sigmoid": Witness(expit, lambda x: 1 / (1 + mp.exp(-x)), -746, 40),
    "softplus": Witness(
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))),
        lambda x: mp.log1p(mp.exp(x)),
        -746,
        800,
    ),
    "erf": Witness(erf, mp.erf, -6, 6),
    "normal_cdf": Witness(ndtr, lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, -38.6, 8.5),
    "normal_pdf": Witness(
        lambda x: np.exp(-x * x / 2) / sqrt(2 * pi), mp.npdf, -38.6, 38.6
    ),
    "cos_2pi": Witness(
        lambda x: np.sin(2 * pi * (0.25 - abs(x - np.rint(x)))),
        lambda x: mp.cospi(2 * x),
        -9,
        9,
    ),
    "sin_2pi": Witness(
        lambda x: np.sin(2 * pi * (x - np.rint(x))),
        lambda x: mp.sinpi(2 * x),
        -9,
        9,
    ),
}

# Largest error in ulp: 2, but for three functions; theirs grows where the level has no
# fused multiply-add to keep what a product loses.
LARGEST = dict.fromkeys(WITNESSES, 2.0) | {
    "cos_2pi": 3.0,
    "sin_2pi": 3.0,
    "normal_cdf": 2.1,
}
if _engine.show_config()["level"] == "baseline":
    LARGEST |= {"cos_2pi": 4.0, "sin_2pi": 4.0, "normal_cdf": 5.0}


def elementary(name: str, x: Array) -> Array:
    return _engine.elementary(name, x)


def points(
    witness: Witness, dtype: type, count: int, rng: np.random.Generator
) -> Array:
    """Return numbers spread evenly, numbers near zero, numbers of every exponent."""
    form = np.finfo(dtype)
    low, high = np.clip(witness[2:], form.min, form.max).astype(dtype)
    evenly = low + rng.random(count) * (high / 2 - low / 2) * 2
    small = rng.uniform(-1.5, 1.5, count)
    bits = f"u{dtype().itemsize}"
    with np.errstate(over="ignore", invalid="ignore"):
        anything = rng.bytes(count * dtype().itemsize)
        x = np.concatenate([evenly, small]).astype(dtype)
        x = np.concatenate([x, np.frombuffer(anything, bits).view(dtype)])
        return x[(x >= low) & (x <= high)]


def ulps(y: Array, high: Array, low: Array | float = 0.0) -> Array:
    """Return how far y is from the true value high + low."""
    form = np.finfo(y.dtype)
    _, exponent = np.frexp(np.clip(high, form.min, form.max).astype(y.dtype))
    unit = np.ldexp(1.0, np.maximum(exponent - 1, form.minexp) - form.nmant)
    with np.errstate(over="ignore", invalid="ignore"):
        both_infinite = np.isinf(y) & (y == high.astype(y.dtype))
        error = abs(y.astype(np.float64) - high - low) / unit
    return np.where(both_infinite, 0.0, error)


@pytest.mark.parametrize("name", WITNESSES)
def test_float32_is_within_two_ulp(name: str, rng: np.random.Generator) -> None:
    x = points(WITNESSES[name], np.float32, 100_000, rng)
    y = elementary(name, x)
    with np.errstate(over="ignore", under="ignore"):
        true = WITNESSES[name].in_float64(x.astype(np.float64))
    error = ulps(y, true)
    worst = error.argmax()
    assert y.dtype == np.float32
    assert error[worst] <= LARGEST[name], (x[worst], y[worst], true[worst])


@pytest.mark.parametrize("name", WITNESSES)
def test_float64_is_within_two_ulp(name: str, rng: np.random.Generator) -> None:
    x = points(WITNESSES[name], np.float64, 1000, rng)
    y = elementary(name, x)
    with mp.workdps(40):
        true = [WITNESSES[name].exactly(mp.mpf(v)) for v in x.tolist()]
        high = np.array([float(v) for v in true])
        low = np.array([float(v - mp.mpf(float(v))) for v in true])
    error = ulps(y, high, low)
    worst = error.argmax()
    assert y.dtype == np.float64
    assert error[worst] <= LARGEST[name], (x[worst], y[worst], high[worst])


SPECIAL = [
    ("exp", [0.0, -0.0, inf, -inf, 1e30, -1e30], [1, 1, inf, 0, inf, 0]),
    ("expm1", [0.0, -0.0, inf, -inf, 1e30, -1e30], [0.0, -0.0, inf, -1, inf, -1]),
    ("log", [0.0, -0.0, 1.0, inf, -1.0, -inf], [-inf, -inf, 0.0, inf, nan, nan]),
    ("log1p", [0.0, -0.0, -1.0, inf, -2.0, -inf], [0.0, -0.0, -inf, inf, nan, nan]),
    ("tanh", [0.0, -0.0, inf, -inf, 30.0, -30.0], [0.0, -0.0, 1, -1, 1, -1]),
    ("sigmoid", [0.0, -0.0, inf, -inf, 1e30, -1e30], [0.5, 0.5, 1, 0, 1, 0]),
    ("softplus", [inf, -inf, 1e30, -1e30], [inf, 0, np.float32(1e30), 0]),
    ("erf", [0.0, -0.0, inf, -inf, 7.0, -7.0], [0.0, -0.0, 1, -1, 1, -1]),
    ("normal_cdf", [0.0, -0.0, inf, -inf, 1e30, -1e30], [0.5, 0.5, 1, 0, 1, 0]),
    ("normal_pdf", [inf, -inf, 1e30, -1e30], [0, 0, 0, 0]),
    ("cos_2pi", [0.0, 0.5, 0.25, 1e30, inf, -inf], [1, -1, 0.0, 1, nan, nan]),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "x", "y"), SPECIAL, ids=[row[0] for row in SPECIAL])
def test_special_values(name: str, x: list, y: list, dtype: type) -> None:
    got = elementary(name, np.array([np.float32(v) for v in x], dtype=dtype))
    assert np.array_equal(got, np.array(y, dtype=dtype), equal_nan=True)
    numbers = ~np.isnan(got)
    assert np.array_equal(np.signbit(got)[numbers], np.signbit(y)[numbers])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", WITNESSES)
def test_not_a_number_stays_so_and_alone(name: str, dtype: type) -> None:
    x = np.full(19, 0.3, dtype=dtype)
    x[5] = nan
    y = elementary(name, x)
    assert np.isnan(y[5])
    assert len(set(np.delete(y, 5).tolist())) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh", "erf"])
def test_near_zero_the_slope_is_all(name: str, dtype: type) -> None:
    tiny, smallest = np.finfo(dtype).tiny, np.finfo(dtype).smallest_subnormal
    x = np.array([tiny, -tiny, tiny / 8, smallest, -smallest], dtype=dtype)
    slope = 2 / sqrt(pi) if name == "erf" else 1
    true = x.astype(np.longdouble) * slope
    assert (abs(elementary(name, x) - true) <= smallest).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", WITNESSES)
def test_a_value_does_not_depend_on_its_lane(
    name: str, dtype: type, rng: np.random.Generator
) -> None:
    x = abs(rng.normal(scale=3, size=37)).astype(dtype)
    y = elementary(name, x)
    one_by_one = [elementary(name, x[i : i + 1]) for i in range(x.size)]
    assert y.tobytes() == np.concatenate(one_by_one).tobytes()


ALL_VALUES = f"""
import sys
import numpy as np
from ranvier import _engine
rng = np.random.default_rng(1)
for dtype in (np.float32, np.float64):
    x = rng.normal(scale=3, size=4099).astype(dtype)
    for name in {list(WITNESSES)}:
        for values in (abs(x), -abs(x)):
            y = _engine.test_kernels.elementary(name, values)
            sys.stdout.buffer.write(y.tobytes())
"""


def test_levels_with_fused_multiply_add_agree_bit_for_bit() -> None:
    levels = set(_engine.show_config()["levels_available"]) - {"baseline"}
    if len(levels) < 2:
        pytest.skip(f"this processor has one such level at most: {levels}")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", ALL_VALUES],
            env=os.environ | {"RANVIER_LEVEL": level},
            capture_output=True,
            check=True,
        ).stdout
        for level in levels
    }
    assert len(outputs) == 1
