"""The same numbers as the installed scikit-learn, over many configurations."""

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

import ranvier as rv
from configurations import Configuration, configuration

COUNT = 240


def pair(case: Configuration) -> tuple[Any, Any]:
    """Return scikit-learn's estimator of a configuration and ours, both fitted."""
    name = "MLPRegressor"
    if case.kind in ("binary", "multiclass", "multilabel"):
        name = "MLPClassifier"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="Got `batch_size`")
        theirs = case.fit(getattr(neural_network, name)(**case.parameters))
        ours = case.fit(getattr(rv, name)(**case.parameters))
    return theirs, ours


def assert_equal(ours: Any, theirs: Any, what: str, case: Configuration) -> None:
    """Compare numbers to 1e-7 of the largest of them."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, f"{what} of {case.described}"
    scale = np.abs(theirs).max(initial=0)
    gap = np.abs(ours - theirs).max(initial=0)
    assert gap <= 1e-7 * scale, f"{what}: {gap:.3g} of {scale:.3g} in {case.described}"


def is_deliberate(case: Configuration) -> bool:
    """Say whether a configuration is the one in which we differ: see test_lbfgs.py."""
    return case.kind == "multioutput" and case.parameters["solver"] == "lbfgs"


@pytest.mark.parametrize("number", range(COUNT))
def test_same_numbers(number: int) -> None:
    case = configuration(number)
    if is_deliberate(case):
        case.parameters["solver"] = "sgd"
    theirs, ours = pair(case)
    assert ours.n_iter_ == theirs.n_iter_, case.described
    assert ours.t_ == theirs.t_
    for layer, (W, expected) in enumerate(zip(ours.coefs_, theirs.coefs_, strict=True)):
        assert_equal(W, expected, f"coefs_[{layer}]", case)
        b, b_expected = ours.intercepts_[layer], theirs.intercepts_[layer]
        assert_equal(b, b_expected, f"intercepts_[{layer}]", case)
    assert_equal(ours.loss_, theirs.loss_, "loss_", case)
    for name in ("loss_curve_", "validation_scores_", "best_validation_score_"):
        expected = getattr(theirs, name, None)
        if expected is not None:
            assert_equal(getattr(ours, name), expected, name, case)
    if hasattr(theirs, "best_loss_"):
        assert (ours.best_loss_ is None) == (theirs.best_loss_ is None)
    if hasattr(theirs, "predict_proba"):
        np.testing.assert_array_equal(ours.predict(case.X), theirs.predict(case.X))
        probabilities = theirs.predict_proba(case.X)
        assert_equal(ours.predict_proba(case.X), probabilities, "proba", case)
    else:
        assert_equal(ours.predict(case.X), theirs.predict(case.X), "predict", case)


def test_every_value_of_every_parameter_is_among_them() -> None:
    seen: dict[str, set[str]] = {}
    for number in range(COUNT):
        case = configuration(number)
        facts = {"kind": case.kind, "way": case.way, "X": type(case.X).__name__}
        facts["weighted"] = str(case.sample_weight is not None)
        for name, value in {**case.parameters, **facts}.items():
            seen.setdefault(name, set()).add(repr(value))
    assert len(seen["random_state"]) > 100
    for name, values in seen.items():
        assert len(values) > 1 or name == "loss", name
    assert len(seen["X"]) == 3
    assert len(seen["hidden_layer_sizes"]) == 6


def test_a_difference_is_found() -> None:
    case = configuration(0)
    with pytest.raises(AssertionError, match="loss: 2e-07 of 1"):
        assert_equal(1.0, 1 + 2e-7, "loss", case)
