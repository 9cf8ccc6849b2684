"""Sizes of layers, checked."""

from operator import index
from typing import Final

import numpy as np

LARGEST_SIZE: Final = 1 << 24  # units or inputs of one layer; the engine's limit


def checked_size(what: str, size: object) -> int:
    """Give a size as an int, or say what is wrong with it."""
    try:
        number = index(size)  # type: ignore[arg-type]
    except TypeError:
        number = 0
    if isinstance(size, bool | np.bool_) or not 1 <= number <= LARGEST_SIZE:
        raise ValueError(
            f"{what} must be a whole number from 1 to {LARGEST_SIZE:,}, but got "
            f"{size!r}: give a size such as 100"
        )
    return number
