"""The parameters that our estimators have beside scikit-learn's."""

from numbers import Integral, Real
from os import PathLike
from typing import Any

from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import Interval, StrOptions

from ranvier.estimators.architecture import HIDDEN
from ranvier.network.activations import Activation
from ranvier.run.folder import Recording
from ranvier.training import schedules

STOCHASTIC = ("sgd", "adam", "adamw")

# Parameters beside scikit-learn's, and what is allowed beyond it in its own.
CONSTRAINTS: dict[str, list[Any]] = {
    "activation": [StrOptions(set(HIDDEN)), Activation, list, tuple],
    "solver": [StrOptions({"lbfgs", *STOCHASTIC})],
    "learning_rate": [
        StrOptions({"constant", "invscaling", "adaptive", *schedules.NAMED}),
        callable,
    ],
    "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
    "scoring": [StrOptions({"loss", *get_scorer_names()}), callable, None],
    "keep_optimizer": ["boolean"],
    "dtype": [StrOptions({"auto", "float32", "float64"})],
    "n_threads": [Interval(Integral, 1, None, closed="left"), None],
    "callbacks": [list, tuple, None],
    "progress": ["boolean"],
    "run": [str, PathLike, Recording, None],
}

# Values of new parameters in what was pickled without them.
DEFAULTS: dict[str, Any] = {
    "dropout": 0.0,
    "weight_decay": 0.01,
    "clip_norm": None,
    "scoring": None,
    "keep_optimizer": False,
    "dtype": "auto",
    "n_threads": None,
    "callbacks": None,
    "progress": False,
    "run": None,
    "class_weight": None,
    "label_smoothing": 0.0,
}
