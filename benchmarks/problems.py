"""Rows to learn from, weights to start from, and one ruler for what is reached.

Every competitor starts from the same weights and is judged by the same few lines of
NumPy in double precision, whatever it says about itself.
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

Array = NDArray[Any]
Weights = list[tuple[Array, Array]]  # (W, b) of each layer, W (d_in, d_out)

# The real tables lie beside the repository, where there are any.
TABLES = Path(__file__).resolve().parents[2] / "shared" / "data"
# The rows in front that a table's authors meant for training.
TRAINING_ROWS = {"mnist": 60_000, "letter": 16_000}


@dataclass(frozen=True)
class Problem:
    """Rows X (n, d) with targets Y (n, k), or labels Y (n,) int32; weights to start."""

    X: Array
    Y: Array
    start: Weights
    X_test: Array | None = None
    Y_test: Array | None = None


def problem_of(workload: Workload) -> Problem:
    """Make the rows and the first weights of a workload; the same in every process."""
    rng = np.random.default_rng(workload.seed)
    start = first_weights(rng, workload)
    if workload.table:
        X, Y = real_table(workload.table)
        n = TRAINING_ROWS[workload.table]
        X = X.astype(workload.dtype)
        return Problem(X[:n], Y[:n], start, X[n:], Y[n:])
    d, k = workload.layers[0], workload.layers[-1]
    X = rng.normal(size=(workload.rows, d))
    Z = X @ rng.normal(size=(d, k)) * np.sqrt(4 / d)
    if workload.loss == "cross_entropy":
        Y = np.argmax(Z + rng.gumbel(size=Z.shape), axis=1).astype(np.int32)
    else:
        Y = (np.tanh(Z) + rng.normal(scale=0.1, size=Z.shape)).astype(workload.dtype)
    return Problem(X.astype(workload.dtype), Y, start)


def first_weights(rng: np.random.Generator, workload: Workload) -> Weights:
    """Draw weights of variance 2 / d_in (He et al. 2015); biases are 0."""
    dtype = workload.dtype
    return [
        (
            rng.normal(scale=np.sqrt(2 / d_in), size=(d_in, d_out)).astype(dtype),
            np.zeros(d_out, dtype),
        )
        for d_in, d_out in pairwise(workload.layers)
    ]


def real_table(name: str) -> tuple[Array, Array]:
    """Read a table of classes: X in units of the first rows' spread, labels.

    Raises
    ------
    FileNotFoundError
        The tables are not beside the repository.
    """
    import pandas

    path = TABLES / "parquet" / f"{name}.parquet"
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}: the real tables are not here")
    frame = pandas.read_parquet(path)
    labels = frame.pop("target").astype("category").cat.codes
    X = frame.to_numpy(np.float64, copy=True)
    if name == "mnist":
        X /= 255  # a pixel's own unit; many pixels never vary
    else:
        head = X[: TRAINING_ROWS[name]]
        X = (X - head.mean(axis=0)) / head.std(axis=0)
    return X.astype(np.float32), labels.to_numpy(np.int32)


def has_tables() -> bool:
    """Tell whether the real tables are beside the repository."""
    index = TABLES / "index.json"
    return index.exists() and bool(json.loads(index.read_text("utf-8")))


# ---------------------------------------------------------------- the ruler


def activate(Z: Array, activation: str) -> Array:
    """Compute A = f(Z)."""
    if activation == "relu":
        return np.maximum(Z, 0)
    if activation == "tanh":
        return np.tanh(Z)
    from scipy.special import ndtr

    return np.asarray(Z * ndtr(Z))


def outputs(workload: Workload, weights: Weights, X: Array) -> Array:
    """Compute Z of the last layer, in double precision, dropout off."""
    A = X.astype(np.float64)
    for place, (W, b) in enumerate(weights):
        Z = A @ W.astype(np.float64) + b
        A = Z if place == len(weights) - 1 else activate(Z, workload.activation)
    return A


def mean_loss(workload: Workload, problem: Problem, weights: Weights) -> float:
    """Compute the mean loss over all rows, and over outputs if there are several."""
    Z, Y = outputs(workload, weights, problem.X), problem.Y
    if workload.loss == "squared_error":
        return float(np.mean((Z - Y) ** 2))
    if workload.loss == "absolute_error":
        return float(np.mean(np.abs(Z - Y)))
    Z = Z - Z.max(axis=1, keepdims=True)
    logarithm = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), Y]
    return float(logarithm.mean())


def accuracy(workload: Workload, problem: Problem, weights: Weights) -> float:
    """Return the accuracy on the test rows."""
    assert problem.X_test is not None
    Z = outputs(workload, weights, problem.X_test)
    return float(np.mean(np.argmax(Z, axis=1) == problem.Y_test))
