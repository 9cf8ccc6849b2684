"""scikit-learn's estimator checks: ten configurations, and no failure expected."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import ranvier as rv

# Enough epochs for the checks that ask for a good score.
CONFIGURATIONS: list[Any] = [
    rv.MLPClassifier(max_iter=100),
    rv.MLPRegressor(max_iter=100),
    rv.MLPClassifier(solver="lbfgs", max_iter=50),
    rv.MLPRegressor(solver="lbfgs", loss="huber", max_iter=50),
    rv.MLPClassifier(
        (30, 20), ["gelu", "tanh"], solver="adamw", learning_rate="cosine",
        learning_rate_init=0.01, label_smoothing=0.05, max_iter=100,
    ),
    rv.MLPRegressor(
        hidden_layer_sizes=(30,), activation="silu", solver="adamw",
        learning_rate_init=0.03, clip_norm=5.0, dtype="float64", max_iter=100,
    ),
    rv.MLPClassifier(
        (20,), "tanh", solver="sgd", learning_rate="adaptive",
        learning_rate_init=0.1, max_iter=100,
    ),
    rv.MLPRegressor(
        solver="sgd", learning_rate_init=0.03, momentum=0.5, max_iter=100, n_threads=1,
    ),
    rv.MLPClassifier((), learning_rate_init=0.05, max_iter=100, n_threads=2),
    rv.MLPRegressor(
        "absolute_error", (30,), "elu", learning_rate="one_cycle",
        learning_rate_init=0.03, keep_optimizer=True, max_iter=100,
    ),
]  # fmt: skip


# As a list: scikit-learn before 1.9 gives pytest a generator, which it no longer takes.
CHECKS = parametrize_with_checks(CONFIGURATIONS)
every_check = pytest.mark.parametrize(
    CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs
)


@pytest.mark.filterwarnings("ignore::UserWarning")
@every_check
def test_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_ten() -> None:
    assert len(CONFIGURATIONS) == 10
