"""Colours distinguishable by the colour-blind and in black-and-white print.

Blue and orange are the pair of Okabe & Ito's palette (2008) that is distinguishable
with every kind of colour vision, toned to stand out on white and on black. Where colour
shows a sign, a second mark (a hatch, a dash, a number) shows it too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

POSITIVE: Final = "#3f87c6"
NEGATIVE: Final = "#d5812f"
NEUTRAL: Final = "#8c8c8c"
# Of classes and curves: blue, orange, bluish green, purple, yellow, sky, vermilion.
SERIES: Final = (
    POSITIVE,
    NEGATIVE,
    "#2a9d7c",
    "#b3649b",
    "#c9a500",
    "#6fb6de",
    "#b5482f",
)
DASHES: Final = ("-", "--", "-.", ":")
MARKERS: Final = ("o", "^", "s", "D", "v", "P", "X")


def axes(ax: Axes | None, size: tuple[float, float] = (6.4, 4.4)) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure."""
    return ax if ax is not None else figure(size)[1][0, 0]


def figure(
    size: tuple[float, float], rows: int = 1, columns: int = 1, **settings: Any
) -> tuple[Any, Any]:
    """Make a figure with rows x columns of axes, in an array of that shape."""
    try:
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError as error:
        raise ImportError(
            "pictures are drawn with matplotlib, which is not installed: run "
            "pip install matplotlib"
        ) from error
    made: tuple[Any, Any] = pyplot.subplots(
        rows, columns, figsize=size, squeeze=False, layout="constrained", **settings
    )
    return made


def ink(ax: Axes) -> Any:
    """Return the colour of text on these axes, which follows the style in force."""
    return ax.xaxis.label.get_color()


def diverging() -> Colormap:
    """Return the colours from most negative over the paper to most positive."""
    colors = importlib.import_module("matplotlib.colors")
    paper = importlib.import_module("matplotlib").rcParams["axes.facecolor"]
    ends = ["#8f4a0b", NEGATIVE, paper, POSITIVE, "#14528c"]
    if sum(colors.to_rgb(paper)) < 1.5:  # on black the ends are the brightest
        ends = ["#ffc78a", NEGATIVE, paper, POSITIVE, "#a9d6ff"]
    colormap: Colormap = colors.LinearSegmentedColormap.from_list("ranvier", ends)
    return colormap
