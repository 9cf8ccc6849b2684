"""The tests of the estimators: short fits need not converge."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let fits that max_iter ends be; a test may still ask for the warning."""
    unconverged = pytest.mark.filterwarnings(
        "ignore::sklearn.exceptions.ConvergenceWarning"
    )
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(unconverged)
