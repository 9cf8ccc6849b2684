import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.tabular.conformal import MOST_KEPT, half_width, residual_quantiles


def test_by_hand() -> None:
    sizes = residual_quantiles(np.array([[3.0], [-1.0], [2.0], [-4.0]]))
    assert sizes[:, 0].tolist() == [1, 2, 3, 4]
    assert half_width(sizes, 0.5).tolist() == [3]  # the ceil(5 / 2)-th
    assert half_width(sizes, 0.8).tolist() == [4]


def test_beyond_the_held_out_rows_bounds_are_infinite() -> None:
    sizes = residual_quantiles(np.arange(1.0, 10.0)[:, None])
    assert half_width(sizes, 0.9).tolist() == [9]
    with pytest.warns(UserWarning, match=r"9 residuals .* Ask for at most 0\.900"):
        assert half_width(sizes, 0.91).tolist() == [np.inf]


def test_few_are_kept_of_many_and_cover_their_fraction() -> None:
    residuals = np.random.default_rng(0).normal(size=(50_000, 2))
    for weights in (None, np.ones(50_000)):
        sizes = residual_quantiles(residuals, weights)
        assert sizes.shape == (MOST_KEPT, 2)
        assert np.allclose(half_width(sizes, 0.9), 1.645, atol=0.03)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=40)
)
def test_weights_are_repetitions(rows: list[tuple[int, int]]) -> None:
    residuals, counts = (np.array(part, float) for part in zip(*rows, strict=True))
    repeated = np.repeat(residuals, counts.astype(int))[:, None]
    weighted = residual_quantiles(residuals[:, None], counts)
    np.testing.assert_array_equal(weighted, residual_quantiles(repeated))


@pytest.mark.parametrize("coverage", [0, 1, -0.1, 2])
def test_no_coverage(coverage: float) -> None:
    with pytest.raises(ValueError, match=r"for example 0\.9"):
        half_width(np.ones((3, 1)), coverage)
