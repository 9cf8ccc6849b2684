"""Checks of the records of a training, made by trainings."""

from typing import Any

import numpy as np
import pytest
from tests.doctor.rows_and_networks import names, numbers, rows, trained

import ranvier as rv
from ranvier.doctor.curve_checks import curve_findings


def records(losses: Any, validation: Any = None, rate: float = 1e-3) -> list[Any]:
    return [
        {
            "epoch": i + 1,
            "loss": loss,
            "validation_loss": None if validation is None else validation[i],
            "learning_rate": rate,
        }
        for i, loss in enumerate(losses)
    ]


def found(*given: Any, **named: Any) -> list[str]:
    return [f.name for f in curve_findings(records(*given, **named))]


def test_a_healthy_training() -> None:
    _, history = trained(*rows(2000), validation=0.25, epochs=20)
    assert names(rv.diagnose(history)) == []


def test_diverged() -> None:
    assert found([1.0, 5.0, float("nan")]) == ["diverged"]
    assert found([1.0, 2.0, 30.0, 40.0, 50.0]) == ["diverged"]


def test_a_rate_that_is_too_low() -> None:
    _, history = trained(*rows(), optimizer=rv.Adam(lr=1e-5))
    assert names(rv.diagnose(history)) == ["rate_too_low"]


def test_a_rate_that_is_too_high() -> None:
    X, y = numbers()
    net = rv.Network.mlp(5, 32, 1, seed=0)
    history = rv.train(net, X, y, optimizer=rv.Adam(lr=1.0), progress=False)
    assert "rate_too_high" in names(rv.diagnose(net, X, y, history=history))


def test_stopped_too_early() -> None:
    losses = 0.1 + np.exp(-np.arange(20) / 6)
    assert found(losses, losses) == ["stopped_early"]


def test_overfitting_names_the_epoch() -> None:
    X, y = rows(60)
    noisy = np.random.default_rng(0).permutation(y)
    net = rv.Network.mlp(5, 128, 1, output_activation="sigmoid", seed=0)
    adam = rv.Adam(lr=0.01)
    history = rv.train(net, X, noisy, optimizer=adam, validation=0.3, progress=False)
    (finding,) = rv.diagnose(history)
    assert finding.name == "overfitting"
    assert finding.evidence["epoch"] == int(np.argmin(history.validation_losses)) + 1


def test_two_epochs_that_were_still_learning() -> None:
    assert found([1.0, 0.5]) == ["stopped_early"]


@pytest.mark.parametrize("losses", [[], [1.0], [1.0, 0.995, 0.99]])
def test_few_epochs_say_nothing(losses: list[float]) -> None:
    assert found(losses) == []
