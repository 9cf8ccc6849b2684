import numpy as np
import pandas as pd
import pytest

import ranvier as rv
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


def test_some_rows_are_left_when_the_time_is_over() -> None:
    budget = TimeBudget(1e-9)
    plan = budget.plan(Hyperparameters(members=8, epochs=50), 1000, 1e-9, 2)
    assert (plan.rows, plan.hyperparameters.epochs) == (12, LEAST_EPOCHS)
    assert "time_limit=1e-09 was over" in budget.notice(plan.rows, 1000)
    longer = TimeBudget(100)
    assert "to keep time_limit=100" in longer.notice(10, 1000)


@pytest.mark.parametrize("preset", [None, "realmlp-td", "tabm"])
def test_a_network_has_learned_something_and_says_of_what(preset: str | None) -> None:
    x = np.arange(2000) % 89
    y = x + np.random.default_rng(0).normal(size=2000) * 20
    table = pd.DataFrame({"x": x, "z": np.arange(2000) % 7, "y": y})
    with pytest.warns(RuntimeWarning, match="learns from .* of .* rows, because"):
        model = rv.fit_table(table, "y", preset=preset, time_limit=1e-6)
    assert len(model.history) >= 1
    assert any("time_limit=1e-06 was over" in text for text in model.notices)
    assert np.ptp(model.predict(table)) > 0
