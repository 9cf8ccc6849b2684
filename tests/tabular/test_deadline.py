import pytest

from ranvier.tabular.deadline import LEAST_EPOCHS, Deadline
from ranvier.tabular.hyperparameters import Hyperparameters


def test_members_then_epochs_then_rows_go() -> None:
    hyperparameters = Hyperparameters(members=8, epochs=50)
    deadline = Deadline(100)
    assert (
        deadline.plan(hyperparameters, 1000, 0.001, 2).hyperparameters
        == hyperparameters
    )
    fewer = deadline.plan(hyperparameters, 1000, 0.5, 2)
    assert (fewer.hyperparameters.members, fewer.hyperparameters.epochs) == (6, 50)
    shorter = deadline.plan(hyperparameters, 1000, 5, 2)
    assert (shorter.hyperparameters.members, shorter.hyperparameters.epochs) == (2, 15)
    smaller = deadline.plan(hyperparameters, 1000, 40, 2)
    assert smaller.hyperparameters.epochs == LEAST_EPOCHS
    assert 400 < smaller.rows < 500


def test_views_are_not_tried_where_the_time_is_short() -> None:
    hyperparameters = Hyperparameters(members=8, epochs=50, selection_folds=4)
    deadline = Deadline(100)
    assert (
        deadline.plan(hyperparameters, 1000, 0.25, 2).hyperparameters == hyperparameters
    )
    shorter = deadline.plan(hyperparameters, 1000, 0.3, 2).hyperparameters
    assert (shorter.selection_folds, shorter.members, shorter.epochs) == (0, 8, 50)


def test_no_limit() -> None:
    deadline = Deadline(None)
    assert deadline.left == float("inf")
    assert not deadline.is_over
    with pytest.raises(ValueError, match="above 0 seconds"):
        Deadline(-1)
