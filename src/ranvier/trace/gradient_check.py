"""Backpropagation against central differences, layer by layer."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.network.layers import Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network

Array = NDArray[Any]

STEP: Final = 1e-5  # of the central difference, relative to a parameter above 1
TOLERANCE: Final = 1e-6  # gaps below this are rounding and curvature
SMALLEST: Final = 1e-8  # a gradient of a smaller norm is compared as it is


@dataclass(frozen=True)
class LayerCheck:
    """How far backpropagation and central differences are apart in one layer.

    ``gap_W`` and ``gap_b`` are the norm of their difference relative to the norm of the
    larger; ``worst`` names the parameter that is furthest off, by ``worst_gap``. With b
    goes the alpha of a parametric activation. Layer 0 is an embedding: as W stand the
    values of its columns, as b its scale, and in both the largest gap of an array.
    """

    layer: int
    parameters: int
    gap_W: float
    gap_b: float
    worst: str
    worst_gap: float


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found: a `LayerCheck` for each layer.

    ``ok`` says whether every gap is below ``tolerance``; ``checked`` counts the
    parameters that were moved.
    """

    layers: tuple[LayerCheck, ...]
    tolerance: float
    checked: int

    @property
    def ok(self) -> bool:
        """Whether every gap is below the tolerance."""
        return self.gap < self.tolerance

    @property
    def gap(self) -> float:
        """The largest gap of a layer."""
        return max(max(layer.gap_W, layer.gap_b) for layer in self.layers)

    def __str__(self) -> str:
        lines = ["layer  parameters    gap of dW    gap of db  furthest off"]
        lines += [
            f"{own.layer:>5}  {own.parameters:>10,}  {own.gap_W:>11.1e}  "
            f"{own.gap_b:>11.1e}  {own.worst} by {own.worst_gap:.1e}"
            for own in self.layers
        ]
        verdict = "agree" if self.ok else "DO NOT AGREE"
        lines.append(
            f"They {verdict}: the largest gap is {self.gap:.1e}, and "
            f"{self.tolerance:.0e} is allowed; {self.checked:,} parameters were moved."
        )
        return "\n".join(lines)

    __repr__ = __str__


def check_gradients(
    net: Network,
    X: Any,
    y: Any,
    loss: str | Loss | None = None,
    *,
    sample_weight: Any = None,
    most: int = 500,
    seed: int = 0,
) -> GradientCheck:
    """Compare backpropagation with central differences, layer by layer, in float64.

    Parameters
    ----------
    net
        The network; it is left as it is.
    X, y, loss, sample_weight
        As for `Network.loss_and_gradient`.
    most
        Parameters of each array that are moved; of a larger one, that many are drawn.
    seed
        Draws them.

    Returns
    -------
    GradientCheck
        ``ok``, and a line for each layer. Where a kink of f lies within the step, as of
        relu at 0, the two do differ: other rows then tell which it is.

    Raises
    ------
    ValueError
        As for `Network.loss_and_gradient`.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    >>> rv.check_gradients(net, np.ones((2, 3)), [0.5, 1.5]).ok
    True
    """
    double = Network.from_description(
        net.description() | {"dtype": "float64"}, net.theta
    )
    settings = {"loss": loss, "sample_weight": sample_weight}
    _, gradient = double.loss_and_gradient(X, y, **settings)
    rng = np.random.default_rng(seed)
    layers, checked, start = [], 0, 0
    learnt = [own for own in double.layers if not isinstance(own, Dropout)]
    for number, own in enumerate(learnt, double.embedding is None):
        gaps, worst = {"W": 0.0, "b": 0.0}, ("", -1.0)
        for letter, array in own.arrays().items():
            at = np.arange(array.size)
            if array.size > most:
                at = np.sort(rng.choice(array.size, most, replace=False))
            given = gradient.theta[start + at]
            found = _differences(double, start + at, X, y, settings)
            kind = "b" if letter in ("b", "alpha", "scale") else "W"
            gaps[kind] = max(gaps[kind], _gap(given, found))
            name = f"{letter}{number or ''}"
            worst = max(worst, _worst(name, array, at, given, found), key=_by)
            start, checked = start + array.size, checked + len(at)
        count = sum(array.size for array in own.arrays().values())
        layers.append(LayerCheck(number, count, gaps["W"], gaps["b"], *worst))
    return GradientCheck(tuple(layers), TOLERANCE, checked)


def _differences(
    net: Network, places: Array, X: Any, y: Any, settings: dict[str, Any]
) -> Array:
    """Give (L(theta + h) - L(theta - h)) / 2h for some parameters."""
    slopes = np.empty(len(places))
    for k, place in enumerate(places):
        value = net.theta[place]
        h = STEP * max(1.0, abs(value))
        net.theta[place] = value + h
        up, _ = net.loss_and_gradient(X, y, **settings)
        net.theta[place] = value - h
        down, _ = net.loss_and_gradient(X, y, **settings)
        net.theta[place] = value
        slopes[k] = (up - down) / (2 * h)
    return slopes


def _gap(given: Array, found: Array) -> float:
    scale = max(np.linalg.norm(given), np.linalg.norm(found))
    distance = float(np.linalg.norm(given - found))
    return distance / float(scale) if scale > SMALLEST else distance


def _worst(
    name: str, array: Array, at: Array, given: Array, found: Array
) -> tuple[str, float]:
    """Name the parameter whose two derivatives are furthest apart."""
    distances = np.abs(given - found)
    k = int(distances.argmax())
    indices = ",".join(str(i) for i in np.unravel_index(at[k], array.shape))
    return f"{name}[{indices}]", float(distances[k])


def _by(worst: tuple[str, float]) -> float:
    return worst[1]
