"""Categories that a network has not met -> the average of those that it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.columns import Category
from ranvier.network.network import Network

Array = NDArray[Any]


def average_unseen(
    network: Network, X: Array, rows: Array, weights: Array | None = None
) -> None:
    """Give each code of a category that no row has the average of those that some have.

    No step of training has ever moved what such a code stands for: it would be noise
    for a value that was never seen, for one that is missing where none was, and for a
    rare one whose rows are all held out.

    Parameters
    ----------
    network
        Its tables are written into.
    X
        (n, inputs) rows as it sees them.
    rows
        Numbers of those it is trained on.
    weights
        (n,) of all rows, by which the average is taken; None: all 1.
    """
    layer = network.embedding
    if layer is None:
        return
    for place, column in enumerate(layer.columns):
        if not isinstance(column, Category):
            continue
        codes = X[rows, place].astype(np.int64)
        own = None if weights is None else weights[rows]
        total = np.bincount(codes, own, minlength=column.size)
        table = layer.values[place]["table"]
        table[total == 0] = total @ table / total.sum()
