"""Decision boundaries: the output of a model over two columns, the rest fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_int
from ranvier.messages import plain
from ranvier.pictures import palette
from ranvier.pictures.ticks import name_places
from ranvier.pictures.varied_rows import Along, Columns, Scores, scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 500  # rows that are drawn; of more, these are evenly picked
WITHIN = 0.7  # of a category's band, in which its rows are spread
GOLDEN = 0.618034  # by its multiples, which leave no gaps


def plot_boundary(
    fitted: Any,
    X: Any,
    y: Any = None,
    *,
    columns: tuple[int | str, int | str] = (0, 1),
    row: int | None = None,
    resolution: int = 160,
    ax: Axes | None = None,
) -> Axes:
    """Draw the output of a model over two columns, with the others held fixed.

    Parameters
    ----------
    fitted
        A `Network`, a `Model`, a fitted estimator (also of scikit-learn), or a function
        of a table.
    X
        The table: its columns' ranges are drawn, and its rows as points.
    y
        Classes or numbers of the rows (n,), shown by the colour of the points.
    columns
        The two columns, by number or name. Numbers and dates are drawn over their
        range; of categories, the most frequent ones are drawn as bands.
    row
        The row whose other columns are kept. None: their medians, and the most frequent
        of other values.
    resolution
        Points along each side.
    ax
        Where to draw; None: on a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Two classes: from orange (dotted) to blue by probability, with lines at 25, 50
        and 75 %. More: a colour and a hatch for each. Numbers: a colour bar.

    Raises
    ------
    ValueError
        There is no such column or row, or a column has no values.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.random.default_rng(0).normal(size=(20, 2))
    >>> net = rv.Network.mlp(2, 4, 1, output_activation="sigmoid", seed=0)
    >>> ax = rv.plot_boundary(net, X, X[:, 0] > 0, resolution=20)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x0', 'x1')
    """
    resolution = checked_int("resolution", resolution, 2, 4096, example=160)
    table = Columns(X)
    a, b = _two(columns, table)
    if a == b:
        raise ValueError(f"columns names {table.names[a]!r} twice: give two")
    across, up = (table.along(c, resolution).bands(resolution) for c in (a, b))
    A, B = np.meshgrid(across.at, up.at)
    values = np.meshgrid(across.values, up.values)
    varied = {c: own.reshape(-1) for c, own in zip((a, b), values, strict=True)}
    given = scores(fitted, table.varied(varied, row))
    ax = palette.axes(ax, (6.0, 4.8))
    if len(given.classes) == 2:
        _two_classes(ax, A, B, given)
    elif given.classes:
        _classes(ax, A, B, given)
    else:
        surface = ax.contourf(A, B, given.values.reshape(A.shape), 12, cmap="cividis")
        ax.figure.colorbar(surface, ax=ax, label="prediction")
    x1, x2 = _placed(across, table.values(a)), _placed(up, table.values(b))
    _points(ax, x1, x2, y, given.classes)
    name_places(ax.xaxis, across)
    name_places(ax.yaxis, up)
    ax.set_xlabel(plain(table.names[a]))
    ax.set_ylabel(plain(table.names[b]))
    return ax


def _two(columns: Any, table: Columns) -> tuple[int, int]:
    """Return the places of two columns, given by number or name."""
    two = isinstance(columns, list | tuple) and len(columns) == 2
    if not two:
        raise ValueError(
            f"columns must be two columns, by number or name, but got {columns!r}: "
            "give for example columns=(0, 1)"
        )
    first, second = columns
    return table.place(first), table.place(second)


def _two_classes(ax: Axes, A: NDArray[Any], B: NDArray[Any], given: Scores) -> None:
    share = given.values[:, 1].reshape(A.shape)
    ax.imshow(
        share,
        extent=(A.min(), A.max(), B.min(), B.max()),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=palette.diverging(),
        alpha=0.75,
        vmin=0,
        vmax=1,
    )
    if share.min() < 0.5:  # dotted, so that the sides differ without colour too
        ax.contourf(A, B, share, [-0.01, 0.5], colors="none", hatches=["."])
    if not share.min() < 0.5 < share.max():
        return
    ink = [palette.ink(ax)]
    ax.contour(A, B, share, [0.5], colors=ink, linewidths=2.0)
    if len(np.unique(share)) > 2:  # not for predictions without probabilities
        quarters = [0.25, 0.75]
        lines = ax.contour(
            A, B, share, quarters, colors=ink, linewidths=0.8, linestyles="dashed"
        )
        ax.clabel(lines, fmt=lambda level: f"{level:.0%}", fontsize=8)


def _classes(ax: Axes, A: NDArray[Any], B: NDArray[Any], given: Scores) -> None:
    best = given.values.argmax(axis=1).reshape(A.shape)
    count = len(given.classes)
    colours = [palette.SERIES[k % len(palette.SERIES)] for k in range(count)]
    hatches = ["", "//", "..", "\\\\", "xx", "oo", "++"]
    levels = np.arange(count + 1) - 0.5
    ax.contourf(A, B, best, levels, colors=colours, alpha=0.35)
    ax.contourf(
        A, B, best, levels, colors="none",
        hatches=[hatches[k % len(hatches)] for k in range(count)],
    )  # fmt: skip
    if best.min() < best.max():
        ax.contour(A, B, best, levels[1:-1], colors=[palette.ink(ax)], linewidths=1.2)


def _placed(along: Along, values: NDArray[Any]) -> NDArray[np.float64]:
    """Say where rows stand, those of one category apart from each other in its band."""
    values = values[:: _step(len(values))]
    if not along.names:
        return along.places(values)
    spread = (np.arange(len(values)) * GOLDEN) % 1 - 0.5
    return along.places(values) + WITHIN * spread


def _step(rows: int) -> int:
    return max(1, -(-rows // MOST_POINTS))


def _points(
    ax: Axes,
    x1: NDArray[np.float64],
    x2: NDArray[np.float64],
    y: Any,
    classes: tuple[str, ...],
) -> None:
    """Draw the rows: each class with a marker and a colour of its own."""
    edge: dict[str, Any] = {"edgecolors": palette.ink(ax), "linewidths": 0.6}
    edge["s"] = 70 if len(x1) < 20 else 22
    if y is None or not classes:
        ax.scatter(x1, x2, color=palette.NEUTRAL, **edge)
        return
    y = np.asarray(y).reshape(-1)
    labels = np.array([str(label) for label in y[:: _step(len(y))]])
    if not set(labels) & set(classes):  # they have other names, in the same order
        classes = tuple(sorted(set(labels)))
    colours = TWO if len(classes) == 2 else palette.SERIES
    for k, label in enumerate(classes):  # in the colour of the region it belongs to
        own = labels == label
        if own.any():
            marker = palette.MARKERS[k % len(palette.MARKERS)]
            colour = colours[k % len(colours)]
            ax.scatter(
                x1[own],
                x2[own],
                color=colour,
                marker=marker,
                label=plain(label),
                **edge,
            )
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize=8, loc="best", framealpha=0.85)


# The first class lies where the probability of the second is low, which is orange.
TWO: Final = (palette.NEGATIVE, palette.POSITIVE)
