"""Every parameter of what looks into networks, with values that are wrong.

Each call either works or raises ValueError or TypeError from our own code, and the
message names the parameter. Other exceptions, and those from inside NumPy, are faults.
"""

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import ranvier as rv

WRONG: dict[str, Any] = {
    "None": None,
    "nan": float("nan"),
    "inf": float("inf"),
    "minus one": -1,
    "zero": 0,
    "half": 0.5,
    "huge": 10**30,
    "huge float": 1e300,
    "true": True,
    "text": "wrong",
    "number as text": "3",
    "no text": "",
    "bytes": b"3",
    "no list": [],
    "list": [1, "a"],
    "nested": [[1.0], [2.0, 3.0]],
    "dict": {"a": 1},
    "object": object(),
    "function": len,
    "complex": 1j,
    "NumPy float": np.float64(-0.5),
    "NumPy int": np.int64(-3),
    "NumPy NaN": np.float32("nan"),
    "scalar array": np.array(2.0),
    "no array": np.zeros((0, 0)),
    "cube": np.zeros((2, 2, 2)),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
}

NET = rv.Network.mlp(2, 3, 1, "tanh", dtype="float64", seed=0)
ROWS, Y = [[1.0, 2.0], [3.0, 4.0], [0.0, 1.0]], [0.5, 1.0, 2.0]
CLASSES = [0, 0, 1]
TRACE = NET.trace(ROWS, Y)
COLUMNS = rv.columns

# What is called, with arguments that are right; each is replaced by each wrong value.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "Network": (
        rv.Network,
        {"inputs": 2, "layers": [rv.Dense(1)], "dtype": "float32", "seed": 0},
    ),
    "mlp": (
        rv.Network.mlp,
        {
            "inputs": 2,
            "hidden": 3,
            "outputs": 1,
            "activation": "relu",
            "output_activation": "identity",
            "dropout": 0.1,
            "dtype": "float32",
            "seed": 0,
        },
    ),
    "Dense": (rv.Dense, {"units": 2, "activation": "relu", "W": "zeros", "b": "zeros"}),
    "Dropout": (rv.Dropout, {"rate": 0.1}),
    "Embedding": (rv.Embedding, {"columns": [COLUMNS.Plain()]}),
    "Periodic": (COLUMNS.Periodic, {"frequencies": 4, "width": 2, "sigma": 0.1}),
    "Piecewise": (COLUMNS.Piecewise, {"edges": [0.0, 1.0], "width": 2}),
    "Category": (COLUMNS.Category, {"size": 4, "width": 2}),
    "Activation": (rv.Activation, {"name": "elu", "parameter": 0.5}),
    "elu": (rv.activations.elu, {"alpha": 0.5}),
    "leaky_relu": (rv.activations.leaky_relu, {"slope": 0.5}),
    "Loss": (rv.Loss, {"name": "huber", "parameter": 0.5}),
    "huber": (rv.losses.huber, {"delta": 0.5}),
    "quantile": (rv.losses.quantile, {"q": 0.5}),
    "cross_entropy": (rv.losses.cross_entropy, {"smoothing": 0.1}),
    "predict": (lambda X: NET(X), {"X": ROWS}),
    "forward": (NET.forward, {"X": ROWS}),
    "embed": (NET.embed, {"X": ROWS}),
    "loss_and_gradient": (
        NET.loss_and_gradient,
        {"X": ROWS, "y": Y, "loss": "huber", "sample_weight": [1.0, 2.0, 3.0]},
    ),
    "trace": (
        NET.trace,
        {"X": ROWS, "y": Y, "loss": None, "sample_weight": [1, 1, 2], "rows": [0, 2]},
    ),
    "explain": (TRACE.explain, {"weight": "W1[0,0]", "row": 1, "paths": 3}),
    "explain_unit": (TRACE.explain_unit, {"layer": 1, "unit": 0, "row": 1}),
    "matrix_product": (TRACE.matrix_product, {"layer": 1}),
    "to_frame": (TRACE.to_frame, {"what": "units"}),
    "attribute": (
        rv.attribute,
        {
            "fitted": NET,
            "X": ROWS,
            "method": "integrated_gradients",
            "baseline": [0.0, 0.0],
            "output": 0,
            "steps": 8,
        },
    ),
    "check_gradients": (
        rv.check_gradients,
        {
            "fitted": NET,
            "X": ROWS,
            "y": Y,
            "loss": "huber",
            "sample_weight": [1.0, 2.0, 3.0],
            "most": 4,
            "seed": 0,
        },
    ),
    "Neuron": (
        rv.Neuron,
        {"weights": [1.0, 2.0], "bias": 0.5, "activation": "relu", "names": ["a", "b"]},
    ),
    "neuron": (lambda x: rv.Neuron([1.0, 2.0])(x), {"x": [1.0, 2.0]}),
    "perceptron": (rv.perceptron, {"X": ROWS, "y": CLASSES, "epochs": 5}),
    "compile": (rv.logic.compile, {"formula": "a and b"}),
    "AND": (rv.logic.AND, {"inputs": 2}),
    "circuit": (rv.logic.compile("a and b"), {"a": True, "b": False}),
    "show_config": (rv.show_config, {"mode": "dicts"}),
    "catalogue": (rv.losses.describe, {"name": "huber"}),
    "plot_weights": (rv.plot_weights, {"fitted": NET, "layer": 1, "names": ["a", "b"]}),
    "plot_gradients": (rv.plot_gradients, {"trace": TRACE, "layer": 1}),
    "plot_network": (
        rv.plot_network,
        {"fitted": NET, "names": ["a", "b"], "outputs": ["y"]},
    ),
    "plot_boundary": (
        partial(rv.plot_boundary, resolution=8),
        {"fitted": NET, "X": np.array(ROWS), "y": Y, "columns": (0, 1), "row": 0},
    ),
    "plot_responses": (
        rv.plot_responses,
        {"fitted": NET, "X": np.array(ROWS), "column": 0, "layer": 1, "row": 0},
    ),
    "plot_boundary resolution": (
        partial(rv.plot_boundary, NET, np.array(ROWS)),
        {"resolution": 8},
    ),
    "plot_responses points": (
        partial(rv.plot_responses, NET, np.array(ROWS)),
        {"points": 8},
    ),
}

# What a message may call a parameter instead.
ALSO = {
    "name": ("activation", "loss"),
    "parameter": ("alpha", "delta", "elu", "huber"),
    "fitted": ("network", "predicts"),
    "trace": ("Trace",),
    "columns": ("column",),
    "weight": ("names no weight",),
    "names": ("names", "name"),
    "outputs": ("names", "units"),
    "hidden": ("units",),
    "output_activation": ("activation",),
    "dropout": ("Dropout",),
    "layers": ("layer",),
    "a": ("variable",),
    "b": ("variable", "b must"),
    "q": ("quantile",),
    "X": ("x holds", "x is"),
    "x": ("X is",),
    "what": ("kind of frame",),
    "edges": ("edges",),
}

CASES = [
    pytest.param(call, parameter, value, id=f"{call}-{parameter}-{value}")
    for call, (_, arguments) in CALLS.items()
    for parameter in arguments
    for value in WRONG
]


@pytest.mark.parametrize(("call", "parameter", "value"), CASES)
@pytest.mark.filterwarnings("error")
def test_wrong_value(call: str, parameter: str, value: str) -> None:
    function, arguments = CALLS[call]
    try:
        function(**arguments | {parameter: WRONG[value]})
    except (ValueError, TypeError, KeyError) as error:
        text = str(error)
        names = (parameter, *ALSO.get(parameter, ()))
        assert any(name in text for name in names), text
        last = traceback.extract_tb(error.__traceback__)[-1].filename
        assert "/ranvier/" in last, f"{last}: {text}"
    finally:
        import matplotlib.pyplot as plt

        plt.close("all")
