"""Matrices in panels: engine/product/panel.h."""

import numpy as np
import pytest

import doors
from ranvier._engine import test_kernels


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_round_trip_is_exact(dtype: type, rng: np.random.Generator) -> None:
    shapes = [(n, m) for n in range(1, 21) for m in range(1, 21)]
    shapes += [(1, 257), (257, 1), (50, 129), (129, 50), (64, 64), (3, 1000)]
    for n, m in shapes:
        A = rng.normal(size=(n, m)).astype(dtype)
        np.testing.assert_array_equal(test_kernels.panel_round_trip(A), A)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_round_trip_keeps_every_bit(dtype: type) -> None:
    odd = [0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).smallest_subnormal]
    A = np.array([odd], dtype)
    B = test_kernels.panel_round_trip(A)
    assert A.tobytes() == B.tobytes()


def test_by_hand() -> None:
    A = np.arange(34.0).reshape(2, 17)
    assert test_kernels.panel_round_trip(A)[1, 16] == 33


def test_only_rows_that_lie_one_after_the_other() -> None:
    A = np.arange(24.0).reshape(4, 6)
    for other in (A.T, A[:, ::2], A[0], A.astype(int)):
        with pytest.raises(TypeError):
            test_kernels.panel_round_trip(other)
