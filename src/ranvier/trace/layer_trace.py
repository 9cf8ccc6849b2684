"""The two passes of a network for some rows, in float64, with every number kept.

f, f' and the losses are the engine's own, in double. What stands here is what joins
them, in the letters of ARCHITECTURE.md:

    Z  = X W + b            dX = dZ W'
    A  = f(Z)               dW = X' dZ        db = column sums of dZ
                            dZ = dA * f'(Z)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network.activations import Activation
from ranvier.network.layers import DenseLayer
from ranvier.network.losses import OWN_ACTIVATION, Loss
from ranvier.network.network import Network

Array = NDArray[np.float64]

FORWARD: Final = ("X", "W", "b", "Z", "A", "slope")
BACKWARD: Final = ("dA", "dZ", "dW", "db", "dX")


class Backward(NamedTuple):
    """The derivatives of L by what a layer has; shapes as in `LayerTrace`."""

    dA: Array
    dZ: Array
    dW: Array
    db: Array
    dX: Array


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """Every number of a dense layer for n rows, as float64 arrays.

    Attributes
    ----------
    number : int
        1 for the first dense layer; W2 is the W of layer 2.
    activation : Activation
        f.
    X : ndarray of shape (n, d_in)
        What comes in: the row, or A of the layer below.
    W, b : ndarray of shape (d_in, d_out), (d_out,)
        Weights and bias.
    Z : ndarray of shape (n, d_out)
        X W + b, the inputs of the units ("H_in").
    A : ndarray of shape (n, d_out)
        f(Z), the outputs of the units ("H_out").
    slope : ndarray of shape (n, d_out)
        f'(Z). Of softmax, in which each output depends on every Z, the Jacobian
        dA[r, i]/dZ[r, j], of the shape (n, d_out, d_out).
    alpha : ndarray of shape (d_out,), or None
        Of a parametric activation: A is Z + alpha (f(Z) - Z), and the slope follows.
    dA, dZ, dX : ndarray
        dL/dA, dL/dZ, dL/dX, of the shapes of A, Z and X.
    dW, db : ndarray
        dL/dW, dL/db, of the shapes of W and b: sums over the rows.

    Raises
    ------
    ValueError
        A derivative is asked for, but the trace was made without targets.
    """

    number: int
    activation: Activation
    X: Array
    W: Array
    b: Array
    Z: Array
    A: Array
    slope: Array
    backward: Backward | None = None
    alpha: Array | None = None

    @property
    def dA(self) -> Array:  # noqa: D102 - see the class
        return self._derivatives("dA").dA

    @property
    def dZ(self) -> Array:  # noqa: D102
        return self._derivatives("dZ").dZ

    @property
    def dW(self) -> Array:  # noqa: D102
        return self._derivatives("dW").dW

    @property
    def db(self) -> Array:  # noqa: D102
        return self._derivatives("db").db

    @property
    def dX(self) -> Array:  # noqa: D102
        return self._derivatives("dX").dX

    @property
    def dalpha(self) -> Array:
        """dL/dalpha of a parametric activation: column sums of dA (f(Z) - Z)."""
        f = self.activation
        values = _engine.activation(f.name, f.parameter, self.Z.reshape(-1))[0]
        change: Array = np.asarray(values).reshape(self.Z.shape) - self.Z
        return np.asarray((self.dA * change).sum(axis=0))

    def gradients(self) -> tuple[Array, ...]:
        """Compute dW, db and, where there is one, dalpha: the order of theta."""
        gradients = (self.dW, self.db)
        return gradients if self.alpha is None else (*gradients, self.dalpha)

    def f(self, unit: int, of: str = "z") -> str:
        """Write the activation of a unit: "mish(z)", "z + 0.9 (mish(z) - z)"."""
        if self.alpha is None:
            return f"{self.activation}({of})"
        return f"{of} + {self.alpha[unit]:.6g} ({self.activation}({of}) - {of})"

    def _derivatives(self, name: str) -> Backward:
        if self.backward is None:
            raise ValueError(
                f"{name}{self.number} is a derivative of the loss, but the trace was "
                "made without targets: give y too, net.trace(X, y)"
            )
        return self.backward

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by their letters, the derivatives among them if known."""
        names = FORWARD if self.backward is None else FORWARD + BACKWARD
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        rows, (d_in, d_out) = len(self.Z), self.W.shape
        told = f"{rows} row{'s' * (rows != 1)}, {d_in} -> {d_out} {self.activation}"
        return f"LayerTrace({self.number}: {told})"


def forward_pass(network: Network, X: Array) -> list[LayerTrace]:
    """Trace a network of float64 up to its outputs; dropout is off."""
    traced: list[LayerTrace] = []
    for layer, (Z, A) in zip(network.dense_layers, network.forward(X), strict=True):
        number, f = len(traced) + 1, layer.activation
        W, b = np.asarray(layer.W, np.float64), np.asarray(layer.b, np.float64)
        alpha = None if layer.alpha is None else np.asarray(layer.alpha, np.float64)
        df = slope(f, Z, A, alpha)
        traced.append(LayerTrace(number, f, X, W, b, Z, A, df, alpha=alpha))
        X = A
    return traced


def backward_pass(
    forward: Sequence[LayerTrace], Y: Array, w: Array | None, loss: Loss
) -> tuple[float, list[LayerTrace]]:
    """Return L, and the layers with the derivatives of L; Y is (n, outputs)."""
    L, dA, dZ = output_loss(forward[-1], Y, w, loss)
    traced: list[LayerTrace] = []
    for layer in reversed(forward):
        if traced:
            dZ = dA * layer.slope
        dX = dZ @ layer.W.T
        derivatives = Backward(dA, dZ, layer.X.T @ dZ, dZ.sum(axis=0), dX)
        traced.append(replace(layer, backward=derivatives))
        dA = dX
    return L, traced[::-1]


def output_loss(
    last: LayerTrace, Y: Array, w: Array | None, loss: Loss
) -> tuple[float, Array, Array]:
    """Return L, and dL/dA and dL/dZ of the last layer."""
    f = last.activation.name
    if loss.name not in OWN_ACTIVATION:
        L, dA = _engine.output_loss(loss.engine, "identity", last.A, Y, w)
        return L, dA, dA * last.slope
    # These losses have f built in, since dL/dZ in one piece is safe for any Z.
    L, dZ = _engine.output_loss(loss.engine, f, last.Z, Y, w)
    return L, dZ if f == "identity" else _own_slope(last.A, Y, w, loss), dZ


def _own_slope(A: Array, Y: Array, w: Array | None, loss: Loss) -> Array:
    """Compute dL/dA of a loss that has its activation built in.

    It is infinite where an output that should not be 0 (or 1) is: there dA f'(Z) has no
    value, and dL/dZ, which has one, says all.
    """
    if loss.name == "cross_entropy":  # L = -sum Y~ log A
        smoothed = (1 - loss.parameter) * Y + loss.parameter / Y.shape[1]
        dA = -_ratio(smoothed, A)
    elif loss.name == "log_loss":  # L = -mean (Y log A + (1 - Y) log(1 - A))
        dA = (_ratio(1 - Y, 1 - A) - _ratio(Y, A)) / Y.shape[1]
    else:  # poisson: L = mean (A - Y log A)
        dA = (1 - _ratio(Y, A)) / Y.shape[1]
    return dA * row_shares(w, len(A))[:, None]


def row_shares(w: Array | None, rows: int) -> Array:
    """Return the weight of each row in the mean, w_r / sum w."""
    shares: Array = np.full(rows, 1 / rows) if w is None else w / w.sum()
    return shares


def _ratio(top: Array, bottom: Array) -> Array:
    """Divide; 0 over anything is 0, and anything over 0 is infinite."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(top == 0, 0.0, top / bottom)


def slope(f: Activation, Z: Array, A: Array, alpha: Any = None) -> Array:
    """Compute f'(Z); the Jacobian (n, d_out, d_out) of softmax."""
    if f.name == "softmax":  # dA_i/dZ_j = A_i ((i = j) - A_j)
        jacobian: Array = A[:, :, None] * (np.eye(A.shape[1]) - A[:, None, :])
        return jacobian
    _, df = _engine.activation(f.name, f.parameter, Z.reshape(-1))
    df = np.asarray(df).reshape(Z.shape)
    if alpha is not None:
        df = 1 + alpha * (df - 1)
    return np.asarray(df, Z.dtype)


def memory(layers: Sequence[DenseLayer], rows: int, *, derivatives: bool) -> int:
    """Count the bytes that the trace of so many rows takes, parameters left out."""
    return 8 * rows * sum(_values_a_row(layers, derivatives))


def _values_a_row(layers: Sequence[DenseLayer], derivatives: bool) -> Iterator[int]:
    for place, layer in enumerate(layers):
        units = layer.units
        yield layer.inputs if place == 0 else 0  # above that, X is A of the layer below
        yield 2 * units  # Z and A
        yield units * units if layer.activation.name == "softmax" else units
        yield units + layer.inputs if derivatives else 0  # dZ and dX, which is dA below
        yield units if derivatives and layer is layers[-1] else 0  # dA of the outputs
