"""Checks of single arguments, with errors that name the argument and what to give."""

from collections.abc import Callable, Iterable
from operator import index

import numpy as np

from ranvier.network.network import Network
from ranvier.training.history import EpochRecord

Callback = Callable[[EpochRecord], object]


def check_network(net: object) -> None:
    """Refuse anything but a network."""
    if not isinstance(net, Network):
        raise TypeError(
            f"net must be a ranvier.Network, but got {type(net).__name__}: give for "
            "example Network.mlp(inputs, hidden, outputs)"
        )


def checked_functions(callbacks: Iterable[Callback]) -> list[Callback]:
    """Return callbacks as a list, each of them a function."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(
            f"callbacks must be a list of functions, but got {callbacks!r}: give for "
            "example callbacks=[print]"
        )
    several = list(callbacks)
    for callback in several:
        if not callable(callback):
            raise TypeError(
                f"a callback must be a function of an EpochRecord, but got "
                f"{callback!r}: give for example callbacks=[print]"
            )
    return several


def checked_bool(name: str, value: object) -> bool:
    """Return True or False as a plain bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, but got {value!r}")
    return bool(value)


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
