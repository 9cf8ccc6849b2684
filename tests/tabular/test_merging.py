import numpy as np

from ranvier.tabular.merging import merge


def test_equal_rows_are_one_with_their_weight() -> None:
    X = np.array([[2.0], [1.0], [2.0], [2.0]], np.float32)
    y = np.array([0, 1, 0, 1], np.int32)
    merged = merge(X, y, None)
    assert len(merged.rows) == 3
    assert sorted(merged.weights.tolist()) == [1, 1, 2]
    assert (X[merged.rows][merged.place] == X).all()
    assert (y[merged.rows][merged.place] == y).all()
    assert merge(X[:2], y[:2], None).weights is None


def test_the_order_of_the_rows_does_not_count() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)).astype(np.float32), rng.integers(0, 2, 50)
    order = rng.permutation(50)
    one, other = merge(X, y, None), merge(X[order], y[order], None)
    assert (X[one.rows] == X[order][other.rows]).all()
