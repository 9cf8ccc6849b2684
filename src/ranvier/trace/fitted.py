"""Rows as a fitted object's network sees them: whatever was fitted, by one protocol.

A `Network` takes numbers as they are. Any other object offers its network as
``network_`` (or ``network``); if it encodes rows, it also offers ``encode_rows(X, y)``,
which returns an `EncodedRows`. Without that, X is taken as numbers, and y through
``classes_`` where there are any.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network.matrix import as_matrix, as_row, is_row
from ranvier.network.network import Network

Array = NDArray[np.float64]


class EncodedRows(NamedTuple):
    """Rows as a network sees them.

    ``X`` (n, d) numbers; ``names`` of the d inputs; ``sources``, the column of the
    table that each input came from; ``Y`` targets in the network's terms, None if not
    given; ``outputs``, the names of the outputs; ``baseline`` (d,), an ordinary row to
    compare with. A prediction is ``origin`` + ``unit`` times an output.
    """

    X: Array
    names: tuple[str, ...]
    sources: tuple[str, ...]
    Y: Any = None
    outputs: tuple[str, ...] = ()
    baseline: Array | None = None
    unit: float = 1.0
    origin: float = 0.0


def network_of(fitted: Any) -> Network:
    """Give the network of a fitted object.

    Raises
    ------
    TypeError
        It has none: it is no fitted object of Ranvier's, or not fitted yet.
    """
    if isinstance(fitted, Network):
        return fitted
    for name in ("network_", "network"):
        network = getattr(fitted, name, None)
        if isinstance(network, Network):
            return network
    raise TypeError(
        f"a {type(fitted).__name__} has no network: give a Network, a Model or an "
        "estimator that is fitted (call fit first)"
    )


def encode(fitted: Any, X: Any, y: Any = None) -> EncodedRows:
    """Give rows, and targets if there are any, as the network of `fitted` sees them."""
    network = network_of(fitted)
    if hasattr(fitted, "encode_rows"):
        return named(fitted.encode_rows(X, y), network)
    if is_row(X):
        X = as_row(X, np.float64, network.inputs)
        y = y if y is None or len(np.shape(y)) else [y]
    matrix, columns = as_matrix(X, np.float64, network.inputs)
    own: Any = getattr(fitted, "feature_names_in_", ())
    names = tuple(map(str, columns or own))
    classes = getattr(fitted, "classes_", None)
    rows = EncodedRows(matrix, names, names, _labels(y, classes), _texts(classes))
    return named(rows, network)


def named(rows: EncodedRows, network: Network) -> EncodedRows:
    """Fill in the names that are not known: x0, x1, ... and y0, y1, ..."""
    names = rows.names or tuple(f"x{i}" for i in range(network.inputs))
    outputs = rows.outputs
    if len(outputs) == 2 and network.outputs == 1:
        outputs = outputs[1:]  # one output, the probability of the second class
    if len(outputs) != network.outputs:
        outputs = tuple(f"y{k}" for k in range(network.outputs))
    return rows._replace(
        X=np.ascontiguousarray(rows.X, np.float64),
        names=names,
        sources=rows.sources or names,
        outputs=outputs,
    )


def _labels(y: Any, classes: Any) -> Any:
    """Give the number of each class in y, as the network counts them."""
    if y is None or classes is None or isinstance(classes, list):
        return y
    known = np.asarray(classes)
    given = np.asarray(y).reshape(-1)
    place = np.searchsorted(known, given).clip(0, len(known) - 1)
    unknown = known[place] != given
    if unknown.any():
        raise ValueError(
            f"y holds {given[unknown].tolist()[0]!r}, but the classes are "
            f"{known.tolist()}: give one of those for each row"
        )
    return place


def _texts(classes: Sequence[Any] | None) -> tuple[str, ...]:
    return () if classes is None else tuple(str(label) for label in classes)
