"""Rows to train on and rows to score on."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import ranvier as rv
from ranvier.network.losses import Loss
from ranvier.training.task import Data
from ranvier.training.validation import prepare, split

SQUARED, ENTROPY, BINARY = (
    Loss("squared_error"),
    Loss("cross_entropy"),
    Loss("log_loss"),
)


@pytest.fixture
def net() -> rv.Network:
    return rv.Network(2, [rv.Dense(1)], seed=0)


def data_with(Y: Any) -> Data:
    X = np.arange(2 * len(Y), dtype=np.float32).reshape(-1, 2)
    return Data(X, Y, np.arange(len(Y), dtype=np.float32) + 1)


def numbers(rows: int) -> Data:
    return data_with(np.arange(rows, dtype=np.float32)[:, None])


def test_none(net: rv.Network) -> None:
    rows, held_out = split(net, numbers(5), None, SQUARED, 0)
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert rows.dtype == np.int64
    assert held_out is None


def test_share_of_the_rows(net: rv.Network) -> None:
    data = numbers(100)
    rows, held_out = split(net, data, 0.2, SQUARED, 0)
    assert held_out is not None
    assert len(rows) == 80
    assert len(held_out) == 20
    # X, Y and weights of a row stay together, and no row is on both sides.
    out = held_out.Y[:, 0].astype(int)
    assert sorted([*rows, *out]) == list(range(100))
    assert np.array_equal(held_out.X, data.X[out])
    assert held_out.weights is not None
    assert np.array_equal(held_out.weights, out + 1)


def test_seed_decides(net: rv.Network) -> None:
    first, again, other = (
        split(net, numbers(50), 0.3, SQUARED, seed)[0].tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("shape", ["labels", "probabilities", "binary"])
def test_each_class_gives_its_share(net: rv.Network, shape: str) -> None:
    labels = np.repeat([0, 1], [40, 160]).astype(np.int32)
    Y: Any = {
        "labels": labels,
        "probabilities": np.eye(2, dtype=np.float32)[labels],
        "binary": labels[:, None].astype(np.float32),
    }[shape]
    loss = BINARY if shape == "binary" else ENTROPY
    rows, held_out = split(net, data_with(Y), 0.25, loss, 3)
    assert np.bincount(labels[rows]).tolist() == [30, 120]
    assert held_out is not None


def test_rows_of_their_own(net: rv.Network) -> None:
    X, y = np.ones((3, 2)), np.arange(3)
    rows, held_out = split(net, numbers(5), (X, y), SQUARED, 0)
    assert len(rows) == 5
    assert held_out is not None
    assert held_out.X.dtype == np.float32
    assert held_out.Y.tolist() == [[0], [1], [2]]
    assert held_out.weights is None
    _, weighted = split(net, numbers(5), (X, y, [1, 0, 2]), SQUARED, 0)
    assert weighted is not None
    assert weighted.weights is not None
    assert weighted.weights.tolist() == [1, 0, 2]


def test_rows_by_their_numbers(net: rv.Network) -> None:
    rows, held_out = split(net, numbers(5), np.array([3, 1]), SQUARED, 0)
    assert rows.tolist() == [0, 2, 4]
    assert held_out is not None
    assert held_out.Y.tolist() == [[1], [3]]
    assert held_out.weights is not None
    assert held_out.weights.tolist() == [2, 4]
    rows, held_out = split(net, numbers(5), np.empty(0, int), SQUARED, 0)
    assert (len(rows), held_out) == (5, None)


def test_frames(net: rv.Network) -> None:
    columns = {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        data = prepare(net, frame, frame["a"], frame["b"], SQUARED)
        assert data.X.tolist() == [[1, 3], [2, 4]]
        assert data.Y.tolist() == [[1], [2]]
        assert data.weights is not None
        assert data.weights.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (0.0, r"must lie in \(0, 1\), but got 0\.0"),
        (1, r"must lie in \(0, 1\), but got 1\.0"),
        (-0.5, r"must lie in \(0, 1\)"),
        (float("nan"), r"must lie in \(0, 1\)"),
        (0.001, r"of 5 rows leaves 5 to train on and 0 to score on"),
        ((1, 2, 3, 4), "validation has 4 entries"),
        (np.array([0.5]), r"array of float64 and shape \(1,\): as an array give"),
        (np.zeros((1, 2), int), r"shape \(1, 2\)"),
        (np.array([1, 5]), "holds the numbers 1 to 5, but the 5 rows"),
        (np.array([-1]), "holds the numbers -1 to -1"),
        (np.arange(5), "holds out 5 of 5 rows and leaves none"),
        ((np.ones((1, 3)), [1]), r"validation X .*\(1, 3\), but 2 columns"),
        ((np.ones((2, 2)), [1]), "validation y"),
        ((np.ones((1, 2)), [np.nan]), "validation y"),
        ((np.ones((1, 2)), [1], [-1]), "validation sample_weight"),
        ((np.ones((0, 2)), []), "validation X has no rows"),
    ],
)
def test_refused(net: rv.Network, validation: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split(net, numbers(5), validation, SQUARED, 0)


def test_neither_share_nor_rows(net: rv.Network) -> None:
    with pytest.raises(TypeError, match="a fraction or a tuple, but got str"):
        split(net, numbers(5), "20%", SQUARED, 0)  # type: ignore[arg-type]


def test_no_weight_on_one_side(net: rv.Network) -> None:
    data = numbers(5)
    assert data.weights is not None
    data.weights[:] = [0, 0, 0, 0, 1]
    with pytest.raises(ValueError, match="weight"):
        split(net, data, 0.4, SQUARED, 0)
