"""Numbers by their quantiles, as TabM has them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from ranvier.tabular.encoding import read_scale
from ranvier.tabular.normal import LEAST_QUANTILES, NormalScores


def test_by_hand() -> None:
    scale = NormalScores((0.0, 1.0, 1.0, 2.0, 10.0))
    # Shares 0, 1/4 to 1/2 (amid the two), 3/4, and halfway from 3/4 to 1.
    found = scale.scale(np.array([1.0, 2.0, 6.0, np.nan]))
    np.testing.assert_allclose(found, [*norm.ppf([0.375, 0.75, 0.875]), 0])
    ends = scale.scale(np.array([-5.0, 0.0, 10.0, 99.0]))
    np.testing.assert_allclose(ends, norm.ppf([1e-7, 1e-7, 1 - 1e-7, 1 - 1e-7]))


@pytest.mark.parametrize("rows", [200, 3000])
def test_as_scikit_learn_scales(rows: int) -> None:
    rng = np.random.default_rng(0)
    x = np.exp(3 * rng.normal(size=rows))
    x[::7] = 2.0
    scale = NormalScores.fit(x, None)
    count = max(LEAST_QUANTILES, rows // 30)
    assert len(scale.knots) == count
    theirs = QuantileTransformer(
        n_quantiles=count, output_distribution="normal", subsample=None
    )
    expected = theirs.fit(np.array(scale.knots)[:, None]).transform(x[:, None])
    np.testing.assert_allclose(scale.scale(x), expected[:, 0], atol=1e-6)


def test_heavy_tails_become_normal() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_cauchy(5000)
    scaled = NormalScores.fit(x, None).scale(x)
    assert abs(scaled.mean()) < 0.05
    assert scaled.std() == pytest.approx(1, abs=0.05)
    assert np.abs(scaled).max() < 5.2


@given(arrays(np.float64, 40, elements=st.floats(-1e3, 1e3, width=32), unique=True))
def test_back_within_the_range(x: np.ndarray) -> None:
    scale = NormalScores.fit(x, None)
    inside = (x > scale.knots[0]) & (x < scale.knots[-1])
    back = scale.restore(scale.scale(x))
    reach = np.ptp(x)
    np.testing.assert_allclose(back[inside], x[inside], atol=1e-3 * reach + 1e-2)


def test_the_largest_numbers() -> None:
    x = np.array([-1.7e308, 1.7e308] * 20)
    scaled = NormalScores.fit(x, None).scale(x)
    assert np.isfinite(scaled).all()
    assert (np.sign(scaled) == np.sign(x)).all()


def test_weights_count() -> None:
    x = np.arange(100.0)
    heavy = np.where(x < 50, 9.0, 1.0)
    assert NormalScores.fit(x, heavy).scale(np.array([50.0])) > 1
    assert abs(NormalScores.fit(x, None).scale(np.array([50.0]))) < 0.1


def test_no_places() -> None:
    scale = NormalScores((0.0, 1.0))
    assert (scale.edges, scale.bins, scale.bin_names()) == ((), 0, [])
    assert scale.places(np.zeros(3)).shape == (3, 0)


def test_written_and_read() -> None:
    scale = NormalScores.fit(np.arange(100.0) ** 3, None)
    assert read_scale(scale.describe(), "x") == scale
    for knots in ([], [1.0], [2.0, 1.0], [0.0, float("nan")], "no"):
        with pytest.raises(ValueError, match="the description of x is damaged"):
            read_scale({"knots": knots}, "x")
