"""Numbers of any scale -> numbers of about unit scale, and the places among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.description import Fields

Array = NDArray[np.float64]

# Numbers are held within (-LIMIT, LIMIT), smoothly.
LIMIT = 3.0


@dataclass(frozen=True)
class Spread:
    """The median and the usual range of a column, and the edges of its bins.

    u = (x - median) / width and x' = u / sqrt(1 + (u / 3)^2): robust scaling and smooth
    clipping (Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024). ``width``
    is that between the quartiles, or else half of the whole range. ``edges`` are
    values of x' between which the rows are about as many, all different.
    """

    median: float
    width: float
    edges: tuple[float, ...]

    @classmethod
    def fit(cls, x: Array, weights: Array | None, bins: int) -> Spread:
        """Measure finite numbers, of which not all are equal.

        Quantiles are values of the column, so that a row of weight 2 counts exactly as
        two rows do.
        """
        first, median, third = quantiles(x, np.array([0.25, 0.5, 0.75]), weights)
        width = third - first
        if not width > 0:
            width = (x.max() - x.min()) / 2
        # Of numbers near the largest float64, the difference may have overflowed.
        width = min(float(width), float(np.finfo(np.float64).max))
        spread = cls(float(median), width, ())
        edges = np.unique(spread.scale(_edges(x, weights, bins)))
        return cls(spread.median, spread.width, tuple(edges.tolist()))

    def scale(self, x: Array) -> Array:
        """Return x' of numbers; a missing one is at the median, 0."""
        with np.errstate(over="ignore"):
            u = x / self.width - self.median / self.width
        u = np.clip(np.nan_to_num(u, nan=0.0), -1e6, 1e6)
        return np.asarray(u / np.sqrt(1 + np.square(u / LIMIT)))

    def restore(self, scaled: Array) -> Array:
        """Return x of x': the inverse of `scale`."""
        inside = np.clip(scaled / LIMIT, -1 + 1e-12, 1 - 1e-12)
        u = LIMIT * inside / np.sqrt(1 - np.square(inside))
        with np.errstate(over="ignore"):
            return np.asarray(self.median + u * self.width)

    def places(self, scaled: Array) -> Array:
        """Return how far x' has gone through each bin, (n, bins), from 0 to 1.

        The piecewise-linear encoding of Gorishniy, Rubachev & Babenko, "On embeddings
        for numerical features", 2022.
        """
        edges = np.array(self.edges)
        with np.errstate(over="ignore"):  # where two edges nearly meet
            done = (scaled[:, None] - edges[:-1]) / np.diff(edges)
        return np.asarray(np.clip(done, 0, 1))

    @property
    def bins(self) -> int:
        """The columns of `places`: none where one line says all."""
        return len(self.edges) - 1 if len(self.edges) > 2 else 0

    def bin_names(self, write: Callable[[float], str] = "{:.6g}".format) -> list[str]:
        """Name the columns of `places` by their edges, in the units of the column."""
        edges = [write(edge) for edge in self.restore(np.array(self.edges)).tolist()]
        return [f"bin {b + 1}, {edges[b]} to {edges[b + 1]}" for b in range(self.bins)]

    def describe(self) -> dict[str, Any]:
        """Return the numbers as plain JSON."""
        return {"median": self.median, "width": self.width, "edges": list(self.edges)}

    @classmethod
    def read(cls, value: Any, where: str) -> Spread:
        """Rebuild a spread from what `describe` returned."""
        fields = Fields(value, where, ["median", "width", "edges"])
        edges = fields.numbers("edges")
        fields.require(sorted(set(edges)) == list(edges), "the edges are not in order")
        width = fields.number("width")
        fields.require(width > 0, "the width is not above 0")
        return cls(fields.number("median"), width, edges)


def _edges(x: Array, weights: Array | None, bins: int) -> Array:
    """Give the edges of bins: values that would fill one alone, quantiles of the rest.

    Were they quantiles of all, a column that is mostly 0 would have a single bin for
    all else, and nothing be told of where within.
    """
    if not bins:
        return np.empty(0)
    values, place = np.unique(x, return_inverse=True)
    counts = np.bincount(place, weights)
    heavy = counts * bins > counts.sum()
    rest = ~heavy[place]
    edges = [values[heavy], values[[0, -1]]]
    if rest.any():
        levels = np.linspace(0, 1, bins - int(heavy.sum()) + 1)
        own = None if weights is None else weights[rest]
        edges.append(quantiles(x[rest], levels, own))
    return np.concatenate(edges)


def quantiles(x: Array, levels: Array, weights: Array | None) -> Array:
    """Return values of x below which a share of the weight lies."""
    order = np.argsort(x, kind="stable")
    x = x[order]
    if weights is None:
        places = np.ceil(levels * len(x)) - 1
    else:
        below = np.cumsum(weights[order])
        # A little less, so that rounding in the sum passes no value.
        wanted = levels * below[-1] * (1 - 1e-12)
        places = np.searchsorted(below, wanted)
    return np.asarray(x[np.clip(places, 0, len(x) - 1).astype(np.int64)])
