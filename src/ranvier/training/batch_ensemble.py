"""Networks that share their weights but for vectors of their own: BatchEnsemble.

A hidden layer of member m is

    W_m[i, o] = r_m[i] W[i, o] s_m[o]        b_m[o]

(Wen, Tran & Ba, "BatchEnsemble", 2020; with the last layer each member's own as in
TabM: Gorishniy, Kotelnikov & Babenko, 2025). So a member is a plain network, and what
its own gradient says of what is shared follows by the chain rule:

    dW[i, o] = sum over m of r_m[i] dW_m[i, o] s_m[o]
    dr_m[i]  = sum over o of dW_m[i, o] W[i, o] s_m[o]
    ds_m[o]  = sum over i of dW_m[i, o] W[i, o] r_m[i]

An embedding is shared as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network import spec
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network

Array = NDArray[Any]


class SharedLayer(NamedTuple):
    """A hidden layer of all k members: W (d_in, d_out), r (k, d_in), s, b (k, d_out).

    Also the home of what is shaped like them: their gradients.
    """

    W: Array
    r: Array
    s: Array
    b: Array

    def unfold(self, m: int, layer: DenseLayer) -> None:
        """Write W_m and b_m into the layer of a network."""
        with np.errstate(over="ignore", invalid="ignore"):  # losses tell of it
            np.multiply(self.r[m][:, None], self.W, out=layer.W)
            np.multiply(layer.W, self.s[m], out=layer.W)
        layer.b[...] = self.b[m]

    def fold(self, m: int, gradient: DenseLayer, to: SharedLayer) -> None:
        """Add to dW, and set dr_m, ds_m and db_m, by dW_m and db_m, which are spent."""
        r, s, dW = self.r[m], self.s[m], gradient.W
        with np.errstate(over="ignore", invalid="ignore"):
            by_W = dW * self.W
            np.einsum("io,o->i", by_W, s, out=to.r[m])
            np.einsum("io,i->o", by_W, r, out=to.s[m])
            np.multiply(dW, s, out=dW)
            np.multiply(dW, r[:, None], out=dW)
            np.add(to.W, dW, out=to.W)
        to.b[m] = gradient.b

    def alone(self) -> SharedLayer:
        """Return a dW of zeros, beside the same dr, ds and db."""
        return self._replace(W=np.zeros_like(self.W))


class UnsharedLayer(NamedTuple):
    """The last layer, which each member has for itself: W (k, d_in, d_out), b."""

    W: Array
    b: Array

    def unfold(self, m: int, layer: DenseLayer) -> None:
        """Write W_m and b_m into the layer of a network."""
        layer.W[...] = self.W[m]
        layer.b[...] = self.b[m]

    def fold(self, m: int, gradient: DenseLayer, to: UnsharedLayer) -> None:
        """Set dW_m and db_m."""
        to.W[m] = gradient.W
        to.b[m] = gradient.b


class BatchEnsemble:
    """The parameters of k networks of one shape that share their weights.

    Parameters
    ----------
    net
        The shape: dense layers with plain activations, and what else a network has.
    members
        k, at least 1.
    theta
        (size,) to look into; None: zeros.

    Attributes
    ----------
    theta : ndarray of shape (size,)
        All of them: of an embedding, then the W, r and s of each layer, and last all b.
    decayed : int
        How many come before the first b.
    common : ndarray
        Those of the embedding.
    hidden : list of SharedLayer
    last : UnsharedLayer

    Raises
    ------
    ValueError
        A layer has a parametric activation.
    """

    def __init__(self, net: Network, members: int, theta: Array | None = None) -> None:
        if any(layer.parametric for layer in net.dense_layers):
            raise ValueError(
                "networks that share their weights have no parametric activations: "
                "build the layers without parametric=True"
            )
        self.members = members
        self._start = 0 if net.embedding is None else _size(net.embedding.arrays())
        shapes = list(_shapes(net.dense_layers, members))
        sizes = [self._start, *(int(np.prod(shape)) for _, shape in shapes)]
        ends = np.cumsum(sizes)
        self.theta = np.zeros(ends[-1], net.dtype) if theta is None else theta
        views = [
            self.theta[start:end].reshape(shape)
            for start, end, (_, shape) in zip(ends, ends[1:], shapes, strict=False)
        ]
        self.common = self.theta[: self._start]
        self.decayed = int(ends[next(i for i, s in enumerate(shapes) if s[0] == "b")])
        count = len(net.dense_layers) - 1
        weights, biases = views[: 3 * count + 1], views[3 * count + 1 :]
        self.hidden = [
            SharedLayer(weights[3 * i], weights[3 * i + 1], weights[3 * i + 2], b)
            for i, b in enumerate(biases[:-1])
        ]
        self.last = UnsharedLayer(weights[-1], biases[-1])

    def unfold(self, m: int, net: Network) -> None:
        """Write the parameters of member m into a network."""
        net.theta[: self._start] = self.common
        *hidden, last = net.dense_layers
        for layer, own in zip(self.hidden, hidden, strict=True):
            layer.unfold(m, own)
        self.last.unfold(m, last)

    def fold(self, m: int, gradient: Gradients, to: GradientSums) -> None:
        """Add what the gradient of member m says of the parameters."""
        to.common += gradient.theta[: self._start]
        *hidden, last = gradient.layers
        for layer, own, sums in zip(self.hidden, hidden, to.hidden, strict=True):
            layer.fold(m, own, sums)
        self.last.fold(m, last, to.last)

    def start(self, net: Network, sections: Sequence[Any], seed: int) -> None:
        """Draw the parameters as TabM's authors do, with random signs.

        W and b are uniform within 1 / sqrt(d_in), the b of all members alike but in
        the last layer; of the first layer every r is 1 or -1, one for all inputs of a
        section; all other r, and s, are 1.

        Parameters
        ----------
        net
            Its embedding's parameters are taken as they are.
        sections
            (inputs,) names what each input of the network belongs to.
        seed
            The same seed draws the same.
        """
        rng = np.random.default_rng(seed)
        self.common[...] = net.theta[: self._start]
        _, place = np.unique(np.asarray(sections, str), return_inverse=True)
        if net.embedding is not None:
            outputs = [column.outputs for column in net.embedding.columns]
            place = np.repeat(place, outputs)
        for depth, layer in enumerate(self.hidden):
            most = layer.W.shape[0] ** -0.5
            layer.W[...] = rng.uniform(-most, most, layer.W.shape)
            layer.b[...] = rng.uniform(-most, most, layer.b.shape[1])
            layer.r[...] = 1
            layer.s[...] = 1
            if depth == 0:
                signs = rng.choice([-1, 1], (self.members, place.max() + 1))
                layer.r[...] = signs[:, place]
        most = self.last.W.shape[1] ** -0.5
        self.last.W[...] = rng.uniform(-most, most, self.last.W.shape)
        self.last.b[...] = rng.uniform(-most, most, self.last.b.shape)


class Gradients:
    """The gradient of one network, and its layers' parts as views of it."""

    def __init__(self, net: Network) -> None:
        self.theta = np.empty_like(net.theta)
        bound = spec.bind(net.inputs, net.layers, self.theta)
        self.layers = [layer for layer in bound if isinstance(layer, DenseLayer)]


class GradientSums:
    """What some members' gradients say of the parameters, given those of all.

    What is a member's own lies where that of all lies; what all share is summed here.
    """

    def __init__(self, total: BatchEnsemble) -> None:
        self.common = np.zeros_like(total.common)
        self.hidden = [layer.alone() for layer in total.hidden]
        self.last = total.last

    @property
    def shared(self) -> list[Array]:
        """The arrays that are summed."""
        return [self.common, *(layer.W for layer in self.hidden)]

    def clear(self) -> None:
        """Start again."""
        for values in self.shared:
            values[...] = 0


def add_up(parts: Sequence[GradientSums], total: BatchEnsemble) -> None:
    """Set what all share to the sum of the parts, in their order."""
    shared = [total.common, *(layer.W for layer in total.hidden)]
    for values, *terms in zip(shared, *(part.shared for part in parts), strict=True):
        values[...] = terms[0]
        for term in terms[1:]:
            values += term


def _shapes(
    layers: Sequence[DenseLayer], k: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name the arrays of all dense layers in the order of theta, with their shapes."""
    *hidden, last = layers
    for layer in hidden:
        yield "W", (layer.inputs, layer.units)
        yield "r", (k, layer.inputs)
        yield "s", (k, layer.units)
    yield "W", (k, last.inputs, last.units)
    for layer in layers:
        yield "b", (k, layer.units)


def _size(arrays: dict[str, Array]) -> int:
    return sum(values.size for values in arrays.values())
