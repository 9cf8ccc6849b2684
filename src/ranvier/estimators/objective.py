"""What scikit-learn minimises, in terms of what the engine minimises.

The engine's losses are means over rows and outputs. scikit-learn's have other factors
and constants, and its penalty is divided by the weight of each batch:

    loss     = loss_factor L + constant + alpha / 2 |W|^2 / weight
    gradient = slope_factor dL + alpha W / weight

`slope_factor` differs from `loss_factor` in one place, squared_error with several
outputs, where scikit-learn averages the loss over outputs and adds up its gradient
(its issue #8349). The stochastic solvers do the same, since the learning rate belongs
to that gradient; L-BFGS needs the two to agree and adds up both.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.estimators.engine_rows import Rows, ready
from ranvier.network.losses import Loss

Array = NDArray[Any]


@dataclass(frozen=True)
class Objective:
    """A loss, and how scikit-learn's is made of it.

    Parameters
    ----------
    loss
        The engine's loss.
    loss_factor, slope_factor
        Factors of the loss and of its gradient.
    smoothing
        Share of each target that is spread over the classes.
    labels
        Whether targets are class numbers rather than a column for each output.
    """

    loss: Loss
    loss_factor: float = 1.0
    slope_factor: float = 1.0
    smoothing: float = 0.0
    labels: bool = False

    def consistent(self) -> "Objective":
        """Return the objective whose loss belongs to its gradient."""
        factor = self.slope_factor
        return Objective(self.loss, factor, factor, self.smoothing, self.labels)

    @property
    def engine(self) -> _engine.Loss:
        """The engine's form of the loss."""
        return self.loss.engine

    def rows(self, X: Any, y: Array, weights: Array | None, dtype: Any) -> Rows:
        """Return a table and its targets in the form of the engine."""
        if not self.labels and y.ndim == 1:
            y = y.reshape(-1, 1)
        return Rows(
            ready(X, dtype),
            self.targets(y, dtype),
            None if weights is None else np.ascontiguousarray(weights, dtype),
            self.constants(y),
        )

    def targets(self, y: Array, dtype: Any) -> Array:
        """Turn y (n, outputs) into what the engine takes."""
        if self.labels:
            codes = y if y.ndim == 1 else y.argmax(axis=1)
            return codes.astype(np.int32)
        Y = np.ascontiguousarray(y, dtype)
        if self.smoothing and self.loss.name == "log_loss":
            Y = (1 - self.smoothing) * Y + self.smoothing / 2
        return Y

    def constants(self, y: Array) -> Array | None:
        """Return the part of scikit-learn's loss of each row that is constant."""
        if self.loss.name != "poisson":
            return None
        if (y < 0).any():
            raise ValueError(
                f"Some value(s) of y are out of the valid range of the loss 'poisson': "
                f"the smallest is {y.min():.6g}, but counts and rates are at least 0"
            )
        # Y log Y - Y, which is 0 at Y = 0: the deviance of a perfect prediction is 0.
        positive = np.where(y > 0, y, 1.0).astype(np.float64)
        constants: Array = np.where(y > 0, y * np.log(positive) - y, 0.0).sum(axis=1)
        return constants

    @property
    def clips(self) -> bool:
        """Say whether scikit-learn's loss is of probabilities that it clips."""
        return self.loss.name in ("cross_entropy", "log_loss")

    def clipped(self, P: Array, rows: Rows) -> float:
        """Return the engine's loss of probabilities, clipped as by scikit-learn.

        It differs where a logit is beyond 36, which is rare but in a line search.
        """
        epsilon = np.finfo(P.dtype).eps
        P = np.clip(P, epsilon, 1 - epsilon)
        if self.labels:
            smoothing = self.loss.parameter
            right = np.log(P[np.arange(len(P)), rows.Y])
            L = (smoothing - 1) * right - smoothing * np.log(P).mean(axis=1)
        else:
            L = -(rows.Y * np.log(P) + (1 - rows.Y) * np.log(1 - P)).mean(axis=1)
        return float(np.average(L, weights=rows.weights))


def objective_of(mlp: Any, outputs: int) -> Objective:
    """Return the objective of an estimator with so many outputs."""
    if mlp.out_activation_ == "softmax":
        return Objective(Loss("cross_entropy", mlp.label_smoothing), labels=True)
    if mlp.out_activation_ == "logistic":
        smoothing = mlp.label_smoothing
        return Objective(Loss("log_loss"), outputs, outputs, smoothing)
    loss = mlp.loss if isinstance(mlp.loss, Loss) else Loss(mlp.loss)
    if loss.name == "squared_error":
        return Objective(loss, 0.5, outputs / 2)
    if loss.name == "poisson":
        return Objective(loss, outputs, outputs)
    return Objective(loss)
