"""Checks of predictions."""

import numpy as np
from tests.doctor.rows_and_networks import names, rows, trained

import ranvier as rv


def test_no_line_separates_xor() -> None:
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]] * 20)
    y = np.array([0, 1, 1, 0] * 20)
    net = rv.Network.mlp(2, (), 1, output_activation="sigmoid", seed=0)
    rv.train(net, X, y, progress=False)
    found = rv.diagnose(net, X, y)
    assert names(found)[0] == "not_separable"
    assert found[0].confidence == "certain"
    assert found[0].evidence["proved"]


def test_a_single_layer_is_enough_for_a_plane() -> None:
    X, _ = rows()
    y = (X[:, 0] > 0.5 * X[:, 1]).astype(int)
    net = rv.Network.mlp(5, (), 1, output_activation="sigmoid", seed=0)
    rv.train(net, X, y, optimizer=rv.Adam(lr=0.1), progress=False)
    assert names(rv.diagnose(net, X, y)) == []


def test_a_class_that_is_never_predicted() -> None:
    X, y = rows()
    net = rv.Network.mlp(5, 16, 2, output_activation="softmax", seed=0)
    weights = np.where(y == 1, 0.01, 1.0)
    rv.train(net, X, y, sample_weight=weights, epochs=5, progress=False)
    found = {f.name: f for f in rv.diagnose(net, X, y)}
    never = found.get("class_never_predicted") or found["not_learning"]
    assert never.name == "not_learning" or never.evidence["classes"] == [1]


def test_wrong_labels() -> None:
    X, _ = rows(1000, 2)
    y = (X[:, 0] > X[:, 1]).astype(int)
    wrong = np.random.default_rng(0).random(1000) < 0.2
    net, _ = trained(X, np.where(wrong, 1 - y, y))
    found = {f.name: f for f in rv.diagnose(net, X, np.where(wrong, 1 - y, y))}
    rows_found = found["label_noise"].evidence["rows"]
    assert np.mean(wrong[rows_found]) > 0.9
    clean, _ = trained(X, y)
    assert "label_noise" not in names(rv.diagnose(clean, X, y))


def test_codes_the_other_way_round_in_validation() -> None:
    X, y = rows()
    net, _ = trained(X, y)
    A, b = rows(200, seed=1)
    assert names(rv.diagnose(net, X, y, validation=(A, b))) == []
    assert "inverted_labels" in names(rv.diagnose(net, X, y, validation=(A, 1 - b)))


def test_too_sure() -> None:
    X, y = rows(600)
    noisy = np.where(np.random.default_rng(0).random(600) < 0.25, 1 - y, y)
    net = rv.Network.mlp(5, 256, 1, output_activation="sigmoid", seed=0)
    adam = rv.Adam(lr=0.01)
    rv.train(net, X[:300], noisy[:300], optimizer=adam, epochs=200, progress=False)
    held_out = X[300:], noisy[300:]
    found = rv.diagnose(net, X[:300], noisy[:300], validation=held_out)
    assert "overconfident" in names(found)
