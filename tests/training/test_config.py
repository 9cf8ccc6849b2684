"""The settings of a training; also seen through `train`, in test_train.py."""

from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.network.losses import Loss
from ranvier.training import schedules
from ranvier.training.config import CHECKS, TrainConfig, default_batch

NET = rv.Network.mlp(3, 4, 1, seed=0)


def config(net: rv.Network = NET, **settings: Any) -> TrainConfig:
    return TrainConfig.of(net, {"optimizer": "adam", "seed": 0} | settings)


def test_defaults() -> None:
    found = config()
    assert found.loss == Loss("squared_error")
    assert found.optimizer == rv.Adam()
    assert (found.epochs, found.batch_size, found.shuffle) == (100, None, True)
    assert config(optimizer=rv.LBFGS(max_iterations=7)).epochs == 7
    assert config(optimizer=rv.LBFGS(), epochs=3).epochs == 3


def test_each_setting_has_a_check() -> None:
    assert CHECKS.keys() == TrainConfig.__dataclass_fields__.keys()


def test_names_and_numpy_numbers_become_plain() -> None:
    found = config(schedule="cosine", epochs=np.int64(3), metric="r2", seed=np.uint8(4))
    assert found.schedule is schedules.cosine
    assert (found.epochs, found.metric, found.seed) == (3, ("r2",), 4)
    assert type(found.epochs) is type(found.seed) is int


@pytest.mark.parametrize(
    ("given", "kind"),
    [(None, None), (0.25, 0.25), (np.arange(3), "numbers"), (([[1.0]], [2.0]), "rows")],
)
def test_how_validation_rows_were_given(given: Any, kind: object) -> None:
    assert config(validation=given).validation == kind


@pytest.mark.parametrize(
    ("rows", "size", "steps", "used"), [(10, 4, 3, 10), (8, 4, 2, 8), (3, 3, 1, 3)]
)
def test_steps(rows: int, size: int, steps: int, used: int) -> None:
    found = config(batch_size=4)
    assert found.step_rows(rows) == found.for_rows(rows).batch_size == size
    assert (found.steps_per_epoch(rows), found.rows_per_epoch(rows)) == (steps, used)


def test_a_last_step_that_is_left_out() -> None:
    found = config(batch_size=4, drop_last=True)
    assert [found.steps_per_epoch(n) for n in (10, 8, 3)] == [2, 2, 1]
    assert [found.rows_per_epoch(n) for n in (10, 8, 3)] == [8, 8, 3]


def test_batch_sizes_by_default() -> None:
    assert config().step_rows(10) == 10
    assert config().step_rows(10**6) == default_batch(10**6) == 256
    assert config(optimizer="lbfgs").step_rows(10**6) == 10**6


def test_lbfgs_has_no_steps() -> None:
    with pytest.raises(TypeError, match="L-BFGS minimises over all rows at once"):
        config(optimizer="lbfgs").rates(0, 1, 1)
    with pytest.raises(ValueError, match="dropout changes it"):
        config(rv.Network.mlp(1, 2, 1, dropout=0.5), optimizer="lbfgs")
    settings = {"batch_size": 3, "drop_last": True, "schedule": "cosine"}
    for name, value in settings.items():
        with pytest.raises(ValueError, match=f"{name}={value!r} was given with L-BFGS"):
            config(optimizer="lbfgs", **{name: value})


def test_a_rule_of_another_kind() -> None:
    with pytest.raises(TypeError, match="but got 10: give for example EarlyStopping"):
        config(stop=10)
