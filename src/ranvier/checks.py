"""Arguments of the public functions, checked: numbers within limits, known names.

Every error names the parameter, shows what was given and gives an example that works.
NumPy's scalars are accepted wherever Python's numbers are; booleans are not numbers.
"""

from math import inf, isfinite
from operator import index
from typing import Final

import numpy as np

LARGEST_SIZE: Final = 1 << 24  # units or inputs of one layer; the engine's limit


def checked_int(
    name: str, value: object, low: int, high: int | None = None, *, example: object
) -> int:
    """Return a whole number from low to high as an int; ValueError otherwise."""
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = low - 1
    above = high is not None and number > high
    if isinstance(value, bool | np.bool_) or number < low or above:
        limits = f"of at least {low:,}" if high is None else f"from {low:,} to {high:,}"
        raise ValueError(
            f"{name} must be a whole number {limits}, but got {value!r}: give for "
            f"example {example}"
        )
    return number


def checked_size(name: str, size: object) -> int:
    """Return the size of a layer as an int; ValueError if the engine cannot have it."""
    return checked_int(name, size, 1, LARGEST_SIZE, example=100)


def checked_float(name: str, value: object, *, example: object) -> float:
    """Return a finite number as a float; ValueError otherwise, also for a string."""
    number = inf
    if not isinstance(value, bool | np.bool_ | str | bytes):
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = inf
    if not isfinite(number):
        raise ValueError(
            f"{name} must be a finite number, but got {value!r}: give for example "
            f"{example}"
        )
    return number


def checked_layer(layer: object, last: int, name: str = "") -> int:
    """Return the number of a layer, from 1 to last; ``name`` is what contains it."""
    if isinstance(layer, bool | np.bool_) or not hasattr(layer, "__index__"):
        raise TypeError(
            f"layer must be a whole number from 1 to {last}, but got {layer!r}: give "
            "for example 1"
        )
    number = index(layer)
    if not 1 <= number <= last:
        text = f"{name!r} names layer {number}, which" if name else f"layer {number}"
        raise ValueError(f"{text} does not exist: layers are numbered 1 to {last}")
    return number


def checked_index(what: str, value: object, size: int, where: str = "") -> int:
    """Return a number from 0 to size - 1 of a row, unit, column or output."""
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(
            f"{what} must be a whole number from 0 to {size - 1}, but got {value!r}: "
            "give for example 0"
        )
    number = index(value)
    if not 0 <= number < size:
        raise ValueError(
            f"{what} {number}{where} does not exist: {what}s are numbered 0 to "
            f"{size - 1}"
        )
    return number
