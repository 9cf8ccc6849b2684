"""The outputs of the hidden units of a layer along one column, the rest fixed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_int, checked_layer
from ranvier.messages import plain
from ranvier.pictures import palette
from ranvier.pictures.ticks import name_places
from ranvier.pictures.varied_rows import Along, Columns, network_rows

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
        The table: its column's range is drawn, or the most frequent of its categories.
    column
        The column, by number or name.
    layer
        Which layer, counted from 1.
    row
        The row whose other columns are kept; None: medians, and the most frequent of
        other values.
    points
        How many points a column of numbers or dates is cut into.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Up to 8 units are lines, named at their ends; more are the rows of a map, sorted
        by the position of their maximum, and dotted where they are negative.

    Raises
    ------
    ValueError
        The column, row or layer does not exist, or the column has no values.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.random.default_rng(0).normal(size=(20, 2))
    >>> ax = rv.plot_responses(rv.Network.mlp(2, 4, 1, seed=0), X, "x1")
    >>> ax.get_xlabel(), len(ax.lines)
    ('x1', 4)
    """
    table = Columns(X)
    place = table.place(column)
    points = checked_int("points", points, 2, 100_000, example=200)
    along = table.along(place, points)
    network, rows = network_rows(fitted, table.varied({place: along.values}, row))
    layer = checked_layer(layer, len(network.dense_layers))
    A = network.forward(rows)[layer - 1].A.astype(np.float64)
    f = network.dense_layers[layer - 1].activation
    ax = palette.axes(ax, (6.8, 4.4))
    if A.shape[1] <= MOST_LINES:
        _lines(ax, along, A)
        ax.set_ylabel(f"output of the units of layer {layer} ({f})")
    else:
        _map(ax, along, A)
        ax.set_ylabel(f"units of layer {layer} ({f}), by the position of their maximum")
    ax.set_xlabel(plain(table.names[place]))
    name_places(ax.xaxis, along)
    return ax


def _lines(ax: Axes, along: Along, A: NDArray[Any]) -> None:
    at, mark = along.at, "o" if along.names else ""
    ends = _spread(A[-1], 0.045 * (np.ptp(A) or 1.0))
    for unit in range(A.shape[1]):
        colour = palette.SERIES[unit % len(palette.SERIES)]
        dash = palette.DASHES[unit % len(palette.DASHES)]
        ax.plot(
            at, A[:, unit], color=colour, linestyle=dash, linewidth=1.8, marker=mark
        )
        ax.annotate(
            f"unit {unit}",
            (at[-1], ends[unit]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=palette.ink(ax),
            annotation_clip=False,
        )
    margin = 0.2 if along.names else 0.0
    ax.set_xlim(at[0] - margin, at[-1] + margin)
    ax.spines[["top", "right"]].set_visible(False)


def _map(ax: Axes, along: Along, A: NDArray[Any]) -> None:
    half = 0.5 if along.names else 0.0  # of a category's cell
    at = along.at
    order = np.lexsort((np.ptp(A, axis=0), np.abs(A).argmax(axis=0)))
    limit = np.abs(A).max() or 1.0
    picture = ax.imshow(
        A[:, order].T,
        aspect="auto",
        interpolation="nearest",
        extent=(at[0] - half, at[-1] + half, A.shape[1] - 0.5, -0.5),
        cmap=palette.diverging(),
        vmin=-limit,
        vmax=limit,
    )
    if A.min() < 0:  # dotted where negative, so that it is seen without colour too
        rows, below = np.arange(A.shape[1]), [-limit, -0.1 * limit]
        ax.contourf(at, rows, A[:, order].T, below, colors="none", hatches=["..."])
    ax.set_yticks([])
    ax.figure.colorbar(picture, ax=ax, label="output")


def _spread(ends: NDArray[Any], least: float) -> NDArray[np.float64]:
    """Move labels apart that would lie on each other."""
    placed = ends.astype(np.float64).copy()
    order = np.argsort(placed, kind="stable")
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + least)
    return placed
