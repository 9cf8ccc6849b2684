"""The layers of an estimator, in the engine's words."""

from functools import lru_cache
from operator import index
from typing import Any, NamedTuple

import numpy as np

from ranvier import _engine
from ranvier.checks import LARGEST_SIZE
from ranvier.network import activations
from ranvier.network.activations import Activation
from ranvier.network.layers import Dense, Dropout
from ranvier.network.spec import engine_spec

# scikit-learn's names for the engine's.
_OWN_NAMES = {"logistic": "sigmoid"}
# What hidden layers may have: softmax and exp belong to the outputs, and nothing can be
# learned through a step.
HIDDEN = frozenset(activations.NAMES) - {"softmax", "exp", "step"} | {"logistic"}


class Architecture(NamedTuple):
    """The layers of a network, hashable: inputs, and of each dense layer the rest."""

    inputs: int
    units: tuple[int, ...]
    activations: tuple[str | Activation, ...]
    dropout: tuple[float, ...]  # after each hidden layer

    @property
    def all_units(self) -> tuple[int, ...]:
        """The inputs, and the units of each dense layer."""
        return (self.inputs, *self.units)

    def layers(self) -> list[Dense | Dropout]:
        """Return the layers for an `rv.Network`."""
        found: list[Dense | Dropout] = []
        rates = (*self.dropout, 0.0)
        for size, name, rate in zip(self.units, self.activations, rates, strict=True):
            found.append(Dense(size, activation_of(name)))
            found += [Dropout(float(rate))] * bool(rate)
        return found


@lru_cache(maxsize=64)
def engine_of(description: Architecture) -> _engine.Network:
    """Return the engine's network; it is frozen, so one is enough."""
    layers = [engine_spec(layer) for layer in description.layers()]
    return _engine.Network(description.inputs, layers)


def describe(mlp: Any, *, dropout: bool = False) -> Architecture:
    """Describe the layers of a fitted estimator, for training with its dropout."""
    units = tuple(len(b) for b in mlp.intercepts_)
    hidden = len(units) - 1
    names = one_for_each("activation", mlp.activation, hidden)
    rates = one_for_each("dropout", mlp.dropout if dropout else 0.0, hidden)
    return Architecture(len(mlp.coefs_[0]), units, (*names, mlp.out_activation_), rates)


def hidden_sizes(mlp: Any) -> list[int]:
    """Return the units of each hidden layer as a list."""
    sizes = mlp.hidden_layer_sizes
    several = (
        np.ndim(sizes) if isinstance(sizes, np.ndarray) else hasattr(sizes, "__iter__")
    )
    return [_size(size) for size in (sizes if several else [sizes])]


def _size(size: Any) -> int:
    try:
        number = index(size)
    except TypeError:
        number = LARGEST_SIZE + 1
    if number > LARGEST_SIZE or isinstance(size, bool | np.bool_):
        raise ValueError(
            f"hidden_layer_sizes must hold whole numbers of units up to "
            f"{LARGEST_SIZE:,}, but got {size!r}: give for example (100, 50)"
        )
    return number


def one_for_each(name: str, value: Any, count: int) -> tuple[Any, ...]:
    """Return the value of each hidden layer: one for all, or a list of one for each."""
    if isinstance(value, str | Activation) or not hasattr(value, "__iter__"):
        return (value,) * count
    values = tuple(value)
    if len(values) != count:
        raise ValueError(
            f"{name} has {len(values)} entries, but there are {count} hidden layers: "
            "give one for each, or a single one for all"
        )
    return values


def activation_of(name: str | Activation) -> Activation:
    """Return the activation that a name of scikit-learn's or of the engine's means."""
    if isinstance(name, str):
        name = _OWN_NAMES.get(name, name)
    return activations.resolve(name)


def name_of(activation: Activation) -> str | Activation:
    """Return scikit-learn's name of an activation, else the engine's, else itself."""
    for theirs, ours in _OWN_NAMES.items():
        if activation.name == ours:
            return theirs
    return activation.name if str(activation) == activation.name else activation
