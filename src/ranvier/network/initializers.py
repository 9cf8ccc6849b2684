"""How weights start: the variance rules and their sources.

Drawn in float64 whatever the network's dtype, so that the same seed starts the same
network in both precisions.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network.activations import Activation

Shape = tuple[int, ...]


class _Rule(NamedTuple):
    """The variance of a weight, from the inputs and outputs of its layer."""

    variance: Callable[[int, int], float]
    normal: bool


def _glorot(d_in: int, d_out: int) -> float:
    """Keep the variance of A and of dZ (Glorot & Bengio 2010, equation 12)."""
    return 2 / (d_in + d_out)


def _he(d_in: int, _d_out: int) -> float:
    """Keep the variance of Z through ReLU (He et al. 2015, equation 10)."""
    return 2 / d_in


def _lecun(d_in: int, _d_out: int) -> float:
    """Scale each unit's Z to the variance of its inputs (LeCun et al. 1998, 4.6)."""
    return 1 / d_in


_RULES: Final[dict[str, _Rule]] = {
    "glorot_uniform": _Rule(_glorot, normal=False),
    "glorot_normal": _Rule(_glorot, normal=True),
    "he_uniform": _Rule(_he, normal=False),
    "he_normal": _Rule(_he, normal=True),
    "lecun_uniform": _Rule(_lecun, normal=False),
    "lecun_normal": _Rule(_lecun, normal=True),
}

NAMES: Final = (*_RULES, "zeros")

# Half of what these functions take in is lost, or nearly so, which `he` makes up for.
_LIKE_RELU: Final = frozenset(
    {"relu", "leaky_relu", "relu6", "elu", "gelu", "gelu_tanh", "silu", "mish"}
)


def default_for(activation: Activation) -> str:
    """Name the rule that suits an activation.

    he_uniform for relu and its relatives, lecun_normal for selu (Klambauer et al.
    2017), glorot_uniform for the others.
    """
    if activation.name in _LIKE_RELU:
        return "he_uniform"
    return "lecun_normal" if activation.name == "selu" else "glorot_uniform"


def draw(
    name: str, shape: Shape, d_in: int, d_out: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Draw an array by one of the rules in `NAMES`."""
    if name == "zeros":
        return np.zeros(shape)
    rule = _RULES[name]
    variance = rule.variance(d_in, d_out)
    if rule.normal:
        return generator.normal(0.0, sqrt(variance), shape)
    limit = sqrt(3 * variance)  # a uniform variable on (-c, c) has variance c^2 / 3
    return generator.uniform(-limit, limit, shape)
