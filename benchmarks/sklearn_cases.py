"""The fits that both MLPs are timed on, and how many operations each of them takes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn import neural_network
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

import ranvier as rv

Array = np.ndarray
FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SIDES = {"scikit-learn": neural_network, "Ranvier": rv}
HIDDEN = 100  # units of the default network


@dataclass(frozen=True)
class Case:
    """One fit: the data by name, the estimator, its parameters."""

    name: str
    data: str
    parameters: dict[str, Any]
    estimator: str = "MLPClassifier"
    dtype: str = "float64"
    grid: bool = False

    def table(self) -> tuple[Any, Array]:
        """Load or make X and y."""
        X, y = DATA[self.data]()
        return X.astype(self.dtype), y

    def fit(self, side: str, X: Any, y: Array) -> Any:
        """Fit one side's estimator."""
        mlp = getattr(SIDES[side], self.estimator)(random_state=0, **self.parameters)
        if self.grid:
            mlp = GridSearchCV(mlp, {"alpha": [1e-4, 1e-2]}, cv=3, n_jobs=2)
        return mlp.fit(X, y)

    @property
    def magnifies(self) -> bool:
        """Say whether rounding grows from step to step until the losses part.

        From L-BFGS over float32: two fits of scikit-learn's own, in float32 and in
        float64, are 1.5e-5 apart in loss after 10 iterations and 5e-3 after 20.
        """
        return self.dtype == "float32" and self.parameters.get("solver") == "lbfgs"

    def compared(self) -> "Case":
        """Return the fit whose loss is compared: this, or a shorter one."""
        if not self.magnifies:
            return self
        return replace(self, parameters=self.parameters | {"max_iter": 10})

    @property
    def tolerance(self) -> float:
        """The relative difference that the two losses may have.

        Measured were 2e-8 in float64; in float32 1.1e-4 of the stochastic solvers, but
        1.1e-3 after the 3,000 steps on MNIST, and 9e-6 of the first 10 iterations of
        L-BFGS.
        """
        if self.dtype == "float64":
            return 1e-6
        return 1e-4 if self.magnifies else 3e-3

    def operations(self, X: Any, y: Array) -> float:
        """Count the additions and multiplications of the products of a fit.

        Of a cell of W and a row: two forward, two of dW, two of dX, which the first
        layer has not. L-BFGS looks at all rows once more than it has iterations, at
        least.
        """
        n, inputs = X.shape
        if sp.issparse(X):
            inputs = X.nnz / n
        classes = len(np.unique(y))
        sizes = (inputs, HIDDEN, 1 if classes == 2 else classes)
        first, *others = (d_in * d_out for d_in, d_out in pairwise(sizes))
        forward, both = 2 * (first + sum(others)), 4 * first + 6 * sum(others)
        epochs = self.parameters["max_iter"]
        if self.parameters.get("solver") == "lbfgs":
            epochs += 1
        if self.parameters.get("early_stopping"):
            return float(epochs * n * (0.9 * both + 0.1 * forward))
        return float(epochs * n * both)


def made(n: int, d: int) -> tuple[Array, Array]:
    """Make a table with two classes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    return X, (X[:, 0] * X[:, 1] + 0.5 * X[:, 2] > 0).astype(int)


def made_sparse() -> tuple[Any, Array]:
    """Make a table like counts of words: one cell in a hundred is filled."""
    X = sp.random(10_000, 5_000, density=0.01, format="csr", random_state=0)
    return X, np.asarray(X[:, :50].sum(axis=1) > X[:, 50:100].sum(axis=1)).ravel()


def stored(name: str, rows: int, scale: float) -> tuple[Array, Array]:
    """Load the first rows of a table of the optional folder of real ones."""
    import pandas as pd

    folder = Path(os.environ.get("RANVIER_DATA", FOLDER))
    frame = pd.read_parquet(folder / "parquet" / f"{name}.parquet").iloc[:rows]
    y = frame.pop("target").to_numpy()
    return np.ascontiguousarray(frame.to_numpy(np.float64)) / scale, y.astype(str)


def digits() -> tuple[Array, Array]:
    """Load scikit-learn's digits."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y


DATA: dict[str, Callable[[], tuple[Any, Array]]] = {
    "10,000 x 20": lambda: made(10_000, 20),
    "50,000 x 50": lambda: made(50_000, 50),
    "digits": digits,
    "letter": lambda: stored("letter", 16_000, 15),
    "mnist": lambda: stored("mnist", 60_000, 255),
    "sparse": made_sparse,
}


def cases() -> Iterator[Case]:
    """List all of them."""
    for data in ("10,000 x 20", "50,000 x 50"):
        for dtype in ("float64", "float32"):
            for solver, epochs in (("adam", 10), ("sgd", 10), ("lbfgs", 20)):
                given = {"solver": solver, "max_iter": epochs}
                yield Case(f"{data} {solver} {dtype}", data, given, dtype=dtype)
    for data, epochs in (("digits", 50), ("letter", 10), ("mnist", 10)):
        for dtype in ("float64", "float32"):
            yield Case(f"{data} adam {dtype}", data, {"max_iter": epochs}, dtype=dtype)
    yield Case("10,000 x 5,000 sparse adam", "sparse", {"max_iter": 3})
    yield Case(
        "10,000 x 5,000 sparse lbfgs", "sparse", {"solver": "lbfgs", "max_iter": 5}
    )
    given = {"max_iter": 20, "early_stopping": True}
    yield Case("digits, early stopping", "digits", given)
    yield Case("digits, grid search, n_jobs=2", "digits", given, grid=True)
