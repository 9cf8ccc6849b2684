"""Every parameter of every public function, class and method with wrong values.

Each call either works or raises ValueError or TypeError whose message names the
parameter. Training functions and estimators have modules of their own; the last test
fails for a public parameter that none of them covers.
"""

import atexit
import inspect
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
import wrong_values

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
    "Network.mlp": (
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
    "Dense": (
        rv.Dense,
        {
            "units": 2,
            "activation": "relu",
            "parametric": False,
            "W": "zeros",
            "b": "zeros",
        },
    ),
    "Dropout": (rv.Dropout, {"rate": 0.1}),
    "Embedding": (rv.Embedding, {"columns": [COLUMNS.Plain()], "scale": False}),
    "columns.Periodic": (
        COLUMNS.Periodic,
        {"frequencies": 4, "width": 2, "sigma": 0.1},
    ),
    "columns.Piecewise": (COLUMNS.Piecewise, {"edges": [0.0, 1.0], "width": 2}),
    "columns.Category": (COLUMNS.Category, {"size": 4, "width": 2}),
    "Activation": (rv.Activation, {"name": "elu", "parameter": 0.5}),
    "activations.elu": (rv.activations.elu, {"alpha": 0.5}),
    "activations.leaky_relu": (rv.activations.leaky_relu, {"slope": 0.5}),
    "Loss": (rv.Loss, {"name": "huber", "parameter": 0.5}),
    "losses.huber": (rv.losses.huber, {"delta": 0.5}),
    "losses.quantile": (rv.losses.quantile, {"q": 0.5}),
    "losses.cross_entropy": (rv.losses.cross_entropy, {"smoothing": 0.1}),
    "Network.__call__": (lambda X: NET(X), {"X": ROWS}),
    "Network.forward": (NET.forward, {"X": ROWS}),
    "Network.embed": (NET.embed, {"X": ROWS}),
    "Network.loss_and_gradient": (
        NET.loss_and_gradient,
        {"X": ROWS, "y": Y, "loss": "huber", "sample_weight": [1.0, 2.0, 3.0]},
    ),
    "Network.trace": (
        NET.trace,
        {"X": ROWS, "y": Y, "loss": None, "sample_weight": [1, 1, 2], "rows": [0, 2]},
    ),
    "Trace.explain": (TRACE.explain, {"weight": "W1[0,0]", "row": 1, "paths": 3}),
    "Trace.explain_unit": (TRACE.explain_unit, {"layer": 1, "unit": 0, "row": 1}),
    "Trace.matrix_product": (TRACE.matrix_product, {"layer": 1}),
    "Trace.to_frame": (TRACE.to_frame, {"what": "units"}),
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
    "Neuron.__call__": (lambda x: rv.Neuron([1.0, 2.0])(x), {"x": [1.0, 2.0]}),
    "perceptron": (rv.perceptron, {"X": ROWS, "y": CLASSES, "epochs": 5}),
    "logic.compile": (rv.logic.compile, {"formula": "a and b"}),
    "logic.AND": (rv.logic.AND, {"inputs": 2}),
    "logic circuit": (rv.logic.compile("a and b"), {"a": True, "b": False}),
    "show_config": (rv.show_config, {"mode": "dicts"}),
    "losses.describe": (rv.losses.describe, {"name": "huber"}),
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
    "layer_factors": (
        rv.layer_factors,
        {"net": NET, "rates": None, "decays": None, "ntk": False},
    ),
    "data_dependent_init": (
        rv.data_dependent_init,
        {"net": rv.Network.mlp(2, 3, 1, "relu", seed=0), "X": ROWS, "seed": 0},
    ),
    "ParamGroups": (
        rv.ParamGroups,
        dict.fromkeys(["W", "b", "alpha", "values", "scale", "categories"], 1.0),
    ),
    "load": (rv.load, {"path": "none.safetensors"}),
}

# ---------------------------------------------------------------- tables

N = 40
TABLE = pd.DataFrame({"x": np.arange(N) / 4, "z": np.arange(N) % 7})
NUMBERS = TABLE.assign(g=np.arange(N) // 4, y=TABLE.x + TABLE.z % 3)
KINDS = NUMBERS.assign(y=np.where(TABLE.x > 4, "large", "small"))
ROWS_OF_TABLE = NUMBERS[["x", "z", "g"]]
SMALL: dict[str, Any] = {"hidden": [3], "epochs": 1, "effort": "fast"}
MODELS = {
    "classes": rv.fit_table(KINDS, "y", **SMALL),
    "numbers": rv.fit_table(NUMBERS, "y", **SMALL),
}
FITTED = {
    rv.TabularClassifier: rv.TabularClassifier(**SMALL).fit(TABLE, KINDS.y),
    rv.TabularRegressor: rv.TabularRegressor(**SMALL).fit(TABLE, NUMBERS.y),
}

FIT = {
    **dict.fromkeys(["task", "preset", "time_limit", "class_weight", "sample_weight"]),
    **dict.fromkeys(["groups", "time", "stratify", "categories", "numbers"]),
    "loss": "squared_error",
    "quantile": 0.5,
    "validation": None,
    "time_ordered": False,
    "seed": 0,
    "strict": False,
    "n_threads": 1,
    "progress": False,
    "callbacks": (),
}
CALLS["fit_table"] = (rv.fit_table, {"frame": NUMBERS, "target": "y", **SMALL, **FIT})
CALLS["fit_table of classes"] = (
    partial(rv.fit_table, KINDS, "y", **SMALL),
    {"class_weight": None, "loss": "squared_error", "quantile": 0.5},
)
CALLS["compare"] = (
    rv.compare,
    {
        "frame": NUMBERS,
        "target": "y",
        "models": ["linear"],
        "task": None,
        "folds": 2,
        "groups": None,
        "time": None,
        "time_ordered": False,
        "stratify": None,
        "seed": 0,
        "n_threads": 1,
        "progress": None,
    },
)
for kind, model in MODELS.items():
    for name, arguments in {
        "predict": {"X": NUMBERS, "interval": None},
        "predict_proba": {"X": NUMBERS},
        "evaluate": {"table": KINDS if kind == "classes" else NUMBERS},
        "encode": {"X": ROWS_OF_TABLE},
        "encode_rows": {"X": ROWS_OF_TABLE, "y": None},
        "trace": {"X": ROWS_OF_TABLE, "y": None},
        "drift": {"X": ROWS_OF_TABLE},
        "unknown_columns": {"X": ROWS_OF_TABLE},
    }.items():
        if kind == "classes" or name != "predict_proba":
            method = getattr(model, name)
            title = f"TableModel.{name}" + " of numbers" * (kind == "numbers")
            CALLS[title] = (method, arguments)
    CALLS[f"attribute a model of {kind}"] = (
        partial(rv.attribute, steps=2),
        {"fitted": model, "X": ROWS_OF_TABLE[:3], "baseline": None, "output": None},
    )
for make, fitted in FITTED.items():
    y = KINDS.y if make is rv.TabularClassifier else NUMBERS.y

    def construct(make: Any = make, y: Any = y, **settings: Any) -> None:
        make(**{**SMALL, **settings}).fit(TABLE, y)

    own = {
        name: parameter.default
        for name, parameter in inspect.signature(make).parameters.items()
        if name != "run"
    }
    CALLS[make.__name__] = (construct, {**own, **SMALL, "n_threads": 1})
    CALLS[f"{make.__name__}.fit"] = (
        make(**SMALL).fit,
        {"X": TABLE, "y": y, "sample_weight": None, "groups": None, "stratify": None},
    )
    for name in ("predict", "predict_proba", "drift", "encode_rows", "trace", "score"):
        if hasattr(fitted, name):
            arguments = {"X": TABLE}
            if name in ("encode_rows", "trace"):
                arguments["y"] = None
            if name == "score":
                arguments |= {"y": y, "sample_weight": None}
            if name == "predict" and make is rv.TabularRegressor:
                arguments["interval"] = None
            CALLS[f"{make.__name__}.{name}"] = (getattr(fitted, name), arguments)


CALLS["read_table path"] = (rv.read_table, {"path": "none.csv"})


CALLS["Trace.of"] = (
    rv.Trace.of,
    {
        "fitted": NET,
        "X": ROWS,
        "y": Y,
        "loss": None,
        "sample_weight": None,
        "rows": [0],
    },
)
CALLS["Neuron.trace"] = (
    rv.Neuron([1.0, 2.0]).trace,
    {"x": [1.0, 2.0], "y": 0.5, "loss": "squared_error"},
)


@cache
def finished_run() -> Path:
    """Return the folder of a run, which lives as long as the tests."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    net = rv.Network.mlp(2, 3, 1, seed=0)
    rv.train(net, ROWS, Y, epochs=2, validation=0.5, run=folder, progress=False)
    return next(Path(folder).iterdir())


def resume(**arguments: Any) -> None:
    rv.resume(finished_run(), **arguments)


CALLS["resume"] = (
    resume,
    {
        **{"X": ROWS, "y": Y, "callbacks": (), "n_threads": 1, "progress": False},
        **dict.fromkeys(["sample_weight", "validation", "schedule", "decay_schedule"]),
        **dict.fromkeys(["dropout_schedule", "metric"]),
    },
)


def record(**arguments: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        own = rv.Recording(**{"folder": folder, **arguments})
        net = rv.Network.mlp(2, 3, 1, seed=0)
        rv.train(net, ROWS, Y, epochs=1, run=own, progress=False)


CALLS["Recording"] = (
    record,
    {"time_fraction": 0.02, "largest_data": 10**6, "about": {}},
)

NET_OF_TWO = {
    rv.MLPClassifier: rv.MLPClassifier(solver="lbfgs", random_state=0).fit(
        ROWS, CLASSES
    ),
    rv.MLPRegressor: rv.MLPRegressor(solver="lbfgs").fit(ROWS, Y),
}
for mlp, fitted in NET_OF_TWO.items():
    y = CLASSES if mlp is rv.MLPClassifier else Y
    for name in ("predict", "hidden_activations", "trace", "score"):
        arguments = {"X": ROWS} | ({"y": None} if name == "trace" else {})
        if name == "score":
            arguments |= {"y": y, "sample_weight": None}
        CALLS[f"{mlp.__name__}.{name}"] = (getattr(fitted, name), arguments)


def read_table(**arguments: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        NUMBERS.to_csv(path, index=False)
        rv.read_table(**{"path": path, **arguments})


CALLS["preflight"] = (
    rv.preflight,
    {
        "X": ROWS,
        "y": Y,
        "language": "en",
        **dict.fromkeys(["validation", "task", "loss", "optimizer", "batch_size"]),
    },
)
CALLS["diagnose"] = (
    partial(rv.diagnose, NET),
    {
        **{"X": ROWS, "y": Y, "prove": False, "language": "en"},
        **dict.fromkeys(["validation", "loss", "optimizer", "batch_size", "error"]),
    },
)
CALLS["diagnose trained"] = (rv.diagnose, {"trained": NET})
CALLS["Diagnosis.in_language"] = (
    rv.preflight(ROWS, Y).in_language,
    {"language": "en"},
)


def export(**arguments: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = {"validation": TABLE.assign(y=NUMBERS.y), **arguments}
        rv.export(FITTED[rv.TabularRegressor].model_, Path(folder) / "m.sql", **given)


CALLS["export"] = (export, {"interval": None, "members": None, "validation": None})
CALLS["TableModel.labelled_rows"] = (
    FITTED[rv.TabularRegressor].model_.labelled_rows,
    {"table": TABLE.assign(y=NUMBERS.y)},
)


CALLS["read_table"] = (
    read_table,
    {
        **dict.fromkeys(
            ["delimiter", "decimal", "thousands", "date_format", "encoding", "skip"]
        ),
        **dict.fromkeys(["header", "sheet", "query"]),
        "na": (),
    },
)

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
    "target": ("column",),
    "frame": ("table",),
    "table": ("table",),
    "y": ("target", "sample"),
    "path": ("file", "format"),
    "epochs": ("epoch",),
    "models": ("model",),
    "weights": ("names",),
    "baseline": ("X holds",),
}
# A table, or one of its columns, by what it is.
TABLES = {
    "X": (
        *("table", "Reshape", "columns", "feature", "sample"),
        *("Found array", "array element"),  # of scikit-learn
    )
}
# A fit that would take for ever, or that is right.
LEFT_OUT = {
    "epochs": ("huge",),
    # A function is right; what it raises or returns is the user's.
    "progress": ("function of nothing", "type"),
    "fitted": ("function of nothing", "type"),
}


CASES = [(call, name) for call, (_, arguments) in CALLS.items() for name in arguments]


@pytest.mark.parametrize(("call", "name"), CASES)
def test_wrong_values(call: str, name: str) -> None:
    function, arguments = CALLS[call]
    is_table = call.startswith(
        ("fit_table", "TableModel", "Tabular", "attribute a", "MLP")
    )
    said = ALSO.get(name, ()) + (TABLES.get(name, ()) if is_table else ())
    try:
        wrong_values.check(
            function, name, arguments, said=said, leave_out=LEFT_OUT.get(name, ())
        )
    finally:
        import matplotlib.pyplot as plt

        plt.close("all")


# ---------------------------------------------------------------- every parameter

# Modules that take all parameters of a function or a class from its signature.
ELSEWHERE = {
    "tests/training/test_wrong_values.py": {
        *("train", "train_many", "SGD", "Adam", "AdamW", "LBFGS", "EarlyStopping"),
    },
    "tests/estimators/test_wrong_values.py": {
        *("MLPClassifier", "MLPRegressor", "MLPClassifier.fit", "MLPRegressor.fit"),
    },
}
# What users do not make or call themselves: results, and what they are made of.
NOT_CALLED = {
    "Embedding.names", "EmbeddingLayer.names", "Neuron.plot", "Run.network",
    "Network.check_trainable", "Comparison", "DenseLayer", "EmbeddingLayer",
    "EpochRecord", "Gradient", "History",
    "LayerValues", "NonFiniteError", "Resumed", "TableModel", "Trace", "Diagnosis",
    "Finding",
}  # fmt: skip
# Parameters whose values are objects of ours or of other libraries, or paths: tests of
# these functions give them wrong ones.
GIVEN = {
    "ax", "settings", "run", "live", "path", "network", "parameters", "classes",
    "record", "history", "config", "folder", "module", "model", "to", "name",
    "description", "theta", "generator", "trial", "monitor",
}  # fmt: skip
LOGGERS = (
    "MLflowLogger",
    "OptunaPruning",
    "TensorBoardLogger",
    "VisdomLogger",
    "Wandb",
)


def public_parameters() -> set[tuple[str, str]]:
    """Return every public function, class and method with each of its parameters."""
    found = set()
    for name in rv.__all__:
        public = getattr(rv, name)
        if inspect.isfunction(public):
            found |= {(name, each) for each in inspect.signature(public).parameters}
        if not inspect.isclass(public) or issubclass(public, Warning | Exception):
            continue
        if name not in NOT_CALLED:
            found |= {(name, each) for each in inspect.signature(public).parameters}
        for method, function in inspect.getmembers(public, callable):
            ours = "ranvier" in (getattr(function, "__module__", "") or "")
            if ours and not method.startswith("_"):
                names = inspect.signature(function).parameters
                found |= {(f"{name}.{method}", n) for n in names if n != "self"}
    return found


def test_no_public_parameter_is_forgotten() -> None:
    covered = {(call.split(" ")[0], name) for call, name in CASES}
    whole = set().union(*ELSEWHERE.values())
    missing = {
        (call, name)
        for call, name in public_parameters() - covered
        if call not in whole | NOT_CALLED
        and name not in GIVEN
        and not call.startswith(LOGGERS)
    }
    assert not missing, sorted(missing)
