"""Rows as a fitted object's network sees them: whatever was fitted, by one protocol.

A `Network` takes numbers as they are. Any other object offers its network as
``network_`` (or ``network``); if it encodes rows, it also offers ``encode_rows(X, y)``,
which returns an `EncodedRows`. Without that, X is taken as numbers, and y through
``classes_`` where there are any.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network.array_inputs import as_matrix, as_row, is_row
from ranvier.network.network import Network

Array = NDArray[np.float64]


class Decoder(NamedTuple):
    """How the outputs of networks become predictions, whose mean is the prediction.

    ``names`` of the predictions; ``values`` (n, k) of outputs (n, k), each prediction
    of the output in its own place; ``slopes``, the derivatives of those; ``bounded``,
    whether predictions end at a range, where the slopes jump to 0.
    """

    names: tuple[str, ...]
    values: Callable[[Array], Array]
    slopes: Callable[[Array], Array]
    bounded: bool = False


class EncodedRows(NamedTuple):
    """Rows as a network sees them.

    ``X`` (n, d) numbers; ``names`` of the d inputs; ``sources``, the column of the
    table that each input came from; ``Y`` targets in the network's terms, None if not
    given; ``outputs``, the names of the outputs; ``baseline`` (d,), an ordinary row to
    compare with; ``table``, the rows as they stand in the user's own, None if that is
    X. A traced prediction is ``origin`` + ``unit`` times an output; ``decoder`` makes
    predictions of outputs, None if they are the same.
    """

    X: Array
    names: tuple[str, ...]
    sources: tuple[str, ...]
    Y: Any = None
    outputs: tuple[str, ...] = ()
    baseline: Array | None = None
    unit: float = 1.0
    origin: float = 0.0
    table: Any = None
    decoder: Decoder | None = None


def network_of(fitted: Any) -> Network:
    """Return the network of a fitted object, of several the first.

    That of a table's estimator is one of its model: calibrated, as the model predicts.

    Raises
    ------
    TypeError
        It has none: it is no fitted object of Ranvier's, or not fitted yet.
    """
    if isinstance(fitted, Network):
        return fitted
    fitted = getattr(fitted, "model_", fitted)
    for name in ("network_", "network"):
        network = getattr(fitted, name, None)
        if isinstance(network, Network):
            return network
    raise TypeError(
        f"a {type(fitted).__name__} has no network: give a Network, a Model or an "
        "estimator that is fitted (call fit first)"
    )


def networks_of(fitted: Any) -> tuple[Network, ...]:
    """Return the networks whose mean is the prediction: a table's model has several."""
    networks = getattr(getattr(fitted, "model_", fitted), "networks", None)
    return networks if isinstance(networks, tuple) else (network_of(fitted),)


def encode(fitted: Any, X: Any, y: Any = None) -> EncodedRows:
    """Encode rows, and targets if there are any, for the network of `fitted`."""
    network = network_of(fitted)
    if hasattr(fitted, "encode_rows"):
        return named(fitted.encode_rows(X, y), network)
    columns = None
    if is_row(X):
        columns = _labels_of_row(X)
        X = as_row(X, np.float64, network.inputs)
        y = y if y is None or len(np.shape(y)) else [y]
    matrix, names_of_frame = as_matrix(X, np.float64, network.inputs)
    columns = columns or names_of_frame
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


def past_embedding(network: Network, rows: EncodedRows) -> tuple[Network, EncodedRows]:
    """Return a network from its first dense layer, and rows as that layer sees them.

    What an embedding makes of a column is named after it, "age: e1", and has it as its
    source. Without an embedding both are what was given.
    """
    layer = network.embedding
    if layer is None:
        return network, rows
    own = np.repeat(np.arange(layer.inputs), [c.outputs for c in layer.columns])
    usual = np.zeros(layer.inputs) if rows.baseline is None else rows.baseline
    return dense_part(network), rows._replace(
        X=np.ascontiguousarray(network.embed(rows.X), np.float64),
        names=tuple(layer.names(rows.names)),
        sources=tuple(rows.sources[i] for i in own),
        baseline=np.asarray(network.embed(usual[None])[0], np.float64),
    )


def dense_part(network: Network) -> Network:
    """Copy a network without its embedding: it takes what that one makes of X."""
    layer = network.embedding
    if layer is None:
        return network.copy()
    told = network.description()
    told |= {"inputs": layer.units, "layers": told["layers"][1:]}
    return Network.from_description(told, network.theta[layer.count() :])


def input_names(network: Network, names: Sequence[str] | None) -> list[str]:
    """Name what the first dense layer takes, from the names of the columns of X.

    Names of what the layer takes are taken as they are.
    """
    layer = network.embedding
    if names is None:
        names = [f"x{i}" for i in range(network.inputs)]
    fits = layer is not None and len(names) == layer.inputs
    return layer.names(names) if layer is not None and fits else list(names)


def _labels(y: Any, classes: Any) -> Any:
    """Return the number of each class in y, as the network counts them."""
    if y is None or classes is None or isinstance(classes, list):
        return y
    if np.ndim(y) == 2 and np.shape(y)[1] > 1:  # a column for each label
        return y
    known = np.asarray(classes)
    given = np.asarray(y).reshape(-1)
    kinds = [
        next((k for k in ("OUS", "mM") if a.dtype.kind in k), "")
        for a in (known, given)
    ]
    if kinds[0] != kinds[1]:
        known, given = known.astype(str), given.astype(str)  # both as they are written
    place = np.searchsorted(known, given).clip(0, len(known) - 1)
    unknown = known[place] != given
    if unknown.any():
        raise ValueError(
            f"y holds {given[unknown].tolist()[0]!r}, but the classes are "
            f"{known.tolist()}: give one of those for each row"
        )
    return place


def _labels_of_row(row: Any) -> list[str] | None:
    """Return the names that a row of a pandas frame carries."""
    index = getattr(row, "index", None)
    labels = list(index) if index is not None and not callable(index) else []
    named = bool(labels) and all(isinstance(label, str) for label in labels)
    return labels if named else None


def _texts(classes: Sequence[Any] | None) -> tuple[str, ...]:
    return () if classes is None else tuple(str(label) for label in classes)
