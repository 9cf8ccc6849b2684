"""scale.py: standardising by hand, at the ends of float64, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.scale import LIMIT, Scale

numbers = st.lists(
    st.floats(-1e300, 1e300, allow_nan=False), min_size=1, max_size=30
).map(np.array)


def test_by_hand() -> None:
    # mean (1 + 3 + 8) / 3 = 4; variance (9 + 1 + 16) / 3 = 26/3
    scale = Scale.fit(np.array([1.0, 3.0, 8.0]))
    assert scale.mean == 4
    assert scale.sd == pytest.approx(np.sqrt(26 / 3), rel=1e-15)
    assert scale.median == 3
    Z = scale.standardise(np.array([4.0, np.nan]))
    assert Z[0] == 0
    assert Z[1] == pytest.approx(-1 / scale.sd)  # the median


def test_constant_standardises_to_zero() -> None:
    scale = Scale.fit(np.array([0.1, 0.1, 0.1]))
    assert scale == Scale(0.1, 0.0, 0.1)
    assert scale.standardise(np.array([0.1, 7.0, np.nan])).tolist() == [0, 0, 0]
    assert scale.restore(np.zeros(2)).tolist() == [0.1, 0.1]


@pytest.mark.parametrize("size", [1.7e308, 1e308, 1.0, 1e-300])
def test_ends_of_float64(size: float) -> None:
    x = np.array([-size, size])
    scale = Scale.fit(x)
    assert (scale.mean, scale.sd, scale.median) == (0, size, 0)
    assert scale.standardise(x).tolist() == [-1, 1]
    assert scale.restore(np.array([-1.0, 1.0])).tolist() == x.tolist()


def test_large_mean_costs_no_digits() -> None:
    scale = Scale.fit(1e15 + np.array([0.0, 1.0, 2.0]))
    assert scale.mean == 1e15 + 1
    assert scale.sd == pytest.approx(np.sqrt(2 / 3), rel=1e-12)


def test_stray_values_are_held() -> None:
    scale = Scale.fit(np.array([0.0, 1e-300]))
    Z = scale.standardise(np.array([1e308, -1e308]))
    assert Z.tolist() == [LIMIT, -LIMIT]
    assert np.isfinite(Z.astype(np.float32)).all()


@given(numbers)
def test_standardised_numbers_have_mean_0_and_sd_1(x: np.ndarray) -> None:
    scale = Scale.fit(x)
    Z = scale.standardise(x)
    assert np.isfinite([scale.mean, scale.sd, scale.median]).all()
    if scale.sd > 1e-9 * np.abs(x).max() and scale.sd > 1e-290:
        assert abs(Z.mean()) < 1e-6
        assert Z.std() == pytest.approx(1, abs=1e-6)


@given(numbers)
def test_restore_undoes_standardise(x: np.ndarray) -> None:
    scale = Scale.fit(x)
    back = scale.restore(scale.standardise(x))
    assert np.abs(back - x).max() <= 1e-12 * max(np.abs(x).max(), 1e-290)


@given(numbers)
def test_description_is_exact(x: np.ndarray) -> None:
    scale = Scale.fit(x)
    assert Scale.read(scale.describe(), "x") == scale


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"mean": 0.0, "sd": -1.0, "median": 0.0},
        {"mean": float("nan"), "sd": 1.0, "median": 0.0},
        {"mean": 0.0, "sd": 1.0, "median": 10**400},
        {"mean": 0.0, "sd": True, "median": 0.0},
        {"mean": 0.0, "sd": 1.0, "median": 0.0, "more": 1},
    ],
)
def test_damaged_description(value: object) -> None:
    with pytest.raises(ValueError, match="the description of x is damaged"):
        Scale.read(value, "x")
