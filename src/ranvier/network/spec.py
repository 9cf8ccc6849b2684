"""What a network is made of: layers in order, and where theta holds their parameters.

In the flat block theta each dense layer has its W (d_in x d_out, row-major), then its b
(d_out) and, where its activation is parametric, its alpha (d_out); dropout has no
parameters. Before all of them an embedding has the values of its columns, one after
the other, and its scale.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from operator import index
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import files
from ranvier.checks import checked_list, checked_size
from ranvier.messages import listed
from ranvier.network import initializers, losses
from ranvier.network.activations import Activation
from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import (
    BoundLayer,
    Dense,
    DenseLayer,
    Dropout,
    Layer,
    layer_from_dict,
    layer_to_dict,
)
from ranvier.network.losses import Loss

Array = NDArray[Any]
AnyLayer = Layer | BoundLayer
Shape = tuple[int, ...]

LARGEST_BLOCK: Final = 1 << 40  # parameters of a network; the engine's limit


class NetworkSpec(NamedTuple):
    """A network without its parameters, each part checked."""

    inputs: int
    layers: tuple[AnyLayer, ...]
    dtype: np.dtype[Any]
    seed: int | None


def checked(
    inputs: object, layers: Sequence[AnyLayer], dtype: object, seed: object
) -> NetworkSpec:
    """Check the parts of a network one by one, and together."""
    sequence: tuple[Any, ...] = tuple(checked_list("layers", layers, "layers"))
    _check_sequence(sequence)
    size = checked_size("inputs", inputs)
    _check_embedding(size, sequence)
    _check_count(count_parameters(size, sequence))
    return NetworkSpec(size, sequence, _checked_dtype(dtype), _checked_seed(seed))


def mlp(
    hidden: int | Sequence[int], activation: str | Activation, dropout: float
) -> list[Layer]:
    """Return hidden layers that are all of one kind, with or without dropouts."""
    layers: list[Layer] = []
    single = isinstance(hidden, str | bytes) or not hasattr(hidden, "__len__")
    for units in [hidden] if single else checked_list("hidden", hidden, "sizes"):
        layers.append(Dense(checked_size("hidden", units), activation))
        if type(dropout) not in (int, float) or dropout != 0:
            layers.append(Dropout(dropout))
    return layers


def count_parameters(inputs: int, layers: Sequence[AnyLayer]) -> int:
    """Count the values of theta."""
    shapes = (shape for _, shape in _arrays(inputs, layers))
    return sum(int(np.prod(shape, dtype=object)) for shape in shapes)


def bind(
    inputs: int, layers: Sequence[AnyLayer], theta: Array
) -> tuple[BoundLayer, ...]:
    """Cut theta into the views that the layers have of it."""
    bound: list[BoundLayer] = []
    start = 0
    for layer in layers:
        if isinstance(layer, Dropout):
            bound.append(layer)
            continue
        if isinstance(layer, Embedding | EmbeddingLayer):
            bound.append(EmbeddingLayer(layer, theta))
            start += layer.count()
        else:
            views = []
            for shape in _dense_shapes(inputs, layer).values():
                end = start + int(np.prod(shape))
                views.append(theta[start:end].reshape(shape))
                start = end
            bound.append(DenseLayer(inputs, layer.units, layer.activation, *views))
        inputs = layer.units
    return tuple(bound)


def start(spec: NetworkSpec) -> Array:
    """Return theta as its layers start: drawn from the seed, or as given."""
    inputs, layers, dtype, seed = spec
    generator = np.random.default_rng(seed)
    theta = np.zeros(count_parameters(inputs, layers), dtype)
    for layer, bound in zip(layers, bind(inputs, layers, theta), strict=True):
        if isinstance(layer, Dense) and isinstance(bound, DenseLayer):
            bound.W[...] = _start_value("W", layer, bound.W.shape, bound, generator)
            bound.b[...] = _start_value("b", layer, bound.b.shape, bound, generator)
            if bound.alpha is not None:
                bound.alpha[...] = 1
        elif isinstance(layer, Embedding) and isinstance(bound, EmbeddingLayer):
            for name, value in layer.start(generator).items():
                bound.arrays()[name][...] = value
    return theta


def engine_spec(layer: AnyLayer) -> tuple[Any, ...]:
    """Return a layer in the form the engine takes."""
    if isinstance(layer, Dropout):
        return "dropout", layer.rate
    if isinstance(layer, Embedding | EmbeddingLayer):
        return layer.engine_spec()
    f = layer.activation
    return ("dense", layer.units, f.name, f.parameter, *[True] * layer.parametric)


def check_trainable(layers: Sequence[BoundLayer], loss: Loss) -> None:
    """Refuse a loss, or a layer, that a network cannot be trained with."""
    dense = {i: own for i, own in enumerate(layers) if isinstance(own, DenseLayer)}
    for place, layer in dense.items():
        losses.check_hidden(layer.activation, place)
    losses.check_output(loss, dense[max(dense)].activation)


def describe(spec: NetworkSpec) -> dict[str, Any]:
    """Describe a network in words and numbers that JSON can hold."""
    return {
        "inputs": spec.inputs,
        "layers": [layer_to_dict(layer) for layer in spec.layers],
        "dtype": spec.dtype.name,
        "seed": spec.seed,
    }


def from_description(description: Mapping[str, Any]) -> NetworkSpec:
    """Check what `describe` gave; ValueError for any other mapping."""
    if set(description) != {"inputs", "layers", "dtype", "seed"}:
        raise ValueError(
            "a network is described by inputs, layers, dtype and seed, but got "
            f"{listed(description)}: give what Network.description() returned"
        )
    if not isinstance(description["layers"], list):
        raise ValueError(f"layers must be a list, but got {description['layers']!r}")
    layers = [layer_from_dict(entry) for entry in description["layers"]]
    return checked(
        description["inputs"], layers, description["dtype"], description["seed"]
    )


def checked_theta(spec: NetworkSpec, theta: ArrayLike) -> Array:
    """Copy the values of theta, once there are as many as the layers need."""
    block = np.array(theta, spec.dtype)
    count = count_parameters(spec.inputs, spec.layers)
    if block.shape != (count,):
        raise ValueError(
            f"theta has the shape {block.shape}, but the network has {count:,} "
            f"parameters: give an array of the shape ({count},)"
        )
    return block


def load(
    path: str | os.PathLike[str], *, follow: bool = True
) -> tuple[NetworkSpec, Array]:
    """Read a network's file: what it is made of, and theta."""
    description, named = files.load(path, follow=follow)
    try:
        spec = from_description(description)
        return spec, flatten(spec, named)
    except files.UNUSABLE as error:
        raise files.FileFormatError(
            f"{os.fspath(path)!r} is a file of Ranvier's, but no network can be built "
            f"from it: {error}. Save the network again"
        ) from None


def tensors(layers: Sequence[BoundLayer]) -> dict[str, Array]:
    """Name the arrays of each layer: "layers.0.W" for ``layers[0].W``."""
    return {
        f"layers.{place}.{name}": array
        for place, layer in enumerate(layers)
        if not isinstance(layer, Dropout)
        for name, array in layer.arrays().items()
    }


def flatten(spec: NetworkSpec, named: Mapping[str, Array]) -> Array:
    """Put what `tensors` named back into one block; ValueError if one is missing."""
    wanted = dict(_arrays(spec.inputs, spec.layers))
    if wanted.keys() != named.keys():
        missing = sorted(wanted.keys() - named.keys())
        extra = sorted(named.keys() - wanted.keys())
        raise ValueError(
            f"the arrays are not the network's: {missing} missing, {extra} left over"
        )
    for name, shape in wanted.items():
        array = named[name]
        if array.shape != shape or array.dtype != spec.dtype:
            raise ValueError(
                f"{name} has the shape {array.shape} and the type {array.dtype}, but "
                f"{shape} and {spec.dtype} are expected"
            )
    return np.concatenate([named[name].reshape(-1) for name in wanted])


def _arrays(inputs: int, layers: Sequence[AnyLayer]) -> Iterator[tuple[str, Shape]]:
    """Name every array that theta holds, in its order, with its shape."""
    for place, layer in enumerate(layers):
        if isinstance(layer, Dropout):
            continue
        if isinstance(layer, Embedding | EmbeddingLayer):
            shapes = dict(layer.shapes())
        else:
            shapes = _dense_shapes(inputs, layer)
        for name, shape in shapes.items():
            yield f"layers.{place}.{name}", shape
        inputs = layer.units


def _dense_shapes(inputs: int, layer: Dense | DenseLayer) -> dict[str, Shape]:
    d_out = layer.units
    shapes: dict[str, Shape] = {"W": (inputs, d_out), "b": (d_out,)}
    return shapes | ({"alpha": (d_out,)} if layer.parametric else {})


def _check_embedding(inputs: int, layers: Sequence[AnyLayer]) -> None:
    """Refuse an embedding that is not the first layer, or of other columns."""
    for place, layer in enumerate(layers):
        if not isinstance(layer, Embedding | EmbeddingLayer):
            continue
        if place > 0:
            raise ValueError(
                f"layer {place} is an Embedding, which can only be the first: it reads "
                "the columns of X"
            )
        if layer.inputs != inputs:
            raise ValueError(
                f"the Embedding describes {layer.inputs} columns, but the network has "
                f"{inputs} inputs: give one description for each column of X"
            )


def _check_sequence(layers: Sequence[AnyLayer]) -> None:
    """Refuse layers that make no network in the order they stand in."""
    for place, layer in enumerate(layers):
        if not isinstance(layer, AnyLayer):
            raise TypeError(
                f"layer {place} is {layer!r}, but a layer is a Dense, a Dropout or an "
                "Embedding: write for example [Dense(100, 'relu'), Dense(1)]"
            )
    if not layers or not isinstance(layers[-1], Dense | DenseLayer):
        raise ValueError(
            "layers must end with a Dense, which gives the outputs, but got "
            f"{list(layers)}: add Dense(outputs) at the end"
        )
    if layers[-1].parametric:
        raise ValueError(
            "the last layer is parametric, but its activation belongs to the loss: "
            "write Dense(outputs), and parametric=True for hidden layers only"
        )
    for place, (layer, after) in enumerate(pairwise(layers)):
        if isinstance(layer, Dense | DenseLayer) and layer.activation.name == "softmax":
            raise ValueError(
                f"layer {place} of {len(layers)} has softmax, which only the last "
                "layer can have, since it belongs to the outputs: use another "
                "activation there"
            )
        if isinstance(layer, Dropout) and isinstance(after, Dropout):
            both = 1 - (1 - layer.rate) * (1 - after.rate)
            raise ValueError(
                f"layers {place} and {place + 1} are both Dropout, where one is "
                f"enough: write Dropout({both:.6g}) for the two"
            )


def _check_count(count: int) -> None:
    if count > LARGEST_BLOCK:
        raise ValueError(
            f"the network would have {count:,} parameters, but {LARGEST_BLOCK:,} is "
            "the most: make its layers smaller"
        )


def _checked_dtype(dtype: object) -> np.dtype[Any]:
    real: np.dtype[Any] | None = None
    with suppress(TypeError, ValueError, SyntaxError):
        real = np.dtype(dtype).newbyteorder("=")  # type: ignore[call-overload]
    if dtype is None or real not in (np.float32, np.float64):
        raise ValueError(
            f"dtype must be 'float32' or 'float64', but got {dtype!r}: float32 is "
            "faster, float64 has more digits"
        )
    return real


def _checked_seed(seed: object) -> int | None:
    if seed is None:
        return None
    try:
        number = index(seed)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if number < 0:
        raise ValueError(
            f"seed must be a whole number from 0 on, or None, but got {seed!r}: give "
            "for example 0"
        )
    return number


def _start_value(
    name: str,
    layer: Dense,
    shape: tuple[int, ...],
    bound: DenseLayer,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Draw W or b, or give it as it was given."""
    value: str | NDArray[np.float64] = getattr(layer, name)
    if isinstance(value, str):
        return initializers.draw(value, shape, bound.inputs, bound.units, generator)
    if value.shape != shape:
        turned = f" ({name}.T?)" * (value.shape == shape[::-1])
        raise ValueError(
            f"{name} of {layer!r} has the shape {value.shape}, but {shape} is "
            f"expected, since the layer has {bound.inputs} inputs and {bound.units} "
            f"units: give an array of that shape{turned}"
        )
    return value
