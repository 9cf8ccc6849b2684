"""scikit-learn's estimator checks: no failure is expected."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import ranvier as rv

CONFIGURATIONS: list[Any] = [
    rv.TabularClassifier(effort="fast"),
    rv.TabularRegressor(effort="fast"),
]

# As a list: scikit-learn before 1.9 gives pytest a generator, which it no longer takes.
CHECKS = parametrize_with_checks(CONFIGURATIONS)
every_check = pytest.mark.parametrize(
    CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs
)


@pytest.mark.filterwarnings("ignore::UserWarning")
@every_check
def test_checks(estimator: Any, check: Any) -> None:
    check(estimator)
