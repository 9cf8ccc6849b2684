"""How a network is trained: the settings of `train`, checked once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.checks import checked_bool
from ranvier.network import losses
from ranvier.network.layers import Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training import argument_checks as checks
from ranvier.training import optimizers, schedules
from ranvier.training.epoch_metrics import MetricLike, several
from ranvier.training.optimizers import LBFGS, Optimizer, StepOptimizer, engine_update
from ranvier.training.param_groups import parametric_layers
from ranvier.training.schedules import Schedule, constant
from ranvier.training.stopping import EarlyStopping

DEFAULT_EPOCHS: Final = 100
STEPS_PER_EPOCH: Final = 32  # that a default batch size gives, between these sizes:
SMALLEST_BATCH: Final = 16
LARGEST_BATCH: Final = 256

Factors = NDArray[np.float64] | None  # one for each step; None: all 1


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The settings of a training, named as in `train`, with every default filled in.

    Parameters
    ----------
    loss
        What to minimise.
    optimizer
        How a gradient becomes a step.
    schedule, decay_schedule, dropout_schedule
        Factors of the learning rate, the weight decay and the dropout rates.
    epochs
        Passes over the rows.
    batch_size
        Rows of a step. None: chosen from the number of rows.
    drop_last
        Whether an epoch leaves out its last step if that has fewer rows.
    shuffle
        Whether each epoch has an order of its own.
    validation
        How validation rows were given: a fraction, ``"numbers"`` for indices of rows,
        ``"rows"`` for separate rows, or None.
    metric
        Metrics on the validation rows.
    stop
        Rule for early stopping, or None.
    ema_decay
        Decay of the moving average of the weights; 0: no average.
    seed
        Key of the row orders and of the dropout masks.
    """

    loss: Loss
    optimizer: Optimizer
    schedule: Schedule = constant
    epochs: int
    batch_size: int | None = None
    shuffle: bool = True
    validation: float | str | None = None
    metric: tuple[MetricLike, ...] = ()
    stop: EarlyStopping | None = None
    seed: int
    ema_decay: float = 0.0
    decay_schedule: Schedule = constant
    dropout_schedule: Schedule = constant
    drop_last: bool = False

    @classmethod
    def of(cls, net: Network, settings: Mapping[str, Any]) -> Self:
        """Check the settings that a user gave for a network, and fill in defaults.

        Parameters
        ----------
        net
            The network to train.
        settings
            Values by the names of the fields; other names are ignored.

        Raises
        ------
        ValueError, TypeError
            A setting has no meaning, or none for this network or optimizer.
        """
        checks.check_network(net)
        given = {f.name: settings[f.name] for f in fields(cls) if f.name in settings}
        if given.get("loss") is None:
            given["loss"] = losses.for_output(net.activation)
        optimizer = optimizers.resolve(given["optimizer"])
        if given.get("epochs") is None:
            given["epochs"] = getattr(optimizer, "max_iterations", DEFAULT_EPOCHS)
        config = cls(**{name: CHECKS[name](name, given[name]) for name in given})
        net.check_trainable(config.loss)
        has_dropout = any(isinstance(layer, Dropout) for layer in net.layers)
        if isinstance(optimizer, LBFGS):
            _check_full_batch(config, given, has_dropout)
        _check_schedules(config, has_dropout)
        return config

    # ------------------------------------------------------------ steps

    def step_rows(self, rows: int) -> int:
        """Return the rows of a step when there are `rows` to train on."""
        size = self.batch_size
        if size is None:
            full = isinstance(self.optimizer, LBFGS)
            size = rows if full else default_batch(rows)
        return min(size, rows)

    def for_rows(self, rows: int) -> Self:
        """Return the same settings with the batch size for this number of rows."""
        return replace(self, batch_size=self.step_rows(rows))

    def epoch_steps(self, rows: int) -> tuple[int, int]:
        """Return the rows of a step, and the steps of an epoch over so many rows."""
        size = self.step_rows(rows)
        return size, rows // size if self.drop_last else -(-rows // size)

    def steps_per_epoch(self, rows: int) -> int:
        """Return the number of steps in an epoch over so many rows."""
        return self.epoch_steps(rows)[1]

    def rows_per_epoch(self, rows: int) -> int:
        """Return how many of the rows an epoch uses."""
        size, steps = self.epoch_steps(rows)
        return min(rows, steps * size)

    def update(self, net: Network) -> _engine.Update:
        """Return the engine's form of the optimizer for a network."""
        layers, embedded = parametric_layers(net), net.embedding is not None
        return engine_update(self.step_optimizer, layers, self.ema_decay, embedded)

    @property
    def step_optimizer(self) -> StepOptimizer:
        """The optimizer, which must be one that works in steps."""
        if isinstance(self.optimizer, LBFGS):
            raise TypeError(
                "L-BFGS minimises over all rows at once, but an optimizer that works "
                "in steps is needed: give SGD, Adam or AdamW"
            )
        return self.optimizer

    def rates(self, first: int, count: int, steps: int) -> NDArray[np.float64]:
        """Return the learning rates of `count` steps from step `first` of `steps`."""
        return self.step_optimizer.lr * schedules.factors(
            self.schedule, first, count, steps
        )

    def decays(self, first: int, count: int, steps: int) -> Factors:
        """Return the factors of the weight decay in those steps."""
        if self.decay_schedule is constant:
            return None
        return schedules.factors(
            self.decay_schedule, first, count, steps, name="decay_schedule"
        )

    def dropouts(self, first: int, count: int, steps: int) -> Factors:
        """Return the factors of the dropout rates in those steps."""
        if self.dropout_schedule is constant:
            return None
        return schedules.factors(
            self.dropout_schedule, first, count, steps, 1, "dropout_schedule"
        )


def default_batch(rows: int) -> int:
    """Return the batch size for so many rows if the user gives none."""
    fitting = 1 << int(np.log2(max(rows / STEPS_PER_EPOCH, 1)))
    return min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)


# ---------------------------------------------------------------- checks


def _loss(name: str, value: Any) -> Loss:
    if not isinstance(value, str | Loss):
        raise TypeError(
            f"{name} must be a name or a ranvier.Loss, but got {value!r}: give for "
            "example 'squared_error' or ranvier.losses.huber(1.0)"
        )
    return losses.resolve(value)


def _schedule(name: str, value: Any) -> Schedule:
    return schedules.resolve(value, name)


def _optional_count(name: str, value: Any) -> int | None:
    return None if value is None else checks.checked_count(name, value)


def _early_stopping(name: str, value: Any) -> EarlyStopping | None:
    if value is not None and not isinstance(value, EarlyStopping):
        raise TypeError(
            f"{name} must be a stopping rule or None, but got {value!r}: give for "
            "example EarlyStopping(patience=10)"
        )
    return value


def _validation_kind(_: str, value: Any) -> float | str | None:
    """Say how validation rows were given; `split` checks them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Real):
        return float(value)
    return "numbers" if isinstance(value, np.ndarray) else "rows"


# How a value of each setting is checked and converted: f(name, value).
CHECKS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "loss": _loss,
    "optimizer": lambda _, value: optimizers.resolve(value),
    "schedule": _schedule,
    "decay_schedule": _schedule,
    "dropout_schedule": _schedule,
    "epochs": checks.checked_count,
    "batch_size": _optional_count,
    "shuffle": checked_bool,
    "drop_last": checked_bool,
    "validation": _validation_kind,
    "metric": lambda _, value: several(value),
    "stop": _early_stopping,
    "ema_decay": checks.checked_fraction,
    "seed": lambda _, value: checks.checked_seed(value),
}


def _check_full_batch(
    config: TrainConfig, given: Mapping[str, Any], has_dropout: bool
) -> None:
    """Refuse what has no meaning for L-BFGS, which uses all rows in every step."""
    if has_dropout:
        raise ValueError(
            "L-BFGS needs a loss that is the same at each evaluation, but dropout "
            "changes it from step to step: remove the Dropout layers, or use "
            "optimizer='adam'"
        )
    for f in fields(config):
        of_steps = f.name in ("batch_size", "drop_last", "ema_decay")
        of_steps |= f.name.endswith("schedule")
        if of_steps and getattr(config, f.name) != f.default:
            raise ValueError(
                f"{f.name}={given[f.name]!r} was given with L-BFGS, which takes all "
                f"rows in each step and searches its length: leave {f.name} out, or "
                "use optimizer='adam'"
            )


def _check_schedules(config: TrainConfig, has_dropout: bool) -> None:
    """Refuse a schedule for something that is not there."""
    decays = getattr(config.optimizer, "weight_decay", 0.0) > 0
    if config.decay_schedule is not constant and not decays:
        raise ValueError(
            "decay_schedule was given, but nothing decays: give an optimizer with a "
            "weight_decay, for example AdamW(weight_decay=0.02), or leave "
            "decay_schedule out"
        )
    if config.dropout_schedule is not constant and not has_dropout:
        raise ValueError(
            "dropout_schedule was given, but the network has no dropout: give it "
            "layers like Dropout(0.15), or leave dropout_schedule out"
        )
