"""Embeddings of categories without training rows: the mean of the others."""

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
    """Set the embedding of each code that no training row has to the mean embedding.

    Training never updates such an embedding, so its initial noise would be used for
    unseen values, for missing values of a column that had none, and for rare values
    whose rows are all held out.

    Parameters
    ----------
    network
        Changed in place.
    X
        (n, inputs) encoded rows.
    rows
        Row numbers of its training rows.
    weights
        (n,) weights of all rows, for the mean; None: all 1.
    """
    layer = network.embedding
    if layer is None:
        return
    for index, column in enumerate(layer.columns):
        if not isinstance(column, Category):
            continue
        codes = X[rows, index].astype(np.int64)
        own = None if weights is None else weights[rows]
        total = np.bincount(codes, own, minlength=column.size)
        table = layer.values[index]["table"]
        table[total == 0] = total @ table / total.sum()
