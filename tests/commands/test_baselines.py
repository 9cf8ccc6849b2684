"""The baselines: what they predict, and that an absent class does not stop them."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from ranvier.commands import baselines


def test_the_guess_is_the_share_of_each_class() -> None:
    P = baselines.guess_class(np.array([1, 1, 0, 1]), 3, 2)
    assert np.array_equal(P, [[0.25, 0.75, 0.0]] * 2)


def test_the_guess_is_the_mean() -> None:
    assert np.array_equal(baselines.guess_number(np.array([1.0, 2.0, 6.0]), 1), [3.0])


def test_the_linear_model_of_classes_is_logistic_regression() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)).astype(np.float32)
    labels = (X @ [1, -2, 0, 1] + rng.normal(size=300) > 0).astype(np.int32)
    P = baselines.linear_class(X, labels, 2, X)
    expected = LogisticRegression().fit(X.astype(float), labels).predict_proba(X)
    np.testing.assert_allclose(P, expected, atol=1e-5)


def test_a_class_without_a_row_gets_probability_zero() -> None:
    X = np.arange(6, dtype=np.float32).reshape(-1, 1)
    P = baselines.linear_class(X, np.array([0, 0, 0, 2, 2, 2]), 3, X)
    assert P.shape == (6, 3)
    assert not P[:, 1].any()
    np.testing.assert_allclose(P.sum(axis=1), 1)


def test_the_linear_model_of_numbers_finds_a_line_and_bears_repeated_columns() -> None:
    x = np.linspace(-1, 1, 500)
    X = np.column_stack([x, x]).astype(np.float32)
    prediction = baselines.linear_number(X, 3 * x + 10, X)
    np.testing.assert_allclose(prediction, 3 * x + 10, atol=0.02)
