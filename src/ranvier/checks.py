"""Arguments of the public functions, checked: numbers within limits, known names.

Every error names the parameter, shows what was given and gives an example that works.
NumPy's scalars are accepted wherever Python's numbers are; booleans are not numbers.
"""

import os
from math import inf, isfinite
from operator import index
from pathlib import Path
from typing import Final

import numpy as np

LARGEST_SIZE: Final = 1 << 24  # units or inputs of one layer; the engine's limit


def checked_bool(name: str, value: object) -> bool:
    """Return True or False as a plain bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, but got {value!r}")
    return bool(value)


def checked_int(
    name: str, value: object, low: int, high: int | None = None, *, example: object
) -> int:
    """Return a whole number from low to high as an int; ValueError otherwise."""
    number = _whole(value)
    if number is None or number < low or (high is not None and number > high):
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
    number = _whole(layer)
    if number is None:
        raise TypeError(
            f"layer must be a whole number from 1 to {last}, but got {layer!r}: give "
            "for example 1"
        )
    if not 1 <= number <= last:
        text = f"{name!r} names layer {number}, which" if name else f"layer {number}"
        raise ValueError(f"{text} does not exist: layers are numbered 1 to {last}")
    return number


def checked_index(what: str, value: object, size: int, where: str = "") -> int:
    """Return a number from 0 to size - 1 of a row, unit, column or output."""
    number = _whole(value)
    if number is None:
        raise TypeError(
            f"{what} must be a whole number from 0 to {size - 1}, but got {value!r}: "
            "give for example 0"
        )
    if not 0 <= number < size:
        raise ValueError(
            f"{what} {number}{where} does not exist: {what}s are numbered 0 to "
            f"{size - 1}"
        )
    return number


def checked_names(name: str, value: object, count: int) -> tuple[str, ...]:
    """Return a name for each of so many things, as text; ValueError otherwise."""
    texts = () if isinstance(value, str | bytes) else _items(value)
    if texts is None or len(texts) != count or isinstance(value, str | bytes):
        raise ValueError(
            f"{name} must be a list of {count} names, one for each, but got {value!r}: "
            f"give for example {[f'x{i}' for i in range(min(count, 3))]}"
        )
    return tuple(map(str, texts))


def checked_path(name: str, value: object) -> Path:
    """Return the path of a file; TypeError or ValueError for what is none."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the path of a file, but got {value!r}")
    path = Path(value)
    if not str(value) or path.name == "":
        raise ValueError(f"{name} is {value!r}: give the path of a file")
    return path


def checked_list(name: str, value: object, of: str) -> list[object]:
    """Return the items of a list or another sequence; TypeError for anything else."""
    items = None if isinstance(value, str | bytes) else _items(value)
    if items is None:
        raise TypeError(f"{name} must be a list of {of}, but got {value!r}")
    return items


def _items(value: object) -> list[object] | None:
    try:
        return list(value)  # type: ignore[call-overload,no-any-return]
    except TypeError:
        return None


def _whole(value: object) -> int | None:
    """Return an integer of Python or NumPy as an int; None for anything else."""
    if isinstance(value, bool | np.bool_ | np.ndarray):
        return None
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        return None
