import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier import TabularRegressor
from ranvier.tabular.conformal import MOST_KEPT, conformal_quantile, residual_quantiles


def test_by_hand() -> None:
    sizes = residual_quantiles(np.array([[3.0], [-1.0], [2.0], [-4.0]]))
    assert sizes[:, 0].tolist() == [1, 2, 3, 4]
    assert conformal_quantile(sizes, 0.5).tolist() == [3]  # the ceil(5 / 2)-th
    assert conformal_quantile(sizes, 0.8).tolist() == [4]


def test_beyond_the_held_out_rows_bounds_are_infinite() -> None:
    sizes = residual_quantiles(np.arange(1.0, 10.0)[:, None])
    assert conformal_quantile(sizes, 0.9).tolist() == [9]
    with pytest.warns(UserWarning, match=r"9 residuals .* Ask for at most 0\.900"):
        assert conformal_quantile(sizes, 0.91).tolist() == [np.inf]


def test_few_are_kept_of_many_and_cover_their_fraction() -> None:
    residuals = np.random.default_rng(0).normal(size=(50_000, 2))
    for weights in (None, np.ones(50_000)):
        sizes = residual_quantiles(residuals, weights)
        assert sizes.shape == (MOST_KEPT, 2)
        assert np.allclose(conformal_quantile(sizes, 0.9), 1.645, atol=0.03)


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
        conformal_quantile(np.ones((3, 1)), coverage)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_cells_with_many_equal_rows_are_covered(coverage: float) -> None:
    # Counts in nine cells: some sixty distinct rows, few of which are held out.
    def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        X = rng.integers(0, 3, size=(n, 2)).astype(float)
        return X, rng.poisson(1.0 + X[:, 0]).astype(float)

    covered = []
    for seed in range(3):
        X, y = draw(seed, 2000)
        reg = TabularRegressor(effort="fast", random_state=seed).fit(X, y)
        X, y = draw(seed + 100, 4000)
        _, low, high = reg.predict(X, interval=coverage)
        covered.append(np.mean((low <= y) & (y <= high)))
    # The residuals are those of few different numbers, each with a few percent.
    assert coverage - 0.02 <= np.mean(covered) <= coverage + 0.04


def test_a_state_with_most_rows_is_not_forgotten() -> None:
    # 90 % of the rows are one state, whose target is 0 or 10 with equal chances.
    def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n, 2))
        y = X[:, 0] + rng.normal(scale=0.1, size=n)
        state = rng.random(n) < 0.9
        X[state], y[state] = 5, rng.choice([0.0, 10.0], state.sum())
        return X, y

    reg = TabularRegressor(effort="fast").fit(*draw(0, 2000))
    X, y = draw(1, 4000)
    _, low, high = reg.predict(X, interval=0.8)
    assert np.mean((low <= y) & (y <= high)) >= 0.8


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_survey_weights_are_those_of_the_population(coverage: float) -> None:
    # The half with little noise weighs nine times as much.
    def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n, 2))
        X[:, 1] = noisy = rng.random(n) < 0.5
        y = X[:, 0] + rng.normal(size=n) * np.where(noisy, 3.0, 0.3)
        return X, y, np.where(noisy, 100.0, 900.0)

    X, y, weights = draw(0, 2000)
    reg = TabularRegressor(effort="fast").fit(X, y, weights)
    X, y, weights = draw(1, 10_000)
    _, low, high = reg.predict(X, interval=coverage)
    covered = np.average((low <= y) & (y <= high), weights=weights)
    assert covered == pytest.approx(coverage, abs=0.03)
