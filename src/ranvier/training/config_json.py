"""The settings of a training as JSON, for run.json, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Final

from ranvier.network.losses import Loss
from ranvier.training import optimizers, schedules
from ranvier.training.config import CHECKS, TrainConfig
from ranvier.training.epoch_metrics import NAMES, MetricLike
from ranvier.training.optimizers import Optimizer
from ranvier.training.schedules import Schedule
from ranvier.training.stopping import EarlyStopping

LAYER_FACTORS: Final = ("layer_rates", "layer_decays")  # of an optimizer
# Settings that run.json of earlier versions does not have.
ADDED_LATER: Final = ("ema_decay", "decay_schedule", "dropout_schedule", "drop_last")


def describe(config: TrainConfig) -> dict[str, Any]:
    """Describe a training in what JSON can hold; own functions by their names."""
    return {f.name: _plain(getattr(config, f.name)) for f in fields(config)}


def read(described: Mapping[str, Any], **functions: Any) -> TrainConfig:
    """Build the settings that `describe` described.

    Parameters
    ----------
    described
        What `describe` returned.
    functions
        The user's own functions, which no file holds: schedules by their names, and
        ``metric``, a sequence.

    Raises
    ------
    KeyError
        A setting is missing.
    ValueError
        A setting has no meaning, or a function is missing.
    """
    described = {"ema_decay": described.get("averaging", 0.0), **described}
    values: dict[str, Any] = {}
    for f in fields(TrainConfig):
        if f.name not in described and f.name in ADDED_LATER:
            values[f.name] = f.default
            continue
        value, own = described[f.name], functions.get(f.name)
        if f.name.endswith("schedule"):
            value = _schedule(f.name, value, own)
        elif f.name == "metric":
            value = tuple(_metric(name, own or ()) for name in value)
        elif f.name == "loss":
            value = Loss(value["name"], value["parameter"])
        elif f.name == "optimizer":
            value = _optimizer(value)
        elif f.name == "stop" and value is not None:
            value = EarlyStopping(**value)
        values[f.name] = CHECKS[f.name](f.name, value)
    return TrainConfig(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_function_name(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        plain = asdict(value)
        for name in LAYER_FACTORS:
            if plain.get(name) is not None:
                plain[name] = [_numbers(entry) for entry in plain[name]]
        names = {kind: name for name, kind in optimizers.NAMED.items()}
        kind = type(value)
        return {"name": names[kind], **plain} if kind in names else plain
    if callable(value):
        known = (name for name, own in schedules.NAMED.items() if own is value)
        return next(known, _function_name(value))
    return value


def _numbers(entry: Any) -> float | list[float]:
    return [float(f) for f in entry] if hasattr(entry, "__len__") else float(entry)


def _optimizer(described: Mapping[str, Any]) -> Optimizer:
    values = dict(described)
    for name in LAYER_FACTORS:
        if isinstance(values.get(name), list):
            values[name] = [
                tuple(entry) if isinstance(entry, list) else entry
                for entry in values[name]
            ]
    return optimizers.NAMED[values.pop("name")](**values)


def _function_name(function: Any) -> str:
    if isinstance(function, str):
        return function
    return f"function {getattr(function, '__name__', type(function).__name__)}"


def _schedule(argument: str, name: str, given: Schedule | None) -> Schedule:
    if given is not None:
        return given
    if name in schedules.NAMED:
        return schedules.NAMED[name]
    raise ValueError(
        f"{argument} was the {name}, which is not stored in the run: give it again, "
        f"with {argument}="
    )


def _metric(name: str, given: Sequence[MetricLike]) -> MetricLike:
    if name in NAMES:
        return name
    for metric in given:
        if _function_name(metric) == name:
            return metric
    raise ValueError(
        f"a metric was the {name}, which is not stored in the run: give it again, "
        "with metric="
    )
