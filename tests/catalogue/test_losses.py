import math

import numpy as np
import pytest

import ranvier as rv
from ranvier.network.losses import NAMES

OUTPUTS = {"log_loss": "sigmoid", "poisson": "exp"}


def trace_of(name: str, z: float, y: float) -> rv.Trace:
    """One output z, then what the loss needs on top."""
    net = rv.Network(1, [rv.Dense(1, OUTPUTS.get(name, "identity"), W=[[1.0]])])
    return net.trace([[z]], [y], loss=name)


def written(text: str, name: str, a: float, y: float) -> float:
    p = rv.Loss(name).parameter
    names = {
        "a": a,
        "y": y,
        "q": p,
        "delta": p,
        "log": math.log,
        "abs": abs,
        "max": max,
        "min": min,
        "sign": lambda x: (x > 0) - (x < 0),
    }
    return eval(text.partition(";")[0], {"__builtins__": {}}, names)


def test_the_table_has_every_loss_in_order() -> None:
    assert list(rv.losses) == list(NAMES)


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("z", [-2.3, -0.4, 0.3, 2.6])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "cross_entropy"])
def test_formula_and_derivative(name: str, z: float, y: float) -> None:
    trace = trace_of(name, z, y)
    a, entry = trace.Y_hat.item(), rv.losses[name]
    assert written(entry.formula, name, a, y) == pytest.approx(trace.L, rel=1e-6)
    slope = written(entry.derivative, name, a, y)
    assert slope == pytest.approx(trace.dY_hat.item(), rel=1e-6)
    if "by z it is a - y" in entry.derivative:
        assert trace.layers[-1].dZ.item() == pytest.approx(a - y)


def test_cross_entropy() -> None:
    net = rv.Network(1, [rv.Dense(3, "softmax", W=[[0.4, -1.0, 0.2]])])
    trace = net.trace([[1.0]], [1])
    a, y = trace.Y_hat[0], trace.Y[0]
    assert pytest.approx(-sum(y * np.log(a))) == trace.L
    np.testing.assert_allclose(trace.dY_hat[0], -y / a)
    np.testing.assert_allclose(trace.layers[-1].dZ[0], a - y)


@pytest.mark.parametrize("name", NAMES)
def test_the_curves_are_the_loss_and_its_slope(name: str) -> None:
    curves = rv.losses._curves(name)
    smooth = np.gradient(curves.f, curves.x)
    assert np.median(np.abs(smooth - curves.slope)) < 1e-2
    if name not in ("poisson",):
        assert curves.f.min() >= 0
