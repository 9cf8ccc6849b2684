import copy
import pickle
from dataclasses import FrozenInstanceError
from math import nan
from typing import Any

import numpy as np
import pytest

from ranvier.checks import LARGEST_SIZE, checked_size
from ranvier.network.activations import leaky_relu, resolve
from ranvier.network.columns import Category, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.layers import (
    Dense,
    DenseLayer,
    Dropout,
    Layer,
    layer_from_dict,
    layer_to_dict,
)


def test_dense_and_its_defaults() -> None:
    layer = Dense(5)
    assert (layer.units, layer.activation.name) == (5, "identity")
    assert (layer.W, layer.b) == ("glorot_uniform", "zeros")
    assert Dense(5, "relu").W == "he_uniform"
    assert Dense(5, "selu").W == "lecun_normal"
    assert Dense(5, "selu", W="he_normal").W == "he_normal"
    assert Dense(5, leaky_relu(0.2)).activation.parameter == 0.2


def test_repr_is_what_one_would_write() -> None:
    assert repr(Dense(5)) == "Dense(5)"
    assert repr(Dense(5, "relu")) == "Dense(5, 'relu')"
    assert repr(Dense(5, leaky_relu(0.2))) == "Dense(5, leaky_relu(slope=0.2))"
    assert repr(Dense(5, W="zeros")) == "Dense(5, W='zeros')"
    assert repr(Dense(2, W=[[1, 2]])) == "Dense(2, W=<array (1, 2)>)"
    assert repr(Dropout(0.5)) == "Dropout(rate=0.5)"


def test_equality_is_what_a_layer_is_and_not_how_it_starts() -> None:
    assert Dense(5, "relu") == Dense(5, "relu", W="zeros") == Dense(5, resolve("relu"))
    assert Dense(5) != Dense(6)
    assert Dense(5) != Dense(5, "relu")
    assert Dense(5) != Dropout(0.5)
    assert {Dense(5): 1}[Dense(5)] == 1


def test_given_arrays_are_copied_and_locked() -> None:
    W = np.ones((2, 3), np.float32)
    layer = Dense(3, W=W, b=[1, 2, 3])
    W[:] = 7
    assert isinstance(layer.W, np.ndarray)
    assert isinstance(layer.b, np.ndarray)
    assert layer.W.tolist() == [[1, 1, 1], [1, 1, 1]]
    with pytest.raises(ValueError, match="read-only"):
        layer.W[0, 0] = 5
    assert layer.b.tolist() == [1, 2, 3]


def test_is_frozen_and_pickled() -> None:
    for layer in (Dense(5, "relu", W=[[1.0] * 5]), Dropout(0.5)):
        assert pickle.loads(pickle.dumps(layer)) == layer
        with pytest.raises(FrozenInstanceError):
            layer.units = 3  # type: ignore[misc, union-attr]


@pytest.mark.parametrize("bad", [0, -1, 2.0, "3", None, True, LARGEST_SIZE + 1, nan])
def test_sizes_are_positive_whole_numbers(bad: Any) -> None:
    text = r"units must be a whole number from 1 to 16,777,216, but got .*: give for"
    with pytest.raises(ValueError, match=text):
        Dense(bad)


def test_sizes_may_be_numpy_integers() -> None:
    size = checked_size("units", np.int32(7))
    assert (size, type(size)) == (7, int)
    assert checked_size("inputs", LARGEST_SIZE) == LARGEST_SIZE


@pytest.mark.parametrize("bad", [-0.1, 1, 1.5, nan, "x", None])
def test_dropout_rate(bad: Any) -> None:
    text = r"rate of Dropout must lie in \[0, 1\), but got .*: give the fraction"
    with pytest.raises(ValueError, match=text):
        Dropout(bad)


def test_dropout_rate_may_be_zero() -> None:
    assert Dropout(0).rate == 0.0


@pytest.mark.parametrize("name", ["W", "b"])
def test_unknown_initialiser(name: str) -> None:
    text = rf"unknown initialiser of {name} 'he_unifrm': did you mean 'he_uniform'\?"
    with pytest.raises(ValueError, match=text):
        Dense(5, **{name: "he_unifrm"})


@pytest.mark.parametrize(
    ("name", "bad", "dimensions"),
    [
        ("W", [1.0, 2.0], "2 dimensions"),
        ("b", [[1.0]], "1 dimension"),
        ("b", 3.0, "1 dimension"),
        ("W", [[1.0], [2.0, 3.0]], "2 dimensions"),
        ("W", [["x"]], "2 dimensions"),
    ],
)
def test_array_of_the_wrong_kind(name: str, bad: Any, dimensions: str) -> None:
    text = rf"{name} must be the name of an initialiser or an array of {dimensions}, "
    with pytest.raises(ValueError, match=rf"{text}but got .*: give a name such as"):
        Dense(2, **{name: bad})


@pytest.fixture
def layer() -> DenseLayer:
    theta = np.arange(8.0)
    return DenseLayer(3, 2, resolve("relu"), theta[:6].reshape(3, 2), theta[6:])


def test_bound_layer_writes_through(layer: DenseLayer) -> None:
    layer.W[0] = 9
    layer.W *= 2
    layer.b += 1
    theta = layer.b.base
    assert theta is not None
    assert theta.tolist() == [18, 18, 4, 6, 8, 10, 7, 8]
    assert repr(layer) == "DenseLayer(3 -> 2, relu)"


@pytest.mark.parametrize("name", ["W", "b"])
def test_bound_layer_keeps_its_views(layer: DenseLayer, name: str) -> None:
    text = (
        rf"{name} is a view of .* cannot be replaced .*: write into it, layer\.{name}\["
    )
    with pytest.raises(AttributeError, match=text):
        setattr(layer, name, np.zeros((3, 2)))


@pytest.mark.parametrize("name", ["units", "activation", "new"])
def test_bound_layer_is_frozen(layer: DenseLayer, name: str) -> None:
    text = f"frozen, so '{name}' cannot be set: build a new Network"
    with pytest.raises(AttributeError, match=text):
        setattr(layer, name, 3)


def test_bound_layer_alone_is_copied(layer: DenseLayer) -> None:
    for twin in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        np.testing.assert_array_equal(twin.W, layer.W)
        assert (twin.units, twin.activation) == (2, resolve("relu"))
        twin.W[:] = 0
        assert layer.W.any()


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, "relu"),
        Dense(3, "mish", parametric=True),
        Dropout(0.2),
        Embedding([Plain(), Category(3, 2)], scale=False),
    ],
)
def test_there_and_back(layer: Layer) -> None:
    assert layer_from_dict(layer_to_dict(layer)) == layer


def test_what_describes_no_layer() -> None:
    with pytest.raises(ValueError, match="does not describe a layer"):
        layer_from_dict({"kind": "conv"})
    with pytest.raises(ValueError, match="unknown entries: colour"):
        layer_from_dict({"kind": "dropout", "rate": 0.1, "colour": 1})
