"""What a user gives to a training, checked, with errors that say what to give."""

from collections.abc import Callable, Iterable
from operator import index
from typing import NamedTuple

import numpy as np

from ranvier.network.layers import Dropout
from ranvier.network.network import Network
from ranvier.training.history import EpochRecord
from ranvier.training.schedules import Schedule, constant

Callback = Callable[[EpochRecord], object]


class OfSteps(NamedTuple):
    """What `train` may be told of its steps, by the names it has there."""

    schedule: str | Schedule | None = None
    decay_schedule: str | Schedule | None = None
    dropout_schedule: str | Schedule | None = None
    batch_size: int | None = None
    drop_last: bool = False
    averaging: float = 0.0


def check_network(net: object) -> None:
    """Refuse what is no network."""
    if not isinstance(net, Network):
        raise TypeError(
            f"net must be a ranvier.Network, but got {type(net).__name__}: give for "
            "example Network.mlp(inputs, hidden, outputs)"
        )


def checked_functions(callbacks: Iterable[Callback]) -> list[Callback]:
    """Give callbacks as a list, each of them a function."""
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


def checked_count(name: str, given: int | None, usual: int) -> int:
    """Give a number of at least 1, as a plain int."""
    if given is None:
        return usual
    try:
        number = index(given)
    except TypeError:
        number = 0
    if number < 1 or isinstance(given, bool):
        raise ValueError(
            f"{name} must be a whole number of at least 1, but got {given!r}: leave it "
            "out for the usual one"
        )
    return number


def checked_seed(seed: int | None) -> int:
    """Give the key of a run: the one asked for, or a new one."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    try:
        number = index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < 2**64:
        raise ValueError(
            f"seed must be a whole number from 0 to 2^64 - 1, but got {seed!r}: give "
            "for example 0, or None for a new one in each run"
        )
    return number


def checked_share(name: str, given: float) -> float:
    """Give a share in [0, 1) as a float."""
    try:
        share = float(given)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share < 1:
        raise ValueError(
            f"{name} must lie in [0, 1), but got {given!r}: give for example 0.999, or "
            "0 for none"
        )
    return share


def check_schedules(
    net: Network, weight_decay: float, of_decay: Schedule, of_dropout: Schedule
) -> None:
    """Refuse a schedule of what is not there."""
    if of_decay is not constant and weight_decay == 0:
        raise ValueError(
            "decay_schedule was given, but nothing decays: give an optimizer with a "
            "weight_decay, for example AdamW(weight_decay=0.02), or leave "
            "decay_schedule out"
        )
    if of_dropout is not constant and not _drops(net):
        raise ValueError(
            "dropout_schedule was given, but the network has no dropout: give it "
            "layers like Dropout(0.15), or leave dropout_schedule out"
        )


def check_whole(net: Network, of_steps: OfSteps) -> None:
    """Refuse what has no meaning for L-BFGS, which takes all rows in every step."""
    if _drops(net):
        raise ValueError(
            "L-BFGS needs the same loss each time it asks, but dropout changes it from "
            "step to step: take the Dropout layers out, or use optimizer='adam'"
        )
    for name, value in of_steps._asdict().items():
        if value != OfSteps._field_defaults[name]:
            raise ValueError(
                f"{name}={value!r} was given with L-BFGS, which takes all rows in each "
                f"step and searches its length: leave {name} out, or use "
                "optimizer='adam'"
            )


def _drops(net: Network) -> bool:
    return any(isinstance(layer, Dropout) for layer in net.layers)
