"""How far a fit has come: losses, validation scores, the best epoch, patience.

The rules are scikit-learn's: an epoch counts as progress if its training loss (with
early stopping: its validation score) is better than the best by more than tol.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.estimators import engine_calls
from ranvier.estimators.architecture import describe
from ranvier.estimators.objective import Objective
from ranvier.estimators.scoring import HeldOut, score_of_outputs, scorer_of

Array = NDArray[Any]


class Validation:
    """Scores an estimator on held-out rows.

    Parameters
    ----------
    mlp
        The estimator.
    theta
        Its parameters, which training changes in place.
    held_out
        The rows.
    objective
        What is minimised.
    """

    def __init__(
        self, mlp: Any, theta: Array, held_out: HeldOut, objective: Objective
    ) -> None:
        self.theta, self.rows, self.objective = theta, held_out.rows, objective
        self.description = describe(mlp)
        self.constant = held_out.rows.mean_constant()
        self.loss = float("nan")
        self.by_loss = mlp.scoring == "loss"
        self.scorer = None
        if mlp.scoring is None:
            self.of_outputs = score_of_outputs(mlp, held_out)
        elif not self.by_loss:
            self.scorer = scorer_of(mlp, held_out)

    def measure(self, workspace: _engine.Workspace) -> float:
        """Return the loss as it is now, as scikit-learn has it, without the penalty."""
        L = engine_calls.mean_loss(
            self.description, self.theta, self.rows, self.objective.loss, workspace
        )
        self.loss = self.objective.loss_factor * L + self.constant
        return self.loss

    def score(self, workspace: _engine.Workspace) -> float:
        """Compute the score as it is now; greater is better."""
        if self.by_loss:
            return -self.loss
        if self.scorer is not None:
            return self.scorer()
        with np.errstate(invalid="ignore", over="ignore"):
            A = engine_calls.predict(
                self.description, self.theta, self.rows.X, workspace
            )
            return self.of_outputs(A)


class ConvergenceMonitor:
    """Keeps the fitted attributes of an estimator, epoch by epoch.

    Parameters
    ----------
    mlp
        The estimator.
    theta
        Its parameters.
    validation
        What scores it, or None.
    workspace
        The memory and the threads of the epochs.
    """

    def __init__(
        self,
        mlp: Any,
        theta: Array,
        validation: Validation | None,
        workspace: _engine.Workspace,
    ) -> None:
        self.mlp, self.theta, self.validation = mlp, theta, validation
        self.workspace = workspace
        # The first fit may end with the weights it began with; a later one continues.
        self.best = theta.copy() if mlp.early_stopping else None
        if mlp.loss_curve_:
            self.best = None
        self.lowest = np.inf  # validation loss, where nothing is stopped by it

    def see(self, loss: float) -> None:
        """Take in the loss of an epoch, and count the epochs without progress."""
        mlp = self.mlp
        mlp.loss_ = loss
        mlp.loss_curve_.append(loss)
        if mlp.verbose:
            print(f"Iteration {mlp.n_iter_}, loss = {loss:.8f}")  # noqa: T201
        if self.validation is not None:
            mlp.validation_losses_.append(self.validation.measure(self.workspace))
        if mlp.early_stopping:
            self._see_score()
        else:
            self._see_loss(loss)

    def _see_score(self) -> None:
        mlp = self.mlp
        assert self.validation is not None
        score = self.validation.score(self.workspace)
        mlp.validation_scores_.append(score)
        if mlp.verbose:
            print(f"Validation score: {score:f}")  # noqa: T201
        late = score < mlp.best_validation_score_ + mlp.tol
        mlp._no_improvement_count = mlp._no_improvement_count + 1 if late else 0
        if score > mlp.best_validation_score_:
            mlp.best_validation_score_ = score
            mlp.best_epoch_ = len(mlp.loss_curve_)
            if self.best is None:
                self.best = np.empty_like(self.theta)
            self.best[...] = self.theta

    def _see_loss(self, loss: float) -> None:
        mlp = self.mlp
        late = loss > mlp.best_loss_ - mlp.tol
        mlp._no_improvement_count = mlp._no_improvement_count + 1 if late else 0
        if loss < mlp.best_loss_:
            mlp.best_loss_ = loss
            if self.validation is None:
                mlp.best_epoch_ = len(mlp.loss_curve_)
        if self.validation is not None and self.validation.loss < self.lowest:
            self.lowest = self.validation.loss
            mlp.best_epoch_ = len(mlp.loss_curve_)

    @property
    def is_over(self) -> bool:
        """Say whether patience has run out."""
        return bool(self.mlp._no_improvement_count > self.mlp.n_iter_no_change)

    @property
    def reason(self) -> str:
        """Name what ended the fit when patience had run out."""
        return "early stopping" if self.mlp.early_stopping else "converged"

    def scores(self) -> dict[str, float]:
        """Return the last validation score by its name; none without early stopping."""
        scoring = self.mlp.scoring
        if not self.mlp.early_stopping or scoring == "loss":
            return {}
        if scoring is None:
            scoring = "accuracy" if hasattr(self.mlp, "classes_") else "r2"
        if not isinstance(scoring, str):
            scoring = getattr(scoring, "__name__", "score")
        return {scoring: self.mlp.validation_scores_[-1]}

    def message(self) -> str:
        """Say what did not improve."""
        what = "Validation score" if self.mlp.early_stopping else "Training loss"
        return (
            f"{what} did not improve more than tol={self.mlp.tol:f} for "
            f"{self.mlp.n_iter_no_change} consecutive epochs."
        )

    def settle(self) -> None:
        """Go back to the best weights, where early stopping has found any."""
        if self.best is not None:
            self.theta[...] = self.best
