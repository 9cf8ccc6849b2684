"""The gradients of outputs by inputs, for many rows, at the network's own precision.

All of it is the engine's work: the forward pass, f', and the products dX = dZ W', each
the forward pass of a layer whose weights are W' and whose f is the identity.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network
from ranvier.network.passes import Passes
from ranvier.trace.layer_trace import slope

Array = NDArray[Any]


class InputGradients:
    """The gradients dF/dx of a network F; its parameters are taken as they are now.

    Parameters
    ----------
    network
        The network.
    slopes
        Gives dF/dA (n, outputs) for outputs A of the network; None: F is A.
    """

    def __init__(
        self, network: Network, slopes: Callable[[Array], Array] | None = None
    ) -> None:
        self._network = network
        self._slopes = slopes
        self._backward = [_transposed(layer) for layer in network.dense_layers]

    def __call__(self, X: Array, outputs: NDArray[np.intp]) -> Array:
        """Give, for each row of X (n, inputs), the gradient of one of its outputs.

        ``outputs`` (n,) are the numbers of the outputs; the result is (n, inputs).
        """
        passed = self._network.forward(X)
        layers = self._network.dense_layers
        dA = np.zeros_like(passed[-1].A)
        own = np.arange(len(dA)), outputs
        dA[own] = 1 if self._slopes is None else self._slopes(passed[-1].A)[own]
        for layer, (Z, A), back in zip(
            reversed(layers), reversed(passed), reversed(self._backward), strict=True
        ):
            if layer.activation.name == "softmax":  # dA_o/dZ_j = A_o ((j = o) - A_j)
                dZ = (dA * A).sum(axis=1, keepdims=True) * (dA - A)
            else:
                dZ = dA
                dZ *= slope(layer.activation, Z, A, layer.alpha)
            dA = back.predict(dZ)
        return dA


def _transposed(layer: DenseLayer) -> Passes:
    """Make the layer that multiplies by W'."""
    theta = np.concatenate([layer.W.T.reshape(-1), np.zeros_like(layer.W[:, 0])])
    backward = ("dense", layer.inputs, "identity", 0.0)
    return Passes(_engine.Network(layer.units, [backward]), theta)
