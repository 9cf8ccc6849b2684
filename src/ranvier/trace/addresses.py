"""The names of numbers in a trace: "W2[1,0]" is read, checked and pointed at."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from ranvier.checks import checked_layer
from ranvier.messages import choose
from ranvier.trace.layer_trace import BACKWARD, FORWARD, LayerTrace

# Indices may be missing, or name a column.
_NAME: Final = re.compile(r"\s*(slope|d?[XWbZA])(\d+)\s*(?:\[(.*)\])?\s*", re.DOTALL)


class Weight(NamedTuple):
    """A weight, or a bias, of the network: W2[1, 0] has layer 2, input 1, unit 0."""

    layer: int
    input: int | None  # None: the bias
    unit: int

    def __str__(self) -> str:
        if self.input is None:
            return f"b{self.layer}[{self.unit}]"
        return f"W{self.layer}[{self.input},{self.unit}]"


class Address(NamedTuple):
    """An array of a trace, and where in it; () for all of it."""

    letter: str
    layer: int
    at: tuple[int, ...]


def read_weight(
    given: str, layers: Sequence[LayerTrace], columns: Sequence[str]
) -> Weight:
    """Read the name of a weight or a bias.

    Raises
    ------
    ValueError
        There is no such weight; the nearest one is offered.
    """
    match = _NAME.fullmatch(str(given))
    if match is None or match[1] not in ("W", "b") or match[3] is None:
        raise ValueError(
            f"{given!r} names no weight: give one such as 'W1[0,0]', the weight from "
            "input 0 to unit 0 of layer 1, or 'b1[0]', a bias"
        )
    letter, number, at = _read(match, layers, columns)
    return Weight(number, at[0] if letter == "W" else None, at[-1])


def parse(given: str, layers: Sequence[LayerTrace], columns: Sequence[str]) -> Address:
    """Read the name of an array, with or without indices: "dZ2", "A1[0,3]".

    Raises
    ------
    ValueError
        There is no such array or entry; what there is is offered.
    """
    match = _NAME.fullmatch(str(given))
    letters = FORWARD + BACKWARD
    if match is None or match[1] not in letters:
        known = [f"{letter}{layer.number}" for layer in layers for letter in letters]
        raise ValueError(
            f"{given!r} names no array of the trace: "
            f"{choose(str(given), known, 'arrays')}"
        )
    return _read(match, layers, columns)


def _read(
    match: re.Match[str], layers: Sequence[LayerTrace], columns: Sequence[str]
) -> Address:
    """Check the layer and the indices of a name."""
    number = checked_layer(int(match[2]), len(layers), match[0])
    if match[3] is None:
        return Address(match[1], number, ())
    shape = getattr(layers[number - 1], match[1]).shape
    named = columns if number == 1 and match[1] in ("W", "dW") else ()
    at = _indices(match[3], named)
    return Address(match[1], number, _inside(match, at, shape))


def _indices(text: str, columns: Sequence[str]) -> list[int | None]:
    """Split "1,0"; the first part may name a column, None is what is no index."""
    first, comma, last = text.rpartition(",")
    if comma and first.strip() in columns:
        return [columns.index(first.strip()), _index(last)]
    return [_index(part) for part in text.split(",")]


def _index(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _inside(
    match: re.Match[str], at: Sequence[int | None], shape: tuple[int, ...]
) -> tuple[int, ...]:
    """Refuse indices that do not fit the array, and offer those nearest to them."""
    given = [0 if index is None else index for index in at] + [0] * len(shape)
    near = tuple(min(i, size - 1) for i, size in zip(given, shape, strict=False))
    if near == tuple(at):
        return near
    ranges = " and ".join(f"0 to {size - 1}" for size in shape)
    raise ValueError(
        f"{match[0]!r} does not exist: {match[1]}{match[2]} has the shape {shape}, so "
        f"its indices are {ranges}; did you mean "
        f"'{match[1]}{match[2]}[{','.join(map(str, near))}]'?"
    )
