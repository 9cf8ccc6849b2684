"""Scalers in ONNX give what Python gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri

from ranvier.table.bins import Bins
from ranvier.table.scalers import QuantileScaler, RobustScaler

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

Array = NDArray[Any]
STRANGE = [np.nan, 0.0, 1e300, -1e300, 5e-324, 2.0, -7.0]


def computed(function: Callable[[Any], Any], x: Array) -> Array:
    from ranvier.exports.onnx_graph import Graph, Tensor

    graph = Graph("scaler")
    value = Tensor(graph, graph.input("x", "float64", ["n", 1]), np.dtype(np.float64))
    result = function(value)
    graph.output("y", result.name, "float64", ["n", "k"])
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return np.asarray(session.run(None, {"x": x[:, None]})[0])


def test_robust() -> None:
    from ranvier.exports.onnx_scalers import scale

    scaler = RobustScaler(1.5, 1e-3)
    x = np.concatenate([np.random.default_rng(0).normal(size=200), STRANGE])
    found = computed(lambda value: scale(value, scaler), x)[:, 0]
    np.testing.assert_array_equal(found, scaler.transform(x))


@pytest.mark.parametrize("repeated", [False, True])
def test_quantiles(repeated: bool) -> None:
    from ranvier.exports.onnx_scalers import scale

    rng = np.random.default_rng(0)
    x = rng.normal(size=3000)
    if repeated:
        x[:900], x[900:1500] = 2.0, -7.0
        quantiles = np.quantile(x, np.linspace(0, 1, 60))
        scaler = QuantileScaler(tuple(quantiles.tolist()))
        assert len(np.unique(quantiles)) < 50
    else:
        scaler = QuantileScaler.fit(x)
    new = np.concatenate([rng.normal(size=500) * 3, STRANGE, scaler.quantiles])
    found = computed(lambda value: scale(value, scaler), new)[:, 0]
    np.testing.assert_allclose(found, scaler.transform(new), rtol=1e-7, atol=1e-12)


def test_the_normal_quantile() -> None:
    from ranvier.exports.onnx_scalers import normal_quantile

    tails = 10.0 ** np.linspace(-7, -1, 200)
    p = np.concatenate([np.linspace(1e-7, 1 - 1e-7, 5001), tails, 1 - tails])
    found = computed(normal_quantile, p)[:, 0]
    np.testing.assert_allclose(found, ndtri(p), rtol=1e-13, atol=1e-14)


def test_bins() -> None:
    from ranvier.exports.onnx_scalers import bins

    edges = Bins((-1.0, -0.25, 0.5, 2.0))
    x = np.linspace(-3, 3, 101)
    found = computed(lambda value: bins(value, edges), x)
    np.testing.assert_array_equal(found, edges.transform(x))
