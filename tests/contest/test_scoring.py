from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from ranvier.contest.scoring import class_scores, log_loss, mean_auc, number_scores


def test_scores_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 60)
    P = rng.dirichlet(np.ones(3), 60)
    seen = np.arange(3)
    assert log_loss(P, y, seen) == pytest.approx(sklearn_log_loss(y, P))
    auc = roc_auc_score(y, P, multi_class="ovr", average="macro")
    assert mean_auc(P, y, seen) == pytest.approx(auc)


def test_labels_are_those_the_model_saw() -> None:
    # Class 1 was not among the rows that were fitted: its classes 0, 1 are labels 0, 2.
    model = SimpleNamespace(
        predict=lambda _: np.array([0, 1, 1]),
        predict_proba=lambda _: np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]]),
    )
    scores = class_scores(model, None, np.array([0, 2, 1]), np.array([0, 2]))
    assert scores["accuracy"] == pytest.approx(2 / 3)
    unseen = -np.log(1e-7)  # the smallest probability
    wanted = (np.log(2) - np.log(0.75) + unseen) / 3
    assert scores["log_loss"] == pytest.approx(wanted)


def test_a_decision_function_gives_auc_only() -> None:
    model = SimpleNamespace(
        predict=lambda _: np.array([0, 1, 1, 1]),
        decision_function=lambda _: np.array([-1.0, 2.0, 0.5, 1.0]),
    )
    scores = class_scores(model, None, np.array([0, 1, 0, 1]), np.array([0, 1]))
    assert scores == {"accuracy": 0.75, "auc": 1.0}


def test_auc_of_one_class_is_not_known() -> None:
    assert np.isnan(mean_auc(np.ones((3, 1)), np.zeros(3, int), np.array([0])))


def test_numbers() -> None:
    model = SimpleNamespace(predict=lambda _: [[1.0], [2.0], [2.0]])
    scores = number_scores(model, None, np.array([1.0, 2.0, 3.0]))
    assert scores["r2"] == 0.5
