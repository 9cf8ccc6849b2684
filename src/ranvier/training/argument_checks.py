"""Checks of single arguments, with errors that name the argument and what to give."""

from collections.abc import Callable, Sequence
from math import isfinite
from numbers import Real
from operator import index
from typing import Any

import numpy as np

from ranvier.network.network import Network
from ranvier.training.param_groups import GROUPS, as_tuple


def check_network(net: object) -> None:
    """Refuse anything but a network."""
    if not isinstance(net, Network):
        raise TypeError(
            f"net must be a ranvier.Network, but got {type(net).__name__}: give for "
            "example Network.mlp(inputs, hidden, outputs)"
        )


def checked_count(name: str, value: object) -> int:
    """Return a whole number of at least 1 as a plain int."""
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool | np.bool_):
        raise ValueError(
            f"{name} must be a whole number of at least 1, but got {value!r}: leave it "
            "out for the default"
        )
    return number


def checked_seed(seed: object) -> int:
    """Return the seed given, or a new one for None."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    try:
        number = index(seed)  # type: ignore[arg-type]
    except TypeError:
        number = -1
    if not 0 <= number < 2**64 or isinstance(seed, bool | np.bool_):
        raise ValueError(
            f"seed must be a whole number from 0 to 2^64 - 1, but got {seed!r}: give "
            "for example 0, or None for a new one in each run"
        )
    return number


def checked_fraction(name: str, value: object) -> float:
    """Return a number in [0, 1) as a plain float."""
    try:
        fraction = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        fraction = -1.0
    if not 0 <= fraction < 1 or isinstance(value, str):
        raise ValueError(
            f"{name} must lie in [0, 1), but got {value!r}: give for example 0.999, or "
            "0 for none"
        )
    return fraction


def check_number(
    owner: object,
    name: str,
    is_right: Callable[[Any], bool],
    wanted: str,
    example: object,
) -> None:
    """Refuse an attribute that is no number, or a wrong one; NumPy's become plain."""
    value = getattr(owner, name)
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not is_right(value):
        raise ValueError(
            f"{name} must be {wanted}, but got {value!r}: give for example {example}"
        )
    if isinstance(value, np.generic):
        object.__setattr__(owner, name, value.item())


def check_layer_factors(name: str, factors: Any) -> None:
    """Refuse factors of layers that are not lists of numbers."""
    if factors is None:
        return
    if isinstance(factors, str | bytes) or not isinstance(
        factors, Sequence | np.ndarray
    ):
        raise TypeError(
            f"{name} must be a list with a factor for each layer, but got {factors!r}: "
            f"give for example {name}=[1.0, (1.0, 0.1)]"
        )
    try:
        entries = [(entry, as_tuple(entry)) for entry in factors]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must hold numbers, but got {factors!r}: give for example "
            f"{name}=[1.0, (1.0, 0.1)]"
        ) from error
    for entry, own in entries:
        if not 2 <= len(own) <= GROUPS or not all(isfinite(f) and f >= 0 for f in own):
            raise ValueError(
                f"an entry of {name} must be a factor, or two or three, but got "
                f"{entry!r}: give for example 1.0"
            )
