"""What a layer looks like at an epoch, from a sample of the rows."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network import spec
from ranvier.network.layers import DenseLayer
from ranvier.network.losses import OWN_ACTIVATION, Loss
from ranvier.network.network import Network

Array = NDArray[Any]

QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
SAMPLE_ROWS: Final = 64
SAMPLE_VALUES: Final = 2048
# A slope below this share of the steepest one of the layer's activation is no slope.
SATURATED: Final = 0.01


def layer_statistics(
    net: Network,
    X: Array,
    Y: Array,
    weights: Array | None,
    loss: Loss,
    before: Array | None,
) -> list[dict[str, Any]]:
    """Describe each dense layer.

    Parameters
    ----------
    net
        The network.
    X, Y, weights
        The sample of rows, (n, d_in), (n, k) or labels (n,), (n,) or None.
    loss
        What is minimised.
    before
        The parameters an epoch ago; None: not known.

    Returns
    -------
    list of dict
        For each dense layer the quantiles 0, 5, 25, 50, 75, 95 and 100 % of W, b, A, dZ
        and dW; ``dead``, the fraction of units whose slope is 0 on every row;
        ``saturated``, the fraction of slopes near 0; ``update``, the length of the step
        that the epoch has taken in W, divided by the length of W.
    """
    passes = net.forward(X)
    layers = zip(net.dense_layers, passes, strict=True)
    slopes = [_slope(layer, values.Z) for layer, values in layers]
    dZ = output_gradient(net, passes[-1].Z, Y, weights, loss)
    found: list[dict[str, Any]] = []
    old = _views(net, before)
    for i in reversed(range(len(passes))):
        layer = net.dense_layers[i]
        X_i = net.embed(X) if i == 0 else passes[i - 1].A
        dW = X_i.T @ dZ
        entry = {"W": layer.W, "b": layer.b, "A": passes[i].A, "dZ": dZ, "dW": dW}
        last = i == len(passes) - 1
        found.append(
            {name: _quantiles(values) for name, values in entry.items()}
            | _activity(None if last else slopes[i])
            | {"update": _step(layer.W, old[i]) if old else None}
        )
        if i:
            dZ = (dZ @ layer.W.T) * slopes[i - 1]
    return found[::-1]


def output_gradient(
    net: Network, Z: Array, Y: Array, weights: Array | None, loss: Loss
) -> Array:
    """Compute dL/dZ of the last layer, (n, k)."""
    if Y.ndim == 1:
        Y = np.eye(net.outputs, dtype=net.dtype)[Y]
    name = net.activation.name
    own = OWN_ACTIVATION.get(loss.name)
    if own is not None and name == "identity":
        name = own[1]
    Y = np.ascontiguousarray(Y, net.dtype)
    _, dZ = _engine.output_loss(loss.engine, name, np.ascontiguousarray(Z), Y, weights)
    return np.asarray(dZ)


def _slope(layer: Any, Z: Array) -> Array:
    """Compute f'(Z); that of softmax, no function of one number, is not asked for."""
    f = layer.activation
    if f.name == "softmax":
        return np.ones_like(Z)
    flat = np.ascontiguousarray(Z).reshape(-1)
    slope: Array = _engine.activation(f.name, f.parameter, flat)[1].reshape(Z.shape)
    if layer.alpha is not None:
        slope = 1 + layer.alpha * (slope - 1)
    return slope


def _activity(slope: Array | None) -> dict[str, float | None]:
    if slope is None:  # outputs have no choice but to be what they are
        return {"dead": None, "saturated": None}
    small = np.abs(slope) <= SATURATED
    return {
        "dead": float((slope == 0).all(axis=0).mean()),
        "saturated": float(small.mean()),
    }


def _quantiles(values: Array) -> list[float]:
    flat = values.reshape(-1)
    if flat.size > SAMPLE_VALUES:
        flat = flat[:: -(-flat.size // SAMPLE_VALUES)]
    # Nearest ranks of the sorted values: np.quantile costs ten times as much.
    ordered = np.sort(flat)
    places = [round(q * (ordered.size - 1)) for q in QUANTILES]
    return [float(f"{value:.6g}") for value in ordered[places].tolist()]


def _views(net: Network, theta: Array | None) -> list[Array]:
    """Cut an older theta into the W of each dense layer."""
    if theta is None:
        return []
    layers = spec.bind(net.inputs, net.layers, theta)
    return [layer.W for layer in layers if isinstance(layer, DenseLayer)]


def _step(W: Array, before: Array) -> float:
    length = float(np.linalg.norm(W))
    return float(np.linalg.norm(W - before)) / length if length else 0.0
