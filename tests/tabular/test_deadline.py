import pytest

from ranvier.tabular.deadline import LEAST_EPOCHS, Deadline
from ranvier.tabular.recipe import Recipe


def test_members_then_epochs_then_rows_go() -> None:
    recipe = Recipe(members=8, epochs=50)
    deadline = Deadline(100)
    assert deadline.plan(recipe, 1000, 0.001, 2).recipe == recipe
    fewer = deadline.plan(recipe, 1000, 0.5, 2)
    assert (fewer.recipe.members, fewer.recipe.epochs) == (6, 50)
    shorter = deadline.plan(recipe, 1000, 5, 2)
    assert (shorter.recipe.members, shorter.recipe.epochs) == (2, 15)
    smaller = deadline.plan(recipe, 1000, 40, 2)
    assert smaller.recipe.epochs == LEAST_EPOCHS
    assert 400 < smaller.rows < 500


def test_views_are_not_tried_where_the_time_is_short() -> None:
    recipe = Recipe(members=8, epochs=50, tried=4)
    deadline = Deadline(100)
    assert deadline.plan(recipe, 1000, 0.25, 2).recipe == recipe
    shorter = deadline.plan(recipe, 1000, 0.3, 2).recipe
    assert (shorter.tried, shorter.members, shorter.epochs) == (0, 8, 50)


def test_no_limit() -> None:
    deadline = Deadline(None)
    assert deadline.left == float("inf")
    assert not deadline.is_over
    with pytest.raises(ValueError, match="above 0 seconds"):
        Deadline(-1)
