"""scikit-learn's MLPClassifier and MLPRegressor."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.competitors import AfterEpoch, UnsupportedError
from benchmarks.problems import Array, Problem, Weights
from benchmarks.workloads import LEARNING_RATE, Workload

# A number of epochs without progress that is never reached.
NEVER = 10**9


def model(workload: Workload, weights: Weights, dtype: str) -> Any:
    """Build the estimator of a workload with the given weights.

    Raises
    ------
    UnsupportedError
        It has no such activation.
    """
    if workload.activation == "gelu":
        raise UnsupportedError("has no GELU")
    classes = workload.loss == "cross_entropy"
    kind = MLPClassifier if classes else MLPRegressor
    estimator = kind(
        hidden_layer_sizes=workload.layers[1:-1],
        activation=workload.activation,
        alpha=1e-4 if workload.table else 0.0,  # its usual one where a quality counts
        batch_size=workload.batch,
        learning_rate_init=LEARNING_RATE,
        shuffle=workload.shuffle,
        random_state=workload.seed,
        warm_start=True,
        tol=0.0,
        n_iter_no_change=NEVER,
    )
    few = max(2, workload.layers[-1])
    X = np.zeros((few, workload.layers[0]), dtype)
    if classes:
        labels = np.arange(workload.layers[-1])
        estimator.set_params(batch_size=1).partial_fit(X, labels, classes=labels)
    else:
        Y = np.zeros((few, workload.layers[-1]), dtype)
        estimator.set_params(batch_size=1).partial_fit(X, _column(Y))
    estimator.set_params(batch_size=workload.batch)
    set_weights(estimator, weights)
    return estimator


def _column(Y: Array) -> Array:
    return Y[:, 0] if Y.ndim == 2 and Y.shape[1] == 1 else Y


def set_weights(estimator: Any, weights: Weights) -> None:
    """Write the weights; of two classes it knows one output, the logit between them."""
    *hidden, (W, b) = weights
    if estimator.out_activation_ == "logistic":
        W, b = W[:, 1:] - W[:, :1], b[1:] - b[:1]
    for place, (W_of, b_of) in enumerate([*hidden, (W, b)]):
        estimator.coefs_[place][...] = W_of
        estimator.intercepts_[place][...] = b_of
    del estimator._optimizer  # whose running means are those of the call above


class Trainer:
    """`fit` for many epochs at once; one `partial_fit` an epoch where it is watched."""

    def __init__(
        self, workload: Workload, problem: Problem, threads: int, dtype: str
    ) -> None:
        if workload.dtype == "float64" and dtype == "float32":
            raise UnsupportedError("computes in double here")
        self.problem = problem
        self.X = problem.X.astype(dtype)
        self.Y = problem.Y
        if self.Y.dtype != np.int32:
            self.Y = _column(problem.Y.astype(dtype))
        self.model = model(workload, problem.start, dtype)
        missing = ["squared error instead"] * (workload.loss == "absolute_error")
        missing += ["no dropout"] * (workload.dropout > 0)
        missing += ["Adam instead of AdamW"] * (workload.weight_decay > 0)
        self.difference = ", ".join(missing)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train from the first weights."""
        if hasattr(self.model, "_optimizer"):
            set_weights(self.model, self.problem.start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # that is the point
            if after_epoch is None:
                self.model.set_params(max_iter=epochs).fit(self.X, self.Y)
                return
            for _ in range(epochs):
                self.model.partial_fit(self.X, self.Y)
                if after_epoch():
                    return

    def weights(self) -> Weights:
        """Return the weights that were reached."""
        *hidden, (W, b) = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        if self.model.out_activation_ == "logistic":
            W, b = np.hstack([0 * W, W]), np.concatenate([0 * b, b])
        return [*hidden, (W, b)]


def predictor(
    workload: Workload, weights: Weights, threads: int
) -> Callable[[Array], Array]:
    """Return the estimator's `predict`."""
    predict: Callable[[Array], Array] = model(workload, weights, workload.dtype).predict
    return lambda X: predict(X).reshape(len(X), -1)
