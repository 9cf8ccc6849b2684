"""Derivatives of L by central differences, one parameter at a time.

The step of a parameter is the one that moves some Z by one of `REACHES`, whatever the
sizes of the columns and weights. Two steps, one half the other, give an extrapolated
difference and its error (Richardson, 1911). What rounding does to L is bounded from the
numbers of the forward and backward pass, so a large L is allowed a larger gap.

A row for which a kink lies within the step, such as Z = 0 of relu, has no derivative to
compare there. It is left out, of both sides, for that parameter alone.
"""

from math import pi
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.inspectable import dense_part
from ranvier.network import losses
from ranvier.network.activations import Activation
from ranvier.network.array_inputs import as_matrix, as_targets, as_weights
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.network.passes import LayerValues
from ranvier.trace.layer_trace import backward_pass, forward_pass

Array = NDArray[Any]

# How far a step moves the Z that it moves most; those after the first are tried where
# rounding, curvature or a kink could hide a gap.
REACHES: Final = (0.02, 0.2, 0.002, 2e-5)
SHORT: Final = 1e-4  # a reach below it passes a jump of f'' without harm
TOLERANCE: Final = 1e-3  # gap that is allowed, relative to the derivative
ROUNDING: Final = 20 * float(np.finfo(np.float64).eps)  # of L, relative to its terms

# Where f' jumps, and where only f'' does.
KINKS: Final[dict[str, tuple[float, ...]]] = {
    "relu": (0.0,),
    "leaky_relu": (0.0,),
    "relu6": (0.0, 6.0),
    "elu": (0.0,),  # f' jumps unless alpha is 1
    "selu": (0.0,),
    "hard_sigmoid": (-3.0, 3.0),
    "hard_tanh": (-1.0, 1.0),
}
BENDS: Final[dict[str, tuple[float, ...]]] = {"softsign": (0.0,)}


class Derivative(NamedTuple):
    """dL/dtheta_k by backpropagation and by differences; NaN where not compared."""

    given: float
    found: float
    allowed: float  # by rounding and by what extrapolation leaves


class Differences:
    """A network whose parameters are moved one at a time; it is left as it was."""

    def __init__(
        self, net: Network, X: Any, y: Any, loss: str | Loss | None, weights: Any
    ) -> None:
        self.loss = losses.choose(loss, net.activation)
        net.loss_and_gradient(X, y, loss=self.loss, sample_weight=weights)  # or refuse
        self.net = net
        self.X, _ = as_matrix(X, np.float64, net.inputs)
        self.Y = as_targets(y, self.loss, net.outputs, np.float64, rows=len(self.X))
        rows = len(self.X)
        self.w = np.ones(rows) if weights is None else as_weights(weights, rows)
        self.values = net.forward(self.X)
        self.terms = self._terms()
        self.gradients: dict[bytes, Array] = {}
        self.checked = self.at_kinks = self.skipped = 0

    def compare(self, places: Array, name: str) -> list[Derivative]:
        """Return both derivatives of L by some parameters of the array of a name."""
        least = 0.0
        if name.endswith(".w"):  # a frequency w: the phase 2 pi w x counts as a Z
            column = int(name.removesuffix(".w"))
            least = 2 * pi * float(np.abs(self.X[:, column]).max())
        return [self._derivative(int(k), least) for k in places]

    def _derivative(self, k: int, least: float) -> Derivative:
        """Compare with the step that leaves the least to rounding and curvature."""
        rate = max(self._rate(k), least)
        best: tuple[bool, int, float] | None = None
        chosen = Derivative(np.nan, np.nan, np.nan)
        for reach in REACHES:
            h = self._step(k, reach, rate)
            moves = (h, -h, h / 2, -h / 2)
            left_out = self._crossing(k, moves, bends=reach > SHORT)
            w = np.where(left_out, 0.0, self.w)
            if not w.any():
                continue
            up, down, half_up, half_down = (self._loss(k, move, w) for move in moves)
            whole, half = (up - down) / (2 * h), (half_up - half_down) / h
            found = (4 * half - whole) / 3
            rounding = ROUNDING * self.terms * self.w.sum() / w.sum() / h
            allowed = rounding + abs(found - half)
            rough = allowed > 5 * TOLERANCE * abs(found)
            quality = rough, int(left_out.sum()), allowed
            if best is None or quality < best:
                best = quality
                chosen = Derivative(float(self._given(w)[k]), found, allowed)
            if not left_out.any() and allowed <= TOLERANCE * abs(found):
                break
        self.checked += best is not None
        self.skipped += best is None
        self.at_kinks += best is not None and best[1] > 0
        return chosen

    def _rate(self, k: int) -> float:
        """Return by how much the Z that moves most does, per unit of a parameter."""
        probe = 1e-6 * max(1.0, abs(float(self.net.theta[k])))
        pairs = zip(self.values, self._forward(k, probe), strict=True)
        return max(float(np.abs(new.Z - old.Z).max()) for old, new in pairs) / probe

    def _step(self, k: int, reach: float, rate: float) -> float:
        size = max(1.0, abs(float(self.net.theta[k])))
        return min(reach / rate, 5 * reach * size) if rate else reach * size

    def _crossing(
        self, k: int, moves: tuple[float, ...], *, bends: bool
    ) -> NDArray[np.bool_]:
        """Return the rows for which a kink lies within the step (n,)."""
        here = self._sides(self.values, bends)
        crossing = np.zeros(len(self.X), np.bool_)
        if here.shape[1]:
            for move in moves:
                there = self._sides(self._forward(k, move), bends)
                crossing |= (there != here).any(axis=1)
        return crossing

    def _sides(self, values: list[LayerValues], bends: bool) -> NDArray[np.int8]:
        """Return on which side of each kink every row stands: -1, 0 or 1."""
        sides = [
            np.sign(Z - kink).astype(np.int8)
            for layer, (Z, _) in zip(self.net.dense_layers, values, strict=True)
            for kink in _kinks(layer.activation, bends)
        ]
        if self.loss.name in ("absolute_error", "quantile"):
            sides.append(np.sign(values[-1].A - self.Y).astype(np.int8))
        if self.loss.name == "huber" and bends:
            distance = np.abs(values[-1].A - self.Y)
            sides.append(np.sign(distance - self.loss.parameter).astype(np.int8))
        return np.hstack([np.zeros((len(self.X), 0), np.int8), *sides])

    def _terms(self) -> float:
        """Return the size of the terms in L: what a relative error of each does to it.

        That is L, and over all layers |dZ| (|X| |W| + |b|), to first order. Losses that
        have f built in take the difference of numbers as large as Y Z.
        """
        net, Y = self.net, self.Y
        Y = np.eye(net.outputs)[Y] if Y.ndim == 1 else Y
        forward = forward_pass(dense_part(net), net.embed(self.X))
        L, layers = backward_pass(forward, Y, self.w, self.loss)
        total = abs(L)
        for own in layers:
            sums = np.abs(own.X) @ np.abs(own.W) + np.abs(own.b)
            total += float((np.abs(own.dZ) * sums).sum())
        if self.loss.name in losses.OWN_ACTIVATION:
            products = np.abs(layers[-1].Z).max(axis=1)
            products *= np.maximum(1, np.abs(Y).max(axis=1))
            total += float(np.average(products, weights=self.w))
        return total

    def _given(self, w: Array) -> Array:
        """Return the gradient by backpropagation, with some weights of the rows."""
        key = w.tobytes()
        if key not in self.gradients:
            _, gradient = self.net.loss_and_gradient(
                self.X, self.Y, loss=self.loss, sample_weight=w
            )
            self.gradients[key] = gradient.theta
        return self.gradients[key]

    def _loss(self, k: int, move: float, w: Array) -> float:
        value = self.net.theta[k]
        self.net.theta[k] = value + move
        L, _ = self.net.loss_and_gradient(
            self.X, self.Y, loss=self.loss, sample_weight=w
        )
        self.net.theta[k] = value
        return L

    def _forward(self, k: int, move: float) -> list[LayerValues]:
        value = self.net.theta[k]
        self.net.theta[k] = value + move
        values = self.net.forward(self.X)
        self.net.theta[k] = value
        return values


def _kinks(f: Activation, bends: bool) -> tuple[float, ...]:
    """Return where f' jumps; with ``bends`` also where only f'' does."""
    kinks = KINKS.get(f.name, ())
    smooth = f.name == "elu" and f.parameter == 1
    if bends:
        return kinks + BENDS.get(f.name, ())
    return () if smooth else kinks
