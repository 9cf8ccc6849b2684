"""Optuna prunes a trial through the callback."""

import pytest
from trainings import train

import ranvier as rv

pytestmark = pytest.mark.peers
optuna = pytest.importorskip("optuna")


def study(pruner: object) -> object:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(pruner=pruner)


def test_values_are_reported_and_trials_pruned() -> None:
    seen = []

    def objective(trial: object) -> float:
        seen.append(trial)
        _, history = train(rv.OptunaPruning(trial))
        return history[-1].validation_loss

    found = study(optuna.pruners.ThresholdPruner(upper=1e-9, n_warmup_steps=3))
    found.optimize(objective, n_trials=1)
    (trial,) = found.trials
    assert trial.state == optuna.trial.TrialState.PRUNED
    assert list(trial.intermediate_values) == [1, 2, 3]


def test_a_metric_can_be_monitored() -> None:
    found = study(optuna.pruners.NopPruner())

    def objective(trial: object) -> float:
        _, history = train(rv.OptunaPruning(trial, "accuracy"))
        assert trial.user_attrs == {}
        return history[-1].metrics["accuracy"]

    found.optimize(objective, n_trials=1)
    values = found.trials[0].intermediate_values
    assert values[7] == found.trials[0].value


def test_a_number_that_is_not_there_is_named() -> None:
    trial = study(optuna.pruners.NopPruner()).ask()
    with pytest.raises(ValueError, match="an epoch has no 'auc' for Optuna"):
        train(rv.OptunaPruning(trial, "auc"))
