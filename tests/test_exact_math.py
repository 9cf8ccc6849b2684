"""The same bits for a row alone and among others, and values near NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.exact_math import elementary, mean_in_order, sum_in_order
from ranvier.training.calibration import at_temperature


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p"])
def test_functions_are_numpy_s_within_two_units(name: str) -> None:
    x = np.random.default_rng(0).uniform(1e-3, 30, (40, 5, 2))
    np.testing.assert_allclose(elementary(name, x), getattr(np, name)(x), rtol=5e-16)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 99))
def test_a_row_alone_has_the_bits_it_has_among_others(
    members: int, width: int, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=(members, 7, width))
    together = mean_in_order(values)
    for row in range(7):
        alone = mean_in_order(np.ascontiguousarray(values[:, row : row + 1]))
        assert alone.tobytes() == together[row : row + 1].tobytes()


def test_the_order_is_from_first_to_last() -> None:
    values = np.array([1e16, 1.0, -1e16, 1.0])
    assert sum_in_order(values, 0) == 1.0  # the first 1 is lost, the last is not


@given(st.integers(2, 30), st.integers(0, 99), st.floats(0.2, 5))
def test_calibrated_probabilities_of_a_row_alone(
    classes: int, seed: int, temperature: float
) -> None:
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.ones(classes), size=(8, 5)).astype(np.float32)
    together = at_temperature(P, temperature)
    np.testing.assert_allclose(together.sum(axis=-1), 1, rtol=1e-14)
    for row in range(5):
        alone = at_temperature(np.ascontiguousarray(P[:, row : row + 1]), temperature)
        assert alone.tobytes() == together[:, row : row + 1].tobytes()
