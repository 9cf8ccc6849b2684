"""The picture of one neuron: inputs, weights, sum, activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.pictures import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_INPUTS: Final = 12  # drawn one by one; of more, the first and the last
RADIUS: Final = 0.32


def draw_neuron(
    names: Sequence[str],
    weights: NDArray[Any],
    bias: float,
    activation: str,
    numbers: tuple[NDArray[Any], float, float] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a neuron; ``numbers`` are x, z and a of one row.

    A line's width is the weight's size, orange and dashed if it is negative.
    """
    shown = _shown(len(names))
    rows = len(shown) + 1  # the bias is an input that is always 1
    ax = palette.axes(ax, (7.2, 1.2 + 0.62 * rows))
    ink, middle = palette.ink(ax), (rows - 1) / 2
    inputs = [(names[i], float(weights[i]), i) for i in shown if i is not None]
    inputs.append(("1", bias, -1))
    places = [row for row, i in enumerate(shown) if i is not None] + [rows - 1]
    largest = max(abs(weight) for _, weight, _ in inputs) or 1.0
    for (name, weight, i), row in zip(inputs, places, strict=True):
        y = rows - 1 - row
        _edge(ax, (0.1, y), (3 - RADIUS, middle), weight, largest)
        value = "" if numbers is None or i < 0 else f" = {numbers[0][i]:.4g}"
        _node(ax, 0, y, "")
        ax.annotate(
            name + value, (-RADIUS - 0.1, y), ha="right", va="center", color=ink
        )
        x, at = 0.95, y + (middle - y) * 0.95 / 3
        label = f"{'b' if i < 0 else 'w'} = {weight:.4g}"
        ax.annotate(
            label, (x, at), fontsize=9, ha="center", va="center", color=ink,
            bbox={"boxstyle": "round,pad=0.15", "fc": _paper(ax), "ec": "none"},
        )  # fmt: skip
    for row, place in enumerate(shown):
        if place is None:
            ax.annotate("...", (0, rows - 1 - row), ha="center", color=ink)
    _ends(ax, middle, activation, numbers)
    ax.set_xlim(-1.9, 7)
    ax.set_ylim(-0.8, rows - 0.2)
    ax.set_axis_off()
    return ax


def _ends(
    ax: Axes,
    middle: float,
    activation: str,
    numbers: tuple[NDArray[Any], float, float] | None,
) -> None:
    """Draw the sum, the activation and the output."""
    z, a = ("z", "a")
    if numbers is not None:
        z, a = f"z = {numbers[1]:.4g}", f"a = {numbers[2]:.4g}"
    _node(ax, 3, middle, "\N{GREEK CAPITAL LETTER SIGMA}")
    _node(ax, 4.7, middle, "f")
    for start, end in ((3, 4.7), (4.7, 6.2)):
        ax.annotate(
            "",
            (end - (RADIUS if end < 6 else 0), middle),
            (start + RADIUS, middle),
            arrowprops={"arrowstyle": "->", "color": palette.ink(ax)},
        )
    ink = palette.ink(ax)
    ax.annotate(z, (3.85, middle + 0.16), ha="center", fontsize=9, color=ink)
    ax.annotate(activation, (4.7, middle - 0.6), ha="center", fontsize=9, color=ink)
    ax.annotate(a, (6.25, middle), ha="left", va="center", color=ink)


def _edge(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    weight: float,
    largest: float,
) -> None:
    ax.plot(
        *zip(start, end, strict=True),
        color=palette.POSITIVE if weight >= 0 else palette.NEGATIVE,
        linestyle="-" if weight >= 0 else "--",
        linewidth=0.8 + 3.2 * abs(weight) / largest,
        zorder=1,
    )


def _node(ax: Axes, x: float, y: float, text: str) -> None:
    from matplotlib.patches import Circle

    ax.add_patch(
        Circle((x, y), RADIUS if text else 0.1, fc=_paper(ax), ec=palette.ink(ax),
               zorder=2)
    )  # fmt: skip
    ax.annotate(text, (x, y), ha="center", va="center", color=palette.ink(ax), zorder=3)
    ax.set_aspect("equal")


def _paper(ax: Axes) -> Any:
    return ax.get_facecolor()


def _shown(inputs: int) -> list[int | None]:
    """Return the inputs to draw; None stands for those left out."""
    if inputs <= MOST_INPUTS:
        return list(range(inputs))
    half = MOST_INPUTS // 2
    return [*range(half), None, *np.arange(inputs - half, inputs).tolist()]
