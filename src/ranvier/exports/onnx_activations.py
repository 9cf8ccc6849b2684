"""The activation functions as ONNX operations. Imports onnx.

Attributes of ONNX operations are float32, and ONNX Runtime has several operations in
float32 alone, so that most functions are written out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import Any, Final

import numpy as np

from ranvier.exports.onnx_graph import Graph, Tensor
from ranvier.network.activations import Activation

SELU, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017


def _expm1(z: Tensor) -> Tensor:  # where z <= 0
    return z.apply("Min", 0).apply("Exp") + -1


def _sigmoid(z: Tensor) -> Tensor:
    return z.apply("Sigmoid")


def _softplus(z: Tensor) -> Tensor:  # log(1 + e^z) without overflow
    rest = z.apply("Abs").apply("Neg").apply("Exp") + 1
    return z.apply("Max", 0) + rest.apply("Log")


def _erf(z: Tensor) -> Tensor:  # which ONNX Runtime has in float32 alone
    return z.cast("float32").apply("Erf").cast(z.dtype.name)


Formula = Callable[[Tensor, float], Tensor]

FORMULAS: Final[dict[str, Formula]] = {
    "identity": lambda z, _: z,
    "relu": lambda z, _: z.apply("Relu"),
    "leaky_relu": lambda z, slope: z.where_positive(z, z * slope),
    "relu6": lambda z, _: z.clip(0, 6),
    "elu": lambda z, alpha: z.where_positive(z, _expm1(z) * alpha),
    "selu": lambda z, _: z.where_positive(z * SELU, _expm1(z) * (SELU * SELU_ALPHA)),
    "gelu": lambda z, _: z * ((_erf(z * sqrt(0.5)) + 1) * 0.5),
    "gelu_tanh": lambda z, _: (
        z * _sigmoid((z + z * z * z * 0.044715) * (2 * sqrt(2 / pi)))
    ),
    "silu": lambda z, _: z * _sigmoid(z),
    "mish": lambda z, _: z * _softplus(z).apply("Tanh"),
    "sigmoid": lambda z, _: _sigmoid(z),
    "tanh": lambda z, _: z.apply("Tanh"),
    "softplus": lambda z, _: _softplus(z),
    "softsign": lambda z, _: z / (z.apply("Abs") + 1),
    "hard_sigmoid": lambda z, _: (z * (1 / 6) + 0.5).clip(0, 1),
    "hard_tanh": lambda z, _: z.clip(-1, 1),
    "step": lambda z, _: z.apply("GreaterOrEqual", 0).cast(z.dtype.name),
    "exp": lambda z, _: z.apply("Exp"),
    "softmax": lambda z, _: z.apply("Softmax", axis=-1),
}


def activate(graph: Graph, f: Activation, z: str, dtype: np.dtype[Any]) -> str:
    """Add f(z) for a value z of a type; softmax runs over the last axis."""
    return FORMULAS[f.name](Tensor(graph, z, dtype), f.parameter).name
