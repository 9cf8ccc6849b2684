"""The inputs of a network -> the columns of the table, in their own units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.columns import OTHER, Category, Dropped, Number
from ranvier.table.dates import Date
from ranvier.tabular.encoding import Encoding, is_coded
from ranvier.tabular.spread import Spread

Array = NDArray[Any]


def numbers_among(encoding: Encoding) -> dict[int, Spread]:
    """Find the inputs that are numbers of the table, each with how it was scaled."""
    found = {}
    for place, (name, source) in enumerate(
        zip(encoding.names, encoding.sources, strict=True)
    ):
        own = name == source or name.startswith(f"{source}: ")
        coded = isinstance(encoding.table.columns[source], Category)
        if own and not coded and name in encoding.spreads:
            found[place] = encoding.spreads[name]
    return found


def decode(encoding: Encoding, X: Array) -> dict[str, Array]:
    """Turn encoded rows back into the columns that are used.

    Parameters
    ----------
    encoding
        The encoding.
    X
        (n, inputs), as its `transform` gave it.

    Returns
    -------
    dict of str to ndarray
        (n,) values of each column, as `TableEncoder.inverse` gives them. Of a number
        far outside, some digits are lost.
    """
    numbers = numbers_among(encoding)
    table, start = {}, 0
    for source in dict.fromkeys(encoding.sources):
        end = start + encoding.sources.count(source)
        column = encoding.table.columns[source]
        own = {p: spread for p, spread in numbers.items() if start <= p < end}
        if not isinstance(column, Dropped):
            table[source] = _decoded(column, X[:, start:end], own, start)
        start = end
    return table


def _decoded(
    column: Number | Category | Date,
    block: Array,
    numbers: dict[int, Spread],
    start: int,
) -> Array:
    """Give the values of a column from its inputs."""
    if is_coded(column) and isinstance(column, Category):
        known: list[str | None] = [OTHER, *column.categories]
        known += [OTHER] if column.other else []
        known += [None] if column.missing else []
        return np.array(known, dtype=object)[block[:, 0].astype(np.int64)]
    if isinstance(column, Category):
        return column.decode(block)
    # As `TableEncoder` would have it: standardised numbers, and what is missing.
    scales = [column.scale] if isinstance(column, Number) else column.scales
    varying = [scale for scale in scales if scale.sd > 0]
    restored = [
        scale.standardise(spread.restore(block[:, place - start].astype(np.float64)))
        for scale, (place, spread) in zip(varying, numbers.items(), strict=True)
    ]
    if column.missing:
        restored.append(block[:, -1].astype(np.float64))
    return column.decode(np.stack(restored, axis=1))
