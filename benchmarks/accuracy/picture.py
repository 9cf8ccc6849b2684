"""The picture of error against time."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.transforms import Bbox

from benchmarks.accuracy import standing
from benchmarks.accuracy.contenders import RANVIER
from benchmarks.accuracy.standing import Tables
from benchmarks.accuracy.summary import KINDS, TITLES, groups
from ranvier.pictures import palette

# Where a name may stand: right of its point, left, above, below, and at the corners.
SIDES = (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)
GAP = 7.0  # points from a point to its name
ROOM = 12.0  # points to its left and right that no other name should have


def draw(found: Tables, path: Path) -> None:
    """Plot error against fit time: lower left is better."""
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
    """Write each name beside its point, where least of other names and points is."""
    ax.figure.draw_without_rendering()  # settles where the points are
    pixels = ax.figure.dpi / 72
    at = {name: ax.transData.transform(xy) for name, xy in places.items()}
    rooms = {name: _box(x, y, ROOM * pixels) for name, (x, y) in at.items()}
    taken: list[Bbox] = []
    for name, point in at.items():
        told = ax.annotate(
            TITLES[name],
            places[name],
            xytext=(0, 0),
            textcoords="offset points",
            weight="bold" if name == RANVIER else "normal",
        )
        size = told.get_window_extent().size
        others = [room for other, room in rooms.items() if other != name] + taken
        starts = [
            (GAP * pixels + size / 2) * side - size / 2 for side in np.array(SIDES)
        ]
        boxes = [Bbox.from_bounds(*point + start, *size) for start in starts]
        best = int(np.argmin([_covered(box, others, ax.bbox) for box in boxes]))
        told.set_position(starts[best] / pixels)
        taken.append(boxes[best])


def _box(x: float, y: float, reach: float) -> Bbox:
    """Return the surroundings of a point, where a name would seem its own."""
    return Bbox.from_extents(x - reach, y - reach / 2, x + reach, y + reach / 2)


def _covered(box: Bbox, others: list[Bbox], frame: Bbox) -> float:
    """Measure what a name would cover of others, and have outside of the frame."""
    parts = [Bbox.intersection(box, other) for other in others]
    inside = Bbox.intersection(box, frame)
    outside = _area(box) - (_area(inside) if inside else 0)
    return sum(_area(part) for part in parts if part) + outside


def _area(box: Bbox) -> float:
    return float(box.width * box.height)
