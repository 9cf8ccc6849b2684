"""The drawing of a network: units in columns, weights as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.checks import checked_names
from ranvier.messages import plain
from ranvier.network.network import Network
from ranvier.pictures import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_UNITS: Final = 64  # of a layer that are drawn one by one
ENDS: Final = 12  # units drawn at each end of a wider layer
MOST_NAMES: Final = 30  # units of a column that are named beside it
FAINTEST: Final = 0.02  # weights below this share of the largest are left out
MOST_LINES: Final = 160  # between two layers; of more weights, the largest
GAP: Final = 2.6  # between columns, in units of the height


class _Column(NamedTuple):
    """The units of one layer that are drawn, from the top."""

    units: int
    shown: list[int]
    x: float
    title: str

    def y(self, high: float) -> NDArray[Any]:
        """Return the heights of the units, the middle of the column at 0."""
        rows = len(self.shown) + (self.units > len(self.shown))
        step = high / max(rows, 2)
        heights: NDArray[Any] = (rows - 1) / 2 * step - step * np.arange(rows)
        if self.units > len(self.shown):
            heights = np.delete(heights, ENDS)
        return heights


def plot_network(
    fitted: Any,
    *,
    names: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network: a circle for each unit, a line for each weight.

    Parameters
    ----------
    fitted
        A `Network`, a `Model`, or a fitted estimator.
    names, outputs
        Names of the inputs and of the outputs; None: those that a model knows.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Blue lines are positive weights, orange dashed ones negative; the width is the
        size, compared within the layer. Between two layers up to 160 weights are drawn,
        the largest. Of a layer of more than 64 units the first and last 12 are drawn,
        and the others counted.

    Raises
    ------
    TypeError
        The object has no network.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import ranvier as rv
    >>> ax = rv.plot_network(rv.Network.mlp(2, 4, 1, seed=0), names=["size", "age"])
    >>> any("size" in text.get_text() for text in ax.texts)
    True
    """
    network = inspectable.network_of(fitted)
    columns = _columns(network)
    high = max(4.0, 0.24 * max(len(column.shown) for column in columns))
    between = 1.9 if high < 8 else 2.8  # inches; tall layers need room for their lines
    ax = palette.axes(ax, (1.6 + between * len(columns), min(11.0, 1.4 + high)))
    for left, right, layer in zip(
        columns, columns[1:], network.dense_layers, strict=False
    ):
        W = np.nan_to_num(layer.W[np.ix_(left.shown, right.shown)].astype(np.float64))
        _edges(ax, left, right, W, high)
    for column in columns:
        _units(ax, column, high)
    known_inputs = _known(fitted, names, "names", network.inputs)
    if network.embedding is not None:
        known_inputs = inspectable.input_names(network, known_inputs)
    _names(ax, columns[0], known_inputs, high, "right")
    known = _known(fitted, outputs, "outputs", network.outputs)
    _names(ax, columns[-1], known, high, "left")
    for column in columns:
        ax.annotate(
            column.title,
            (column.x, -high / 2 - 0.35),
            ha="center",
            va="top",
            fontsize=9,
            color=palette.ink(ax),
        )
    ax.set_xlim(-1.6, columns[-1].x + 1.6)
    ax.set_ylim(-high / 2 - 1.1, high / 2 + 0.3)
    ax.set_axis_off()
    return ax


def _columns(network: Network) -> list[_Column]:
    taken = network.dense_layers[0].inputs  # what an embedding makes of the inputs
    sizes = [taken, *(layer.units for layer in network.dense_layers)]
    titles = [f"{taken:,} inputs{', embedded' * (network.embedding is not None)}"]
    titles += [
        f"{layer.units:,} unit{'s' * (layer.units != 1)}\n{layer.activation}"
        for layer in network.dense_layers
    ]
    return [
        _Column(size, _shown(size), GAP * number, title)
        for number, (size, title) in enumerate(zip(sizes, titles, strict=True))
    ]


def _shown(count: int) -> list[int]:
    every = list(range(count))
    return every if count <= MOST_UNITS else every[:ENDS] + every[-ENDS:]


def _edges(
    ax: Axes, left: _Column, right: _Column, W: NDArray[np.float64], high: float
) -> None:
    from matplotlib.collections import LineCollection

    share = np.abs(W) / (np.abs(W).max() or 1.0)
    i, j = np.nonzero(share > FAINTEST)
    order = np.argsort(share[i, j], kind="stable")[-MOST_LINES:]  # strongest on top
    i, j = i[order], j[order]
    # Of many lines each is thinner, so that the strong ones still stand out.
    widest = 3.2 if len(i) <= 100 else 1.3
    size, positive = share[i, j], W[i, j] > 0
    starts = np.column_stack([np.full(len(i), left.x), left.y(high)[i]])
    ends = np.column_stack([np.full(len(j), right.x), right.y(high)[j]])
    lines = LineCollection(
        list(np.stack([starts, ends], axis=1)),
        colors=np.where(positive, palette.POSITIVE, palette.NEGATIVE).tolist(),
        linestyles=np.where(positive, "solid", "dashed").tolist(),
        linewidths=0.25 + widest * size,
        alpha=0.1 + 0.9 * size**2,
        zorder=1,
    )
    ax.add_collection(lines)
    if len(order) == MOST_LINES:
        ax.annotate(
            f"the strongest\n{len(order):,} of {np.count_nonzero(W):,}",
            ((left.x + right.x) / 2, -high / 2 - 0.35),
            ha="center",
            va="top",
            fontsize=7,
            color=palette.NEUTRAL,
        )


def _units(ax: Axes, column: _Column, high: float) -> None:
    heights = column.y(high)
    size = float(np.clip(900 / max(len(heights), 8), 14, 90))
    ax.scatter(
        np.full(len(heights), column.x),
        heights,
        s=size,
        facecolors=[ax.get_facecolor()],
        edgecolors=[palette.ink(ax)],
        linewidths=1.0,
        zorder=2,
    )
    if column.units > len(column.shown):
        middle = float(heights[ENDS - 1] + heights[ENDS]) / 2
        ax.annotate(
            f"... {column.units - len(column.shown):,} more ...",
            (column.x, middle),
            ha="center",
            va="center",
            fontsize=8,
            color=palette.ink(ax),
            bbox={"boxstyle": "round,pad=0.2", "fc": ax.get_facecolor(), "ec": "none"},
        )


def _names(
    ax: Axes, column: _Column, names: Sequence[str] | None, high: float, side: str
) -> None:
    """Write the names of a column's units on its outer side."""
    if names is None or len(column.shown) > MOST_NAMES:
        return
    away = -0.22 if side == "right" else 0.22
    for unit, y in zip(column.shown, column.y(high), strict=True):
        name = plain(names[unit])
        ax.annotate(
            name if len(name) <= 22 else f"{name[:21]}\N{HORIZONTAL ELLIPSIS}",
            (column.x + away, y),
            ha=side,
            va="center",
            fontsize=8,
            color=palette.ink(ax),
        )


def _known(
    fitted: Any, given: Sequence[str] | None, what: str, count: int
) -> Sequence[str] | None:
    """Return the names asked for, or those that a model or an estimator knows."""
    if given is not None:
        return checked_names(what, given, count)
    if what == "names":
        names = getattr(getattr(fitted, "encoder", None), "names", None)
        names = getattr(fitted, "feature_names_in_", None) if names is None else names
    else:
        names = getattr(fitted, "classes", getattr(fitted, "classes_", None))
    return names if names is not None and len(names) == count else None
