import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import ranvier as rv
from ranvier.training import schedules
from ranvier.training.config import TrainConfig
from ranvier.training.config_json import describe, read
from ranvier.training.optimizers import Optimizer
from ranvier.training.schedules import Schedule


def some(
    optimizer: Optimizer,
    schedule: Schedule = schedules.constant,
    metric: tuple[str | Callable[..., float], ...] = (),
    stop: rv.EarlyStopping | None = None,
) -> TrainConfig:
    """Return arguments, some of them usual."""
    return TrainConfig(
        loss=rv.losses.huber(2.0),
        optimizer=optimizer,
        schedule=schedule,
        epochs=7,
        batch_size=32,
        shuffle=False,
        validation=0.25,
        metric=metric,
        stop=stop,
        seed=2**64 - 1,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        some(rv.Adam(lr=0.1 + 0.2)),
        some(rv.SGD(momentum=0.9, nesterov=True, clip_norm=1.0), schedules.cosine),
        some(rv.AdamW(layer_rates=[1.0, (0.5, 2.0)]), metric=("r2", "mae")),
        replace(
            some(rv.AdamW()),
            decay_schedule=schedules.flat_cos,
            dropout_schedule=schedules.cosine,
            drop_last=True,
        ),
        some(rv.LBFGS(history=3), stop=rv.EarlyStopping(3, 0.1, "metric", "max")),
    ],
)
def test_there_and_back(arguments: TrainConfig) -> None:
    assert read(json.loads(json.dumps(describe(arguments)))) == arguments


def test_of_older_runs() -> None:
    described = describe(some(rv.AdamW()))
    for name in ("decay_schedule", "dropout_schedule", "drop_last", "ema_decay"):
        del described[name]
    assert read(described) == some(rv.AdamW())


def test_layer_rates_of_any_kind() -> None:
    described = describe(some(rv.Adam(layer_rates=np.array([[1.0, 2.0], [3.0, 4.0]]))))  # type: ignore[arg-type]
    assert described["optimizer"]["layer_rates"] == [[1.0, 2.0], [3.0, 4.0]]
    assert json.dumps(described)


def test_functions_are_asked_for_again() -> None:
    def half(t: float) -> float:
        return 0.5

    def bias(y: float, p: float) -> float:
        return y - p

    described = describe(some(rv.Adam(), half, (bias, "mae")))
    assert described["schedule"] == "function half"
    assert described["metric"] == ["function bias", "mae"]
    with pytest.raises(
        ValueError, match=r"schedule was the function half, .* schedule="
    ):
        read(described, metric=[bias])
    with pytest.raises(ValueError, match=r"metric was the function bias, .* metric="):
        read(described, schedule=half, metric=["mae"])
    back = read(described, schedule=half, metric=[bias])
    assert (back.schedule, back.metric) == (half, (bias, "mae"))


@pytest.mark.parametrize("name", ["optimizer", "loss", "schedule", "epochs"])
def test_a_part_that_is_missing(name: str) -> None:
    described = describe(some(rv.Adam()))
    del described[name]
    with pytest.raises(KeyError):
        read(described)
