"""Small tables for the tests of the estimators."""

import numpy as np

Array = np.ndarray


def two_classes(n: int = 200, d: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Return rows whose class is whether two columns have the same sign."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, np.where(X[:, 0] * X[:, 1] > 0, "same", "other")


def three_classes(n: int = 200, d: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Return rows of the class whose column is the largest of three."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, X[:, :3].argmax(axis=1)


def numbers(n: int = 200, d: int = 5, seed: int = 0) -> tuple[Array, Array]:
    """Return rows with a smooth target and a little noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, np.sin(X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.normal(size=n)
