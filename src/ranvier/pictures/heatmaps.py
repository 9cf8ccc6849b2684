"""Weights and gradients of a layer as a map of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.checks import checked_layer, checked_names
from ranvier.messages import plain
from ranvier.network.network import Network
from ranvier.pictures import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_WRITTEN: Final = 120  # numbers that are written into their squares
MOST_MARKED: Final = 5000  # squares whose minus is marked where there are no numbers
MOST_NAMED: Final = 30  # rows whose names are written


def plot_weights(
    fitted: Any,
    layer: int = 1,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw W and b of a layer: a column for each unit, a row for each input.

    Parameters
    ----------
    fitted
        A `Network`, a `Model`, or a fitted estimator.
    layer
        Which layer, counted from 1.
    names
        Of the inputs of layer 1; None: those that a model knows, or x0, x1, ...
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Blue is positive, orange negative, the paper's own colour 0; numbers are written
        where there is room, else a minus is marked.

    Raises
    ------
    ValueError
        There is no such layer.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import ranvier as rv
    >>> ax = rv.plot_weights(rv.Network.mlp(2, 4, 1, seed=0), names=["size", "age"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['size', 'age', 'bias']
    """
    network = inspectable.network_of(fitted)
    layers = network.dense_layers
    if names is not None:
        names = _given(names, network)
    layer = checked_layer(layer, len(layers))
    own = layers[layer - 1]
    if names is None:
        encoder = getattr(fitted, "encoder", None)
        names = getattr(encoder, "names", None)
    if names is not None or network.embedding is not None:
        names = inspectable.input_names(network, names)
    rows = _inputs(layer, own.inputs, names)
    table = np.vstack([own.W, own.b])
    return _map(table, [*rows, "bias"], f"weights of layer {layer}", ax)


def plot_gradients(trace: Any, layer: int = 1, *, ax: Axes | None = None) -> Axes:
    """Draw dW and db of a layer of a `Trace`, as `plot_weights` does W and b.

    Parameters
    ----------
    trace
        A trace with targets.
    layer
        Which layer, counted from 1.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    ValueError
        There is no such layer, or the trace has no targets.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import ranvier as rv
    >>> trace = rv.Network.mlp(2, 4, 1, seed=0).trace([[1.0, 2.0]], [3.0])
    >>> rv.plot_gradients(trace).get_title()
    'gradients dL/dW of layer 1'
    """
    if not hasattr(trace, "layers") or not hasattr(trace, "columns"):
        raise TypeError(
            f"trace must be a Trace, but got a {type(trace).__name__}: give for "
            "example net.trace(X, y)"
        )
    layer = checked_layer(layer, len(trace.layers))
    own = trace.layers[layer - 1]
    rows = _inputs(layer, len(own.W), trace.columns)
    table = np.vstack([own.dW, own.db])
    return _map(table, [*rows, "bias"], f"gradients dL/dW of layer {layer}", ax)


def _map(table: NDArray[Any], rows: Sequence[str], title: str, ax: Axes | None) -> Axes:
    table = table.astype(np.float64)
    high, wide = table.shape
    size = (min(14.0, 2.6 + 0.62 * wide), min(12.0, 1.4 + 0.36 * high))
    ax = palette.axes(ax, size)
    limit = np.abs(table).max() or 1.0
    picture = ax.imshow(
        table, cmap=palette.diverging(), vmin=-limit, vmax=limit, aspect="auto"
    )
    ax.figure.colorbar(picture, ax=ax)
    if table.size <= MOST_WRITTEN:
        _write(ax, table, limit)
    elif table.size <= MOST_MARKED:  # so that a sign is seen without colour too
        i, j = np.nonzero(table < -0.1 * limit)
        size = 180 / max(high, wide)
        ax.plot(j, i, linestyle="", marker="_", markersize=size, color=palette.ink(ax))
    if high <= MOST_NAMED:
        ax.set_yticks(range(high), labels=[plain(name) for name in rows])
    else:
        ax.set_ylabel("inputs, the bias last")
    if wide <= MOST_NAMED:
        ax.set_xticks(range(wide))
    ax.set_xlabel("unit")
    ax.set_title(title)
    return ax


def _write(ax: Axes, table: NDArray[np.float64], limit: float) -> None:
    """Write each number in the ink that stands out from its square."""
    ink, paper = palette.ink(ax), ax.get_facecolor()
    for (i, j), value in np.ndenumerate(table):
        colour = paper if abs(value) > 0.7 * limit else ink
        ax.text(
            j, i, f"{value:.2g}", ha="center", va="center", fontsize=8, color=colour
        )


def _inputs(layer: int, count: int, names: Sequence[str] | None) -> list[str]:
    if layer > 1:
        return [f"unit {i}" for i in range(count)]
    if names is not None and len(names) == count:
        return list(names)
    return [f"x{i}" for i in range(count)]


def _given(names: Any, network: Network) -> tuple[str, ...]:
    """Return names of the inputs: of the columns, or of what the layer takes."""
    inner = network.dense_layers[0].inputs
    several = isinstance(names, Sequence) and len(names) == inner
    count = inner if several else network.inputs
    return checked_names("names", names, count)
