import numpy as np
import pytest
import scipy.sparse as sp

from ranvier.estimators import engine_rows as module
from ranvier.estimators.engine_rows import Rows, dense, is_sparse, parts, ready


def test_take_sums_and_weights() -> None:
    X, Y = np.arange(10.0).reshape(5, 2), np.arange(5, dtype=np.int32)
    w = np.array([1.0, 2, 3, 4, 5])
    rows = Rows(X, Y, w, w**2)
    some = rows.take(np.array([3, 0]))
    np.testing.assert_array_equal(some.X, [[6, 7], [0, 1]])
    np.testing.assert_array_equal(some.weights, [4, 1])
    assert len(some) == 2
    assert some.weight() == 5
    assert some.mean_constant() == (4 * 16 + 1) / 5
    np.testing.assert_array_equal(rows.sums(np.array([4, 3, 0]), 2), [9, 1])
    plain = Rows(X, Y)
    np.testing.assert_array_equal(plain.sums(np.arange(5), 2), [2, 2, 1])
    assert (plain.weight(), plain.mean_constant()) == (5, 0)


@pytest.mark.parametrize("kind", [np.array, sp.csr_matrix])
def test_astype(kind: type) -> None:
    X = kind(np.eye(2, dtype=np.float32))
    of_classes = Rows(X, np.arange(2, dtype=np.int32))
    wide = of_classes.astype(np.float64)
    assert (wide.X.dtype, wide.Y.dtype, wide.weights) == (np.float64, np.int32, None)
    assert of_classes.astype(np.float32).X is X or is_sparse(X)
    weights, constants = np.ones(2, np.float32), np.ones(2)
    wide = Rows(X, np.eye(2, dtype=np.float32), weights, constants).astype(np.float64)
    assert wide.weights is not None
    assert wide.weights.dtype == wide.Y.dtype == np.float64
    assert wide.constants is constants


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.csc_matrix, sp.csr_array])
def test_ready_of_sparse(kind: type) -> None:
    X = np.array([[0, 1.5], [2, 0]])
    csr = ready(kind(X), np.float32)
    assert is_sparse(csr)
    assert (csr.format, csr.dtype) == ("csr", np.float32)
    np.testing.assert_array_equal(dense(csr), X)


def test_ready_of_dense() -> None:
    X = np.ones((3, 2))
    assert ready(X, np.float64) is X
    assert ready(np.asfortranarray(X), np.float64).flags.c_contiguous
    assert not is_sparse(X)


def test_parts_hold_all_rows_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_BYTES", 100)
    X = np.zeros((7, 4))
    found = list(parts(X))  # 3 rows of 32 bytes each
    assert found == [slice(0, 3), slice(3, 6), slice(6, 7)]
