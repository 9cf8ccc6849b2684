import pytest

from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.time_budget import LEAST_EPOCHS, TimeBudget


def test_members_then_epochs_then_rows_go() -> None:
    hyperparameters = Hyperparameters(members=8, epochs=50)
    budget = TimeBudget(100)
    assert (
        budget.plan(hyperparameters, 1000, 0.001, 2).hyperparameters == hyperparameters
    )
    fewer = budget.plan(hyperparameters, 1000, 0.5, 2)
    assert (fewer.hyperparameters.members, fewer.hyperparameters.epochs) == (6, 50)
    shorter = budget.plan(hyperparameters, 1000, 5, 2)
    assert (shorter.hyperparameters.members, shorter.hyperparameters.epochs) == (2, 15)
    smaller = budget.plan(hyperparameters, 1000, 40, 2)
    assert smaller.hyperparameters.epochs == LEAST_EPOCHS
    assert 400 < smaller.rows < 500


def test_views_are_not_tried_where_the_time_is_short() -> None:
    hyperparameters = Hyperparameters(members=8, epochs=50, selection_folds=4)
    budget = TimeBudget(100)
    assert (
        budget.plan(hyperparameters, 1000, 0.25, 2).hyperparameters == hyperparameters
    )
    shorter = budget.plan(hyperparameters, 1000, 0.3, 2).hyperparameters
    assert (shorter.selection_folds, shorter.members, shorter.epochs) == (0, 8, 50)


def test_no_limit() -> None:
    budget = TimeBudget(None)
    assert budget.left == float("inf")
    assert not budget.is_over
    with pytest.raises(ValueError, match="above 0 seconds"):
        TimeBudget(-1)
