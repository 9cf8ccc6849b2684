"""The parameters of a training as JSON, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ranvier.network.losses import Loss
from ranvier.training import schedules
from ranvier.training.epoch_metrics import NAMES, MetricLike
from ranvier.training.optimizers import NAMED, Optimizer
from ranvier.training.schedules import Schedule
from ranvier.training.stopping import EarlyStopping

FACTORS = ("layer_rates", "layer_decays")  # of an optimizer: lists, not numbers


@dataclass(frozen=True)
class Arguments:
    """What `train` was asked for, with every default filled in.

    The names are those of `train`; ``validation`` is a share, ``"numbers"`` for rows
    held out by their numbers, ``"rows"`` for rows of their own, or None.
    """

    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    batch_size: int
    shuffle: bool
    validation: float | str | None
    metric: tuple[MetricLike, ...]
    stop: EarlyStopping | None
    seed: int
    averaging: float = 0.0
    decay_schedule: Schedule = schedules.constant
    dropout_schedule: Schedule = schedules.constant
    drop_last: bool = False


def describe(arguments: Arguments) -> dict[str, Any]:
    """Describe a training in what JSON can hold.

    Functions of the user's own are described by their names alone.
    """
    optimizer, stop = arguments.optimizer, arguments.stop
    names = {kind: name for name, kind in NAMED.items()}
    return {
        "loss": asdict(arguments.loss),
        "optimizer": {"name": names[type(optimizer)], **_plain(asdict(optimizer))},
        "schedule": _schedule_name(arguments.schedule),
        "epochs": arguments.epochs,
        "batch_size": arguments.batch_size,
        "shuffle": arguments.shuffle,
        "validation": arguments.validation,
        "metric": [_function_name(metric) for metric in arguments.metric],
        "stop": None if stop is None else asdict(stop),
        "seed": arguments.seed,
        "averaging": arguments.averaging,
        "decay_schedule": _schedule_name(arguments.decay_schedule),
        "dropout_schedule": _schedule_name(arguments.dropout_schedule),
        "drop_last": arguments.drop_last,
    }


def read(
    described: Mapping[str, Any],
    *,
    schedule: Schedule | None = None,
    decay_schedule: Schedule | None = None,
    dropout_schedule: Schedule | None = None,
    metric: Sequence[MetricLike] = (),
) -> Arguments:
    """Build the parameters that `describe` described.

    Parameters
    ----------
    described
        What `describe` gave.
    schedule, decay_schedule, dropout_schedule, metric
        The functions of the user's own, which no file holds.

    Raises
    ------
    ValueError
        Something is no parameter of a training, or a function is missing.
    """
    optimizer, stop = dict(described["optimizer"]), described["stop"]
    for name in FACTORS:
        if isinstance(optimizer.get(name), list):
            optimizer[name] = [
                tuple(entry) if isinstance(entry, list) else entry
                for entry in optimizer[name]
            ]
    return Arguments(
        loss=Loss(described["loss"]["name"], described["loss"]["parameter"]),
        optimizer=NAMED[optimizer.pop("name")](**optimizer),
        schedule=_schedule("schedule", described["schedule"], schedule),
        epochs=int(described["epochs"]),
        batch_size=int(described["batch_size"]),
        shuffle=bool(described["shuffle"]),
        validation=described["validation"],
        metric=tuple(_metric(name, metric) for name in described["metric"]),
        stop=None if stop is None else EarlyStopping(**stop),
        seed=int(described["seed"]),
        # Older runs know of none of these.
        averaging=float(described.get("averaging", 0.0)),
        decay_schedule=_schedule(
            "decay_schedule",
            described.get("decay_schedule", "constant"),
            decay_schedule,
        ),
        dropout_schedule=_schedule(
            "dropout_schedule",
            described.get("dropout_schedule", "constant"),
            dropout_schedule,
        ),
        drop_last=bool(described.get("drop_last", False)),
    )


def _schedule_name(schedule: Schedule) -> str:
    for name, known in schedules.NAMED.items():
        if schedule is known:
            return name
    return _function_name(schedule)


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
        f"the {argument} was the {name}, which no file holds: give it again, with "
        f"{argument}="
    )


def _metric(name: str, given: Sequence[MetricLike]) -> MetricLike:
    if name in NAMES:
        return name
    for metric in given:
        if _function_name(metric) == name:
            return metric
    raise ValueError(
        f"a metric was the {name}, which no file holds: give it again, with metric="
    )


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    plain = dict(fields)
    for name in FACTORS:
        if fields.get(name) is not None:
            plain[name] = [
                [float(f) for f in entry] if hasattr(entry, "__len__") else float(entry)
                for entry in fields[name]
            ]
    return plain
