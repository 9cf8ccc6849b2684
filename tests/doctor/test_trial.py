"""Short trainings with one thing changed."""

import numpy as np
from tests.doctor.rows_and_networks import numbers, rows

import ranvier as rv
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup
from ranvier.doctor.trial import Trials


def trials(X: object, y: object, net: rv.Network) -> Trials:
    made = Trials.of(Rows.of(X, y), None, Setup.of(net, 0, 0))
    assert made is not None
    return made


NET = rv.Network.mlp(5, 16, 1, output_activation="sigmoid", seed=0)


def test_a_change_of_columns() -> None:
    X, y = rows()
    X = X * np.array([1, 1, 1e5, 1, 1])
    own = trials(X, y, NET)
    assert own.score({"scale": True}, "log_loss") < 0.5 < own.score({}, "log_loss")
    assert own.score({"drop": ["x2"]}, "log_loss") < 0.5


def test_the_same_seed_scores_the_same() -> None:
    own = trials(*rows(), NET)
    assert own.score({}, "log_loss") == own.score({}, "log_loss")
    assert own.score({}, "log_loss") != own.score({}, "log_loss", seed=1)


def test_scores_are_in_the_unit_of_the_target() -> None:
    X, y = numbers()
    own = trials(X, 1e4 * y, rv.Network.mlp(5, 16, 1, seed=0))
    score = own.score({"scale_target": True}, "rmse")
    assert 0 < score < 1e4 * y.std()


def test_a_training_that_fails_scores_infinity() -> None:
    X, y = rows()
    X[0, 0] = np.nan
    own = trials(X, y, NET)
    assert own.score({}, "log_loss") == np.inf
    assert own.score({"fill": True}, "log_loss") < 1


def test_few_rows_or_no_network() -> None:
    X, y = rows(40)
    assert Trials.of(Rows.of(X, y), None, Setup.of(NET, 0, 0)) is None
    assert Trials.of(Rows.of(*rows()), None, Setup()) is None
