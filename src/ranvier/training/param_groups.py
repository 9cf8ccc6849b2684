"""Factors of the learning rate and of the decay, for each group of parameters.

The parameters of a dense layer come in three groups: W, b and, where its activation is
parametric, alpha; those of an embedding too: the values of its columns, its scale, and
the values of its categories apart. A list of factors has an entry for each layer with
parameters, in their order.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_bool
from ranvier.network.network import Network

# For each layer with parameters a factor of all its groups, or one for each of them:
# (W, b), (W, b, alpha), or of an embedding (values, scale) or (values, scale,
# categories).
LayerFactors = Sequence[float | Sequence[float]]

GROUPS: Final = 3  # the most that a layer has


class ParamGroups(NamedTuple):
    """A factor for each kind of parameter, wherever it is.

    Parameters
    ----------
    W, b, alpha
        Of dense layers.
    values, scale
        Of an embedding.
    categories
        Of the values of an embedding's categories. None: that of the other values.

    Examples
    --------
    >>> ParamGroups(b=0.1, scale=6.0)
    ParamGroups(W=1.0, b=0.1, alpha=1.0, values=1.0, scale=6.0, categories=None)
    """

    W: float = 1.0
    b: float = 1.0
    alpha: float = 1.0
    values: float = 1.0
    scale: float = 1.0
    categories: float | None = None

    def of_embedding(self) -> tuple[float, ...]:
        """Return those of an embedding, in the order of its groups."""
        apart = () if self.categories is None else (self.categories,)
        return self.values, self.scale, *apart


# W and the values of an embedding decay; biases, alpha and scale do not.
USUAL_DECAYS: Final = ParamGroups(W=1.0, b=0.0, alpha=0.0, values=1.0, scale=0.0)


class Factors(NamedTuple):
    """The two lists that an optimizer takes: ``AdamW(**factors._asdict())``."""

    layer_rates: list[tuple[float, ...]]
    layer_decays: list[tuple[float, ...]]


def layer_factors(
    net: Network,
    rates: ParamGroups | None = None,
    decays: ParamGroups | None = None,
    *,
    ntk: bool = False,
) -> Factors:
    """Return an optimizer's factors of every group of parameters in a network.

    Parameters
    ----------
    net
        The network they are for.
    rates
        Factors of the learning rate. None: all 1.
    decays
        Factors of weight_decay and of l2. None: 1 for W and for an embedding's values,
        0 for the others. A group loses lr * rate * weight_decay * decay of itself in a
        step.
    ntk
        Whether Adam shall move the network as if each dense layer were in the NTK
        parametrisation, Z = X W' / sqrt(d_in) + b with W' of the order of 1 (Jacot et
        al. 2018). It then moves W = W' / sqrt(d_in) with 1 / sqrt(d_in) of the rate,
        and the fraction of W' that decays, which does not depend on this, with
        sqrt(d_in) of the decay factor. The two are the same to the last digits of
        epsilon, which the usual parametrisation sees sqrt(d_in) times smaller. The
        matching initialisation, W' ~ N(0, 1), is ``W="lecun_normal"``.

    Returns
    -------
    Factors
        ``layer_rates`` and ``layer_decays``, as `AdamW` takes them.

    Examples
    --------
    >>> from ranvier.training.optimizers import AdamW
    >>> net = Network.mlp(4, 16, 1)
    >>> factors = layer_factors(net, ParamGroups(b=0.1), ntk=True)
    >>> factors.layer_rates
    [(0.5, 0.1), (0.25, 0.1)]
    >>> adam = AdamW(lr=0.04, weight_decay=0.02, **factors._asdict())
    """
    if not isinstance(net, Network):
        raise TypeError(f"net must be a Network, but got {net!r}")
    for name, given in (("rates", rates), ("decays", decays)):
        if not isinstance(given, ParamGroups | None):
            raise TypeError(
                f"{name} must be a ParamGroups, but got {given!r}: give for example "
                "rv.ParamGroups(b=0.1)"
            )
    ntk = checked_bool("ntk", ntk)
    rates = ParamGroups() if rates is None else rates
    decays = USUAL_DECAYS if decays is None else decays
    found = Factors([], [])
    if net.embedding is not None:
        found.layer_rates.append(rates.of_embedding())
        found.layer_decays.append(decays.of_embedding())
    for layer in net.dense_layers:
        root = sqrt(layer.inputs) if ntk else 1.0
        own = layer.parametric
        found.layer_rates.append((rates.W / root, rates.b, *[rates.alpha] * own))
        found.layer_decays.append((decays.W * root, decays.b, *[decays.alpha] * own))
    return found


def parametric_layers(net: Network) -> int:
    """Count the layers that have parameters: the entries of a list of factors."""
    return len(net.dense_layers) + (net.embedding is not None)


def matrix(
    name: str,
    factors: LayerFactors | None,
    layers: int,
    rest: tuple[float, ...],
    embedded: bool = False,
) -> NDArray[np.float64]:
    """Return factors as (layers, groups); `rest` for the groups that are not named.

    Where the first layer is an embedding, its categories go by its other values.
    """
    if factors is None:
        factors = [rest[:2]] * layers
    if len(factors) != layers:
        raise ValueError(
            f"{name} has {len(factors)} entries, but the network has {layers} layers "
            "with parameters: give one for each, a number or several, for (W, b) or "
            "(W, b, alpha) of a dense layer, for (values, scale) of an embedding"
        )
    rows = [as_tuple(entry) for entry in factors]
    full = np.array([(*row, *rest[len(row) :]) for row in rows], np.float64)
    if embedded and len(rows[0]) < GROUPS:
        full[0, 2] = full[0, 0]
    return full


def as_tuple(entry: float | Sequence[float]) -> tuple[float, ...]:
    """Return an entry as one factor for each group that it names."""
    if isinstance(entry, Sequence | np.ndarray):
        return tuple(float(factor) for factor in entry)
    return (float(entry),) * GROUPS
