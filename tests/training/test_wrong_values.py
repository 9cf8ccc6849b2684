"""Every public parameter of the training functions with a table of wrong values."""

from typing import Any

import numpy as np
import pytest

import ranvier as rv
import wrong_values
from ranvier.training import schedules

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 2))
Y = X[:, 0]


def stop(record: rv.EpochRecord) -> bool:
    """Stop a training that huge values would make long."""
    return record.epoch >= 2


def train(**settings: Any) -> None:
    settings = {"net": rv.Network.mlp(2, 3, 1, seed=0), "X": X, "y": Y} | settings
    rv.train(**{"callbacks": [stop], "epochs": 2, **settings})


def train_many(**settings: Any) -> None:
    nets = [rv.Network.mlp(2, 3, 1, seed=k) for k in range(2)]
    settings = {"nets": nets, "X": X, "y": Y, "epochs": 2} | settings
    rv.train_many(**settings)


@pytest.mark.parametrize("name", wrong_values.parameters_of(rv.train, "live", "run"))
def test_train(name: str) -> None:
    wrong_values.check(train, name)


@pytest.mark.parametrize("name", wrong_values.parameters_of(rv.train_many))
def test_train_many(name: str) -> None:
    long = ("huge",) if name == "epochs" else ()
    wrong_values.check(train_many, name, leave_out=long)


OPTIMIZERS = [rv.SGD, rv.Adam, rv.AdamW, rv.LBFGS]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(k, name) for k in OPTIMIZERS for name in wrong_values.parameters_of(k)],
)
def test_optimizers(kind: Any, name: str) -> None:
    def make_and_train(**settings: Any) -> None:
        if name == "nesterov":
            settings["momentum"] = 0.9
        train(optimizer=kind(**settings))

    wrong_values.check(make_and_train, name)


@pytest.mark.parametrize("name", wrong_values.parameters_of(rv.EarlyStopping))
def test_early_stopping(name: str) -> None:
    def make_and_train(**settings: Any) -> None:
        train(stop=rv.EarlyStopping(**settings), validation=0.5)

    wrong_values.check(make_and_train, name)


@pytest.mark.parametrize(
    ("schedule", "name"),
    [
        (schedule, name)
        for schedule in schedules.NAMED
        for name in wrong_values.parameters_of(schedules.NAMED[schedule])
    ],
)
def test_schedules(schedule: str, name: str) -> None:
    settings = {} if name == "t" else {"t": 0.5}
    wrong_values.check(schedules.NAMED[schedule], name, settings)
