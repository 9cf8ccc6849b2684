"""What L-BFGS minimises for an estimator: scikit-learn's loss over all rows."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.estimators import engine_calls
from ranvier.estimators.architecture import describe
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.objective import Objective, objective_of
from ranvier.estimators.parameter_views import theta_of, view_parameters

Array = NDArray[Any]

# A table in float32 is worked with in float32, twice as fast, as long as an iteration
# lowers the loss by this fraction: a thousand times what rounding takes from it.
LEAST_GAIN = 1e-4
# So often a line search asks in float32: two times is usual, and more than this are a
# search among rounding errors.
MOST_TRIES = 5


class PenalisedLoss:
    """scikit-learn's loss of an estimator and its gradient, as a function of theta.

    With several outputs and squared_error the loss is the sum over the outputs, to
    which the gradient belongs; scikit-learn's is the mean (its issue #8349).

    theta is float64. What a table in float32 is worked with becomes float64 too when
    the end is near, where the line search needs all digits.
    """

    def __init__(self, mlp: Any, rows: Rows, objective: Objective) -> None:
        self.description = describe(mlp)
        self.rows, self.objective = rows, objective.consistent()
        self.penalty = float(mlp.alpha) / rows.weight()
        self.constant = rows.mean_constant()
        self.lowest = self.last = np.inf
        self.tries = 0
        work = engine_calls.work_of_rows(theta_of(mlp), len(rows))
        self.workspace = engine_calls.workspace_for(mlp.n_threads, work)

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Return the loss with its penalty, and its gradient."""
        factor = self.objective.loss_factor
        self.tries += 1
        if self.tries > MOST_TRIES:
            self.sharpen()
        narrow = theta.astype(self.rows.X.dtype, copy=False)
        # The line search may try a step that overflows, and takes a shorter one then.
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient = engine_calls.loss_and_gradient(
                self.description, narrow, self.rows, self.objective.loss, self.workspace
            )
            gradient = gradient.astype(np.float64, copy=False)
            if loss > self.lowest and self.objective.clips:
                # A step too far: how much too far, scikit-learn takes from a loss of
                # probabilities that it clips, and so the next one to try.
                A = engine_calls.predict(
                    self.description, narrow, self.rows.X, self.workspace
                )
                loss = self.objective.clipped(A, self.rows)
            self.lowest = min(loss, self.lowest)
            if factor != 1:
                gradient *= factor
            units, penalty = self.description.all_units, 0.0
            pairs = zip(
                view_parameters(theta, units).coefs,
                view_parameters(gradient, units).coefs,
                strict=True,
            )
            for W, dW in pairs:
                penalty += self.penalty / 2 * float(np.vdot(W, W))
                dW += self.penalty * W
        return factor * loss + self.constant + penalty, gradient

    def iteration_ends(self, loss: float) -> None:
        """Take in what an iteration has come to."""
        if not self.last - loss > LEAST_GAIN * abs(loss):
            self.sharpen()
        self.last, self.tries = loss, 0

    def sharpen(self) -> None:
        """Work in float64 from now on."""
        self.rows = self.rows.astype(np.float64)


def packed_loss(
    mlp: Any, packed: Array, X: Any, y: Array, sample_weight: Any
) -> tuple[float, Array]:
    """Compute loss and gradient where scikit-learn packs all W before all b."""
    units = describe(mlp).all_units
    shapes = list(pairwise(units))
    ends = np.cumsum([d_in * d_out for d_in, d_out in shapes] + list(units[1:]))
    parts = np.split(np.asarray(packed, np.float64), ends[:-1])
    count = len(shapes)
    order = [part for i in range(count) for part in (parts[i], parts[count + i])]
    objective = objective_of(mlp, units[-1])
    rows = objective.rows(X, y, sample_weight, np.float64)
    function = PenalisedLoss(mlp, rows, objective)
    loss, gradient = function(np.concatenate(order))
    slopes = view_parameters(gradient, units)
    parts = [*slopes.coefs, *slopes.intercepts]
    return loss, np.concatenate([part.reshape(-1) for part in parts])
