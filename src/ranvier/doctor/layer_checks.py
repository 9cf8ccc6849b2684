"""Checks of the layers of a network: weights, activity and gradients on some rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Finding
from ranvier.inspectable import dense_part
from ranvier.network.layers import Dense, DenseLayer
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.run.statistics import layer_statistics

Array = NDArray[Any]

MOST_ROWS: Final = 2000
DEAD: Final = 0.5  # of the units of a layer
SATURATED: Final = 0.5  # of the values of a layer
FLAT: Final = ("sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh")
VANISHING, EXPLODING = 1e-3, 30.0  # largest dZ compared to that of the last layer
GAIN: Final = 10.0  # standard deviation of W times the root of its inputs
SAME: Final = 0.5  # of the units of a layer
NO_EFFECT: Final = 1e-4  # of what the others of the layer contribute
IDLE: Final = 0.25  # of the units of a layer
BOTTLENECK: Final = 2  # units


def weight_findings(net: Network) -> Iterator[Finding]:
    """Yield what the weights alone show."""
    for i, layer in enumerate(net.dense_layers):
        bad = int((~np.isfinite(layer.W)).sum() + (~np.isfinite(layer.b)).sum())
        if bad:
            hidden = [own.units for own in net.dense_layers[:-1]]
            evidence: dict[str, Any] = {"layer": i, "count": bad, "inputs": net.inputs}
            evidence |= {"hidden": hidden, "outputs": net.outputs}
            yield Finding("nonfinite_weights", evidence, change={"restart": True})
            return
    for i, layer in enumerate(net.dense_layers[:-1]):
        count = _same_units(layer)
        if count > SAME * layer.units:
            evidence = {
                "layer": i,
                "count": count,
                "units": layer.units,
            }
            yield Finding("symmetric_units", evidence, change={"restart": True})
            return
    for i, layer in enumerate(net.dense_layers[:-1]):
        least = min(net.dense_layers[0].inputs, 8)
        wider = max(own.units for own in net.dense_layers[:-1]) > layer.units
        if layer.units <= BOTTLENECK and layer.units < least and wider:
            evidence = {
                "layer": i,
                "units": layer.units,
                "proposed": 4 * least,
            }
            evidence["inputs"] = net.dense_layers[0].inputs
            change = {"hidden": [4 * least]}
            yield Finding("bottleneck", evidence, "likely", change)
            return


def _same_units(layer: DenseLayer) -> int:
    """Count units that have the weights of another unit."""
    table = np.vstack([layer.W, layer.b[None]]).T
    if layer.units < 2:
        return 0
    _, index, counts = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    return int((counts[index.reshape(-1)] > 1).sum())


def layer_findings(net: Network, X: Array, Y: Array, loss: Loss) -> Iterator[Finding]:
    """Yield what the layers show on some rows.

    Parameters
    ----------
    net
        The network, with finite weights.
    X, Y
        Inputs (n, d), and targets as the engine has them.
    loss
        What is minimised.
    """
    X, Y = X[:MOST_ROWS], Y[:MOST_ROWS]
    if net.embedding is not None:
        X, net = np.ascontiguousarray(net.embed(X)), dense_part(net)
    statistics = layer_statistics(net, X, Y, None, loss, None)
    values = net.forward(X)
    activity = list(_activity(net, statistics))
    yield from activity
    yield from _idle(net, [own.A for own in values])
    if not any(finding.name == "dead_units" for finding in activity):
        yield from _gradients(net, X, Y, loss, statistics)


def _activity(net: Network, statistics: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield layers with dead units or with saturated ones, the worst of each."""
    hidden = list(zip(net.dense_layers[:-1], statistics[:-1], strict=True))
    dead = [(own["dead"], i) for i, (_, own) in enumerate(hidden)]
    if dead and max(dead)[0] >= DEAD:
        fraction, i = max(dead)
        units = net.dense_layers[i].units
        evidence: dict[str, Any] = {
            "layer": i,
            "count": round(fraction * units),
            "units": units,
        }
        change = {"restart": True, "activation": "leaky_relu"}
        if net.dense_layers[i].activation.name in FLAT:
            yield from _saturated(net, i, 1.0)
            return
        yield Finding("dead_units", evidence, "certain", change)
        return
    flat = [
        (own["saturated"], i)
        for i, (layer, own) in enumerate(hidden)
        if layer.activation.name in FLAT
    ]
    if flat and max(flat)[0] >= SATURATED:
        yield from _saturated(net, max(flat)[1], max(flat)[0])


def _saturated(net: Network, i: int, fraction: float) -> Iterator[Finding]:
    layer = net.dense_layers[i]
    evidence: dict[str, Any] = {
        "layer": i,
        "percent": 100 * fraction,
        "units": layer.units,
    }
    evidence["activation"] = layer.activation.name
    yield Finding("saturated_units", evidence, "certain", {"restart": True})


def _idle(net: Network, outputs: list[Array]) -> Iterator[Finding]:
    """Yield the layer with the most units that the next layer does not use."""
    worst: tuple[float, int, int] = (0.0, 0, 0)
    for i, (A, following) in enumerate(
        zip(outputs[:-1], net.dense_layers[1:], strict=True)
    ):
        effect = A.std(axis=0) * np.sqrt((following.W**2).sum(axis=1))
        count = int((effect <= NO_EFFECT * effect.max(initial=0.0)).sum())
        worst = max(worst, (count / len(effect), i, count))
    fraction, i, count = worst
    units = net.dense_layers[i].units
    if fraction >= IDLE and count < units:
        evidence: dict[str, Any] = {"layer": i, "count": count, "units": units}
        evidence["proposed"] = units - count
        change = {"remove_units": True}
        yield Finding("unit_can_go", evidence, "possible", change)


def _gradients(
    net: Network, X: Array, Y: Array, loss: Loss, statistics: list[dict[str, Any]]
) -> Iterator[Finding]:
    """Yield that the gradient vanishes or explodes on its way down.

    It vanishes if it does now, or if it does in a new network of the same layout.
    """
    dense = net.dense_layers
    if len(dense) < 3:
        return
    fresh = Network(
        net.inputs, [Dense(own.units, own.activation) for own in dense],
        dtype=net.dtype, seed=0,
    )  # fmt: skip
    at_start = _ratio(layer_statistics(fresh, X, Y, None, loss, None))
    now, name = _ratio(statistics), dense[0].activation.name
    gain = max(float(own.W.std()) * np.sqrt(own.W.shape[0]) for own in dense[:-1])
    evidence: dict[str, Any] = {"layer": 0, "activation": name, "hidden": [32, 32]}
    evidence |= {"ratio": min(now, at_start), "now": now, "at_start": at_start}
    if evidence["ratio"] < VANISHING:
        change = {"activation": "relu", "hidden": [32, 32]}
        yield Finding("vanishing_gradient", evidence, "likely", change)
    elif now > EXPLODING and gain > GAIN:
        evidence |= {"ratio": now, "gain": gain}
        cure = {"restart": True, "clip_norm": 1.0}
        yield Finding("exploding_gradient", evidence, "likely", cure)


def _ratio(statistics: list[dict[str, Any]]) -> float:
    """Return the largest dZ of the first layer, compared to the last; 1: not known."""
    first, last = (max(map(abs, statistics[i]["dZ"])) for i in (0, -1))
    return float(first / last) if last and np.isfinite(first / last) else 1.0
