from typing import Any

import numpy as np
import pytest

from ranvier.table.given_weights import checked_weights

X = np.zeros((3, 1))


@pytest.mark.parametrize("weights", [[1, 0, 2], np.array([1, 0, 2]), (1.0, 0.0, 2.0)])
def test_weights(weights: Any) -> None:
    np.testing.assert_array_equal(checked_weights("w", weights, X), [1.0, 0.0, 2.0])


def test_one_for_all() -> None:
    np.testing.assert_array_equal(checked_weights("w", 2, X), [2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -1, 1], "w must be at least 0, but row 1 has -1"),
        ([0, 0, 0], "w cannot be used: .*non-zero|w adds up to 0"),
        ([1, 1], "w cannot be used: .*shape"),
        ([1, np.nan, 1], "w cannot be used: .*NaN"),
        (np.inf, "w adds up to inf"),
        ([1e308, 1e308, 1e308], "w adds up to inf"),
        (5e-324, "w adds up to"),
        (["a", "b", "c"], "w must hold numbers"),
        ([1j, 1, 1], "w must hold numbers"),
        ([[1], [2, 3]], "w cannot be used"),
        ([None, 1, 1], "w cannot be used"),
    ],
)
def test_what_is_no_weight(weights: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        checked_weights("w", weights, X)
