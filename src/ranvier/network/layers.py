"""The kinds of layer: frozen descriptions, and dense layers with their W and b."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier.checks import checked_bool, checked_size
from ranvier.messages import unknown
from ranvier.network import activations, embedding, initializers
from ranvier.network.activations import Activation
from ranvier.network.embedding import Embedding, EmbeddingLayer

Parameters = NDArray[np.floating[Any]]


@dataclass(frozen=True, init=False, repr=False)
class Dense:
    """A layer in which every unit sees every input: A = f(X W + b).

    Parameters
    ----------
    units
        How many units, which is how many outputs.
    activation
        The function f: a name, or an `Activation` such as ``leaky_relu(0.2)``.
    parametric
        Whether each unit learns how much of f it takes: A = Z + alpha (f(Z) - Z), with
        an alpha of each unit that starts at 1 (Holzmueller et al. 2024). Not for the
        last layer of a network.
    W
        How the weights start: ``glorot_uniform``, ``glorot_normal``, ``he_uniform``,
        ``he_normal``, ``lecun_uniform``, ``lecun_normal``, ``zeros``, or an array
        (d_in, d_out). None: he_uniform for relu and its relatives, lecun_normal for
        selu, else glorot_uniform.
    b
        How the bias starts: a name as for `W`, or an array (d_out,).

    Raises
    ------
    ValueError
        A size is no positive integer, or a name is unknown.

    Notes
    -----
    How a layer starts is no part of what it is: it does not count in ``==`` and is not
    saved. Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998.

    Examples
    --------
    >>> Dense(100, "relu")
    Dense(100, 'relu')
    """

    units: int
    activation: Activation
    parametric: bool
    W: str | NDArray[np.float64] = field(compare=False)
    b: str | NDArray[np.float64] = field(compare=False)

    def __init__(
        self,
        units: int,
        activation: str | Activation = "identity",
        *,
        parametric: bool = False,
        W: str | ArrayLike | None = None,
        b: str | ArrayLike = "zeros",
    ) -> None:
        f = activations.resolve(activation)
        if W is None:
            W = initializers.default_for(f)
        object.__setattr__(self, "units", checked_size("units", units))
        object.__setattr__(self, "activation", f)
        object.__setattr__(self, "parametric", checked_bool("parametric", parametric))
        object.__setattr__(self, "W", _start("W", W, ndim=2))
        object.__setattr__(self, "b", _start("b", b, ndim=1))

    def __repr__(self) -> str:
        parts = [str(self.units)]
        f = self.activation
        if f.name != "identity":
            parts.append(repr(f.name) if str(f) == f.name else str(f))
        parts += ["parametric=True"] * self.parametric
        usual = {"W": initializers.default_for(f), "b": "zeros"}
        for name, default in usual.items():
            start = getattr(self, name)
            if not isinstance(start, str):
                parts.append(f"{name}=<array {start.shape}>")
            elif start != default:
                parts.append(f"{name}={start!r}")
        return f"Dense({', '.join(parts)})"


@dataclass(frozen=True)
class Dropout:
    """In training, set each value to zero with probability `rate`.

    The values that stay are divided by 1 - rate, so that their mean stays the same
    (Srivastava et al. 2014). In predicting it does nothing.

    Parameters
    ----------
    rate
        Probability of a zero, in [0, 1).

    Raises
    ------
    ValueError
        The rate is not in [0, 1).

    Examples
    --------
    >>> Dropout(0.1)
    Dropout(rate=0.1)
    """

    rate: float

    def __post_init__(self) -> None:
        try:
            rate = float(self.rate)
        except (TypeError, ValueError):
            rate = -1.0
        if not 0 <= rate < 1:
            raise ValueError(
                f"the rate of Dropout must lie in [0, 1), but got {self.rate!r}: give "
                "the fraction of values to drop, for example 0.1"
            )
        object.__setattr__(self, "rate", rate)


@final
class DenseLayer:
    """A dense layer of a network: its inputs, units and activation, and W and b.

    W (d_in, d_out) and b (d_out,) look into the one array `theta` of the network, as
    does alpha (d_out,) of a parametric activation, which is None in other layers. Write
    into them (``layer.W[...] = values``); they cannot be replaced.

    Parameters
    ----------
    inputs, units
        d_in and d_out.
    activation
        The `Activation`.
    W, b, alpha
        Arrays (d_in, d_out), (d_out,) and (d_out,), or None; a `Network` makes them.

    Examples
    --------
    >>> from ranvier.network.network import Network
    >>> net = Network(2, [Dense(1)])
    >>> net.layers[0].W[...] = 3
    >>> net.theta.tolist()
    [3.0, 3.0, 0.0]
    """

    __slots__ = ("W", "activation", "alpha", "b", "inputs", "units")

    inputs: int
    units: int
    activation: Activation
    W: Parameters
    b: Parameters
    alpha: Parameters | None

    def __init__(
        self,
        inputs: int,
        units: int,
        activation: Activation,
        W: Parameters,
        b: Parameters,
        alpha: Parameters | None = None,
    ) -> None:
        given = {"inputs": inputs, "units": units, "activation": activation}
        for name, value in (given | {"W": W, "b": b, "alpha": alpha}).items():
            object.__setattr__(self, name, value)

    @property
    def parametric(self) -> bool:
        """Whether the activation has an alpha of each unit."""
        return self.alpha is not None

    def arrays(self) -> dict[str, Parameters]:
        """Return the parameters by their letters, in the order of theta.

        Returns
        -------
        dict of str to ndarray
            W (d_in, d_out), b (d_out,) and, where there is one, alpha (d_out,): views.

        Examples
        --------
        >>> from ranvier.network.network import Network
        >>> list(Network(2, [Dense(1)]).layers[0].arrays())
        ['W', 'b']
        """
        arrays = {"W": self.W, "b": self.b}
        return arrays if self.alpha is None else arrays | {"alpha": self.alpha}

    def __setattr__(self, name: str, value: object) -> None:
        if value is getattr(self, name, None):
            return  # `layer.W *= 2` has written in place and now assigns the same array
        if name in ("W", "b", "alpha"):
            raise AttributeError(
                f"{name} is a view of the network's parameters and cannot be replaced "
                f"by another object: write into it, layer.{name}[...] = values"
            )
        raise AttributeError(
            f"a layer of a network is frozen, so {name!r} cannot be set: build a new "
            "Network with the layers you want"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        arrays = self.W, self.b, self.alpha
        return DenseLayer, (self.inputs, self.units, self.activation, *arrays)

    def __repr__(self) -> str:
        told = f"{self.inputs} -> {self.units}, {self.activation}"
        return f"DenseLayer({told}{', parametric' * self.parametric})"


Layer = Dense | Dropout | Embedding
BoundLayer = DenseLayer | Dropout | EmbeddingLayer


def _start(name: str, start: str | ArrayLike, ndim: int) -> str | NDArray[np.float64]:
    """Check how W or b starts, and keep an array as a copy of our own."""
    if isinstance(start, str):
        if start not in initializers.NAMES:
            raise unknown(f"initialiser of {name}", start, initializers.NAMES)
        return start
    try:
        array = np.array(start, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(())
    if array.ndim != ndim:
        raise ValueError(
            f"{name} must be the name of an initialiser or an array of {ndim} "
            f"dimension{'s' * (ndim > 1)}, but got {start!r}: give a name such as "
            "'glorot_uniform', or the numbers"
        )
    array.flags.writeable = False
    return array


def layer_to_dict(layer: Layer | BoundLayer) -> dict[str, Any]:
    """Describe a layer without its parameters."""
    if isinstance(layer, Dropout):
        return {"kind": "dropout", "rate": layer.rate}
    if isinstance(layer, Embedding | EmbeddingLayer):
        return embedding.to_dict(layer)
    f = layer.activation
    entry: dict[str, Any] = {"kind": "dense", "units": layer.units}
    entry["activation"] = f.name
    if layer.parametric:
        entry["parametric"] = True
    if f.name in activations.PARAMETERS:
        entry["parameter"] = f.parameter
    return entry


def layer_from_dict(entry: Mapping[str, Any]) -> Layer:
    """Build what `layer_to_dict` described; ValueError of anything else."""
    layer: Layer
    match entry:
        case {"kind": "embedding", "columns": list(), "scale": bool()}:
            layer = embedding.from_dict(entry)
        case {"kind": "dropout", "rate": float() | int() as rate}:
            layer = Dropout(rate)
        case {"kind": "dense", "units": int() as units, "activation": str() as name}:
            parameter = entry.get("parameter", nan)
            if not isinstance(parameter, float | int):
                raise ValueError(f"the parameter of {name} is {parameter!r}, no number")
            own = bool(entry.get("parametric", False))
            layer = Dense(units, Activation(name, parameter), parametric=own)
        case _:
            raise ValueError(f"{entry!r} does not describe a layer")
    if rest := set(entry) - set(layer_to_dict(layer)):
        raise ValueError(f"{entry!r} has unknown entries: {', '.join(sorted(rest))}")
    return layer
