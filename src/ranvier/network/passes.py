"""The engine's passes over a network: predictions, every Z and A, loss and gradient."""

from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.network.layers import BoundLayer
from ranvier.network.losses import Loss

Array = NDArray[Any]

# Floating-point operations for which a call starts threads of its own: with fewer, to
# start and to end them costs more than they save.
SHARED_WORK = 50_000_000


class LayerValues(NamedTuple):
    """What a dense layer computes for some rows.

    Attributes
    ----------
    Z : ndarray of shape (n, units)
        Inputs of the units, Z = X W + b.
    A : ndarray of shape (n, units)
        Outputs of the units, A = f(Z).

    Examples
    --------
    >>> import ranvier as rv
    >>> values = rv.Network(1, [rv.Dense(1, "relu", W=[[2.0]])]).forward([[-3.0]])
    >>> values[0].Z.tolist(), values[0].A.tolist()
    ([[-6.0]], [[0.0]])
    """

    Z: Array
    A: Array


class Gradient(NamedTuple):
    """The derivatives of a loss by every parameter, laid out like the network's own.

    Attributes
    ----------
    theta : ndarray of shape (parameters,)
        dL/dtheta, flat.
    layers : tuple
        The layers; ``layers[i].W`` is dW and ``layers[i].b`` db, views of ``theta``.

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network(1, [rv.Dense(1, W=[[2.0]])], dtype="float64")
    >>> L, gradient = net.loss_and_gradient([[3.0]], [5.0])
    >>> gradient.theta.tolist(), gradient.layers[0].b.tolist()
    ([6.0, 2.0], [2.0])
    """

    theta: Array
    layers: tuple[BoundLayer, ...]


@final
class Passes:
    """The passes over one network, for arrays that are checked.

    Memory is kept from call to call. Several Python threads may call at once: each call
    takes a workspace to itself.
    """

    __slots__ = ("_free", "network", "theta")

    def __init__(self, network: _engine.Network, theta: Array) -> None:
        self.network = network
        self.theta = theta
        self._free: list[_engine.Workspace] = []

    def predict(self, X: Array) -> Array:
        """Return A of the last layer."""
        A = np.empty((X.shape[0], self.network.outputs), self.theta.dtype)
        workspace = self._take(2.0 * X.shape[0] * self.theta.size)
        try:
            _engine.predict(self.network, self.theta, X, A, workspace)
        finally:
            self._give_back(workspace)
        return A

    def embed(self, X: Array) -> Array:
        """Return what the embedding makes of X."""
        workspace = self._take(2.0 * X.shape[0] * self.theta.size)
        try:
            return _engine.embed(self.network, self.theta, X, workspace)
        finally:
            self._give_back(workspace)

    def values(self, X: Array) -> list[LayerValues]:
        """Compute Z and A of each dense layer."""
        workspace = self._take(2.0 * X.shape[0] * self.theta.size)
        try:
            pairs = _engine.activations(self.network, self.theta, X, workspace)
        finally:
            self._give_back(workspace)
        return [LayerValues(Z, A) for Z, A in pairs]

    def loss_and_gradient(
        self, X: Array, Y: Array, weights: Array | None, loss: Loss
    ) -> tuple[float, Array]:
        """Compute L and dL/dtheta."""
        dtheta = np.empty_like(self.theta)
        workspace = self._take(6.0 * X.shape[0] * self.theta.size)
        try:
            L = _engine.loss_and_gradient(
                self.network, self.theta, X, Y, weights, loss.engine, dtheta, workspace
            )
        finally:
            self._give_back(workspace)
        return L, dtheta

    def _take(self, work: float) -> _engine.Workspace:
        """Return a workspace for a call of so many floating-point operations."""
        if work >= SHARED_WORK and (n_threads := threads.available()) > 1:
            return _engine.Workspace(n_threads)
        try:
            return self._free.pop()
        except IndexError:
            return _engine.Workspace(1)

    def _give_back(self, workspace: _engine.Workspace) -> None:
        """Keep a workspace for the next call, unless it holds threads."""
        if workspace.n_threads == 1:
            self._free.append(workspace)
