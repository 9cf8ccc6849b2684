from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

import ranvier as rv
from tables import numbers, three_classes, two_classes

GIVEN: dict[str, Any] = {"random_state": 0, "learning_rate_init": 0.02}


def test_best_epoch_of_early_stopping() -> None:
    X, y = two_classes(300)
    clf = rv.MLPClassifier(early_stopping=True, max_iter=100, **GIVEN).fit(X, y)
    scores = clf.validation_scores_
    assert clf.best_epoch_ == int(np.argmax(scores)) + 1
    assert clf.best_validation_score_ == max(scores)
    assert clf.n_iter_ == len(scores) == len(clf.validation_losses_) < 100
    assert clf.best_loss_ is None


def test_best_epoch_without() -> None:
    X, y = numbers(100)
    reg = rv.MLPRegressor(max_iter=20, **GIVEN).fit(X, y)
    assert reg.best_epoch_ == int(np.argmin(reg.loss_curve_)) + 1
    assert reg.validation_losses_ == []
    assert reg.validation_scores_ is None


def test_rows_of_ones_own() -> None:
    X, y = three_classes(400)
    clf = rv.MLPClassifier(max_iter=30, alpha=0, **GIVEN)
    clf.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    losses = clf.validation_losses_
    assert len(losses) == clf.n_iter_ == 30
    assert clf.best_epoch_ == int(np.argmin(losses)) + 1
    expected = log_loss(y[200:], clf.predict_proba(X[200:]))
    np.testing.assert_allclose(losses[-1], expected, rtol=1e-9)
    # They change nothing but what is recorded.
    plain = rv.MLPClassifier(max_iter=30, alpha=0, **GIVEN).fit(X[:200], y[:200])
    np.testing.assert_array_equal(plain.coefs_[0], clf.coefs_[0])


def test_early_stopping_on_rows_of_ones_own() -> None:
    X, y = numbers(300)
    reg = rv.MLPRegressor(early_stopping=True, max_iter=200, **GIVEN)
    reg.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert reg.n_iter_ < 200
    np.testing.assert_allclose(
        reg.score(X[200:], y[200:]), reg.best_validation_score_, rtol=1e-12
    )


def test_scoring_by_loss() -> None:
    X, y = two_classes(300)
    clf = rv.MLPClassifier(early_stopping=True, scoring="loss", max_iter=60, **GIVEN)
    clf.fit(X, y)
    np.testing.assert_array_equal(
        clf.validation_scores_, -np.array(clf.validation_losses_)
    )
    assert clf.best_validation_score_ == -min(clf.validation_losses_)


def test_printed(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = two_classes(100)
    clf = rv.MLPClassifier(early_stopping=True, max_iter=2, verbose=True, **GIVEN)
    clf.fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        f"Iteration 1, loss = {clf.loss_curve_[0]:.8f}",
        f"Validation score: {clf.validation_scores_[0]:f}",
    ]
    assert len(lines) == 4
