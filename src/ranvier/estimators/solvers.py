"""The two kinds of solvers: epochs of stochastic steps, and L-BFGS."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.optimize import _check_optimize_result

from ranvier import _engine
from ranvier.estimators.convergence import ConvergenceMonitor, Validation
from ranvier.estimators.engine_rows import Rows
from ranvier.estimators.epoch_runner import EpochRunner
from ranvier.estimators.fit_callbacks import FitCallbacks
from ranvier.estimators.lbfgs_objective import PenalisedLoss
from ranvier.estimators.objective import Objective
from ranvier.estimators.solver_state import SolverState
from ranvier.training import lbfgs

Array = NDArray[Any]

USUAL_BATCH = 200


def batch_size_of(mlp: Any, rows: int) -> int:
    """Return the rows of a step, and warn where fewer are there than asked for."""
    if mlp.batch_size == "auto":
        return min(USUAL_BATCH, rows)
    if mlp.batch_size > rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to "
            "be clipped",
            stacklevel=5,
        )
    return int(np.clip(mlp.batch_size, 1, rows))


def optimizer_for(mlp: Any, theta: Array, *, incremental: bool) -> SolverState:
    """Return the optimizer to continue with, or a new one."""
    held = mlp.__dict__.get("_optimizer")
    should_continue = incremental or (mlp.warm_start and mlp.keep_optimizer)
    if should_continue and isinstance(held, SolverState) and held.fits(mlp, theta):
        if not held.slots.flags.writeable:  # loaded by joblib as a map of its file
            held.slots = np.array(held.slots)
        return held
    return SolverState(mlp, theta)


def shuffle(rows: Array, random_state: np.random.RandomState) -> None:
    """Shuffle rows as `random_state.shuffle` does, in half of its time."""
    generator: Any = random_state._bit_generator
    with generator.lock:
        _engine.shuffle_by(rows, generator.capsule)


def descend(
    mlp: Any, theta: Array, rows: Rows, chosen: Array | None, objective: Objective,
    validation: Validation | None, watchers: FitCallbacks, *, incremental: bool,
) -> None:  # fmt: skip
    """Fit by stochastic steps, in place: one epoch, or until there is no progress."""
    n = len(rows) if chosen is None else len(chosen)
    optimizer = mlp._optimizer = optimizer_for(mlp, theta, incremental=incremental)
    size = batch_size_of(mlp, n)
    # The generator's draws are scikit-learn's: dropout asks for one only if it is on.
    seed = int(mlp._random_state.randint(2**31)) if np.any(mlp.dropout) else 0
    epochs = EpochRunner(mlp, theta, optimizer, rows, chosen, size, objective, seed)
    progress = ConvergenceMonitor(mlp, theta, validation, epochs.workspace)
    positions = np.arange(n)
    mlp.n_iter_ = 0
    try:
        for _ in range(mlp.max_iter):
            task = watchers.begin() if watchers.any else None
            if mlp.shuffle:
                shuffle(positions, mlp._random_state)
            loss = epochs.run(positions)
            mlp.n_iter_ += 1
            mlp.t_ += n
            progress.see(loss)
            optimizer.iteration_ends(mlp.t_)
            stop = watchers.any and watchers.end(
                task, n, epoch=mlp.n_iter_, loss=loss,
                validation_loss=None if validation is None else validation.loss,
                learning_rate=optimizer.learning_rate, metrics=progress.scores(),
            )  # fmt: skip
            if progress.is_over:
                if optimizer.trigger_stopping(progress.message(), mlp.verbose):
                    watchers.ended = progress.reason
                    break
                mlp._no_improvement_count = 0
            if stop or incremental:
                break
            if mlp.n_iter_ == mlp.max_iter:
                warnings.warn(
                    f"Stochastic SolverState: Maximum iterations ({mlp.max_iter}) "
                    "reached and the optimization hasn't converged yet.",
                    ConvergenceWarning,
                    stacklevel=4,
                )
    except KeyboardInterrupt:
        watchers.ended = "interrupted"
        warnings.warn("Training interrupted by user.", stacklevel=4)
    progress.settle()


def minimise(
    mlp: Any, theta: Array, rows: Rows, objective: Objective,
    validation: Validation | None, watchers: FitCallbacks,
) -> None:  # fmt: skip
    """Fit by L-BFGS, in place."""
    function = PenalisedLoss(mlp, rows, objective)
    task = watchers.begin() if watchers.any else None
    mlp.n_iter_ = 0

    def see(result: Any) -> bool:
        nonlocal task
        theta[...] = result.x
        mlp.n_iter_ += 1
        mlp.loss_ = float(result.fun)
        function.iteration_ends(mlp.loss_)
        if mlp.verbose:
            print(f"Iteration {mlp.n_iter_}, loss = {mlp.loss_:.8f}")  # noqa: T201
        if validation is not None:
            mlp.validation_losses_.append(validation.measure(function.workspace))
            best = int(np.nanargmin(mlp.validation_losses_))
            mlp.best_epoch_ = best + 1
        if not watchers.any:
            return False
        stop = watchers.end(
            task, len(rows), epoch=mlp.n_iter_, loss=mlp.loss_,
            validation_loss=None if validation is None else validation.loss,
        )  # fmt: skip
        task = watchers.begin() if not stop and mlp.n_iter_ < mlp.max_iter else None
        return stop

    start = theta.astype(np.float64)
    limits = {"maxfun": mlp.max_fun, "maxiter": mlp.max_iter, "gtol": mlp.tol}
    try:
        result = lbfgs.drive(function, start, see, **limits)
    except KeyboardInterrupt:
        watchers.ended = "interrupted"
        warnings.warn("Training interrupted by user.", stacklevel=4)
        return
    theta[...] = result.x
    if result.status == 0:
        watchers.ended = "converged"
    if result.status == lbfgs.STOPPED:
        mlp.n_iter_ = result.nit
    else:
        mlp.n_iter_ = _check_optimize_result("lbfgs", result, mlp.max_iter)
    mlp.loss_ = result.fun
