import copy
import pickle
import warnings
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import ranvier as rv
from ranvier.estimators.parameter_views import theta_of
from tables import numbers, three_classes, two_classes


@pytest.mark.usefixtures("more_processors")
@pytest.mark.parametrize("n_threads", [1, 2, 5, None])
def test_same_bits_for_any_number_of_threads(n_threads: Any) -> None:
    X, y = three_classes(300, d=40)
    given: dict[str, Any] = {"hidden_layer_sizes": (120,), "max_iter": 4}
    one = rv.MLPClassifier(**given, n_threads=1, random_state=0).fit(X, y)
    other = rv.MLPClassifier(**given, n_threads=n_threads, random_state=0).fit(X, y)
    np.testing.assert_array_equal(theta_of(other), theta_of(one))
    np.testing.assert_array_equal(other.predict_proba(X), one.predict_proba(X))


def test_dtype() -> None:
    X, y = numbers(50)
    single = X.astype(np.float32)
    for given, table, expected in [
        ("auto", X, np.float64), ("auto", single, np.float32),
        ("float32", X, np.float32), ("float64", single, np.float64),
    ]:  # fmt: skip
        reg = rv.MLPRegressor(dtype=given, max_iter=2, random_state=0).fit(table, y)
        assert reg.coefs_[0].dtype == expected
        assert reg.predict(table).dtype == np.result_type(table.dtype, expected)


def test_hidden_activations() -> None:
    X, y = three_classes(60)
    clf = rv.MLPClassifier((7, 4), "tanh", random_state=0, max_iter=3).fit(X, y)
    first, second, last = clf.hidden_activations(X)
    np.testing.assert_allclose(first.Z, X @ clf.coefs_[0] + clf.intercepts_[0])
    np.testing.assert_allclose(first.A, np.tanh(first.Z))
    np.testing.assert_allclose(second.Z, first.A @ clf.coefs_[1] + clf.intercepts_[1])
    np.testing.assert_array_equal(last.A, clf.predict_proba(X))
    with pytest.raises(NotFittedError):
        rv.MLPClassifier().hidden_activations(X)


def test_trace() -> None:
    X, y = three_classes(60)
    clf = rv.MLPClassifier((7, 4), "tanh", random_state=0, max_iter=3).fit(X, y)
    trace = clf.trace(X[:5], y[:5])
    np.testing.assert_allclose(trace.Y_hat, clf.predict_proba(X[:5]), rtol=1e-6)
    net, classes = clf.network_, np.searchsorted(clf.classes_, y[:5])
    L, gradient = net.loss_and_gradient(X[:5], classes, loss="cross_entropy")
    np.testing.assert_allclose(
        trace.gradient.theta, gradient.theta, rtol=1e-6, atol=1e-12
    )
    assert abs(trace.L - L) < 1e-12
    with pytest.raises(NotFittedError):
        rv.MLPClassifier().trace(X)


@pytest.mark.parametrize("way", [pickle, joblib, copy, clone])
def test_copies_go_on_alike(way: Any, tmp_path: Any) -> None:
    X, y = two_classes(80)
    clf = rv.MLPClassifier(random_state=0, dropout=0.1)
    for _ in range(3):
        clf.partial_fit(X, y, classes=np.unique(y))
    if way is pickle:
        again = pickle.loads(pickle.dumps(clf))
    elif way is joblib:
        joblib.dump(clf, tmp_path / "m")
        again = joblib.load(tmp_path / "m", mmap_mode="r")
    elif way is copy:
        again = copy.deepcopy(clf)
    else:
        assert not hasattr(clone(clf), "coefs_")
        return
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    again.partial_fit(X, y)
    clf.partial_fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_a_copy_has_weights_of_its_own() -> None:
    X, y = two_classes(80)
    clf = rv.MLPClassifier(random_state=0, max_iter=2).fit(X, y)
    before = clf.predict_proba(X)
    copy.deepcopy(clf).coefs_[0][...] = 0
    np.testing.assert_array_equal(clf.predict_proba(X), before)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"hidden_layer_sizes": (5, 0)}, r"hidden_layer_sizes must be > 0"),
        ({"activation": ["relu", "tanh"]}, "2 entries, but there are 1 hidden layers"),
        ({"dropout": [0.1, 0.1]}, "2 entries, but there are 1 hidden layers"),
        ({"activation": "reul"}, "The 'activation' parameter of MLPClassifier"),
        ({"activation": "softmax"}, "The 'activation' parameter of MLPClassifier"),
        ({"dropout": 1.0}, "The 'dropout' parameter of MLPClassifier"),
        ({"n_threads": 0}, "The 'n_threads' parameter of MLPClassifier"),
        ({"scoring": "accurracy"}, "The 'scoring' parameter of MLPClassifier"),
        ({"learning_rate": "cosin"}, "The 'learning_rate' parameter"),
    ],
)
def test_refused(parameters: dict[str, Any], text: str) -> None:
    X, y = two_classes(20)
    with pytest.raises(ValueError, match=text):
        rv.MLPClassifier(**parameters).fit(X, y)


def test_validation_rows_are_checked() -> None:
    X, y = two_classes(40)
    clf = rv.MLPClassifier(max_iter=2)
    with pytest.raises(ValueError, match="X_val was given without y_val"):
        clf.fit(X, y, X_val=X)
    with pytest.raises(ValueError, match=r"y_val has the classes \['neither'\]"):
        clf.fit(X, y, X_val=X[:1], y_val=["neither"])
    with pytest.raises(ValueError, match="4 features, but MLPClassifier is exp"):
        clf.fit(X, y, X_val=X[:, :4], y_val=y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        clf.fit(X, y, X_val=X[:3], y_val=y)
    with pytest.raises(ValueError, match="y_val has 2 columns, but y has 1"):
        rv.MLPRegressor().fit(X, X[:, 0], X_val=X, y_val=X[:, :2])


def test_what_is_not_finite_is_refused() -> None:
    X, y = two_classes(40)
    clf = rv.MLPClassifier(max_iter=2, random_state=0).fit(X, y)
    X[3, 1] = np.nan
    for call in (clf.predict, clf.predict_proba):
        with pytest.raises(ValueError, match="Input X contains NaN"):
            call(X)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        clf.fit(X, y)


def test_diverging_fit_says_so() -> None:
    X, y = numbers(40)
    reg = rv.MLPRegressor(solver="sgd", activation="identity", learning_rate_init=1e4)
    with pytest.raises(ValueError, match="Solver produced non-finite param"):
        reg.fit(X, 100 * y)


def test_small_input_of_any_layout() -> None:
    X, y = two_classes(60)
    clf = rv.MLPClassifier(max_iter=3, random_state=0).fit(X, y)
    expected = clf.predict_proba(X)
    for table in (np.asfortranarray(X), X.tolist(), X[::1], np.vstack([X, X])[::2]):
        assert clf.predict_proba(table).shape == expected.shape
    np.testing.assert_allclose(clf.predict_proba(np.asfortranarray(X)), expected)
    other = rv.MLPClassifier(max_iter=3, random_state=0).fit(np.asfortranarray(X), y)
    np.testing.assert_array_equal(other.predict_proba(X), expected)
    integers = np.round(X).astype(int)
    np.testing.assert_allclose(
        clf.predict_proba(integers), clf.predict_proba(integers.astype(float))
    )


@pytest.mark.parametrize("kind", [rv.MLPClassifier, rv.MLPRegressor])
def test_rows_of_weight_0_alone_are_held_out(kind: type) -> None:
    """A bootstrap gives weights of 0; early stopping may hold out only such rows."""
    X = np.random.default_rng(0).normal(size=(20, 3))
    y = (X[:, 0] > 0).astype(int)
    mlp = kind(early_stopping=True, max_iter=2, random_state=0)
    warned = 0
    for seed in range(20):  # the rows held out are the same, their weights are not
        weights = np.random.default_rng(seed).permutation(20) < 10
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            mlp.fit(X, y, sample_weight=weights.astype(float))
        warned += any("held out for early stopping" in str(w.message) for w in found)
        assert np.isfinite(mlp.best_validation_score_)
    assert 0 < warned < 20


@pytest.mark.parametrize("kind", [rv.MLPClassifier, rv.MLPRegressor])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_negative_weights_are_refused(kind: type, solver: str) -> None:
    X, y = np.zeros((4, 1)), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="sample_weight must be at least 0, but row 2"):
        kind(solver=solver).fit(X, y, sample_weight=[1, 1, -1, 1])
    valid = {"X_val": X, "y_val": y, "sample_weight_val": np.zeros(4)}
    with pytest.raises(
        ValueError, match=r"sample_weight_val (cannot be used|adds up to 0)"
    ):
        kind(solver=solver).fit(X, y, **valid)
