from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import ranvier as rv
from ranvier.estimators import epoch_runner as module
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.epoch_runner import EpochRunner
from ranvier.estimators.objective import objective_of
from ranvier.estimators.parameter_views import adopt_parameters, theta_of
from ranvier.estimators.solver_state import SolverState
from tables import three_classes, two_classes


def line(rows: Rows, alpha: float, batch_size: int) -> tuple[Any, EpochRunner, Any]:
    """Return y = W x + b with W = 2, b = 0 as a regressor, and its epochs at rate 0."""
    reg = rv.MLPRegressor(
        hidden_layer_sizes=(), solver="sgd", alpha=alpha, momentum=0,
        learning_rate_init=1e-300,
    )  # fmt: skip
    reg.fit([[0.0], [1.0]], [0.0, 1.0])
    theta = adopt_parameters(reg, np.array([2.0, 0.0]))
    optimizer = SolverState(reg, theta)
    objective = objective_of(reg, 1)
    return (
        reg,
        EpochRunner(reg, theta, optimizer, rows, None, batch_size, objective, 0),
        theta,
    )


def test_loss_by_hand() -> None:
    # Rows x = 1, 2, 3 with y = 0: halves of squares 2, 8, 18. Batches (1, 2) and (3):
    # means 5 and 18; with alpha = 3 the penalty 3/2 2^2 = 6 is divided by 2 and by 1.
    # Weighted by rows: (2 (5 + 3) + 1 (18 + 6)) / 3.
    X = np.array([[1.0], [2], [3]])
    _, epochs, _ = line(Rows(X, np.zeros((3, 1))), 3.0, 2)
    assert epochs.run(np.arange(3)) == (2 * 8 + 24) / 3


def test_loss_with_weights_by_hand() -> None:
    # Weights 1, 3 and 0.5: means (2 + 24) / 4 = 6.5 and 18; penalties 6 / 4 and 12.
    X, w = np.array([[1.0], [2], [3]]), np.array([1.0, 3, 0.5])
    _, epochs, _ = line(Rows(X, np.zeros((3, 1)), w), 3.0, 2)
    np.testing.assert_allclose(epochs.run(np.arange(3)), (2 * 8 + 30) / 3)


def test_batch_without_weight_teaches_nothing() -> None:
    # scikit-learn divides by zero there.
    X, y = two_classes(60)
    w = np.r_[np.ones(30), np.zeros(30)]
    given = {"batch_size": 10, "shuffle": False, "max_iter": 20, "random_state": 0}
    few = rv.MLPClassifier(solver="sgd", momentum=0, **given).fit(X[:30], y[:30])
    all_ = rv.MLPClassifier(solver="sgd", momentum=0, **given)
    all_.fit(X, y, sample_weight=w)
    np.testing.assert_allclose(all_.coefs_[0], few.coefs_[0], atol=1e-12)


def test_failed_step_spoils_the_rest() -> None:
    X = np.array([[1.0], [1e200], [3]])
    reg, epochs, theta = line(Rows(X, np.zeros((3, 1))), 0.0, 1)
    assert np.isnan(epochs.run(np.arange(3)))
    assert np.isnan(theta).all()
    assert np.isnan(reg.coefs_[0]).all()


@pytest.mark.parametrize("density", [0.02, 0.5])
def test_parts_of_a_sparse_table(
    density: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = sp.random(150, 40, density=density, format="csr", random_state=0)
    _, y = three_classes(150)
    given = {"batch_size": 20, "max_iter": 5, "random_state": 0}
    whole = rv.MLPClassifier(**given).fit(X.toarray(), y)
    monkeypatch.setattr(module, "PART_BYTES", 50 * 40 * 8)  # two batches and a half
    parts = rv.MLPClassifier(**given).fit(X, y)
    np.testing.assert_allclose(theta_of(parts), theta_of(whole), atol=1e-13)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-12)
