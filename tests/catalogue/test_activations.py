"""What the table says is what the engine does."""

import math
import re

import numpy as np
import pytest

import ranvier as rv
from ranvier import _engine
from ranvier.network.activations import NAMES

SINGLE = [name for name in NAMES if name != "softmax"]
# Off every kink, where slopes jump.
Z = [-20.0, -7.3, -3.7, -1.9, -0.6, -0.01, 0.02, 0.7, 1.8, 3.6, 6.4, 20.0]


def engine(name: str, z: float) -> tuple[float, float]:
    f, slope = _engine.activation(name, rv.Activation(name).parameter, np.array([z]))
    return float(f[0]), float(slope[0])


def written(text: str, name: str, z: float) -> float:
    """Evaluate a formula of the table."""
    parameter = rv.Activation(name).parameter
    names = {
        **vars(math),
        "z": z,
        "slope": parameter,
        "alpha": parameter,
        "f": lambda z: engine(name, z)[0],
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
        "softplus": lambda z: math.log(1 + math.exp(z)),
        "Phi": lambda z: (1 + math.erf(z / math.sqrt(2))) / 2,
        "phi": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
        "u": math.sqrt(2 / math.pi) * (z + 0.044715 * z**3),
    }
    return eval(
        text.partition(", u =")[0],
        {"__builtins__": {"abs": abs, "min": min, "max": max}},
        names,
    )


def test_the_table_has_every_activation_in_order() -> None:
    assert list(rv.activations) == list(NAMES)
    assert all(entry.name == name for name, entry in rv.activations.items())


@pytest.mark.parametrize("z", Z)
@pytest.mark.parametrize("name", SINGLE)
def test_formula_and_derivative(name: str, z: float) -> None:
    f, slope = engine(name, z)
    entry = rv.activations[name]
    assert written(entry.formula, name, z) == pytest.approx(f, rel=2e-4, abs=1e-9)
    assert written(entry.derivative, name, z) == pytest.approx(
        slope, rel=2e-4, abs=1e-9
    )


@pytest.mark.parametrize("name", SINGLE)
def test_range(name: str) -> None:
    z = np.concatenate([np.linspace(-30, 30, 20001), [-1e3, 1e2]])
    f, _ = _engine.activation(name, rv.Activation(name).parameter, z)
    text = rv.activations[name].range
    if text == "{0, 1}":
        assert set(f) == {0.0, 1.0}
        return
    low, high = (
        -rv.Activation(name).parameter if end == "-alpha" else float(end)
        for end in text[1:-1].split(", ")
    )
    assert low - 1e-2 <= f.min()
    assert f.max() <= high + 1e-9
    if math.isfinite(low):
        assert f.min() == pytest.approx(low, abs=2e-3)
    if math.isfinite(high):
        assert f.max() == pytest.approx(high, abs=0.04)


@pytest.mark.parametrize("name", SINGLE)
def test_where_it_is_flat(name: str) -> None:
    told = rv.activations[name].saturates
    z = np.linspace(-12, 12, 2401)
    _, slope = _engine.activation(name, rv.Activation(name).parameter, z)
    flat = np.zeros(len(z), bool)
    if told == "everywhere":
        flat[:] = True
    for side, end in re.findall(r"(below|above) (-?\d+)", told):
        flat |= z < float(end) - 1e-6 if side == "below" else z > float(end) + 1e-6
    assert np.abs(slope[flat]).max(initial=0) < 0.0125
    assert np.abs(slope[~flat]).max(initial=0) > 0.1 or told == "everywhere"


def test_softmax() -> None:
    z = np.array([0.3, -1.0, 2.0])
    f = np.exp(z) / np.exp(z).sum()
    trace = rv.Network(3, [rv.Dense(3, "softmax", W=np.eye(3))]).trace([z])
    np.testing.assert_allclose(trace.Y_hat[0], f)
    for i in range(3):
        for j in range(3):
            expected = f[i] * ((1 if i == j else 0) - f[j])
            assert trace.layers[0].slope[0, i, j] == pytest.approx(expected)
    curves = rv.activations._curves("softmax")
    np.testing.assert_allclose(curves.f, 1 / (1 + np.exp(-curves.x)))


@pytest.mark.parametrize("name", NAMES)
def test_the_curves_are_f_and_its_slope(name: str) -> None:
    curves = rv.activations._curves(name)
    known = np.isfinite(curves.f)
    smooth = np.gradient(curves.f[known], curves.x[known])
    middle = np.median(np.abs(smooth - curves.slope[known]))
    assert middle < 0.02
