"""A network for the eye: one line, a table of its layers, and a drawing in SVG."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import BoundLayer, DenseLayer, Dropout

MOST_UNITS: Final = 16  # of a layer that are drawn one by one; of a wider one, the ends
MOST_LAYERS: Final = 9  # that are drawn or named in one line, of a deeper one the ends
ENDS: Final = 6  # units drawn at each end of a wider layer

# Legible on white and on black; text and outlines take the colour of the page's text.
POSITIVE: Final = "#3f87c6"
NEGATIVE: Final = "#d5812f"
COLUMN, ROW, RADIUS, TOP, TITLE = 120, 18, 5, 12, 44  # pixels


class Row(NamedTuple):
    """What the table says about one layer."""

    name: str
    shape: str
    parameters: int
    memory: int  # bytes
    flops: int  # for one row of X


def rows(layers: Sequence[BoundLayer], dtype: np.dtype[Any]) -> list[Row]:
    """Return the table of the layers, and the total as its last row."""
    table: list[Row] = []
    for place, layer in enumerate(layers):
        if isinstance(layer, Dropout):
            table.append(Row(f"{place}  Dropout {layer.rate:g}", "", 0, 0, 0))
            continue
        count = sum(array.size for array in layer.arrays().values())
        if isinstance(layer, EmbeddingLayer):
            name, shape = f"{place}  Embedding", f"{layer.inputs} -> {layer.units}"
            flops = layer.flops()
            table.append(Row(name, shape, count, count * dtype.itemsize, flops))
            continue
        d_in, d_out = layer.W.shape
        flops = 2 * d_in * d_out + d_out  # a product and a sum for each weight, and b
        name = f"{place}  Dense {layer.activation}{' parametric' * layer.parametric}"
        shape = f"{d_in} x {d_out}"
        table.append(Row(name, shape, count, count * dtype.itemsize, flops))
    parameters = sum(row.parameters for row in table)
    flops = sum(row.flops for row in table)
    return [*table, Row("total", "", parameters, parameters * dtype.itemsize, flops)]


def line(inputs: int, layers: Sequence[BoundLayer], dtype: np.dtype[Any]) -> str:
    """Describe a network in one line."""
    parts = [str(inputs)]
    for layer in layers:
        if isinstance(layer, Dropout):
            parts.append(f"dropout {layer.rate:g}")
        elif isinstance(layer, EmbeddingLayer):
            parts.append(f"{layer.units} embedded")
        else:
            parts.append(f"{layer.units} {layer.activation}")
    if len(parts) > MOST_LAYERS:
        parts = [*parts[:4], f"... {len(parts) - 7} more ...", *parts[-3:]]
    count = rows(layers, dtype)[-1].parameters
    return f"Network({' -> '.join(parts)}, {dtype.name}, {count:,} parameters)"


def summary(inputs: int, layers: Sequence[BoundLayer], dtype: np.dtype[Any]) -> str:
    """Describe a network in a table of plain text."""
    cells = [_HEADINGS, *(_cells(row) for row in rows(layers, dtype))]
    widths = [max(len(row[i]) for row in cells) for i in range(len(_HEADINGS))]
    lines = [
        "  ".join(
            cell.ljust(width) if place < TEXT_CELLS else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    rule = "-" * max(map(len, lines))
    lines = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    return "\n".join([f"Network of {inputs} inputs, {dtype.name}", "", *lines])


_HEADINGS: Final = ("layer", "W", "parameters", "memory", "FLOPs a row")
TEXT_CELLS: Final = 2  # the first of them; the others are numbers


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    numbers = f"{row.parameters:,}", _memory(row.memory), f"{row.flops:,}"
    return row.name, row.shape, *numbers


def _memory(count: int) -> str:
    """Write a number of bytes in the unit that suits it."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def html(inputs: int, layers: Sequence[BoundLayer], dtype: np.dtype[Any]) -> str:
    """Draw a network, and put its table below; no script, nothing from elsewhere."""
    table = "".join(
        f"<tr>{''.join(_html_cells(tag, cells))}</tr>"
        for tag, cells in _tagged_rows(layers, dtype)
    )
    return (
        f"<div><div>{escape(line(inputs, layers, dtype))}</div>"
        f"{svg(inputs, layers)}"
        '<div style="font-size:85%">a line is a weight: the wider the larger; '
        f'<span style="color:{POSITIVE}">blue</span> positive, '
        f'<span style="color:{NEGATIVE}">orange</span> negative</div>'
        f'<table style="color:inherit;border-collapse:collapse">{table}</table></div>'
    )


def _html_cells(tag: str, cells: Sequence[str]) -> Iterator[str]:
    """Align as the plain table does: names and shapes left, numbers right."""
    for place, cell in enumerate(cells):
        side = "left" if place < TEXT_CELLS else "right"
        style = f"text-align:{side};padding:1px 14px 1px 0"
        yield f'<{tag} style="{style}">{escape(cell)}</{tag}>'


def _tagged_rows(
    layers: Sequence[BoundLayer], dtype: np.dtype[Any]
) -> Iterator[tuple[str, Sequence[str]]]:
    yield "th", _HEADINGS
    for row in rows(layers, dtype):
        yield "td", _cells(row)


class _Column(NamedTuple):
    """One column of the drawing: the inputs, or the units of a dense layer."""

    place: int  # among the inputs and the dense layers
    layer: DenseLayer | EmbeddingLayer | None
    units: int
    title: tuple[str, str]
    shown: list[int]
    x: int

    def y(self, place: int, tall: int) -> int:
        """Return the height of the unit drawn in a place, the column being centred."""
        split = self.units > len(self.shown) and place >= ENDS
        taken = len(self.shown) + (self.units > len(self.shown))
        return TOP + ROW * (place + split) + (tall - taken) * ROW // 2


def svg(inputs: int, layers: Sequence[BoundLayer]) -> str:
    """Draw the units as circles and the weights as lines between them."""
    columns = _columns(inputs, layers)
    tall = max(len(c.shown) + (c.units > len(c.shown)) for c in columns)
    wide = COLUMN * len(columns)
    high = TOP + ROW * tall + TITLE
    edges = [_edges(left, right, tall) for left, right in pairwise(columns)]
    units = [_units(column, tall) for column in columns]
    titles = [_titles(column, high) for column in columns]
    label = escape(f"network of {_counted(inputs, 'input')}, {columns[-1].title[0]}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{label}" font-family="sans-serif" font-size="11" '
        f'text-anchor="middle">{"".join(edges + units + titles)}</svg>'
    )


def _columns(inputs: int, layers: Sequence[BoundLayer]) -> list[_Column]:
    """Choose which layers and which of their units are drawn."""
    columns = [_Column(0, None, inputs, (_counted(inputs, "input"), ""), [], 0)]
    for layer in layers:
        if isinstance(layer, Dropout):
            size, below = columns[-1].title
            below = f"{below}, dropout {layer.rate:g}".removeprefix(", ")
            columns[-1] = columns[-1]._replace(title=(size, below))
        else:
            f = layer.activation if isinstance(layer, DenseLayer) else "embedded"
            title = _counted(layer.units, "unit"), str(f)
            columns.append(_Column(len(columns), layer, layer.units, title, [], 0))
    if len(columns) > MOST_LAYERS:
        columns = [*columns[: MOST_LAYERS - 4], *columns[-4:]]
    return [
        column._replace(shown=_shown(column.units), x=COLUMN // 2 + COLUMN * number)
        for number, column in enumerate(columns)
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _shown(units: int) -> list[int]:
    every = list(range(units))
    return every if units <= MOST_UNITS else every[:ENDS] + every[-ENDS:]


def _edges(left: _Column, right: _Column, tall: int) -> str:
    """Draw the weights between two columns, or dots where layers are left out."""
    if right.layer is None or right.place != left.place + 1:
        text = f"... {_counted(right.place - left.place - 1, 'layer')} ..."
        return _text((left.x + right.x) // 2, TOP + ROW * tall // 2, text)
    if isinstance(right.layer, EmbeddingLayer):
        return _embedded(left, right, right.layer, tall)
    W = np.nan_to_num(right.layer.W[np.ix_(left.shown, right.shown)].astype(np.float64))
    share = _share(W)
    lines = [
        f'<line x1="{left.x}" y1="{left.y(i, tall)}" x2="{right.x}" '
        f'y2="{right.y(j, tall)}" stroke="{POSITIVE if W[i, j] > 0 else NEGATIVE}" '
        f'stroke-width="{0.3 + 2.7 * share[i, j]:.2f}" '
        f'stroke-opacity="{0.15 + 0.75 * share[i, j]:.2f}"/>'
        for i, j in np.argwhere(share > 0)
    ]
    return f"<g>{''.join(lines)}</g>"


def _embedded(left: _Column, right: _Column, layer: EmbeddingLayer, tall: int) -> str:
    """Draw from which column each embedded number comes."""
    own = np.repeat(np.arange(layer.inputs), [c.outputs for c in layer.columns])
    lines = [
        f'<line x1="{left.x}" y1="{left.y(left.shown.index(own[unit]), tall)}" '
        f'x2="{right.x}" y2="{right.y(j, tall)}" stroke="#999999" stroke-width="0.8"/>'
        for j, unit in enumerate(right.shown)
        if own[unit] in left.shown
    ]
    return f"<g>{''.join(lines)}</g>"


def _share(W: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return |W| relative to its largest entry."""
    largest = np.abs(W).max(initial=0.0)
    return np.abs(W) / largest if largest > 0 else np.zeros_like(W)


def _units(column: _Column, tall: int) -> str:
    circles = [
        f'<circle cx="{column.x}" cy="{column.y(place, tall)}" r="{RADIUS}" '
        'fill="#999999" stroke="currentColor"/>'
        for place in range(len(column.shown))
    ]
    if column.units > len(column.shown):
        middle = (column.y(ENDS - 1, tall) + column.y(ENDS, tall)) // 2 + 4
        circles.append(_text(column.x, middle, "..."))
    return "".join(circles)


def _text(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="currentColor">{escape(text)}</text>'


def _titles(column: _Column, high: int) -> str:
    return "".join(
        _text(column.x, high - below, text)
        for text, below in zip(column.title, (24, 10), strict=True)
    )
