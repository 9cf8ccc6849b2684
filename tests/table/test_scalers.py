"""scalers.py: each scaler by hand, at the ends of float64, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from ranvier.table.scalers import (
    LEAST_QUANTILES,
    LIMIT,
    QuantileScaler,
    RobustScaler,
    StandardScaler,
    quantiles,
    smooth_clip,
    undo_smooth_clip,
)

numbers = st.lists(
    st.floats(-1e300, 1e300, allow_nan=False), min_size=1, max_size=30
).map(np.array)


def test_standard_by_hand() -> None:
    # mean (1 + 3 + 8) / 3 = 4; variance (9 + 1 + 16) / 3 = 26/3
    scaler = StandardScaler.fit(np.array([1.0, 3.0, 8.0]))
    assert scaler.mean == 4
    assert scaler.sd == pytest.approx(np.sqrt(26 / 3), rel=1e-15)
    assert scaler.median == 3
    Z = scaler.transform(np.array([4.0, np.nan]))
    assert Z[0] == 0
    assert Z[1] == pytest.approx(-1 / scaler.sd)  # the median


def test_constant_standardises_to_zero() -> None:
    scaler = StandardScaler.fit(np.array([0.1, 0.1, 0.1]))
    assert scaler == StandardScaler(0.1, 0.0, 0.1)
    assert scaler.transform(np.array([0.1, 7.0, np.nan])).tolist() == [0, 0, 0]
    assert scaler.inverse_transform(np.zeros(2)).tolist() == [0.1, 0.1]


@pytest.mark.parametrize("size", [1.7e308, 1e308, 1.0, 1e-300])
def test_ends_of_float64(size: float) -> None:
    x = np.array([-size, size])
    scaler = StandardScaler.fit(x)
    assert (scaler.mean, scaler.sd, scaler.median) == (0, size, 0)
    assert scaler.transform(x).tolist() == [-1, 1]
    assert scaler.inverse_transform(np.array([-1.0, 1.0])).tolist() == x.tolist()


def test_large_mean_costs_no_digits() -> None:
    scaler = StandardScaler.fit(1e15 + np.array([0.0, 1.0, 2.0]))
    assert scaler.mean == 1e15 + 1
    assert scaler.sd == pytest.approx(np.sqrt(2 / 3), rel=1e-12)


def test_stray_values_are_held() -> None:
    scaler = StandardScaler.fit(np.array([0.0, 1e-300]))
    Z = scaler.transform(np.array([1e308, -1e308]))
    assert Z.tolist() == [LIMIT, -LIMIT]
    assert np.isfinite(Z.astype(np.float32)).all()


@given(numbers)
def test_standardised_numbers_have_mean_0_and_sd_1(x: np.ndarray) -> None:
    scaler = StandardScaler.fit(x)
    Z = scaler.transform(x)
    assert np.isfinite([scaler.mean, scaler.sd, scaler.median]).all()
    if scaler.sd > 1e-9 * np.abs(x).max() and scaler.sd > 1e-290:
        assert abs(Z.mean()) < 1e-6
        assert Z.std() == pytest.approx(1, abs=1e-6)


@given(numbers)
def test_inverse_transform_undoes_transform(x: np.ndarray) -> None:
    scaler = StandardScaler.fit(x)
    back = scaler.inverse_transform(scaler.transform(x))
    assert np.abs(back - x).max() <= 1e-12 * max(np.abs(x).max(), 1e-290)


@given(numbers)
def test_description_is_exact(x: np.ndarray) -> None:
    scaler = StandardScaler.fit(x)
    assert StandardScaler.read(scaler.describe(), "x") == scaler


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
        StandardScaler.read(value, "x")


def test_robust_by_hand() -> None:
    scaler = RobustScaler.fit(np.array([0.0, 1.0, 2.0, 3.0, 4.0]))
    assert (scaler.median, scaler.width) == (2.0, 2.0)
    u = np.array([-1.0, 0.0, 1.0])
    expected = u / np.sqrt(1 + (u / 3) ** 2)
    assert np.allclose(scaler.transform(np.array([0.0, 2.0, 4.0])), expected)
    assert scaler.transform(np.array([np.nan])).tolist() == [0]


def test_a_rare_value_is_scaled_by_the_whole_range() -> None:
    assert RobustScaler.fit(np.array([0.0] * 9 + [1.0])).width == 0.5


@pytest.mark.parametrize("mean", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_scaler_of_an_indicator_is_that_of_its_rows(mean: float) -> None:
    x = (np.arange(1000) < 1000 * mean).astype(float)
    fitted = RobustScaler.fit(x)
    if mean != 0.5:
        assert RobustScaler.of_indicator(mean).median == fitted.median
    assert RobustScaler.of_indicator(mean).width == fitted.width


@given(arrays(np.float64, 20, elements=st.floats(-1e3, 1e3, width=32), unique=True))
def test_robust_back_and_within_limits(x: np.ndarray) -> None:
    scaler = RobustScaler.fit(x)
    scaled = scaler.transform(x)
    assert (np.abs(scaled) <= 3).all()
    near = np.abs(scaled) < 2.9
    back = scaler.inverse_transform(scaled)
    assert np.allclose(back[near], x[near], rtol=1e-6, atol=1e-6)


def test_robust_description() -> None:
    scaler = RobustScaler.fit(np.arange(9.0))
    assert RobustScaler.read(scaler.describe(), "x") == scaler
    with pytest.raises(ValueError, match="width"):
        RobustScaler.read({**scaler.describe(), "width": 0.0}, "x")


@given(st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_weights_of_quantiles_are_repetitions(weights: list[int]) -> None:
    x, levels = np.arange(6.0) ** 2, np.linspace(0, 1, 9)
    repeated = quantiles(np.repeat(x, weights), levels, None)
    assert (quantiles(x, levels, np.array(weights, float)) == repeated).all()


def test_quantile_by_hand() -> None:
    scaler = QuantileScaler((0.0, 1.0, 1.0, 2.0, 10.0))
    # Fractions 0, 1/4 to 1/2 (amid the two), 3/4, and halfway from 3/4 to 1.
    found = scaler.transform(np.array([1.0, 2.0, 6.0, np.nan]))
    np.testing.assert_allclose(found, [*norm.ppf([0.375, 0.75, 0.875]), 0])
    ends = scaler.transform(np.array([-5.0, 0.0, 10.0, 99.0]))
    np.testing.assert_allclose(ends, norm.ppf([1e-7, 1e-7, 1 - 1e-7, 1 - 1e-7]))


@pytest.mark.parametrize("rows", [200, 3000])
def test_as_scikit_learn_scales(rows: int) -> None:
    rng = np.random.default_rng(0)
    x = np.exp(3 * rng.normal(size=rows))
    x[::7] = 2.0
    scaler = QuantileScaler.fit(x)
    count = max(LEAST_QUANTILES, rows // 30)
    assert len(scaler.quantiles) == count
    theirs = QuantileTransformer(
        n_quantiles=count, output_distribution="normal", subsample=None
    )
    expected = theirs.fit(np.array(scaler.quantiles)[:, None]).transform(x[:, None])
    np.testing.assert_allclose(scaler.transform(x), expected[:, 0], atol=1e-6)


def test_heavy_tails_become_normal() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy(5000)
    scaled = QuantileScaler.fit(x).transform(x)
    assert abs(scaled.mean()) < 0.05
    assert scaled.std() == pytest.approx(1, abs=0.05)
    assert np.abs(scaled).max() < 5.2


@given(arrays(np.float64, 40, elements=st.floats(-1e3, 1e3, width=32), unique=True))
def test_back_within_the_range(x: np.ndarray) -> None:
    scaler = QuantileScaler.fit(x)
    inside = (x > scaler.quantiles[0]) & (x < scaler.quantiles[-1])
    back = scaler.inverse_transform(scaler.transform(x))
    reach = np.ptp(x)
    np.testing.assert_allclose(back[inside], x[inside], atol=1e-3 * reach + 1e-2)


def test_the_largest_numbers() -> None:
    x = np.array([-1.7e308, 1.7e308] * 20)
    scaled = QuantileScaler.fit(x).transform(x)
    assert np.isfinite(scaled).all()
    assert (np.sign(scaled) == np.sign(x)).all()


def test_weights_count() -> None:
    x = np.arange(100.0)
    heavy = np.where(x < 50, 9.0, 1.0)
    assert QuantileScaler.fit(x, heavy).transform(np.array([50.0])) > 1
    assert abs(QuantileScaler.fit(x).transform(np.array([50.0]))) < 0.1


def test_quantile_description() -> None:
    scaler = QuantileScaler.fit(np.arange(100.0) ** 3)
    assert QuantileScaler.read(scaler.describe(), "x") == scaler
    for values in ([], [1.0], [2.0, 1.0], [0.0, float("nan")], "no"):
        with pytest.raises(ValueError, match="the description of x is damaged"):
            QuantileScaler.read({"quantiles": values}, "x")


def test_smooth_clip_leaves_small_values_and_bounds_large_ones() -> None:
    X = np.float32([[-1e6, -2.0, -0.01, 0.0, 0.01, 2.0, 1e6]])
    S = smooth_clip(X)
    assert S.dtype == np.float32
    assert np.array_equal(S, -S[:, ::-1])
    assert (np.diff(S) > 0).all()
    assert np.abs(S).max() <= 3
    np.testing.assert_allclose(S[0, 3:5], X[0, 3:5], rtol=1e-4)
    # By hand: 2 / sqrt(1 + 4/9) = 6 / sqrt(13).
    assert S[0, 5] == pytest.approx(6 / 13**0.5)
    np.testing.assert_allclose(undo_smooth_clip(S)[0, 1:-1], X[0, 1:-1], rtol=1e-4)
