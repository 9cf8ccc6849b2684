"""Tick labels of a plot: categories and dates in their own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ranvier.messages import plain
from ranvier.pictures.varied_rows import Along

if TYPE_CHECKING:
    from matplotlib.axis import Axis

MOST_LETTERS: Final = 50  # of all categories, up to which their names stand level


def name_places(axis: Axis, along: Along) -> None:
    """Write categories and dates, not the numbers they stand at."""
    if along.names:
        axis.set_ticks(range(len(along.names)), list(map(plain, along.names)))
        level = axis is axis.axes.xaxis
        if level and sum(map(len, along.names)) > MOST_LETTERS:
            axis.set_tick_params(labelrotation=30)
    if along.are_dates:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        axis.set_major_locator(locator)
        written = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        axis.set_major_formatter(written)
