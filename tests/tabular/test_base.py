import numpy as np
import pytest
from raw_tables import mixed
from sklearn.exceptions import NotFittedError

import ranvier as rv
import stacks
from ranvier.tabular.hyperparameters import choose_hyperparameters


def test_ctrl_c_keeps_what_has_been_learnt() -> None:
    table, y = mixed(3000)
    with (
        pytest.warns(RuntimeWarning, match="the fit was interrupted"),
        stacks.ctrl_c_within("_wait", "_train"),
    ):
        reg = rv.TabularRegressor(effort="best", n_threads=1).fit(table, y)
    assert len(reg.networks_) < choose_hyperparameters(3000, "best").members
    assert np.isfinite(reg.predict(table)).all()


def test_not_fitted() -> None:
    with pytest.raises(NotFittedError):
        rv.TabularClassifier().predict([[1.0]])
    with pytest.raises(NotFittedError):
        rv.TabularClassifier().save("nowhere")


def test_progress_is_drawn_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    table, y = mixed()
    rv.TabularRegressor(effort="fast").fit(table, y)
    assert capsys.readouterr().err == ""
    rv.TabularRegressor(effort="fast", progress=True).fit(table, y)
    assert capsys.readouterr().err != ""
