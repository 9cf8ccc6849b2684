"""Scores: each against scikit-learn, and one example by hand."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from ranvier.metrics import (
    SCORES,
    auc,
    class_accuracy,
    classification_scores,
    label_accuracy,
    log_loss,
    mae,
    r2,
    regression_scores,
    rmse,
    score_classifier,
    score_regressor,
)

Array = NDArray[Any]


def test_numbers_by_hand() -> None:
    y, A, w = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 3.0]), np.array([1, 1, 2])
    assert mae(y, A, None) == pytest.approx(4 / 3)
    assert mae(y, A, w) == pytest.approx(7 / 4)
    assert rmse(y, A, None) == pytest.approx((10 / 3) ** 0.5)
    assert rmse(y, A, w) == pytest.approx((19 / 4) ** 0.5)
    # Mean 3, squares 4 + 1 + 9 = 14; weighted mean 15/4.
    assert r2(y, A, None) == pytest.approx(1 - 10 / 14)


def test_accuracy_by_hand() -> None:
    A = np.array([[0.2, 0.8], [0.6, 0.4], [0.3, 0.7], [0.9, 0.1]])
    labels, w = np.array([1, 1, 1, 0], np.int32), np.array([1.0, 5.0, 1.0, 1.0])
    assert class_accuracy(labels, A, None) == 0.75
    assert class_accuracy(labels, A, w) == 3 / 8
    assert class_accuracy(np.eye(2)[labels], A, None) == 0.75
    assert label_accuracy(np.array([1.0, 0.0]), np.array([0.6, 0.7]), None) == 0.5
    # Several labels: a row is right where all of them are.
    assert label_accuracy(np.eye(2)[labels], A, None) == 0.75
    assert label_accuracy(np.array([[1, 1.0]]), np.array([[0.9, 0.4]]), None) == 0.0


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (mae, sklearn.metrics.mean_absolute_error),
        (r2, sklearn.metrics.r2_score),
        (
            lambda y, A, w: rmse(y, A, w) ** 2,
            sklearn.metrics.mean_squared_error,
        ),
    ],
)
def test_as_scikit_learn(
    ours: Callable[..., float],
    theirs: Callable[..., float],
    weighted: bool,
    outputs: int,
    rng: np.random.Generator,
) -> None:
    shape = (50,) if outputs == 1 else (50, outputs)
    y, A = rng.normal(size=shape), rng.normal(size=shape)
    w = rng.random(50) if weighted else None
    assert ours(y, A, w) == pytest.approx(theirs(y, A, sample_weight=w), rel=1e-12)


def test_r2_of_a_constant_target() -> None:
    y = np.ones(4)
    assert r2(y, y, None) == 1.0
    assert r2(y, y + 1, None) == 0.0


def test_float32_does_not_round_the_mean() -> None:
    y = np.full(1000, 16777216.0, np.float32)
    assert mae(y, y + np.float32(2), None) == 2.0


def test_r2_of_predictions_that_are_not_finite() -> None:
    assert np.isnan(r2(np.ones((2, 1)), np.array([[1.0], [np.inf]])))


def test_directions_are_those_of_scikit_learn() -> None:
    names = {"accuracy": "accuracy", "auc": "roc_auc", "r2": "r2"}
    names |= {"log_loss": "neg_log_loss", "mae": "neg_mean_absolute_error"}
    names |= {"rmse": "neg_root_mean_squared_error"}
    assert set(names) == set(SCORES)
    for name, scorer in names.items():
        sign = sklearn.metrics.get_scorer(scorer)._sign
        assert SCORES[name].higher_is_better == (sign > 0), name


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_classification_equals_scikit_learn(classes: int) -> None:
    rng = np.random.default_rng(classes)
    P = rng.dirichlet(np.ones(classes), size=200)
    labels = rng.integers(classes, size=200)
    scores = classification_scores(labels, P)
    assert scores["accuracy"] == sklearn.metrics.accuracy_score(
        labels, P.argmax(axis=1)
    )
    expected = sklearn.metrics.log_loss(labels, P, labels=range(classes))
    assert scores["log_loss"] == pytest.approx(expected, rel=1e-12)
    assert ("auc" in scores) == (classes == 2)


def test_auc_by_hand() -> None:
    # Pairs (class 1, class 0): 0.8>0.1, 0.8>0.4, 0.4>0.1, 0.4=0.4 -> 3.5 of 4.
    labels, p = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.4, 0.8])
    assert auc(labels, np.column_stack([1 - p, p])) == 3.5 / 4


def test_a_class_unseen_in_training_counts_as_wrong() -> None:
    P = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    scores = classification_scores(np.array([0, 1, -1]), P)
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert scores["log_loss"] == pytest.approx(-(np.log(0.9) + np.log(0.8)) / 2)
    assert scores["auc"] == 1.0


def test_a_probability_of_zero_keeps_the_log_loss_finite() -> None:
    scores = classification_scores(np.array([1]), np.array([[1.0, 0.0]]))
    assert scores["log_loss"] == pytest.approx(-np.log(1e-7))


def test_regression_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, prediction = rng.normal(size=(2, 100))
    scores = regression_scores(y, prediction)
    expected = sklearn.metrics.root_mean_squared_error(y, prediction)
    assert scores["rmse"] == pytest.approx(expected, rel=1e-12)
    assert scores["mae"] == pytest.approx(
        sklearn.metrics.mean_absolute_error(y, prediction)
    )
    assert scores["r2"] == pytest.approx(sklearn.metrics.r2_score(y, prediction))


def test_without_rows_scores_are_undefined() -> None:
    assert np.isnan(list(regression_scores(np.empty(0), np.empty(0)).values())).all()
    scores = classification_scores(np.empty(0, np.int32), np.empty((0, 2)))
    assert np.isnan(list(scores.values())).all()


def test_scores_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    P = rng.dirichlet(np.ones(3), 60)
    seen = np.arange(3)
    assert log_loss(y, P, seen) == pytest.approx(sklearn.metrics.log_loss(y, P))
    area = sklearn.metrics.roc_auc_score(y, P, multi_class="ovr", average="macro")
    assert auc(y, P, seen) == pytest.approx(area)


def test_labels_are_those_the_model_saw() -> None:
    # Class 1 was not among the rows that were fitted: its classes 0, 1 are labels 0, 2.
    model = SimpleNamespace(
        predict=lambda _: np.array([0, 1, 1]),
        predict_proba=lambda _: np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
    )
    scores = score_classifier(model, None, np.array([0, 2, 1]), np.array([0, 2]))
    assert scores["accuracy"] == pytest.approx(2 / 3)
    unseen = -np.log(1e-7)  # the smallest probability
    wanted = (np.log(2) - np.log(0.75) + unseen) / 3
    assert scores["log_loss"] == pytest.approx(wanted)


def test_a_decision_function_gives_auc_only() -> None:
    model = SimpleNamespace(
        predict=lambda _: np.array([0, 1, 1, 1]),
        decision_function=lambda _: np.array([-1.0, 2.0, 0.5, 1.0]),
    )
    scores = score_classifier(model, None, np.array([0, 1, 0, 1]), np.array([0, 1]))
    assert scores == {"accuracy": 0.75, "auc": 1.0}


def test_auc_of_one_class_is_not_known() -> None:
    assert np.isnan(auc(np.zeros(3, int), np.ones((3, 1))))


def test_numbers() -> None:
    model = SimpleNamespace(predict=lambda _: [[1.0], [2.0], [2.0]])
    scores = score_regressor(model, None, np.array([1.0, 2.0, 3.0]))
    assert scores["r2"] == 0.5
