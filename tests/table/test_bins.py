"""bins.py: edges by hand, the encoding, weights as repetitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranvier.table.bins import Bins
from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import RobustScaler


def fit(
    x: np.ndarray, count: int, weights: np.ndarray | None = None
) -> tuple[Bins, RobustScaler]:
    scaler = RobustScaler.fit(x, weights)
    return Bins.fit(x, weights, count, scaler), scaler


def edges(x: np.ndarray, count: int) -> list[float]:
    bins, scaler = fit(x, count)
    return scaler.inverse_transform(np.array(bins.edges)).round(4).tolist()


def test_by_hand() -> None:
    bins, scaler = fit(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), 2)
    assert len(bins) == 2
    scaled = scaler.transform(np.array([0.0, 2.0, 4.0]))
    assert np.allclose(bins.transform(scaled), [[0, 0], [1, 0], [1, 1]])
    middle = np.array([(bins.edges[0] + bins.edges[1]) / 2])
    assert np.allclose(bins.transform(middle), [[0.5, 0]])


@given(arrays(np.float64, 20, elements=st.floats(-1e3, 1e3, width=32), unique=True))
def test_within_0_and_1(x: np.ndarray) -> None:
    bins, scaler = fit(x, 8)
    encoded = bins.transform(scaler.transform(x))
    assert (encoded >= 0).all()
    assert (encoded <= 1).all()


@given(
    st.lists(st.integers(1, 30), min_size=6, max_size=6),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
)
def test_weights_are_repetitions(weights: list[int], values: list[int]) -> None:
    x = np.array(values, float)
    if len(set(values)) > 1:
        weighted = fit(x, 4, np.array(weights, float))
        assert weighted == fit(np.repeat(x, weights), 4)


def test_a_column_that_is_mostly_0_has_bins_for_the_rest() -> None:
    """By hand: 0 fills a bin alone, and the other three are for the values 1 to 30."""
    assert edges(np.concatenate([np.zeros(270), np.arange(1.0, 31.0)]), 4) == [
        0, 1, 10, 20, 30,
    ]  # fmt: skip
    assert edges(np.arange(1.0, 301.0), 4) == [1, 75, 150, 225, 300]


def test_bins_are_named_in_the_units_of_the_column() -> None:
    bins, scaler = fit(np.arange(5.0) * 1000, 2)
    assert bins.names(scaler) == ["bin 1, 0 to 2000", "bin 2, 2000 to 4000"]
    thousands = bins.names(scaler, lambda edge: f"{edge / 1000:.0f}k")
    assert thousands[0] == "bin 1, 0k to 2k"


@pytest.mark.parametrize("bins", [Bins(), fit(np.arange(2.0), 2)[0]])
def test_two_edges_make_no_bins(bins: Bins) -> None:
    assert len(bins) == 0
    assert bins.names(RobustScaler(0.0, 1.0)) == []
    assert bins.transform(np.zeros(3)).shape == (3, 0)


def test_edges_that_are_not_in_order_are_refused() -> None:
    fields = JsonFields({}, "the bins", [])
    assert Bins.read((0.0, 1.0), fields) == Bins((0.0, 1.0))
    for wrong in [(1.0, 0.0), (0.0, 0.0)]:
        with pytest.raises(ValueError, match="the edges are not in order"):
            Bins.read(wrong, fields)
