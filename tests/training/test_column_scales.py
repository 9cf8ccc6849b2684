"""Columns on another scale are warned of, by every training that takes numbers."""

import warnings

import numpy as np
import pytest

import ranvier as rv
from ranvier.training.column_scales import Moments, on_another_scale

X = np.random.default_rng(0).normal(size=(500, 5))
y = (X[:, 0] > 0).astype(int)
LARGE = X * [1, 1, 1e5, 1, 1]


def test_moments() -> None:
    assert Moments.of(np.array([1.0, 3.0])) == (2.0, 1.0, pytest.approx(5**0.5))


def test_the_median_counts() -> None:
    sizes = np.array([1.0, 2.0, 5e4])
    assert on_another_scale(sizes).tolist() == [False, False, True]
    assert not on_another_scale(1e4 * sizes[:2]).any()
    assert on_another_scale(sizes, least=0, times=1.5).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "fit",
    [
        lambda X: rv.train(rv.Network.mlp(5, 4, 1), X, y, epochs=1, progress=False),
        lambda X: rv.MLPClassifier(hidden_layer_sizes=(4,), max_iter=1).fit(X, y),
        lambda X: rv.MLPRegressor(hidden_layer_sizes=(4,), max_iter=1).fit(X, y),
    ],
)
def test_a_training_warns_and_names_the_column(fit: object) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", "column")
        fit(X)  # type: ignore[operator]
        with pytest.raises(UserWarning, match=r"column\(s\) 'x2' are on another scale"):
            fit(LARGE)  # type: ignore[operator]


def test_the_doctor_finds_what_training_warns_of() -> None:
    found = rv.preflight(LARGE, y + X[:, 1] * 0)
    assert "unscaled_column" in [finding.name for finding in found]
