"""The error for training that diverged names layer, step and rows."""

import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ranvier as rv
from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.training.nonfinite import explain, locate
from ranvier.training.task import Data, Task

Array = NDArray[Any]
ROWS = np.array([3, 1, 2])


def make_task(X: Array, net: rv.Network, loss: str = "squared_error") -> Task:
    Y = np.zeros((len(X), net.outputs), net.dtype)
    data = Data(X.astype(net.dtype), Y)
    return Task(net, data, np.arange(len(X)), Loss(loss), _engine.Workspace(1))


@pytest.fixture
def net() -> rv.Network:
    layers = [rv.Dense(3, "relu"), rv.Dropout(0.5), rv.Dense(2, "tanh"), rv.Dense(1)]
    return rv.Network(2, layers, seed=0)


@pytest.fixture
def X(rng: np.random.Generator) -> Array:
    return rng.normal(size=(4, 2))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("layer", "name"), [(0, "b"), (2, "W"), (3, "b")])
def test_weights(
    net: rv.Network, X: Array, layer: int, name: str, value: float
) -> None:
    getattr(net.layers[layer], name)[-1] = value
    found, what = locate(make_task(X, net), ROWS)
    assert found == layer
    assert f"{name} of layer {layer}" in what


def test_first_layer_goes_before_later_ones(net: rv.Network, X: Array) -> None:
    net.layers[2].W[...] = np.nan
    net.layers[3].W[...] = np.nan
    assert locate(make_task(X, net), ROWS)[0] == 2


def test_outputs_of_a_layer_and_the_rows(net: rv.Network, X: Array) -> None:
    net.layers[0].W[...] = 10
    X[2] = 3e38
    layer, what = locate(make_task(X, net), ROWS)
    assert layer == 0
    assert "Z of layer 0" in what
    assert "1 row (2)" in what  # by its number in X, not in the batch
    net.layers[0].W[...] = 1
    net.layers[2].W[...] = 1  # 3 * 6e38 is too much for the next one
    X[2] = 1e38
    assert locate(make_task(X, net), ROWS)[0] == 2


def test_output_activation(X: Array) -> None:
    net = rv.Network(2, [rv.Dense(1, "exp", W=[[1e3], [0]])])
    X[1] = 1
    _, what = locate(make_task(X, net, "poisson"), ROWS)
    assert "A of layer 0" in what


def test_loss_alone(net: rv.Network, X: Array) -> None:
    net.layers[3].b[...] = 1e30  # its square is too much for float32
    layer, what = locate(make_task(X, net), ROWS)
    assert layer == 3
    assert "are finite, but their loss is not" in what


def test_message_gives_evidence_and_cure(net: rv.Network, X: Array) -> None:
    net.layers[2].W[...] = np.inf
    error = explain(make_task(X, net), 4, 7, np.arange(4)[[3, 1, 2]], 0.5)
    text = str(error)
    for part in (
        "epoch 4, step 7",
        "a batch of 3 rows (3, 1, 2)",
        "W of layer 2",
        "keeps the weights of the last finished epoch",
        "lower the learning rate (it was 0.5)",
        "clip_norm",
    ):
        assert part in text
    assert (error.layer, error.epoch, error.step) == (2, 4, 7)
    assert error.rows.tolist() == [3, 1, 2]
    assert isinstance(error, ArithmeticError)


def test_large_inputs_are_named_first(net: rv.Network, X: Array) -> None:
    net.layers[2].W[...] = np.inf
    cures = str(explain(make_task(X, net), 1, 1, ROWS, 0.1)).split("likely first: ")[1]
    assert cures.startswith("lower the learning rate")
    X[1] = 1e6
    cures = str(explain(make_task(X, net), 1, 1, ROWS, 0.1)).split("likely first: ")[1]
    assert cures.startswith("scale X and y to about unit size (X reaches 1e+06 there)")


def test_without_a_learning_rate(net: rv.Network, X: Array) -> None:
    net.layers[2].W[...] = np.inf
    assert "learning rate" not in str(explain(make_task(X, net), 1, 1, ROWS, None))


def test_long_batches_are_cut(net: rv.Network) -> None:
    net.layers[2].W[...] = np.inf
    text = str(explain(make_task(np.ones((9, 2)), net), 1, 1, np.arange(9), 0.1))
    assert "9 rows (0, 1, 2, 3, 4, ...)" in text


def test_pickle(net: rv.Network, X: Array) -> None:
    net.layers[2].W[...] = np.inf
    error = explain(make_task(X, net), 4, 7, ROWS, 0.5)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.layer, again.rows.tolist()) == (2, [3, 1, 2])
