"""Bars for named numbers, with their values written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ranvier.pictures import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bars(
    values: Sequence[tuple[str, float]], label: str, *, ax: Axes | None = None
) -> Axes:
    """Draw horizontal bars, the first on top; negative ones are hatched.

    Parameters
    ----------
    values
        Names and numbers.
    label
        Of the axis of numbers.
    ax
        Where to draw; None: on a new figure.
    """
    ax = palette.axes(ax, (6.4, 1.1 + 0.32 * len(values)))
    names = [name for name, _ in values]
    places = range(len(values))
    numbers = [value for _, value in values]
    drawn = ax.barh(
        places,
        numbers,
        color=[palette.POSITIVE if x >= 0 else palette.NEGATIVE for x in numbers],
        edgecolor=palette.ink(ax),
        linewidth=0.6,
    )
    for bar, value in zip(drawn, numbers, strict=True):
        bar.set_hatch("" if value >= 0 else "///")
    ax.bar_label(drawn, [f"{x:.3g}" for x in numbers], padding=4, fontsize=9)
    ax.set_yticks(places, labels=names)
    ax.invert_yaxis()
    ax.axvline(0, color=palette.ink(ax), linewidth=0.8)
    ax.margins(x=0.18)
    ax.set_xlabel(label)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
