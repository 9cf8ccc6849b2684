"""scikit-learn's estimator checks: no failure is expected."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import ranvier as rv

CONFIGURATIONS: list[Any] = [
    rv.TabularClassifier(effort="fast"),
    rv.TabularRegressor(effort="fast"),
]

# What else changes how they learn, but for time_ordered, where the order of the rows
# counts and a weight is not the same as two rows. Each takes half a minute or more.
OTHERS: list[Any] = [
    rv.TabularClassifier(effort="fast", class_weight="balanced"),
    rv.TabularClassifier(effort="fast", validation=0.3, n_threads=1),
    rv.TabularClassifier(time_limit=60),
    rv.TabularRegressor(effort="fast", loss="absolute_error"),
    rv.TabularRegressor(effort="fast", loss="quantile", quantile=0.8),
    rv.TabularRegressor(effort="fast", loss="poisson"),
    rv.TabularRegressor(effort="fast", validation=0.3, n_threads=1),
    rv.TabularRegressor(),
]


# As a list: scikit-learn before 1.9 gives pytest a generator, which it no longer takes.
def every_check(estimators: list[Any]) -> Any:
    checks = parametrize_with_checks(estimators)
    chosen = [pair for pair in checks.args[1] if not needs_counts(*pair)]
    return pytest.mark.parametrize(checks.args[0], chosen, **checks.kwargs)


def needs_counts(estimator: Any, check: Any) -> bool:
    """Tell the one check that gives numbers below 0 to those who say they take none."""
    name = getattr(check, "func", check).__name__
    loss = getattr(estimator, "loss", None)
    return loss == "poisson" and name == "check_regressor_multioutput"


@pytest.mark.filterwarnings("ignore::UserWarning")
@every_check(CONFIGURATIONS)
def test_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@every_check(OTHERS)
def test_checks_of_other_settings(estimator: Any, check: Any) -> None:
    check(estimator)
