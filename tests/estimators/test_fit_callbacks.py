import io
import sys
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from tables import numbers, two_classes

callback = pytest.importorskip("sklearn.callback", reason="came with scikit-learn 1.9")


class Witness:
    """A callback of scikit-learn's that writes down what it is told."""

    def __init__(self, stop_at: int = 10**9) -> None:
        self.seen: list[tuple[str, str]] = []
        self.losses: list[float] = []
        self.stop_at = stop_at

    def setup(self, estimator: Any, context: Any) -> None:
        self.seen.append(("setup", context.task_name))

    def teardown(self, estimator: Any, context: Any) -> None:
        self.seen.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.seen.append(("begin", context.task_name))

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, X: Any, y: Any, fitted_estimator: Any
    ) -> bool:
        self.seen.append(("end", context.task_name))
        if context.task_name == "epoch":
            self.losses.append(fitted_estimator.predict(X).sum())
            return context.task_id + 1 == self.stop_at
        return False


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_of_scikit_learn(solver: str) -> None:
    X, y = numbers(60)
    witness = Witness()
    reg = rv.MLPRegressor(solver=solver, max_iter=3, random_state=0)
    reg.set_callbacks(witness).fit(X, y)
    assert witness.seen[:2] == [("setup", "fit"), ("begin", "fit")]
    assert witness.seen[-2:] == [("end", "fit"), ("teardown", "fit")]
    assert witness.seen[2:-2] == [("begin", "epoch"), ("end", "epoch")] * 3
    # What they were given can predict, and stays what it was.
    assert len(set(witness.losses)) == 3
    np.testing.assert_allclose(witness.losses[-1], reg.predict(X).sum())


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_they_may_stop(solver: str) -> None:
    X, y = numbers(60)
    reg = rv.MLPRegressor(solver=solver, random_state=0).set_callbacks(Witness(2))
    assert reg.fit(X, y).n_iter_ == 2


def test_those_that_come_with_scikit_learn() -> None:
    X, y = two_classes(60)
    monitor = callback.ScoringMonitor(scoring="accuracy")
    clf = rv.MLPClassifier(max_iter=4, random_state=0)
    clf.set_callbacks(monitor, callback.ProgressBar()).fit(X, y)
    scores = monitor.get_logs().data_as_pandas
    scores = scores() if callable(scores) else scores
    assert len(scores) >= 4


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_functions(solver: str) -> None:
    X, y = two_classes(100)
    seen: list[rv.EpochRecord] = []
    callbacks = [seen.append, lambda record: record.epoch == 3]
    clf = rv.MLPClassifier(solver=solver, callbacks=callbacks, random_state=0)
    clf.fit(X, y, X_val=X, y_val=y)
    assert [record.epoch for record in seen] == [1, 2, 3]
    assert clf.n_iter_ == 3
    assert seen[-1].validation_loss == clf.validation_losses_[-1]
    assert seen[-1].rows_per_second > 0


def test_error_of_a_function_is_raised_with_a_note() -> None:
    X, y = two_classes(60)

    def explode(record: rv.EpochRecord) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom") as raised:
        rv.MLPClassifier(callbacks=[explode]).fit(X, y)
    assert "explode after epoch 1" in raised.value.__notes__[0]


def test_watching_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = two_classes(100)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    given: dict[str, Any] = {"max_iter": 5, "random_state": 0}
    plain = rv.MLPClassifier(**given).fit(X, y)
    watched = rv.MLPClassifier(**given, callbacks=[print], progress=True).fit(X, y)
    np.testing.assert_array_equal(watched.coefs_[0], plain.coefs_[0])
    assert "epoch 5/5" in sys.stderr.getvalue()  # type: ignore[attr-defined]
