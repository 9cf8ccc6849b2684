import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranvier.tabular.spread import Spread, quantiles


def test_by_hand() -> None:
    spread = Spread.fit(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), None, 2)
    assert (spread.median, spread.width) == (2.0, 2.0)
    u = np.array([-1.0, 0.0, 1.0])
    expected = u / np.sqrt(1 + (u / 3) ** 2)
    assert np.allclose(spread.scale(np.array([0.0, 2.0, 4.0])), expected)
    assert spread.bins == 2
    assert np.allclose(spread.places(np.array([0.0])), [[1, 0]])


def test_a_rare_value_is_scaled_by_the_whole_range() -> None:
    assert Spread.fit(np.array([0.0] * 9 + [1.0]), None, 4).width == 0.5


@given(arrays(np.float64, 20, elements=st.floats(-1e3, 1e3, width=32), unique=True))
def test_back_and_within_limits(x: np.ndarray) -> None:
    spread = Spread.fit(x, None, 8)
    scaled = spread.scale(x)
    assert (np.abs(scaled) <= 3).all()
    near = np.abs(scaled) < 2.9
    assert np.allclose(spread.restore(scaled)[near], x[near], rtol=1e-6, atol=1e-6)
    assert (spread.places(scaled) >= 0).all()
    assert (spread.places(scaled) <= 1).all()


@given(st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_weights_are_repetitions(weights: list[int]) -> None:
    x, levels = np.arange(6.0) ** 2, np.linspace(0, 1, 9)
    repeated = quantiles(np.repeat(x, weights), levels, None)
    assert (quantiles(x, levels, np.array(weights, float)) == repeated).all()


@given(
    st.lists(st.integers(1, 30), min_size=6, max_size=6),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
)
def test_weights_are_repetitions_in_all(weights: list[int], places: list[int]) -> None:
    x = np.array(places, float)
    if len(set(places)) > 1:
        repeated = Spread.fit(np.repeat(x, weights), None, 4)
        assert Spread.fit(x, np.array(weights, float), 4) == repeated


def test_a_column_that_is_mostly_0_has_bins_for_the_rest() -> None:
    """By hand: 0 fills a bin alone, and the other three are for the values 1 to 30."""
    x = np.concatenate([np.zeros(270), np.arange(1.0, 31.0)])
    spread = Spread.fit(x, None, 4)
    assert spread.restore(np.array(spread.edges)).round(4).tolist() == [
        0,
        1,
        10,
        20,
        30,
    ]
    even = Spread.fit(np.arange(1.0, 301.0), None, 4)
    edges = even.restore(np.array(even.edges)).round(4)
    assert edges.tolist() == [1, 75, 150, 225, 300]


def test_description() -> None:
    spread = Spread.fit(np.arange(9.0), None, 4)
    assert Spread.read(spread.describe(), "x") == spread
    with pytest.raises(ValueError, match="width"):
        Spread.read({**spread.describe(), "width": 0.0}, "x")


def test_bins_are_named_in_the_units_of_the_column() -> None:
    spread = Spread.fit(np.arange(5.0) * 1000, None, 2)
    assert spread.bin_names() == ["bin 1, 0 to 2000", "bin 2, 2000 to 4000"]
    assert spread.bin_names(lambda edge: f"{edge / 1000:.0f}k")[0] == "bin 1, 0k to 2k"
    assert Spread.fit(np.arange(2.0), None, 2).bin_names() == []
