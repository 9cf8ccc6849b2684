"""How the hidden units of a layer answer along one column, the rest fixed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.names import plain
from ranvier.pictures import palette
from ranvier.pictures.tables import Columns, network_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES: Final = 8  # units drawn as lines; more are rows of a map


def plot_responses(
    fitted: Any,
    X: Any,
    column: int | str = 0,
    *,
    layer: int = 1,
    row: int | None = None,
    points: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Draw the output of each unit of a layer along one column.

    Parameters
    ----------
    fitted
        A `Network`, a `Model`, or a fitted estimator.
    X
        The table: its column's range is drawn.
    column
        The column, by number or name.
    layer
        Which layer, counted from 1.
    row
        The row whose other columns are kept; None: medians, and the most frequent of
        other values.
    points
        How many points the column is cut into.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Up to 8 units are lines, named at their ends; more are the rows of a map, sorted
        by where they answer most, and dotted where they are negative.

    Raises
    ------
    ValueError
        There is no such column, row or layer, or the column holds no numbers.
    ImportError
        matplotlib is not installed.
    """
    table = Columns(X)
    place = table.place(column)
    along = table.grid(place, points)
    network, rows = network_rows(fitted, table.varied({place: along}, row))
    last = len(network.dense_layers)
    if not 1 <= layer <= last:
        raise ValueError(
            f"there is no layer {layer}: they are counted from 1 to {last}"
        )
    A = network.forward(rows)[layer - 1].A.astype(np.float64)
    f = network.dense_layers[layer - 1].activation
    ax = palette.axes(ax, (6.8, 4.4))
    if A.shape[1] <= MOST_LINES:
        _lines(ax, along, A)
        ax.set_ylabel(f"output of the units of layer {layer} ({f})")
    else:
        _map(ax, along, A)
        ax.set_ylabel(f"units of layer {layer} ({f}), by where they answer most")
    ax.set_xlabel(plain(table.names[place]))
    return ax


def _lines(ax: Axes, along: NDArray[Any], A: NDArray[Any]) -> None:
    ends = _spread(A[-1], 0.045 * (np.ptp(A) or 1.0))
    for unit in range(A.shape[1]):
        colour = palette.SERIES[unit % len(palette.SERIES)]
        dash = palette.DASHES[unit % len(palette.DASHES)]
        ax.plot(along, A[:, unit], color=colour, linestyle=dash, linewidth=1.8)
        ax.annotate(
            f"unit {unit}",
            (along[-1], ends[unit]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=palette.ink(ax),
            annotation_clip=False,
        )
    ax.set_xlim(along[0], along[-1])
    ax.spines[["top", "right"]].set_visible(False)


def _map(ax: Axes, along: NDArray[Any], A: NDArray[Any]) -> None:
    order = np.lexsort((np.ptp(A, axis=0), np.abs(A).argmax(axis=0)))
    limit = np.abs(A).max() or 1.0
    picture = ax.imshow(
        A[:, order].T,
        aspect="auto",
        interpolation="nearest",
        extent=(along[0], along[-1], A.shape[1] - 0.5, -0.5),
        cmap=palette.diverging(),
        vmin=-limit,
        vmax=limit,
    )
    if A.min() < 0:  # dotted where negative, so that it is seen without colour too
        rows, below = np.arange(A.shape[1]), [-limit, -0.1 * limit]
        ax.contourf(along, rows, A[:, order].T, below, colors="none", hatches=["..."])
    ax.set_yticks([])
    ax.figure.colorbar(picture, ax=ax, label="output")


def _spread(ends: NDArray[Any], least: float) -> NDArray[np.float64]:
    """Move labels apart that would lie on each other."""
    placed = ends.astype(np.float64).copy()
    order = np.argsort(placed, kind="stable")
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + least)
    return placed
