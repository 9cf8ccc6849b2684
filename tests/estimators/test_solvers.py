import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning

import ranvier as rv
from ranvier.estimators.parameter_views import theta_of
from ranvier.estimators.solvers import batch_size_of
from tables import numbers, three_classes, two_classes


def test_batch_size() -> None:
    assert batch_size_of(rv.MLPClassifier(), 1000) == 200
    assert batch_size_of(rv.MLPClassifier(), 30) == 30
    assert batch_size_of(rv.MLPClassifier(batch_size=7), 30) == 7
    with pytest.warns(UserWarning, match="It is going to be clipped"):
        assert batch_size_of(rv.MLPClassifier(batch_size=70), 30) == 30


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.PCG64])
def test_the_users_generator_goes_on_as_after_scikit_learn(bits: Any) -> None:
    X, y = two_classes(330)
    ends = []
    for module in (rv, sklearn.neural_network):
        random_state = np.random.RandomState(bits(3))
        mlp = module.MLPClassifier(6, max_iter=4, random_state=random_state)
        with pytest.warns(ConvergenceWarning):
            mlp.fit(X, y)
        ends.append((mlp.loss_, random_state.rand()))
    assert ends[0][0] == pytest.approx(ends[1][0], rel=1e-12)
    assert ends[0][1] == ends[1][1]


@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
def test_warm_start_that_keeps_the_optimizer_is_one_long_fit(solver: str) -> None:
    X, y = numbers(100)
    given: dict[str, Any] = {
        "solver": solver, "learning_rate_init": 0.01, "shuffle": False,
        "batch_size": 20, "random_state": 0, "tol": 0,
    }  # fmt: skip
    long = rv.MLPRegressor(max_iter=10, **given).fit(X, y)
    halves = {}
    for keep in (True, False):
        reg = rv.MLPRegressor(max_iter=5, warm_start=True, keep_optimizer=keep, **given)
        halves[keep] = reg.fit(X, y).fit(X, y)
    np.testing.assert_allclose(theta_of(halves[True]), theta_of(long), rtol=1e-12)
    assert np.abs(theta_of(halves[False]) - theta_of(long)).max() > 1e-6
    np.testing.assert_allclose(halves[True].loss_curve_, long.loss_curve_, rtol=1e-12)


def test_optimizer_that_does_not_fit_is_made_anew() -> None:
    X, y = numbers(50)
    reg = rv.MLPRegressor(solver="sgd", random_state=0).partial_fit(X, y)
    reg.set_params(solver="adam").partial_fit(X, y)
    assert reg._optimizer.solver == "adam"


@contextmanager
def ctrl_c_soon(estimator: Any, epochs: int) -> Iterator[None]:
    """Send SIGINT once so many epochs are done."""

    def send() -> None:
        while getattr(estimator, "n_iter_", 0) < epochs:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    # A process that a shell has put in the background ignores SIGINT otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    sender.start()
    try:
        yield
    finally:
        sender.join()
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_ctrl_c_keeps_the_model(solver: str) -> None:
    X, y = three_classes(20000, d=20)
    clf = rv.MLPClassifier(
        solver=solver, max_iter=10**6, tol=0, n_iter_no_change=np.inf, max_fun=10**9,
        random_state=0,
    )  # fmt: skip
    with (
        pytest.warns(UserWarning, match="Training interrupted by user"),
        ctrl_c_soon(clf, 3),
    ):
        clf.fit(X, y)
    assert 3 <= clf.n_iter_ < 10**6
    assert clf.score(X, y) > 0.4
    assert np.isfinite(clf.loss_)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_interrupted_within_an_epoch(solver: str) -> None:
    X, y = two_classes(100)

    def interrupt(record: rv.EpochRecord) -> None:
        if record.epoch == 4:
            raise KeyboardInterrupt

    clf = rv.MLPClassifier(solver=solver, random_state=0, callbacks=[interrupt])
    with pytest.warns(UserWarning, match="interrupted"):
        clf.fit(X, y)
    assert clf.n_iter_ == 4
    four = rv.MLPClassifier(solver=solver, random_state=0, max_iter=4).fit(X, y)
    np.testing.assert_allclose(theta_of(clf), theta_of(four), rtol=1e-12)


def test_clipping_and_dropout_take_part() -> None:
    X, y = numbers(100)
    given: dict[str, Any] = {"random_state": 0, "max_iter": 5}
    plain = theta_of(rv.MLPRegressor(**given).fit(X, y))
    for more in ({"clip_norm": 1e-3, "solver": "sgd"}, {"dropout": 0.5}):
        changed = theta_of(rv.MLPRegressor(**given, **more).fit(X, y))
        assert np.abs(changed - plain).max() > 1e-5
        again = theta_of(rv.MLPRegressor(**given, **more).fit(X, y))
        np.testing.assert_array_equal(again, changed)


def test_warning_of_lbfgs() -> None:
    X, y = numbers(100)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        reg = rv.MLPRegressor(solver="lbfgs", max_iter=3, random_state=0).fit(X, y)
    assert "lbfgs failed to converge after 3 iteration" in str(caught[0].message)
    assert reg.n_iter_ == 3


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("verbose", [True, 1, False])
def test_verbose_prints_each_iteration(
    solver: str, verbose: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y = numbers(40)
    settings = {"max_iter": 3, "random_state": 0, "solver": solver}
    reg = rv.MLPRegressor(hidden_layer_sizes=4, verbose=verbose, **settings).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    printed = [line for line in lines if line.startswith("Iteration ")]
    assert len(printed) == (reg.n_iter_ if verbose else 0)
    if verbose:
        assert printed[-1] == f"Iteration {reg.n_iter_}, loss = {reg.loss_:.8f}"


class Log:
    """A callback that is an object."""

    def __init__(self, fail_at: int = 99) -> None:
        self.calls: list[Any] = []
        self.fail_at = fail_at

    def on_train_begin(self, network: rv.Network, config: dict[str, Any]) -> None:
        self.network = network
        self.calls.append((config["estimator"], config["epochs"]))

    def on_epoch_end(self, record: rv.EpochRecord) -> bool:
        if record.epoch == self.fail_at:
            raise KeyError("gone")
        self.calls.append(self.network.theta.copy())
        return record.epoch == 3

    def on_train_end(self, history: rv.History) -> None:
        self.calls.append((len(history), history.stopped))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("kind", [rv.MLPClassifier, rv.MLPRegressor])
def test_an_object_follows_a_fit(kind: Any, solver: str) -> None:
    X, y = numbers(40)
    y = (y > y.mean()).astype(int)
    log, seen = Log(), []
    mlp = kind(hidden_layer_sizes=4, max_iter=9, random_state=0, solver=solver)
    mlp.set_params(callbacks=[log, lambda _: seen.append(theta_of(mlp).copy())])
    mlp.fit(X, y)
    assert log.calls[0] == (kind.__name__, 9)
    np.testing.assert_array_equal(log.calls[1:-1], seen)
    assert log.calls[-1] == (3, "callback")
    np.testing.assert_array_equal(log.network.theta, theta_of(mlp))


def test_an_object_learns_of_a_failure() -> None:
    X, y = numbers(40)
    log = Log(fail_at=2)
    reg = rv.MLPRegressor(max_iter=9, random_state=0, callbacks=[log])
    with pytest.raises(KeyError) as raised:
        reg.fit(X, y)
    assert any("Log" in note for note in raised.value.__notes__)
    assert log.calls[-1] == (2, "failed")


def test_what_is_no_callback() -> None:
    with pytest.raises(TypeError, match="a callback must be a function"):
        rv.MLPRegressor(callbacks=[None]).fit([[0.0]], [0.0])
