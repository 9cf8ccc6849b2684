"""The distribution of a column of numbers in training, kept to compare new rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import quantiles

Array = NDArray[np.float64]
LEVELS = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class Histogram:
    """Counts of training rows between quantiles of the column.

    Attributes
    ----------
    edges
        Values of the column at its 5% quantiles, from the smallest to the largest, each
        value once; empty in a file of an earlier version.
    counts
        Training rows with x <= edges[0], then with edges[k - 1] < x <= edges[k].

    Examples
    --------
    >>> histogram = Histogram.fit(np.array([1.0, 1.0, 2.0, 4.0]))
    >>> histogram.edges, histogram.counts
    ((1.0, 2.0, 4.0), (2, 1, 1))
    >>> histogram.count(np.array([0.0, 2.0, 9.0])).tolist()
    [1, 0, 1, 0, 1]
    """

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()

    @classmethod
    def fit(cls, x: Array) -> Histogram:
        """Count finite numbers, at least one."""
        edges = np.unique(quantiles(x, LEVELS))
        counts = np.bincount(np.searchsorted(edges, x), minlength=len(edges))
        return cls(tuple(edges.tolist()), tuple(counts.tolist()))

    def count(self, x: Array) -> NDArray[np.int64]:
        """Count numbers below the smallest edge, in each bin, and above the largest."""
        edges = np.array(self.edges)
        bins = np.searchsorted(edges, x) + (x >= edges[0])
        return np.bincount(bins, minlength=len(edges) + 2)

    def describe(self) -> dict[str, Any]:
        """Return the histogram as plain JSON."""
        return {"edges": list(self.edges), "counts": list(self.counts)}

    def field(self) -> dict[str, Any]:
        """Return the field of a column's description; none without a histogram."""
        return {"histogram": self.describe()} if self.edges else {}

    @classmethod
    def read(cls, value: Any, where: str) -> Histogram:
        """Rebuild a histogram from what `describe` returned."""
        fields = JsonFields(value, where, ["edges", "counts"])
        edges, counts = fields.numbers("edges"), fields.counts("counts")
        fields.require(
            len(edges) == len(counts) and list(edges) == sorted(set(edges)),
            "expected edges in order, and a count for each",
        )
        return cls(edges, counts)


NO_HISTOGRAM = Histogram()
