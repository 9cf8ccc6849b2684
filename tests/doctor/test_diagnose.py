"""`ranvier.diagnose`: every kind of target."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.doctor.rows_and_networks import names, rows, trained

import ranvier as rv


def test_a_history_leads_to_its_run(tmp_path: Path) -> None:
    X, y = rows()
    layers = [rv.Dense(8, "tanh", W="zeros"), rv.Dense(1, "sigmoid", W="zeros")]
    net = rv.Network(5, layers, seed=0)
    history = rv.train(net, X, y, run=tmp_path, progress=False, validation=0.2)
    assert names(rv.diagnose(history))[0] == "symmetric_units"
    assert history.run is not None
    assert str(rv.diagnose(rv.Run(history.run))) == str(rv.diagnose(history))


def test_a_run_knows_the_names_of_the_columns(tmp_path: Path) -> None:
    X, y = rows()
    X[:, 4] = X[:, 3]
    frame = pd.DataFrame(X, columns=list("abcde"))
    net = rv.Network.mlp(5, 8, 1, output_activation="sigmoid", seed=0)
    history = rv.train(net, frame, y, run=tmp_path, epochs=1, progress=False)
    found = {f.name: f for f in rv.diagnose(history)}
    assert found["duplicate_column"].evidence["columns"] == ["e"]


def test_a_training_that_raised() -> None:
    X, y = rows()
    X[:, 1] *= 1e30
    net = rv.Network.mlp(5, 8, 1, output_activation="sigmoid", seed=0)
    with (
        pytest.warns(UserWarning, match="'x1' are on another scale"),
        pytest.raises(rv.NonFiniteError) as caught,
    ):
        rv.train(net, X, y * 1.0, optimizer=rv.SGD(lr=1e10), progress=False)
    found = rv.diagnose(caught.value, X, y)
    assert names(found) == ["unscaled_column", "diverged"]
    assert found[1].evidence["epoch"] == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_estimators() -> None:
    X, y = rows()
    model = rv.MLPClassifier(max_iter=200, random_state=0, learning_rate_init=0.01)
    assert names(rv.diagnose(model.fit(X, y), X, y)) == []
    X[:, 2] *= 1e5
    with pytest.warns(UserWarning, match="'x2' are on another scale"):
        model.fit(X, y)
    assert names(rv.diagnose(model, X, y))[0] == "unscaled_column"


def test_table_models_and_new_rows() -> None:
    X, y = rows()
    model = rv.TabularClassifier(effort="fast", random_state=0).fit(X, y)
    assert names(rv.diagnose(model, X, y)) == []
    found = rv.diagnose(model, X + 50, y)
    assert names(found)[0] == "new_rows_drift"


def test_validation_as_numbers_of_rows() -> None:
    X, y = rows()
    net, history = trained(X, y)
    found = rv.diagnose(net, X, y, history=history, validation=np.arange(100))
    assert names(found) == []


@pytest.mark.parametrize("target", [None, 3, rv.MLPClassifier()])
def test_what_cannot_be_diagnosed(target: Any) -> None:
    with pytest.raises(TypeError, match="cannot be diagnosed: give a History"):
        rv.diagnose(target)
