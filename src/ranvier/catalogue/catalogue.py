"""A table of functions that one can list, print and plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import unknown
from ranvier.pictures import palette

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

POINTS: Final = 401
COLUMNS: Final = 4  # of small pictures beside each other
WIDTH: Final = 88  # of the printed table


@dataclass(frozen=True)
class Entry:
    """One function of the table.

    Attributes
    ----------
    name : str
        What Ranvier calls it.
    formula, derivative : str
        As Python would write them.
    range : str
        The values it takes.
    saturates : str
        Where its slope is nearly 0, so that nothing is learned through it.
    use : str
        When to use it.
    """

    name: str
    formula: str
    derivative: str
    range: str
    saturates: str
    use: str


@dataclass(frozen=True)
class Curves:
    """What is drawn of an entry: x, and f and f' of it."""

    x: Array
    f: Array
    slope: Array
    x_label: str
    labels: tuple[str, str]


class Catalogue(Mapping[str, Entry]):
    """A table of functions by name: list it, print it, plot one or all.

    Examples
    --------
    >>> import ranvier as rv
    >>> list(rv.losses)[:2]
    ['squared_error', 'absolute_error']
    >>> rv.activations["relu"].formula
    'max(z, 0)'
    """

    def __init__(
        self, what: str, entries: list[Entry], curves: Callable[[str], Curves]
    ) -> None:
        self._what = what
        self._entries = {entry.name: entry for entry in entries}
        self._curves = curves

    def __getitem__(self, name: object) -> Entry:
        if not isinstance(name, str) or name not in self._entries:
            raise UnknownNameError(str(unknown(self._what, name, self._entries)))
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas frame, a line for each function."""
        import pandas as pd

        return pd.DataFrame([vars(entry) for entry in self.values()]).set_index("name")

    def describe(self, name: str | None = None) -> str:
        """Return the table, or one function, as text."""
        if name is not None:
            return _block(self[name], len(name))
        width = max(map(len, self))
        return "\n\n".join(_block(entry, width) for entry in self.values())

    def __str__(self) -> str:
        return self.describe()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        names = [field.name for field in fields(Entry)]
        head = "".join(f"<th>{name}</th>" for name in names)
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align:left">{escape(getattr(entry, name))}</td>'
                for name in names
            )
            + "</tr>"
            for entry in self.values()
        )
        return f"<table><tr>{head}</tr>{rows}</table>"

    def plot(self, name: str | None = None, *, ax: Axes | None = None) -> Any:
        """Draw f and f' with matplotlib.

        Parameters
        ----------
        name
            Which function; None: all of them, each on axes of its own.
        ax
            Where to draw one function; None: on a new figure.

        Returns
        -------
        matplotlib.axes.Axes, or a list of them for all

        Raises
        ------
        KeyError
            There is no such function; the nearest name is offered.
        ImportError
            matplotlib is not installed.
        """
        if name is not None:
            self[name]
            ax = palette.axes(ax, (5.2, 3.6))
            _draw(ax, name, self._curves(name))
            ax.legend(fontsize=9)
            return ax
        rows = -(-len(self) // COLUMNS)
        figure, grid = palette.figure((11, 2.3 * rows), rows, COLUMNS)
        places = list(grid.flat)
        for place, one in zip(places, self, strict=False):
            _draw(place, one, self._curves(one))
        for place in places[len(self) :]:
            place.set_axis_off()
        handles, (f, _) = places[0].get_legend_handles_labels()
        figure.legend(handles, [f, "its slope"], loc="outside lower center", ncols=2)
        return places[: len(self)]


class UnknownNameError(KeyError):
    """A KeyError whose text is shown as it is: KeyError itself quotes it."""

    def __str__(self) -> str:
        return str(self.args[0])


def _draw(ax: Axes, name: str, curves: Curves) -> None:
    solid, dashed = palette.DASHES[:2]
    f, slope = curves.labels
    ax.axhline(0, color=palette.NEUTRAL, linewidth=0.7)
    ax.axvline(0, color=palette.NEUTRAL, linewidth=0.7)
    ax.plot(curves.x, curves.f, solid, color=palette.POSITIVE, linewidth=2, label=f)
    ax.plot(
        curves.x, curves.slope, dashed, color=palette.NEGATIVE, linewidth=1.6,
        label=slope,
    )  # fmt: skip
    ax.set_title(name, fontsize=10)
    ax.set_xlabel(curves.x_label, fontsize=9)
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)


def _block(entry: Entry, width: int) -> str:
    """Write an entry in lines, its name on the left."""
    lines = [
        entry.formula,
        f"slope {entry.derivative}",
        f"range {entry.range}; flat {entry.saturates}",
        entry.use,
    ]
    left = " " * (width + 2)
    written = [
        fill(line, WIDTH, initial_indent=left, subsequent_indent=left) for line in lines
    ]
    return f"{entry.name:<{width + 2}}" + "\n".join(written)[width + 2 :]
