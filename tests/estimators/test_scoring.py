from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

import ranvier as rv
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.scoring import (
    HeldOut,
    classes_of,
    score_of_outputs,
    scorer_of,
)
from tables import numbers, three_classes


def held_out(y: Any, weights: Any = None) -> HeldOut:
    return HeldOut(Rows(np.zeros((len(y), 1)), y, weights), y)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
def test_r2(outputs: int, weighted: bool, rng: Any) -> None:
    y, A = rng.normal(size=(2, 20, outputs))
    w = rng.uniform(0, 2, 20) if weighted else None
    found = score_of_outputs(SimpleNamespace(), held_out(y, w))(A)
    np.testing.assert_allclose(found, r2_score(y, A, sample_weight=w), rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("activation", "outputs"), [("logistic", 1), ("logistic", 3), ("softmax", 3)]
)
def test_accuracy(activation: str, outputs: int, weighted: bool, rng: Any) -> None:
    A = rng.random((30, outputs))
    y = rng.random((30, outputs)) > 0.5
    if activation == "softmax":
        y = np.eye(3, dtype=bool)[rng.integers(0, 3, 30)]
    w = rng.uniform(0, 2, 30) if weighted else None
    mlp = SimpleNamespace(classes_=None, out_activation_=activation)
    right = y if activation == "logistic" else y.argmax(axis=1)
    predicted = A > 0.5 if activation == "logistic" else A.argmax(axis=1)
    expected = accuracy_score(right, predicted, sample_weight=w)
    found = score_of_outputs(mlp, held_out(y, w))(A)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_classes_of() -> None:
    np.testing.assert_array_equal(classes_of(np.array([[0.5], [0.6]])), [0, 1])
    np.testing.assert_array_equal(classes_of(np.array([[0.1, 0.9]])), [1])


def test_scorers_see_the_weights_of_now() -> None:
    X, y = numbers(50)
    reg = rv.MLPRegressor(random_state=0, max_iter=3)
    reg.set_params(scoring="neg_mean_absolute_error").fit(X, y)
    out = HeldOut(Rows(X, y.reshape(-1, 1)), y.reshape(-1, 1))
    score = scorer_of(reg, out)
    np.testing.assert_allclose(score(), -np.abs(reg.predict(X) - y).mean())
    reg.intercepts_[-1] = reg.intercepts_[-1] + 5
    np.testing.assert_allclose(score(), -np.abs(reg.predict(X) - y).mean())


def test_scorers_get_classes() -> None:
    X, y = three_classes(60)
    y = np.array(["a", "b", "c"])[y]
    seen: list[Any] = []

    def scorer(estimator: Any, X_: Any, y_: Any) -> float:
        seen.append(y_)
        return 0.5

    clf = rv.MLPClassifier(early_stopping=True, scoring=scorer, max_iter=2)
    clf.fit(X, y)
    assert set(np.concatenate(seen)) <= {"a", "b", "c"}
    assert clf.validation_scores_ == [0.5, 0.5]
