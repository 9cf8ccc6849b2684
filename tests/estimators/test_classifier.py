from typing import Any

import numpy as np
import pytest

import ranvier as rv
from tables import two_classes

SMALL: dict[str, Any] = {"random_state": 0, "max_iter": 20, "learning_rate_init": 0.02}


def unbalanced() -> tuple[Any, Any]:
    X, y = two_classes(400)
    keep = (y == "other") | (np.arange(400) % 8 == 0)
    return X[keep], y[keep]


def test_class_weight_is_sample_weight() -> None:
    X, y = unbalanced()
    w = np.random.default_rng(0).uniform(0.5, 2, len(y))
    of_classes = np.where(y == "same", 5.0, 0.5)
    weights = {"same": 5.0, "other": 0.5}
    by_class = rv.MLPClassifier(class_weight=weights, **SMALL)
    by_row = rv.MLPClassifier(**SMALL)
    for given in (None, w):
        by_class.fit(X, y, sample_weight=given)
        by_row.fit(X, y, of_classes if given is None else given * of_classes)
        np.testing.assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])


def test_balanced_finds_the_rare_class() -> None:
    X, y = unbalanced()
    rare = y == "same"
    found = {}
    for weight in (None, "balanced"):
        clf = rv.MLPClassifier(class_weight=weight, **SMALL).fit(X, y)
        found[weight] = (clf.predict(X)[rare] == "same").mean()
    assert found["balanced"] > found[None] + 0.1
    with pytest.raises(ValueError, match="'balanced' needs all rows at once"):
        clf.partial_fit(X, y)


def test_class_weight_of_several_labels() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    clf = rv.MLPClassifier(class_weight="balanced", **SMALL)
    assert clf.fit(X, (X > 0).astype(int)).predict(X).shape == (80, 3)


def test_label_smoothing_makes_modest() -> None:
    X, y = two_classes(200)
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    for target in (y, three, (X[:, :3] > 0).astype(int)):
        sure, modest = (
            rv.MLPClassifier(label_smoothing=s, solver="lbfgs", random_state=0)
            .fit(X, target)
            .predict_proba(X)
            for s in (0.0, 0.2)
        )
        assert sure.max() > 0.999
        assert modest.max() < 0.98


@pytest.mark.parametrize(
    "activation", ["gelu", "selu", rv.activations.elu(0.5), ["silu", "mish"]]
)
@pytest.mark.parametrize("schedule", ["warmup_cosine", "constant"])
def test_what_scikit_learn_has_not_learns(activation: Any, schedule: str) -> None:
    X, y = two_classes(300)
    clf = rv.MLPClassifier(
        (20, 20), activation, solver="adamw", learning_rate=schedule,
        learning_rate_init=0.01, max_iter=60, random_state=0,
    )  # fmt: skip
    assert clf.fit(X, y).score(X, y) > 0.9


def test_predict_of_one_class_and_of_labels() -> None:
    X = np.eye(3)
    clf = rv.MLPClassifier(**SMALL).fit(X, ["a", "a", "a"])
    np.testing.assert_array_equal(clf.predict(X), ["a", "a", "a"])
    clf.fit(X, np.eye(3, dtype=int))
    assert clf.predict(X).shape == (3, 3)


def test_partial_fit_on_a_stream_of_labels() -> None:
    X, y = two_classes(400)
    stream = rv.MLPClassifier(learning_rate_init=0.02, random_state=0)
    for epoch in range(30):
        for first in range(0, 400, 50):
            rows = slice(first, first + 50)
            known = {"classes": ["other", "same"]} if epoch == first == 0 else {}
            stream.partial_fit(X[rows], y[rows], **known)
    assert stream.score(X, y) > 0.9
