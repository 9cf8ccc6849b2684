"""The picture of error against time."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import standing
from benchmarks.accuracy.contenders import RANVIER
from benchmarks.accuracy.standing import Tables
from benchmarks.accuracy.summary import KINDS, TITLES, groups
from ranvier.pictures import palette

Box = tuple[float, float, float, float]  # of a label: left, bottom, right, top
LETTER, LINE, GAP = 6.5, 12.0, 7.0  # its width, its height, its distance: points
ROOM = 16.0  # of a point to its left and right


def draw(found: Tables, path: Path) -> None:
    """Draw who errs how far after how long a fit: to the lower left is better."""
    figure, axes = palette.figure((10.5, 4.8), 1, len(KINDS))
    for ax, (title, regression) in zip(axes[0], KINDS.items(), strict=True):
        group = groups(found, regression)[0]  # those compared on the most tables
        tables = found.common(group, regression)
        ax.set_title(f"{title}, {len(tables)} table{'s' * (len(tables) != 1)}")
        ax.set_xlabel("processor seconds of a fit")
        ax.set_ylabel("mean error")
        if tables:
            _points(ax, found, group, tables)
    figure.savefig(path, dpi=150)
    figure.clear()


def _points(ax: Any, found: Tables, group: list[str], tables: list[str]) -> None:
    places = {}
    for name in group:
        seconds = found.figures(name, tables, "fit_processor")
        error = standing.shifted_mean(found.figures(name, tables, "error"))
        places[name] = (float(np.exp(np.log(seconds).mean())), error)
    ax.set_xscale("log")
    for name, (x, y) in places.items():
        own = name == RANVIER
        colour = palette.NEGATIVE if own else palette.POSITIVE
        marker, size = (palette.MARKERS[2], 9) if own else (palette.MARKERS[0], 6)
        ax.plot(x, y, marker, color=colour, ms=size)
    ax.margins(x=0.3, y=0.12)
    ax.grid(alpha=0.25)
    _label(ax, places)


def _label(ax: Any, places: dict[str, tuple[float, float]]) -> None:
    """Write each name beside its point, where no other name or point is near."""
    ax.figure.draw_without_rendering()  # settles where the points are
    points = 72 / ax.figure.dpi
    at = {name: ax.transData.transform(xy) * points for name, xy in places.items()}
    taken: list[Box] = []
    for name, (x, y) in at.items():
        others = [_around(*xy) for other, xy in at.items() if other != name]
        others += taken
        width = LETTER * len(TITLES[name])
        sides = [
            (GAP, -4.0),
            (-GAP - width, -4.0),
            (-width / 2, GAP),
            (-width / 2, -18.0),
        ]
        boxes = [(x + a, y + b, x + a + width, y + b + LINE) for a, b in sides]
        free = [not any(_overlap(box, other) for other in others) for box in boxes]
        best = free.index(True) if True in free else 0
        taken.append(boxes[best])
        ax.annotate(
            TITLES[name],
            places[name],
            xytext=sides[best],
            textcoords="offset points",
            weight="bold" if name == RANVIER else "normal",
        )


def _around(x: float, y: float) -> Box:
    """Give the room of a point, in which a name would seem to be its own."""
    return x - ROOM, y - LINE / 2, x + ROOM, y + LINE / 2


def _overlap(one: Box, other: Box) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]
