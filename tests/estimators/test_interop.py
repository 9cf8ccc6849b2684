from typing import Any

import numpy as np
import pytest

import ranvier as rv
from tables import numbers, three_classes, two_classes


def test_network_of_an_estimator() -> None:
    X, y = three_classes(100)
    clf = rv.MLPClassifier((8, 4), ["gelu", "logistic"], dropout=0.2, max_iter=5)
    net = clf.set_params(random_state=0).fit(X, y).network_
    assert repr(net) == (
        "Network(5 -> 8 gelu -> dropout 0.2 -> 4 sigmoid -> dropout 0.2 -> 3 softmax, "
        "float64, 99 parameters)"
    )
    np.testing.assert_array_equal(net(X), clf.predict_proba(X))
    net.theta[...] = 0  # it is a copy
    assert np.abs(clf.coefs_[0]).max() > 0


@pytest.mark.parametrize("outputs", [1, 2])
def test_there_and_back_regressor(outputs: int) -> None:
    net = rv.Network.mlp(
        4, [6, 5], outputs, rv.activations.leaky_relu(0.3), dropout=0.1, seed=0
    )
    reg = rv.MLPRegressor.from_network(net, learning_rate_init=0.01)
    assert reg.activation == rv.activations.leaky_relu(0.3)
    assert (reg.dropout, reg.hidden_layer_sizes) == (0.1, (6, 5))
    assert reg.network_ == net
    X = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    np.testing.assert_array_equal(reg.predict(X).reshape(30, -1), net(X))
    before = reg.predict(X)
    reg.partial_fit(X, X[:, :outputs] if outputs > 1 else X[:, 0])
    assert np.abs(reg.predict(X) - before).max() > 0


def test_there_and_back_classifier() -> None:
    X, y = three_classes(100)
    net = rv.Network.mlp(5, 6, 3, "tanh", "softmax", dtype="float64", seed=0)
    clf = rv.MLPClassifier.from_network(net, ["a", "b", "c"], max_iter=50)
    assert set(clf.predict(X)) <= {"a", "b", "c"}
    np.testing.assert_array_equal(clf.predict_proba(X), net(X))
    names = np.array(["a", "b", "c"])[y]
    clf.set_params(warm_start=True, learning_rate_init=0.05).fit(X, names)
    assert clf.score(X, names) > 0.9


def test_two_classes_and_labels() -> None:
    two = rv.Network.mlp(2, 3, 1, output_activation="sigmoid", seed=0)
    assert rv.MLPClassifier.from_network(two).predict([[0.0, 1]]).dtype.kind == "i"
    labels = rv.Network.mlp(2, 3, 4, output_activation="sigmoid", seed=0)
    clf = rv.MLPClassifier.from_network(labels)
    assert clf.predict([[0.0, 1]]).shape == (1, 4)


@pytest.mark.parametrize(
    ("output", "classes", "text"),
    [
        ("identity", None, "has identity, but MLPClassifier needs 'softmax' or"),
        ("softmax", ["a"], "does not go with 1 classes"),
        ("softmax", ["b", "a", "c"], "classes must be sorted"),
    ],
)
def test_refused(output: str, classes: Any, text: str) -> None:
    net = rv.Network.mlp(2, 3, 3, output_activation=output)
    with pytest.raises(ValueError, match=text):
        rv.MLPClassifier.from_network(net, classes)


def test_dropout_of_inputs_is_refused() -> None:
    net = rv.Network(2, [rv.Dropout(0.1), rv.Dense(1)])
    with pytest.raises(ValueError, match="drops inputs out"):
        rv.MLPRegressor.from_network(net)


def test_poisson() -> None:
    net = rv.Network.mlp(2, 3, 1, output_activation="exp", seed=0)
    assert rv.MLPRegressor.from_network(net).loss == "poisson"


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_onnx(kind: str, activation: str) -> None:
    skl2onnx = pytest.importorskip("skl2onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    tables = {"two": two_classes, "three": three_classes, "numbers": numbers}
    X, y = tables[kind](80)
    X = X.astype(np.float32)
    cls: Any = rv.MLPRegressor if kind == "numbers" else rv.MLPClassifier
    mlp = cls(activation=activation, max_iter=20, random_state=0).fit(X, y)
    options = None if kind == "numbers" else {"zipmap": False}
    model = skl2onnx.to_onnx(mlp, X[:1], options=options)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    first, *others = session.run(None, {"X": X})
    if kind == "numbers":
        np.testing.assert_allclose(first.ravel(), mlp.predict(X), atol=1e-5)
    else:
        np.testing.assert_array_equal(first, mlp.predict(X))
        np.testing.assert_allclose(others[0], mlp.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("activation", ["gelu", ["relu", "tanh"]])
def test_what_onnx_has_not(activation: Any) -> None:
    skl2onnx = pytest.importorskip("skl2onnx")
    X, y = numbers(40)
    reg = rv.MLPRegressor(hidden_layer_sizes=(3, 3), activation=activation, max_iter=2)
    with pytest.raises(NotImplementedError, match="one of identity, logistic, tanh"):
        skl2onnx.to_onnx(reg.fit(X, y), X[:1].astype(np.float32))
