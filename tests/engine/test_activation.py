"""A = f(Z) and f'(Z): engine/equations/activation.h."""

from math import exp, log, pi, sqrt, tanh

import numpy as np
import pytest

import cases
import doors
import reference
from ranvier import _engine

EVERY = {**cases.SINGLE, "step": 0.0}
PHI_1 = 0.8413447460685429  # the normal distribution at 1
DENSITY_1 = exp(-1 / 2) / sqrt(2 * pi)
U, DU = sqrt(2 / pi) * 1.044715, sqrt(2 / pi) * 1.134145  # of gelu_tanh at z = 1
SELU = 1.0507009873554805 * 1.6732632423543772

# name, parameter, z, f(z), f'(z). With e^z = 3, sigmoid(z) = 3/4, tanh(z) = 8/10, and
# softplus(z) = log 4, of which tanh is (16 - 1) / (16 + 1).
BY_HAND = [
    ("identity", 0, -2, -2, 1),
    ("relu", 0, -2, 0, 0),
    ("relu", 0, 3, 3, 1),
    ("leaky_relu", 0.1, -2, -0.2, 0.1),
    ("leaky_relu", 0.1, 3, 3, 1),
    ("relu6", 0, 7, 6, 0),
    ("relu6", 0, 5, 5, 1),
    ("elu", 2, -log(2), 2 * (1 / 2 - 1), 2 * 1 / 2),
    ("elu", 2, 3, 3, 1),
    ("selu", 0, -log(2), SELU * (1 / 2 - 1), SELU / 2),
    ("selu", 0, 2, 2 * 1.0507009873554805, 1.0507009873554805),
    ("gelu", 0, 1, PHI_1, PHI_1 + DENSITY_1),
    ("gelu", 0, -1, -(1 - PHI_1), 1 - PHI_1 - DENSITY_1),
    (
        "gelu_tanh",
        0,
        1,
        (1 + tanh(U)) / 2,
        (1 + tanh(U)) / 2 + (1 - tanh(U) ** 2) / 2 * DU,
    ),
    ("silu", 0, log(3), 3 / 4 * log(3), 3 / 4 + log(3) * 3 / 16),
    (
        "mish",
        0,
        log(3),
        15 / 17 * log(3),
        15 / 17 + log(3) * 3 / 4 * (1 - (15 / 17) ** 2),
    ),
    ("sigmoid", 0, log(3), 3 / 4, 3 / 16),
    ("tanh", 0, log(3), 4 / 5, 9 / 25),
    ("softplus", 0, log(3), log(4), 3 / 4),
    ("softsign", 0, -3, -3 / 4, 1 / 16),
    ("hard_sigmoid", 0, 1.5, 3 / 4, 1 / 6),
    ("hard_sigmoid", 0, -4, 0, 0),
    ("hard_tanh", 0, 0.5, 0.5, 1),
    ("hard_tanh", 0, -4, -1, 0),
    ("step", 0, 2, 1, 0),
    ("step", 0, -2, 0, 0),
    ("exp", 0, log(3), 3, 3),
]

# The slope that PyTorch gives at the kinks; McCulloch and Pitts's unit fires at 0.
AT_KINKS = [
    ("relu", 0, 0, 0, 0),
    ("leaky_relu", 0.1, 0, 0, 0.1),
    ("relu6", 0, 0, 0, 0),
    ("relu6", 0, 6, 6, 0),
    ("elu", 0.7, 0, 0, 0.7),
    ("selu", 0, 0, 0, SELU),
    ("softsign", 0, 0, 0, 1),
    ("hard_sigmoid", 0, -3, 0, 0),
    ("hard_sigmoid", 0, 3, 1, 0),
    ("hard_tanh", 0, -1, -1, 0),
    ("hard_tanh", 0, 1, 1, 0),
    ("step", 0, 0, 1, 0),
]


@pytest.mark.parametrize(("name", "p", "z", "a", "slope"), BY_HAND + AT_KINKS)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_by_hand(name, p, z, a, slope, dtype) -> None:
    found = _engine.activation(name, p, np.array([z], dtype))
    tolerance = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(found[0], [a], rtol=tolerance, atol=tolerance / 4)
    np.testing.assert_allclose(found[1], [slope], rtol=2 * tolerance, atol=tolerance)


def test_every_activation_is_worked_by_hand() -> None:
    assert {entry[0] for entry in BY_HAND} == set(EVERY)


@pytest.mark.parametrize(("name", "p"), EVERY.items())
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_witness(name: str, p: float, dtype: type) -> None:
    z = np.concatenate([np.linspace(-30, 30, 4001), np.linspace(-1.5, 1.5, 3001)])
    z = z.astype(dtype)
    f, df = reference.ACTIVATIONS[name]
    exact = z.astype(float)
    a, slope = _engine.activation(name, p, z)
    assert a.dtype == slope.dtype == dtype
    p = float(np.asarray(p, dtype))
    eps = np.finfo(dtype).eps
    # Slopes that pass through zero, gelu's for one, lose digits there to cancellation.
    np.testing.assert_allclose(a, f(exact, p), rtol=8 * eps, atol=2 * eps)
    np.testing.assert_allclose(slope, df(exact, p), rtol=16 * eps, atol=8 * eps)


@pytest.mark.parametrize(("name", "p"), cases.SINGLE.items())
def test_slope_is_the_difference_quotient(name: str, p: float) -> None:
    z, h = np.linspace(-9.03, 9.03, 2000), 1e-5
    kinks = cases.KINKS.get(name, ())
    z = z[[all(abs(x - kink) > 2 * h for kink in kinks) for x in z]]
    f = lambda z: _engine.activation(name, p, z)[0]  # noqa: E731
    slope = _engine.activation(name, p, z)[1]
    quotient = (f(z + h) - f(z - h)) / (2 * h)
    np.testing.assert_allclose(slope, quotient, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("name", "p"), EVERY.items())
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_each_value_is_on_its_own(name, p, dtype, rng: np.random.Generator) -> None:
    z = rng.normal(0, 3, 70).astype(dtype)
    whole = _engine.activation(name, p, z)
    for size in range(71):
        for one, all_ in zip(_engine.activation(name, p, z[:size]), whole, strict=True):
            np.testing.assert_array_equal(one, all_[:size])


@pytest.mark.parametrize(("name", "p"), EVERY.items())
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_far_out(name: str, p: float, dtype: type) -> None:
    z = np.array([-1e18, -1e4, -800, 800, 1e4, 1e18], dtype)
    if name == "exp":
        z = z[:3]
    a, slope = _engine.activation(name, p, z)
    with np.errstate(over="ignore"):
        f = reference.ACTIVATIONS[name][0](z.astype(float), p)
    np.testing.assert_allclose(a, f, rtol=4 * np.finfo(dtype).eps)
    assert np.all(np.isfinite(slope))
    assert np.all(abs(slope) <= 1.2)


@pytest.mark.parametrize(("name", "p"), cases.SINGLE.items())
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_not_a_number_stays_so(name: str, p: float, dtype: type) -> None:
    z = np.array([1, np.nan, 2], dtype)
    np.testing.assert_array_equal(
        np.isnan(_engine.activation(name, p, z)[0]), [False, True, False]
    )


@pytest.mark.parametrize("units", [1, 2, 7, 8, 9, 15, 16, 17, 40])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_softmax(units: int, dtype: type, rng: np.random.Generator) -> None:
    network = reference.Network(units, [("dense", units, "softmax", 0.0)])
    theta = np.concatenate([np.eye(units).ravel(), np.zeros(units)]).astype(dtype)
    Z = rng.normal(0, 4, (30, units)).astype(dtype)
    Z[0], Z[1], Z[2] = 1e4, -1e4, rng.choice([-1e4, 1e4], units)
    A = doors.predict(network, theta, Z)
    tolerance = 32 * np.finfo(dtype).eps
    np.testing.assert_allclose(
        A, reference.activate(Z.astype(float), "softmax", 0), rtol=tolerance, atol=1e-37
    )
    np.testing.assert_allclose(A.sum(axis=1), 1, rtol=tolerance)


def test_softmax_by_hand() -> None:
    # e^Z = (2, 6): p = (2, 6) / 8
    network = reference.Network(1, [("dense", 2, "softmax", 0.0)])
    theta = np.array([0, 0, log(2), log(6)])
    A = doors.predict(network, theta, np.ones((1, 1)))
    np.testing.assert_allclose(A, [[1 / 4, 3 / 4]], rtol=1e-15)


@pytest.mark.parametrize("name", ["rleu", "", "RELU", "softmax"])
def test_no_function_of_single_values(name: str) -> None:
    with pytest.raises(ValueError, match="activation"):
        _engine.activation(name, 0.0, np.ones(3))
