"""L-BFGS: scipy's minimiser over the engine's loss and gradient."""

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, Final

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from ranvier.network.layers import Dropout
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import explain
from ranvier.training.optimizers import LBFGS
from ranvier.training.task import Task, mean_gradient

Array = NDArray[Any]
STOPPED: Final = 99  # scipy's status where a callback ended it


class Objective:
    """The loss with its penalty, and the gradient of both, as functions of theta.

    All is in float64 whatever the dtype of the network: the line search compares losses
    that differ in their last digits, and float32 has too few of them.
    """

    def __init__(self, task: Task, l2: float) -> None:
        self.task = task
        self.l2 = l2
        self.data = task.data.take(task.rows).astype(np.float64)
        self.is_weight = weight_mask(task)
        self.calls = 0
        self.theta: Array = np.array([])
        self.loss = np.nan  # without the penalty
        self.gradient: Array = np.array([])  # of the loss with the penalty

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Compute the penalised loss at theta, and its gradient."""
        task, self.theta = self.task, theta.copy()
        task.check_cancel()
        self.calls += 1
        # The line search may try a step that overflows, and takes a shorter one then.
        with np.errstate(over="ignore", invalid="ignore"):
            self.loss, gradient = mean_gradient(
                task.net.engine, self.theta, self.data, task.loss, task.workspace
            )
            W = np.where(self.is_weight, theta, 0.0)
            self.gradient = gradient + self.l2 * W
            return self.loss + self.l2 / 2 * float(W @ W), self.gradient

    def move_to(self, theta: Array) -> None:
        """Have loss and gradient be those at theta."""
        if not np.array_equal(theta, self.theta):
            self(theta)


def weight_mask(task: Task) -> NDArray[np.bool_]:
    """Say which entries of theta are weights, which are penalised.

    Those of W and of an embedding's values are; biases, alpha and scale are not.
    """
    mask = [
        np.full(array.size, name not in ("b", "alpha", "scale"))
        for layer in task.net.layers
        if not isinstance(layer, Dropout)
        for name, array in layer.arrays().items()
    ]
    return np.concatenate(mask)


def drive(
    function: Callable[[Array], tuple[float, Array]],
    start: Array,
    see: Callable[[Any], bool],
    **options: Any,
) -> Any:
    """Minimise a function by scipy's L-BFGS-B.

    Parameters
    ----------
    function
        Returns the loss and its gradient at theta, (parameters,) float64.
    start
        Where to start.
    see
        Called after each iteration with scipy's intermediate result; true stops.
    options
        Of scipy's ``method="L-BFGS-B"``: ``maxiter``, ``maxfun``, ``gtol`` and others.

    Returns
    -------
    scipy.optimize.OptimizeResult
        Where it ended and why; its ``status`` is `STOPPED` if `see` stopped it.
    """
    # Imported here: it takes longer than all else that training needs.
    from scipy.optimize import minimize

    def callback(intermediate_result: Any) -> None:
        if see(intermediate_result):
            raise StopIteration  # scipy's sign to end

    # BLAS has little to do here, but its threads would wait for more on the engine's
    # processors; and its sums depend on how many there are.
    with _blas().limit(limits=1, user_api="blas"):
        return minimize(
            function, start, jac=True, method="L-BFGS-B", callback=callback,
            options=options,
        )  # fmt: skip


@cache
def _blas() -> threadpoolctl.ThreadpoolController:
    """Return what limits the threads of BLAS; it takes milliseconds to make."""
    return threadpoolctl.ThreadpoolController()


def minimise(
    task: Task, optimizer: LBFGS, iterations: int, see: Callable[[EpochRecord], bool]
) -> str:
    """Minimise the loss over all rows at once, one record an iteration.

    Parameters
    ----------
    task
        The network and its data. When `see` is called the parameters are those of the
        iteration.
    optimizer
        Tolerance, memory and penalty.
    iterations
        Most iterations.
    see
        Called with each record; true stops.

    Returns
    -------
    str
        ``"converged"``; ``"finished"``, all iterations are done; ``"stopped"`` by
        `see`; or ``"no lower loss found"`` by the line search.

    Raises
    ------
    NonFiniteError
        The loss is not finite for the weights that training starts from.
    """
    objective = Objective(task, optimizer.l2)
    start = task.net.theta.astype(np.float64)
    if not np.isfinite(objective(start)[0]):
        raise explain(task, 1, 1, task.rows, None)
    result = drive(
        objective,
        start,
        _Iterations(objective, see),
        maxiter=iterations,
        maxfun=1000 + 20 * iterations,
        maxcor=optimizer.history,
        gtol=optimizer.tolerance,
        # Only the gradient decides, until the loss has no digits left to fall by.
        ftol=10 * np.finfo(np.float64).eps,
    )
    endings = {0: "converged", 1: "finished", 2: "no lower loss found"}
    return endings.get(result.status, "stopped")


class _Iterations:
    """Called after each iteration: moves the network there, and shows a record."""

    def __init__(
        self, objective: Objective, see: Callable[[EpochRecord], bool]
    ) -> None:
        self.objective = objective
        self.see = see
        self.count = 0
        self.calls = 0
        self.started = perf_counter()

    def __call__(self, result: Any) -> bool:
        task, objective = self.objective.task, self.objective
        objective.move_to(result.x)
        task.net.theta[...] = objective.theta
        seconds = perf_counter() - self.started
        rows = len(objective.data) * (objective.calls - self.calls)
        validation_loss, metrics = task.scores()
        self.count += 1
        record = EpochRecord(
            epoch=self.count,
            loss=objective.loss,
            validation_loss=validation_loss,
            metrics=metrics,
            gradient_norm=float(np.linalg.norm(objective.gradient)),
            seconds=seconds,
            rows_per_second=rows / seconds,
        )
        stops = self.see(record)
        self.calls, self.started = objective.calls, perf_counter()
        return stops
