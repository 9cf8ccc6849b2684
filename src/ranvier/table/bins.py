"""Piecewise-linear encoding: a number -> how far it lies through each of its bins.

Gorishniy, Rubachev & Babenko, "On embeddings for numerical features", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import Scaler, quantiles

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Bins:
    """The bins of a column of numbers.

    Attributes
    ----------
    edges
        Scaled values in ascending order, with about as many training rows between any
        two. Fewer than three edges make no bins: one column then says all.
    """

    edges: tuple[float, ...] = ()

    @classmethod
    def fit(cls, x: Array, weights: Array | None, count: int, scaler: Scaler) -> Bins:
        """Place `count` bins or fewer among finite numbers, weighted by their rows."""
        edges = np.unique(scaler.transform(_edges(x, weights, count)))
        return cls(tuple(edges.tolist()))

    def __len__(self) -> int:
        return len(self.edges) - 1 if len(self.edges) > 2 else 0

    def transform(self, scaled: Array) -> Array:
        """Return (n, bins): 0 below a bin, 1 above, and the fraction passed within."""
        if not len(self):
            return np.empty((len(scaled), 0))
        edges = np.array(self.edges)
        with np.errstate(over="ignore"):  # where two edges nearly meet
            passed = (scaled[:, None] - edges[:-1]) / np.diff(edges)
        return np.asarray(np.clip(passed, 0, 1))

    def names(
        self, scaler: Scaler, write: Callable[[float], str] = "{:.6g}".format
    ) -> list[str]:
        """Name each bin by its edges, in the units of the column."""
        edges = scaler.inverse_transform(np.array(self.edges)).tolist()
        text = [write(edge) for edge in edges]
        return [f"bin {b + 1}, {text[b]} to {text[b + 1]}" for b in range(len(self))]

    @classmethod
    def read(cls, edges: tuple[float, ...], fields: JsonFields) -> Bins:
        """Rebuild bins from their edges; `fields` refuses edges that are not sorted."""
        fields.require(sorted(set(edges)) == list(edges), "the edges are not in order")
        return cls(edges)


def _edges(x: Array, weights: Array | None, count: int) -> Array:
    """Return edges: values that would fill one bin alone, and quantiles of the rest.

    With quantiles of all values, a column that is mostly 0 would have a single bin for
    everything else, and a network could not tell where within.
    """
    if not count:
        return np.empty(0)
    values, index = np.unique(x, return_inverse=True)
    totals = np.bincount(index, weights)
    heavy = totals * count > totals.sum()
    rest = ~heavy[index]
    edges = [values[heavy], values[[0, -1]]]
    if rest.any():
        levels = np.linspace(0, 1, count - int(heavy.sum()) + 1)
        own = None if weights is None else weights[rest]
        edges.append(quantiles(x[rest], levels, own))
    return np.concatenate(edges)
