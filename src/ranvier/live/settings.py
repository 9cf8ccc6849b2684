"""What the page may ask of the playground: a closed list, each part within bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from ranvier.live.playground_tables import OWN, TOYS

ACTIVATIONS: Final = (
    "relu",
    "tanh",
    "sigmoid",
    "gelu",
    "silu",
    "elu",
    "leaky_relu",
    "softplus",
    "identity",
)
OPTIMIZERS: Final = ("adam", "adamw", "sgd", "momentum")
CLASS_LOSSES: Final = ("cross_entropy",)
NUMBER_LOSSES: Final = ("squared_error", "absolute_error", "huber")
MOST_LAYERS: Final = 8
MOST_UNITS: Final = 256
LARGEST_BATCH: Final = 4096


class BadRequestError(ValueError):
    """What the page asked for is not on the list."""


@dataclass(frozen=True)
class Layer:
    """A hidden layer: its units and its activation."""

    units: int
    activation: str


@dataclass(frozen=True)
class Settings:
    """All that can be chosen before training.

    Parameters
    ----------
    table, noise
        One of the tables, and the spread of the noise in a drawn one.
    columns
        Numbers of the columns used; None: all of them.
    layers
        Hidden layers.
    loss
        Of numbers; classes have cross_entropy.
    optimizer, rate, l2, batch_size
        How to train; with adamw l2 is the weight decay.
    seed
        Of the weights, the order of the rows and the rows held out.
    """

    table: str = "circles"
    noise: float = 0.1
    columns: tuple[int, ...] | None = None
    layers: tuple[Layer, ...] = (Layer(8, "tanh"), Layer(6, "tanh"))
    loss: str = "squared_error"
    optimizer: str = "adam"
    rate: float = 0.01
    l2: float = 0.0
    batch_size: int = 32
    seed: int = 0


@dataclass(frozen=True)
class WeightEdit:
    """A weight to be set by hand; i is -1 for the bias."""

    layer: int
    i: int
    j: int
    value: float


Command = tuple[str, Any]


def read_command(body: object) -> Command:
    """Check what the page sent, and give the command and what goes with it.

    Raises
    ------
    BadRequestError
        It is no command, or a part of it is out of bounds.
    """
    if not isinstance(body, dict):
        raise BadRequestError("a command is an object")
    name = body.get("command")
    if not isinstance(name, str) or name not in COMMANDS:
        raise BadRequestError(f"a command is one of {', '.join(COMMANDS)}")
    expected, read = COMMANDS[name]
    if set(body) != {"command", *expected}:
        raise BadRequestError(f"{name} takes {', '.join(expected) or 'nothing'}")
    return name, read(body)


def _read_settings(body: Mapping[str, Any]) -> Settings:
    given = body["settings"]
    known = Settings.__dataclass_fields__
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise BadRequestError(f"settings are {', '.join(known)}")
    told: dict[str, Any] = {}
    for name, value in given.items():
        told[name] = _READERS[name](name, value)
    return Settings(**told)


def _choice(*names: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise BadRequestError(f"{name} is one of {', '.join(names)}")
        return value

    return read


def _number(low: float, high: float) -> Callable[[str, object], float]:
    def read(name: str, value: object) -> float:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not isfinite(value) or not low <= value <= high:  # type: ignore[arg-type,operator]
            raise BadRequestError(f"{name} is a number from {low:g} to {high:g}")
        return float(value)  # type: ignore[arg-type]

    return read


def _whole(low: int, high: int) -> Callable[[str, object], int]:
    def read(name: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadRequestError(f"{name} is a whole number")
        if not low <= value <= high:
            raise BadRequestError(f"{name} is a whole number from {low} to {high}")
        return value

    return read


def _read_columns(name: str, value: object) -> tuple[int, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 200:
        raise BadRequestError(f"{name} is a list of 1 to 200 numbers, or null")
    numbers = [_whole(0, 199)(name, one) for one in value]
    if len(set(numbers)) < len(numbers):
        raise BadRequestError(f"{name} has a number twice")
    return tuple(sorted(numbers))


def _read_layers(name: str, value: object) -> tuple[Layer, ...]:
    if not isinstance(value, list) or len(value) > MOST_LAYERS:
        raise BadRequestError(f"{name} is a list of at most {MOST_LAYERS}")
    layers = []
    for one in value:
        if not isinstance(one, dict) or set(one) != {"units", "activation"}:
            raise BadRequestError("a layer has units and activation")
        units = _whole(1, MOST_UNITS)("units", one["units"])
        activation = _choice(*ACTIVATIONS)("activation", one["activation"])
        layers.append(Layer(units, activation))
    return tuple(layers)


def _read_weight(body: Mapping[str, Any]) -> WeightEdit:
    size = _whole(0, 100_000)
    return WeightEdit(
        size("layer", body["layer"]),
        _whole(-1, 100_000)("i", body["i"]),
        size("j", body["j"]),
        _number(-1e6, 1e6)("value", body["value"]),
    )


_RATE: Final = _number(1e-6, 10.0)

_READERS: Final[dict[str, Callable[[str, object], Any]]] = {
    "table": _choice(*TOYS, OWN),
    "noise": _number(0.0, 1.0),
    "columns": _read_columns,
    "layers": _read_layers,
    "loss": _choice(*NUMBER_LOSSES, *CLASS_LOSSES),
    "optimizer": _choice(*OPTIMIZERS),
    "rate": _RATE,
    "l2": _number(0.0, 1.0),
    "batch_size": _whole(1, LARGEST_BATCH),
    "seed": _whole(0, 2**32 - 1),
}


def _nothing(body: Mapping[str, Any]) -> None:
    return None


COMMANDS: Final[
    dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Any]]]
] = {
    "setup": (("settings",), _read_settings),
    "play": ((), _nothing),
    "pause": ((), _nothing),
    "step": ((), _nothing),
    "step_batch": ((), _nothing),
    "reset": ((), _nothing),
    "speed": (("value",), lambda body: _whole(0, 1000)("value", body["value"])),
    "rate": (("value",), lambda body: _RATE("value", body["value"])),
    "weight": (("layer", "i", "j", "value"), _read_weight),
}
