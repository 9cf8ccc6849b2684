"""The default recipe: fits every size of table, and takes what is asked for."""

import pytest

from ranvier.job.recipe import default_recipe
from ranvier.training.schedules import NAMED


@pytest.mark.parametrize("rows", [2, 49, 50, 1000, 20_000, 500_000, 10**8])
def test_every_size_has_a_recipe(rows: int) -> None:
    recipe = default_recipe(rows)
    assert recipe.epochs >= 1
    assert recipe.batch_size >= 1
    assert recipe.schedule in NAMED
    assert recipe.optimizer.lr == recipe.learning_rate
    if recipe.validation is None:
        assert recipe.stop is None
    else:
        assert 1 <= recipe.validation * rows < rows
        assert recipe.stop is not None
        assert recipe.stop.patience == recipe.epochs


def test_a_larger_table_takes_no_more_epochs_than_a_smaller_one() -> None:
    epochs = [default_recipe(rows).epochs for rows in (100, 10_000, 100_000, 10**7)]
    assert epochs == sorted(epochs, reverse=True)


def test_what_is_asked_for_is_taken() -> None:
    recipe = default_recipe(1000, hidden=(5,), epochs=3)
    assert (recipe.hidden, recipe.epochs) == ((5,), 3)
