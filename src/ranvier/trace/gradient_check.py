"""Backpropagation against central differences, layer by layer."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_int
from ranvier.inspectable import encode, network_of
from ranvier.network.layers import Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.trace.differences import TOLERANCE, Derivative, Differences

Array = NDArray[Any]

FLOOR: Final = (
    1e-6  # gap that is allowed, relative to the largest derivative of the array
)


@dataclass(frozen=True)
class LayerCheck:
    """How far backpropagation and central differences are apart in one layer.

    Attributes
    ----------
    layer : int
        Counted from 1; 0 is an embedding.
    parameters : int
        How many the layer has.
    gap_W, gap_b : float
        Norm of the difference relative to the norm of the larger, for W and for b with
        the alpha of a parametric activation. Of an embedding, the values of its columns
        and its scale; in both the largest gap of an array.
    worst : str
        The parameter that is furthest off, measured by what is allowed.
    worst_gap : float
        How far it is off.
    excess : float
        The same relative to what is allowed: above 1 the two do not agree.
    """

    layer: int
    parameters: int
    gap_W: float
    gap_b: float
    worst: str
    worst_gap: float
    excess: float


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found.

    Attributes
    ----------
    layers : tuple of LayerCheck
        One for each layer with parameters.
    checked : int
        Parameters that were moved and compared.
    at_kinks : int
        Of those, the ones for which rows at a kink were left out.
    skipped : int
        Parameters that could not be compared, since every row is at a kink.

    Examples
    --------
    >>> import ranvier as rv
    >>> found = rv.check_gradients(rv.Network.mlp(1, 2, 1, seed=0), [[0.0]], [1.0])
    >>> found.ok, found.checked, found.skipped  # relu at z = 0: its two biases
    (True, 5, 2)
    """

    layers: tuple[LayerCheck, ...]
    checked: int
    at_kinks: int
    skipped: int

    @property
    def ok(self) -> bool:
        """Whether no derivative is further off than is allowed."""
        return all(layer.excess <= 1 for layer in self.layers)

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
        if self.ok:
            verdict = "They agree up to rounding"
        else:
            off = max(self.layers, key=lambda layer: layer.excess)
            verdict = (
                f"They DO NOT AGREE: {off.worst} is off by {off.excess:,.3g} times "
                "what is allowed"
            )
        lines.append(f"{verdict}; {self.checked:,} parameters were moved.")
        if self.at_kinks or self.skipped:
            lines.append(
                "Rows at a kink of f or of the loss were left out for "
                f"{self.at_kinks:,} of them; {self.skipped:,} more have no other rows "
                "and were not compared."
            )
        return "\n".join(lines)

    __repr__ = __str__


def check_gradients(
    fitted: Any,
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
    fitted
        A `Network`, a `Model`, or a fitted estimator; it is left as it is.
    X
        A table as its predict takes it.
    y
        Targets, as its fit takes them.
    loss
        A name or a `Loss`. None: the one that goes with the last activation.
    sample_weight
        Weights of the rows (n,), not negative. None: all the same.
    most
        Parameters of each array that are moved; of a larger one, that many are drawn.
    seed
        Draws them, a whole number from 0.

    Returns
    -------
    GradientCheck
        ``ok``, and a line for each layer.

    Raises
    ------
    ValueError
        X, y, loss or weights do not fit, as for `Network.loss_and_gradient`, or `most`
        or `seed` is no whole number within its limits.
    TypeError
        `fitted` has no network.

    Notes
    -----
    A gap of 0.1 % of a derivative is allowed, and what rounding can do to it. Where a
    kink, as of relu at 0, lies within the step of a parameter, the rows concerned are
    left out for that parameter.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    >>> rv.check_gradients(net, np.ones((2, 3)), [0.5, 1.5]).ok
    True
    """
    most = checked_int("most", most, 1, example=500)
    rng = np.random.default_rng(checked_int("seed", seed, 0, example=0))
    network, rows = network_of(fitted), encode(fitted, X, y)
    description = network.description() | {"dtype": "float64"}
    net = Network.from_description(description, network.theta)
    moves = Differences(net, rows.X, rows.Y, loss, sample_weight)
    layers, start = [], 0
    learned = [own for own in net.layers if not isinstance(own, Dropout)]
    for number, own in enumerate(learned, net.embedding is None):
        arrays = []
        for letter, array in own.arrays().items():
            at = np.arange(array.size)
            if array.size > most:
                at = np.sort(rng.choice(array.size, most, replace=False))
            name = f"{letter}{number or ''}"
            kind = "b" if letter in ("b", "alpha", "scale") else "W"
            arrays.append(
                _Compared(kind, name, array, at, moves.compare(start + at, letter))
            )
            start += array.size
        layers.append(_layer_check(number, arrays))
    return GradientCheck(tuple(layers), moves.checked, moves.at_kinks, moves.skipped)


class _Compared(NamedTuple):
    """An array of parameters, those that were moved, and their derivatives."""

    kind: str
    name: str
    array: Array
    at: Array
    derivatives: list[Derivative]


def _layer_check(number: int, arrays: list[_Compared]) -> LayerCheck:
    gaps = {"W": 0.0, "b": 0.0}
    worst = ("nothing", 0.0, 0.0)
    for kind, name, array, at, derivatives in arrays:
        given, found, rounding = np.array(derivatives, np.float64).reshape(-1, 3).T
        compared = ~np.isnan(given)
        if not compared.any():
            continue
        at, given, found = at[compared], given[compared], found[compared]
        largest = np.maximum(np.abs(given), np.abs(found))
        allowed = rounding[compared] + TOLERANCE * largest + FLOOR * largest.max()
        distance = np.abs(given - found)
        excess = distance / np.maximum(allowed, np.finfo(np.float64).tiny)
        k = int(excess.argmax())
        if worst[0] == "nothing" or excess[k] > worst[2]:
            indices = ",".join(str(i) for i in np.unravel_index(at[k], array.shape))
            worst = (f"{name}[{indices}]", float(distance[k]), float(excess[k]))
        norm = max(np.linalg.norm(given), np.linalg.norm(found))
        gap = float(np.linalg.norm(distance) / norm) if norm else 0.0
        gaps[kind] = max(gaps[kind], gap)
    count = sum(own.array.size for own in arrays)
    return LayerCheck(number, count, gaps["W"], gaps["b"], *worst)
