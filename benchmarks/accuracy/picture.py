"""The picture of error against time."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import standing
from benchmarks.accuracy.contenders import RANVIER
from benchmarks.accuracy.standing import Tables
from benchmarks.accuracy.summary import KINDS, TITLES, present
from ranvier.pictures import palette


def draw(found: Tables, path: Path) -> None:
    """Draw who errs how far after how long a fit: to the lower left is better."""
    figure, axes = palette.figure((10.5, 4.6), 1, len(KINDS))
    for ax, (title, regression) in zip(axes[0], KINDS.items(), strict=True):
        group = present(found)
        tables = found.common(group, regression)
        ax.set_title(f"{title}, {len(tables)} tables")
        ax.set_xlabel("processor seconds of a fit")
        ax.set_ylabel("mean error")
        if tables:
            _points(ax, found, group, tables)
    figure.savefig(path, dpi=150)
    figure.clear()


def _points(ax: Any, found: Tables, group: list[str], tables: list[str]) -> None:
    places = []
    for name in group:
        seconds = found.figures(name, tables, "fit_processor")
        error = standing.shifted_mean(found.figures(name, tables, "error"))
        places.append((float(np.exp(np.log(seconds).mean())), error))
    ax.set_xscale("log")
    for name, (x, y) in zip(group, places, strict=True):
        own = name == RANVIER
        colour = palette.NEGATIVE if own else palette.POSITIVE
        marker, size = (palette.MARKERS[2], 9) if own else (palette.MARKERS[0], 6)
        ax.plot(x, y, marker, color=colour, ms=size)
        ax.annotate(
            TITLES[name],
            (x, y),
            xytext=(6, 5),
            textcoords="offset points",
            weight="bold" if own else "normal",
        )
    ax.margins(x=0.3, y=0.12)
    ax.grid(alpha=0.25)
