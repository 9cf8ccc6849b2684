"""Scores, each against scikit-learn and one example by hand."""

import numpy as np
import pytest
from sklearn import metrics

from ranvier.job.scores import (
    area_under_curve,
    classification_scores,
    regression_scores,
)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_classification_equals_scikit_learn(classes: int) -> None:
    rng = np.random.default_rng(classes)
    P = rng.dirichlet(np.ones(classes), size=200)
    labels = rng.integers(classes, size=200)
    scores = classification_scores(labels, P)
    assert scores["accuracy"] == metrics.accuracy_score(labels, P.argmax(axis=1))
    expected = metrics.log_loss(labels, P, labels=range(classes))
    assert scores["log_loss"] == pytest.approx(expected, rel=1e-12)
    assert ("auc" in scores) == (classes == 2)


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_auc_equals_scikit_learn_with_ties(levels: int) -> None:
    rng = np.random.default_rng(levels)
    labels = rng.integers(2, size=300)
    score = rng.integers(levels, size=300) / levels
    expected = metrics.roc_auc_score(labels, score)
    assert area_under_curve(labels, score) == pytest.approx(expected, rel=1e-12)


def test_auc_by_hand() -> None:
    # Pairs (class 1, class 0): 0.8>0.1, 0.8>0.4, 0.4>0.1, 0.4=0.4 -> 3.5 of 4.
    labels = np.array([0, 0, 1, 1])
    assert area_under_curve(labels, np.array([0.1, 0.4, 0.4, 0.8])) == 3.5 / 4


def test_auc_of_one_class_is_undefined() -> None:
    assert np.isnan(area_under_curve(np.zeros(4, int), np.arange(4.0)))


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
    expected = metrics.root_mean_squared_error(y, prediction)
    assert scores["rmse"] == pytest.approx(expected, rel=1e-12)
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(y, prediction))
    assert scores["r2"] == pytest.approx(metrics.r2_score(y, prediction))


def test_no_rows_and_no_spread_are_undefined() -> None:
    assert np.isnan(list(regression_scores(np.empty(0), np.empty(0)).values())).all()
    scores = classification_scores(np.empty(0, np.int32), np.empty((0, 2)))
    assert np.isnan(list(scores.values())).all()
    assert np.isnan(regression_scores(np.ones(3), np.zeros(3))["r2"])
