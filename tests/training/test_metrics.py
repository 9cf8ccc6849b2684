"""Metrics: values by hand and against scikit-learn, and what is refused."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from ranvier.training.metrics import (
    class_accuracy,
    in_units_of_y,
    label_accuracy,
    mae,
    r2,
    resolve,
    resolve_all,
    rmse,
)

Array = NDArray[Any]


def test_numbers_by_hand() -> None:
    y, A, w = np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 3.0]), np.array([1, 1, 2])
    assert mae(y, A, None) == pytest.approx(4 / 3)
    assert mae(y, A, w) == pytest.approx(7 / 4)
    assert rmse(y, A, None) == pytest.approx((10 / 3) ** 0.5)
    assert rmse(y, A, w) == pytest.approx((19 / 4) ** 0.5)
    # Mean 3, squares 4 + 1 + 9 = 14; weighted mean 15/4.
    assert r2(y, A, None) == pytest.approx(1 - 10 / 14)


def test_accuracy_by_hand() -> None:
    A = np.array([[0.2, 0.8], [0.6, 0.4], [0.3, 0.7], [0.9, 0.1]])
    labels, w = np.array([1, 1, 1, 0], np.int32), np.array([1.0, 5.0, 1.0, 1.0])
    assert class_accuracy(labels, A, None) == 0.75
    assert class_accuracy(labels, A, w) == 3 / 8
    assert class_accuracy(np.eye(2)[labels], A, None) == 0.75
    assert label_accuracy(np.array([1.0, 0.0]), np.array([0.6, 0.7]), None) == 0.5
    # Several labels: a row is right where all of them are.
    assert label_accuracy(np.eye(2)[labels], A, None) == 0.75
    assert label_accuracy(np.array([[1, 1.0]]), np.array([[0.9, 0.4]]), None) == 0.0


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (mae, sklearn.metrics.mean_absolute_error),
        (r2, sklearn.metrics.r2_score),
        (
            lambda y, A, w: rmse(y, A, w) ** 2,
            sklearn.metrics.mean_squared_error,
        ),
    ],
)
def test_as_scikit_learn(
    ours: Callable[..., float],
    theirs: Callable[..., float],
    weighted: bool,
    outputs: int,
    rng: np.random.Generator,
) -> None:
    shape = (50,) if outputs == 1 else (50, outputs)
    y, A = rng.normal(size=shape), rng.normal(size=shape)
    w = rng.random(50) if weighted else None
    assert ours(y, A, w) == pytest.approx(theirs(y, A, sample_weight=w), rel=1e-12)


def test_r2_of_a_constant_target() -> None:
    y = np.ones(4)
    assert r2(y, y, None) == 1.0
    assert r2(y, y + 1, None) == 0.0


def test_float32_does_not_round_the_mean() -> None:
    y = np.full(1000, 16777216.0, np.float32)
    assert mae(y, y + np.float32(2), None) == 2.0


@pytest.mark.parametrize(
    ("metric", "loss", "mode"),
    [
        ("accuracy", "cross_entropy", "max"),
        ("accuracy", "log_loss", "max"),
        ("rmse", "squared_error", "min"),
        ("mae", "huber", "min"),
        ("r2", "quantile", "max"),
        ("rmse", "poisson", "min"),
    ],
)
def test_named(metric: str, loss: str, mode: str) -> None:
    found = resolve(metric, loss)
    assert (found.name, found.mode) == (metric, mode)


def test_own_function() -> None:
    def worst(y: Array, A: Array) -> float:
        return float(abs(y - A).max())

    metric = resolve(worst, "squared_error")
    assert (metric.name, metric.mode) == ("worst", None)
    w = np.array([1.0, 0.0])
    assert metric.score(np.array([1.0, 2.0]), np.array([1.0, 5.0]), w) == 3.0
    assert resolve(partial(worst, A=0), "huber").name == "partial"


def test_several() -> None:
    assert resolve_all(None, "huber") == ()
    assert [m.name for m in resolve_all("mae", "huber")] == ["mae"]
    assert [m.name for m in resolve_all(["mae", "r2"], "huber")] == ["mae", "r2"]
    with pytest.raises(ValueError, match="2 metrics are called 'mae'"):
        resolve_all(["mae", "mae"], "huber")


@pytest.mark.parametrize(
    ("metric", "loss", "message"),
    [
        ("acuracy", "cross_entropy", "'acuracy'.*'accuracy'"),
        ("accuracy", "squared_error", "does not fit.*'squared_error'.*rmse, mae or r2"),
        ("rmse", "cross_entropy", "does not fit.*'cross_entropy'.*accuracy"),
    ],
)
def test_refused(metric: str, loss: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve(metric, loss)


def test_neither_name_nor_function() -> None:
    with pytest.raises(TypeError, match="but got 3: give for example 'accuracy'"):
        resolve(3, "huber")  # type: ignore[arg-type]


def test_predictions_are_in_the_units_of_y() -> None:
    Z = np.array([[0.0, 1.0], [-1e4, 1e4]], np.float32)
    sigmoid = in_units_of_y(Z, "log_loss", "identity")
    assert sigmoid == pytest.approx(np.array([[0.5, 1 / (1 + np.exp(-1))], [0, 1]]))
    softmax = in_units_of_y(Z, "cross_entropy", "identity")
    assert softmax[0] == pytest.approx([1 / (1 + np.e), np.e / (1 + np.e)])
    assert softmax[1].tolist() == [0, 1]
    rate = in_units_of_y(np.array([[2.0]]), "poisson", "identity")
    assert rate == pytest.approx([np.exp(2.0)])
    for loss, activation in [("log_loss", "sigmoid"), ("squared_error", "identity")]:
        assert np.array_equal(in_units_of_y(Z, loss, activation), Z)


def test_one_output_becomes_one_dimension() -> None:
    A = np.array([[1.0], [2.0]])
    assert in_units_of_y(A, "squared_error", "identity").shape == (2,)
    assert in_units_of_y(A, "squared_error", "relu").shape == (2,)
