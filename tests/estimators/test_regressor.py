from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import ranvier as rv
from tables import numbers

SMALL: dict[str, Any] = {"random_state": 0, "max_iter": 300, "learning_rate_init": 0.01}


@pytest.mark.parametrize("q", [0.2, 0.9])
def test_quantile(q: float) -> None:
    X, y = numbers(500)
    y += np.random.default_rng(1).normal(size=500)
    reg = rv.MLPRegressor(rv.losses.quantile(q), (10,), **SMALL).fit(X, y)
    assert abs((reg.predict(X) > y).mean() - q) < 0.03


def test_losses_differ_where_it_matters() -> None:
    X, y = numbers(300)
    spoilt = y.copy()
    spoilt[::15] += 50
    error = {}
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        reg = rv.MLPRegressor(loss, (20,), **SMALL).fit(X, spoilt)
        error[loss] = np.median(np.abs(reg.predict(X) - y))
    assert error["absolute_error"] < error["squared_error"] / 2
    assert error["huber"] < error["squared_error"] / 2
    np.testing.assert_allclose(error["quantile"], error["absolute_error"], atol=0.1)


def test_predict() -> None:
    X, y = numbers(50)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        rv.MLPRegressor().predict(X)
    reg = rv.MLPRegressor(**SMALL).fit(X, np.column_stack([y, -y]))
    assert reg.predict(X).shape == (50, 2)
    assert reg.fit(X, y).predict(X).shape == (50,)
    assert reg.predict(X[:1]).shape == (1,)


def test_poisson_needs_counts() -> None:
    X, y = numbers(50)
    with pytest.raises(ValueError, match="out of the valid range of the loss"):
        rv.MLPRegressor("poisson").fit(X, y)


def test_unknown_loss() -> None:
    with pytest.raises(ValueError, match="The 'loss' parameter of MLPRegressor"):
        rv.MLPRegressor("log_loss").fit([[1.0]], [1.0])
