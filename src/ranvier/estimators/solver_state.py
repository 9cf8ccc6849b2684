"""What the stochastic solvers carry from step to step, and how their rate falls."""

from math import inf
from sys import float_info
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.training import schedules

Array = NDArray[Any]

SMALLEST_RATE = 1e-6  # at which learning_rate="adaptive" gives up
# scikit-learn's values of learning_rate; any other is a schedule over the run.
_RULES = ("constant", "invscaling", "adaptive")


class SolverState:
    """The state of sgd, adam or adamw, with the constants it was made with.

    An estimator has it as ``_optimizer`` and continues with it in each `partial_fit`.

    Parameters
    ----------
    mlp
        The estimator.
    theta
        Its parameters.
    """

    def __init__(self, mlp: Any, theta: Array) -> None:
        self.solver: str = mlp.solver
        self.learning_rate_init = self.learning_rate = float(mlp.learning_rate_init)
        self.schedule = mlp.learning_rate
        self.power_t = mlp.power_t
        self.constants: dict[str, Any] = {"clip_norm": mlp.clip_norm or inf}
        if mlp.solver == "sgd":
            self.constants["momentum"] = float(mlp.momentum)
            self.constants["nesterov"] = bool(mlp.nesterovs_momentum)
        else:
            self.constants["beta1"] = float(mlp.beta_1)
            self.constants["beta2"] = float(mlp.beta_2)
            self.constants["epsilon"] = float(mlp.epsilon)
            # scikit-learn adds epsilon to sqrt(v), and not to sqrt(v^).
            self.constants["corrected_epsilon"] = False
        if mlp.solver == "adamw":
            self.constants["weight_decay"] = float(mlp.weight_decay)
        slots = self.update(0.0, 1.0).slots
        self.slots = np.zeros((slots, theta.size), theta.dtype)
        self.steps = 0
        self.epochs = 0

    def fits(self, mlp: Any, theta: Array) -> bool:
        """Say whether an estimator can continue with it."""
        own = self.slots.shape[1], self.slots.dtype, self.solver
        return own == (theta.size, theta.dtype, mlp.solver)

    def update(self, alpha: float, slope_factor: float) -> _engine.Update:
        """Return the engine's update where the gradient is so many times the engine's.

        Adam's steps do not change if gradients, penalty and epsilon are all so many
        times smaller; those of sgd do, which `rates` makes up for.
        """
        given = self.scaled(slope_factor)
        kind = "sgd" if self.solver == "sgd" else "adam"
        l2 = min(alpha / slope_factor, float_info.max)
        return _engine.Update(kind, l2=l2, l2_by_weight=True, **given)

    def scaled(self, slope_factor: float) -> dict[str, Any]:
        """Return the constants for gradients that are so many times smaller."""
        given = dict(self.constants)
        for name in {"clip_norm", "epsilon"} & given.keys():
            given[name] /= slope_factor
        return given

    def rates(self, count: int, epochs: int, slope_factor: float) -> Array:
        """Return the rate of each of the steps of the next epoch, of so many in all."""
        if self.schedule in _RULES:
            rates = np.full(count, self.learning_rate)
        else:
            factor = schedules.resolve(self.schedule, "learning_rate")
            # A run may be continued: then it begins again with each `epochs`.
            first = self.epochs % epochs * count
            factors = schedules.factors(
                factor, first, count, epochs * count, name="learning_rate"
            )
            rates = self.learning_rate_init * factors
            self.learning_rate = float(rates[-1])
        return rates * slope_factor if self.solver == "sgd" else rates

    def iteration_ends(self, samples: int) -> None:
        """Let the rate fall after an epoch, where it falls with the samples seen."""
        if self.solver == "sgd" and self.schedule == "invscaling":
            fall = (samples + 1) ** self.power_t
            self.learning_rate = self.learning_rate_init / fall

    def trigger_stopping(self, message: str, verbose: bool) -> bool:
        """Say whether to stop, now that there is no progress; or lower the rate."""
        if self.solver != "sgd" or self.schedule != "adaptive":
            if verbose:
                print(f"{message} Stopping.")  # noqa: T201
            return True
        if self.learning_rate <= SMALLEST_RATE:
            if verbose:
                print(f"{message} Learning rate too small. Stopping.")  # noqa: T201
            return True
        self.learning_rate /= 5.0
        if verbose:
            rate = f"{self.learning_rate:f}"
            print(f"{message} Setting learning rate to {rate}")  # noqa: T201
        return False
