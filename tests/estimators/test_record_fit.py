"""A fit with run= writes a run that a reader and the page can use."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import ranvier as rv
from ranvier.live import inspection, run_index
from tables import numbers, three_classes, two_classes


def run_of(mlp: Any) -> rv.Run:
    return rv.Run(mlp.run_)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_record_for_each_epoch(solver: str, tmp_path: Path) -> None:
    X, y = two_classes()
    given = {"solver": solver, "max_iter": 30, "random_state": 0, "tol": 0.0}
    with pytest.warns(UserWarning, match="Maximum iterations"):
        clf = rv.MLPClassifier(run=tmp_path, **given).fit(X, y)
    run = run_of(clf)
    assert run.path.parent == tmp_path
    assert [line["loss"] for line in run.records] == clf.loss_curve_
    assert run.end == {"ended": "finished", "best_epoch": clf.best_epoch_}
    assert run.network() == clf.network_
    assert {0, 1} <= set(run.epochs)
    assert run.records[0]["layers"][0]["W"]
    with pytest.warns(UserWarning, match="Maximum iterations"):
        same = rv.MLPClassifier(**given).fit(X, y)
    np.testing.assert_array_equal(same.coefs_[0], clf.coefs_[0])  # being watched


def test_networks_are_those_of_their_age(tmp_path: Path) -> None:
    X, y = numbers()
    given = {"random_state": 0, "learning_rate_init": 0.01}
    with warnings.catch_warnings(action="ignore"):
        reg = rv.MLPRegressor(max_iter=5, run=tmp_path, **given).fit(X, y)
        young = rv.MLPRegressor(max_iter=1, **given).fit(X, y)
    assert run_of(reg).network(1) == young.network_


def test_early_stopping_tells_its_scores(tmp_path: Path) -> None:
    X, y = three_classes()
    clf = rv.MLPClassifier(
        early_stopping=True, run=tmp_path, random_state=0, learning_rate_init=0.02
    ).fit(X, y)
    run = run_of(clf)
    scores = [line["metrics"]["accuracy"] for line in run.records]
    assert scores == clf.validation_scores_
    losses = [line["validation_loss"] for line in run.records]
    assert losses == clf.validation_losses_
    assert run.end == {"ended": "early stopping", "best_epoch": clf.best_epoch_}
    assert run.network() == clf.network_  # the best weights
    data = run.data
    assert data is not None
    assert len(data["X"]) == 200
    assert len(data["rows"]) == 180


def test_iterations_of_lbfgs(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(
        hidden_layer_sizes=5, solver="lbfgs", run=tmp_path, random_state=0, tol=0.1
    )
    reg.fit(X, y)
    run = run_of(reg)
    assert len(run.records) == reg.n_iter_
    assert run.records[-1]["loss"] == reg.loss_
    assert run.end is not None
    assert run.end["ended"] == "converged"


def test_rows_of_their_own(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(run=tmp_path, max_iter=3, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        reg.fit(X, y, np.ones(200), X_val=X[:20], y_val=y[:20])
    run = run_of(reg)
    assert run.manifest["data"]["validation"] == "rows"
    assert run.manifest["data"]["validation_rows"] == 20
    assert run.data is not None
    np.testing.assert_array_equal(run.data["validation_X"], X[:20])
    np.testing.assert_array_equal(run.data["weights"], np.ones(200))


def test_what_was_asked_for(tmp_path: Path) -> None:
    import pandas as pd

    X, y = two_classes()
    frame = pd.DataFrame(X, columns=list("abcde"))
    clf = rv.MLPClassifier(
        run=rv.Recording(tmp_path, name="first", about={"note": "mine"}),
        max_iter=2,
        random_state=7,
        n_iter_no_change=np.inf,
    )
    with pytest.warns(UserWarning, match="Maximum iterations"):
        clf.fit(frame, y)
    manifest = run_of(clf).manifest
    assert manifest["name"] == "first"
    assert manifest["training"]["estimator"] == "MLPClassifier"
    assert manifest["training"]["seed"] == 7
    assert manifest["training"]["n_iter_no_change"] == "inf"
    assert manifest["about"]["columns"] == list("abcde")
    assert manifest["about"]["note"] == "mine"


@pytest.mark.parametrize("kind", ["text", "integer", "boolean", "labels", "numbers"])
def test_the_page_knows_it(kind: str, tmp_path: Path) -> None:
    X, y = two_classes()
    same = y == "same"
    answers: Any = {
        "text": y,
        "integer": 5 * same.astype(int),
        "boolean": same,
        "labels": np.stack([same, X[:, 0] > 0], axis=1).astype(int),
        "numbers": X[:, 0],
    }[kind]
    make = rv.MLPRegressor if kind == "numbers" else rv.MLPClassifier
    with pytest.warns(UserWarning, match="Maximum iterations"):
        mlp = make(max_iter=3, run=tmp_path, random_state=0).fit(X, answers)
    run = run_of(mlp)
    seen = inspection.of_run(run, None)
    classes = {
        "text": ("other", "same"),
        "integer": ("0", "5"),
        "boolean": ("false", "true"),
    }
    assert seen.classes == classes.get(kind, ())
    assert len(seen) == 200
    assert seen.outputs(seen.X[:3]).shape == (3, 2 if kind == "labels" else 1)
    shown = run_index.describe(run, {"record": run.records[-1], "end": run.end})
    assert shown["planned"] == 3
    assert shown["parameters"]["estimator"] == make.__name__


def test_a_sparse_table(tmp_path: Path) -> None:
    X, y = two_classes(300, 40)
    X = sp.csr_matrix(X * (np.abs(X) > 2))
    runs = []
    for folder in (tmp_path, rv.Recording(tmp_path, largest_data=100)):
        with pytest.warns(UserWarning, match="Maximum iterations"):
            clf = rv.MLPClassifier(max_iter=2, run=folder, random_state=0).fit(X, y)
        runs.append(run_of(clf))
    assert runs[0].data is not None
    np.testing.assert_array_equal(runs[0].data["X"], X.toarray())
    assert runs[1].data is None
    assert not runs[1].manifest["data"]["kept"]
    assert len(runs[1].records) == 2


def test_each_fit_has_a_run_of_its_own(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(max_iter=3, run=tmp_path, warm_start=True, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        first = reg.fit(X, y).run_
    with pytest.warns(UserWarning, match="Maximum iterations"):
        second = reg.fit(X, y).run_
    assert first != second
    assert [line["epoch"] for line in rv.Run(second).records] == [1, 2, 3]
    assert rv.Run(second).network(0) == rv.Run(first).network()
    assert rv.Run(second).end == {"ended": "finished", "best_epoch": 3}
    with pytest.warns(UserWarning, match="Maximum iterations"):
        reg.set_params(run=None).fit(X, y)
    assert not hasattr(reg, "run_")


def test_ctrl_c(tmp_path: Path) -> None:
    X, y = numbers()

    def interrupt(record: rv.EpochRecord) -> None:
        if record.epoch == 2:
            raise KeyboardInterrupt

    reg = rv.MLPRegressor(run=tmp_path, callbacks=[interrupt], random_state=0)
    with pytest.warns(UserWarning, match="interrupted"):
        reg.fit(X, y)
    run = run_of(reg)
    assert run.end is not None
    assert run.end["ended"] == "interrupted"
    assert len(run.records) == 2
    assert run.network() == reg.network_


def test_a_callback_that_stops(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(run=tmp_path, callbacks=[lambda record: record.epoch == 2])
    run = run_of(reg.fit(X, y))
    assert run.end is not None
    assert run.end["ended"] == "callback"


def test_what_is_not_finite(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(run=tmp_path, solver="sgd", learning_rate_init=1e200)
    with pytest.raises(ValueError, match="non-finite"):
        reg.fit(X, 1e200 * y)
    assert run_of(reg).end == {"ended": "not finite"}


def test_a_fit_that_was_stopped_cannot_be_resumed(tmp_path: Path) -> None:
    X, y = numbers()

    def fail(record: rv.EpochRecord) -> None:
        raise RuntimeError("power cut")

    reg = rv.MLPRegressor(run=tmp_path, callbacks=[fail], random_state=0)
    with pytest.raises(RuntimeError, match="power cut"):
        reg.fit(X, y)
    run = run_of(reg)
    assert run.state == "stopped"
    with pytest.raises(ValueError, match=r"fit of MLPRegressor.*from_network"):
        rv.resume(run)
    again = rv.MLPRegressor.from_network(run.network(), random_state=0)
    again.partial_fit(X, y)  # as the error advises


def test_a_fit_that_is_over_can_be_read(tmp_path: Path) -> None:
    X, y = numbers()
    reg = rv.MLPRegressor(max_iter=3, run=tmp_path, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        reg.fit(X, y)
    network, history = rv.resume(reg.run_)
    assert network == reg.network_
    assert history.losses == reg.loss_curve_


def test_a_stream_is_not_recorded(tmp_path: Path) -> None:
    X, y = numbers()
    with pytest.raises(ValueError, match=r"partial_fit takes one step.*run=None"):
        rv.MLPRegressor(run=tmp_path).partial_fit(X, y)
    assert not list(tmp_path.iterdir())
