"""Every parameter of both estimators with a table of wrong values."""

from typing import Any

import numpy as np
import pytest
from sklearn.utils._param_validation import InvalidParameterError

import ranvier as rv
import wrong_values

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 2))
Y = (X[:, 0] > 0).astype(int)

KINDS = [rv.MLPClassifier, rv.MLPRegressor]
CASES = [(k, name) for k in KINDS for name in wrong_values.parameters_of(k, "run")]


def stop(record: rv.EpochRecord) -> bool:
    """Stop a fit that huge values would make long."""
    return record.epoch >= 2


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_parameters(kind: Any, name: str, solver: str) -> None:
    def fit(**settings: Any) -> None:
        settings = {"solver": solver, "callbacks": [stop], **settings}
        settings = {"max_iter": 2, "hidden_layer_sizes": 3, **settings}
        kind(random_state=0 if name != "random_state" else None).set_params(
            **settings
        ).fit(X, Y)

    wrong_values.check(fit, name)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", wrong_values.parameters_of(rv.MLPClassifier.fit, "y", "X")
)
def test_arguments_of_fit(kind: Any, name: str, solver: str) -> None:
    def fit(**settings: Any) -> None:
        if name == "sample_weight_val":
            settings = {"X_val": X, "y_val": Y, **settings}
        if name == "X_val":
            settings = {"y_val": Y, **settings}
        if name == "y_val":
            settings = {"X_val": X, **settings}
        mlp = kind(hidden_layer_sizes=3, max_iter=2, solver=solver, random_state=0)
        mlp.fit(X, Y, **settings)

    wrong_values.check(fit, name)


def test_scikit_learn_names_its_parameters() -> None:
    with pytest.raises(InvalidParameterError, match="'alpha' parameter"):
        rv.MLPClassifier(alpha="1").fit(X, Y)
