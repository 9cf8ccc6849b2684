"""The activations of `ranvier.network.activations`, in a table to look at.

Formulas are Python's; ``Phi`` is the normal distribution function and ``phi`` its
density, ``sigmoid`` and ``softplus`` are as in this table.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ranvier import _engine
from ranvier.catalogue.catalogue import POINTS, Array, Catalogue, Curves, Entry
from ranvier.network.activations import Activation, elu, leaky_relu

HIDDEN: Final = "in hidden layers"
SELU: Final = "1.0507 * (z if z > 0 else 1.6733 * (exp(z) - 1))"

ENTRIES: Final = [
    Entry(
        "identity", "z", "1", "(-inf, inf)", "nowhere",
        "the outputs of a regression; in hidden layers it adds nothing, since layers "
        "without a bend are one layer",
    ),
    Entry(
        "relu", "max(z, 0)", "1 if z > 0 else 0", "[0, inf)", "below 0",
        "the usual choice in hidden layers: quick and hard to spoil; a unit whose z is "
        "below 0 for every row learns nothing more",
    ),
    Entry(
        "leaky_relu", "z if z > 0 else slope * z", "1 if z > 0 else slope",
        "(-inf, inf)", "nowhere",
        "where units of relu die; slope is 0.01 if not given",
    ),
    Entry(
        "relu6", "min(max(z, 0), 6)", "1 if 0 < z < 6 else 0", "[0, 6]",
        "below 0, above 6", "where outputs must stay small, as with few bits",
    ),
    Entry(
        "elu", "z if z > 0 else alpha * (exp(z) - 1)",
        "1 if z > 0 else alpha * exp(z)", "(-alpha, inf)", "below -5",
        "hidden layers whose mean should lie near 0; alpha is 1 if not given",
    ),
    Entry(
        "selu", SELU, "1.0507 * (1 if z > 0 else 1.6733 * exp(z))",
        "(-1.758, inf)", "below -6",
        "deep networks without normalisation: keeps mean 0 and variance 1 if weights "
        "start by lecun_normal and inputs are standardised",
    ),
    Entry(
        "gelu", "z * Phi(z)", "Phi(z) + z * phi(z)", "[-0.17, inf)", "below -4",
        "hidden layers of deep networks: relu without its corner",
    ),
    Entry(
        "gelu_tanh",
        "z / 2 * (1 + tanh(u)), u = sqrt(2 / pi) * (z + 0.044715 * z**3)",
        "(1 + tanh(u)) / 2 + z / 2 * (1 - tanh(u)**2) * sqrt(2 / pi) * (1 + 0.134145 * "
        "z**2)",
        "[-0.171, inf)", "below -4",
        "only to run weights that were trained with this approximation of gelu",
    ),
    Entry(
        "silu", "z * sigmoid(z)", "sigmoid(z) * (1 + z * (1 - sigmoid(z)))",
        "[-0.279, inf)", "below -8", "hidden layers, as gelu; also called swish",
    ),
    Entry(
        "mish", "z * tanh(softplus(z))",
        "tanh(softplus(z)) + z * (1 - tanh(softplus(z))**2) * sigmoid(z)",
        "[-0.309, inf)", "below -8", "hidden layers, as gelu; a little slower",
    ),
    Entry(
        "sigmoid", "1 / (1 + exp(-z))", "f(z) * (1 - f(z))", "(0, 1)",
        "below -5, above 5",
        "the output of two classes (a probability); in hidden layers its slope is at "
        "most 1/4, so gradients fade from layer to layer",
    ),
    Entry(
        "tanh", "tanh(z)", "1 - f(z)**2", "(-1, 1)", "below -3, above 3",
        "small networks and smooth functions; its mean is 0, so it learns faster than "
        "sigmoid",
    ),
    Entry(
        "softplus", "log(1 + exp(z))", "1 / (1 + exp(-z))", "(0, inf)", "below -5",
        "outputs that must be positive; as a smooth relu",
    ),
    Entry(
        "softsign", "z / (1 + abs(z))", "1 / (1 + abs(z))**2", "(-1, 1)",
        "below -10, above 10", "as tanh, with ends that flatten slowly",
    ),
    Entry(
        "hard_sigmoid", "min(max(z / 6 + 0.5, 0), 1)", "1/6 if -3 < z < 3 else 0",
        "[0, 1]", "below -3, above 3", "as sigmoid, where exp is too slow",
    ),
    Entry(
        "hard_tanh", "min(max(z, -1), 1)", "1 if -1 < z < 1 else 0", "[-1, 1]",
        "below -1, above 1", "as tanh, where exp is too slow",
    ),
    Entry(
        "step", "1 if z >= 0 else 0", "0", "{0, 1}", "everywhere",
        "logic by hand (rv.logic); it cannot be trained by gradients",
    ),
    Entry(
        "exp", "exp(z)", "exp(z)", "(0, inf)", "below -5",
        "the output of counts and rates, with the loss poisson",
    ),
    Entry(
        "softmax", "exp(z) / sum(exp(z)) over the units",
        "f_i * ((1 if i == j else 0) - f_j), of output i by z of unit j", "(0, 1)",
        "where one z is far above the others",
        "the output of several classes: probabilities whose sum is 1",
    ),
]  # fmt: skip


def _curves(name: str) -> Curves:
    low, high = {"exp": (-3.0, 2.0), "softsign": (-8.0, 8.0)}.get(name, (-4.0, 4.0))
    low, high = {"relu6": (-2.0, 8.0), "sigmoid": (-6.0, 6.0)}.get(name, (low, high))
    z = np.linspace(low, high, POINTS)
    if name == "softmax":
        f, slope = _values("sigmoid", z)  # softmax of (z, 0)
        return Curves(
            z, f, slope, "z of one of two units, the other 0", ("f(z)", "f'(z)")
        )
    f, slope = _values(name, z)
    if name == "step":
        f = np.where(np.abs(z) < (high - low) / POINTS, np.nan, f)  # a jump, no line
    return Curves(z, f, slope, "z", ("f(z)", "f'(z)"))


def _values(name: str, z: Array) -> tuple[Array, Array]:
    f, slope = _engine.activation(name, Activation(name).parameter, z)
    return np.asarray(f), np.asarray(slope)


class Activations(Catalogue):
    """The activations: a table by name, and a function for each with a parameter.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.activations["elu"].range
    '(-alpha, inf)'
    >>> rv.activations.elu(0.5)
    Activation(name='elu', parameter=0.5)
    """

    elu = staticmethod(elu)
    leaky_relu = staticmethod(leaky_relu)


activations: Final = Activations("activation", ENTRIES, _curves)
