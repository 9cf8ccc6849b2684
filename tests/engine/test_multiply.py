"""The matrix product: engine/product/multiply.h."""

from itertools import product

import numpy as np
import pytest

import doors
from ranvier import _engine

LARGE = [(37, 64, 41), (101, 7, 203), (1, 513, 1), (6, 1000, 16), (255, 129, 33)]
LARGE += [(13, 1, 97), (64, 64, 64), (2, 3, 1030)]


def check(A: np.ndarray, B: np.ndarray) -> None:
    """Hold every element to the bound of a sum in any order: (k + 1) eps |A| |B|."""
    C = _engine.multiply(A, B)
    assert C.dtype == A.dtype
    eps = np.finfo(A.dtype).eps  # twice the error of a rounding: NumPy rounds too
    A, B = A.astype(float), B.astype(float)
    assert np.all(abs(C - A @ B) <= (A.shape[1] + 1) * eps * (abs(A) @ abs(B)))


def test_by_hand() -> None:
    # 1 7 + 2 9 + 3 11 = 58, ...
    A = np.array([[1, 2, 3], [4, 5, 6.0]])
    B = np.array([[7, 8], [9, 10], [11, 12.0]])
    for dtype in doors.DTYPES:
        C = _engine.multiply(A.astype(dtype), B.astype(dtype))
        np.testing.assert_array_equal(C, [[58, 64], [139, 154]])


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_small_shapes(dtype: type, rng: np.random.Generator) -> None:
    A, B = rng.normal(size=(20, 20)).astype(dtype), rng.normal(size=(20, 20))
    B = B.astype(dtype)
    for n, k, m in product(range(1, 21), repeat=3):
        check(np.ascontiguousarray(A[:n, :k]), np.ascontiguousarray(B[:k, :m]))


@pytest.mark.parametrize("shape", LARGE)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_large_shapes(shape, dtype: type, rng: np.random.Generator) -> None:
    n, k, m = shape
    check(rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype))


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_elements_do_not_depend_on_the_shape(dtype, rng: np.random.Generator) -> None:
    A = rng.normal(size=(50, 33)).astype(dtype)
    B = rng.normal(size=(33, 70)).astype(dtype)
    C = _engine.multiply(A, B)
    for n, m in product([1, 3, 6, 7, 12, 13, 49], [1, 8, 15, 16, 17, 69]):
        part = _engine.multiply(A[-n:].copy(), np.ascontiguousarray(B[:, :m]))
        np.testing.assert_array_equal(part, C[-n:, :m])


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_nothing_leaks_from_the_padding(dtype: type) -> None:
    # A row or column of not-a-numbers touches its own results only.
    A, B = np.ones((7, 5), dtype), np.ones((5, 9), dtype)
    A[3, 2], B[1, 4] = np.nan, np.inf
    C = _engine.multiply(A, B)
    clean = np.ones((7, 9), bool)
    clean[3], clean[:, 4] = False, False
    assert np.all(C[clean] == 5)
    assert np.all(np.isnan(C[3]))
    assert np.all(np.delete(C[:, 4], 3) == np.inf)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="rows of B must be 3 long, but it is 4 long"):
        _engine.multiply(np.ones((2, 3)), np.ones((4, 2)))
    with pytest.raises(TypeError):
        _engine.multiply(np.ones((2, 3)), np.ones((3, 2), np.float32))
    with pytest.raises(TypeError):
        _engine.multiply(np.ones((2, 3)), np.ones(3))
