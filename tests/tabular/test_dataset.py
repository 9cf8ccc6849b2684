import numpy as np

from ranvier.tabular.dataset import deduplicate, in_parts


def test_equal_rows_are_one_with_their_weight() -> None:
    X = np.array([[2.0], [1.0], [2.0], [2.0]], np.float32)
    y = np.array([0, 1, 0, 1], np.int32)
    unique = deduplicate(X, y, None)
    assert len(unique.rows) == 3
    assert sorted(unique.weights.tolist()) == [1, 1, 2]
    assert (X[unique.rows][unique.place] == X).all()
    assert (y[unique.rows][unique.place] == y).all()
    assert deduplicate(X[:2], y[:2], None).weights is None


def test_the_order_of_the_rows_does_not_count() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)).astype(np.float32), rng.integers(0, 2, 50)
    order = rng.permutation(50)
    one, other = deduplicate(X, y, None), deduplicate(X[order], y[order], None)
    assert (X[one.rows] == X[order][other.rows]).all()


def test_heavy_rows_in_equal_parts() -> None:
    rows, weights = in_parts(np.array([4, 7, 9]), np.array([0.4, 3.0, 20.0]), 5)
    assert rows.tolist() == [4, 7, 7, 7, *[9] * 5]
    assert weights is not None
    assert weights.tolist() == [0.4, 1, 1, 1, *[4] * 5]
    assert in_parts(np.arange(3), None, 5)[1] is None
