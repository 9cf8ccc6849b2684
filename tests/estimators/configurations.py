"""Random configurations of scikit-learn's two estimators, with data they fit to."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

Array = np.ndarray
KINDS = ("binary", "multiclass", "multilabel", "regression", "multioutput", "poisson")
WAYS = ("fit", "partial_fit", "warm_start")


@dataclass(frozen=True)
class Configuration:
    """Parameters, data, and how the estimator is fitted to them."""

    kind: str
    way: str
    parameters: dict[str, Any]
    X: Any
    y: Array
    sample_weight: Array | None
    described: str = field(default="", compare=False)

    def fit(self, estimator: Any) -> Any:
        """Fit an estimator of scikit-learn's or of ours."""
        weighted = {} if self.sample_weight is None else {"w": self.sample_weight}
        if self.way == "partial_fit":
            classes = {}
            if self.kind in ("binary", "multiclass", "multilabel"):
                several = self.y.ndim > 1
                classes = {"classes": np.arange(3) if several else np.unique(self.y)}
            half = self.X.shape[0] // 2
            for step in range(20):
                rows = slice(0, half) if step % 2 else slice(half, None)
                w = weighted.get("w")
                estimator.partial_fit(
                    self.X[rows],
                    self.y[rows],
                    sample_weight=None if w is None else w[rows],
                    **(classes if step == 0 else {}),
                )
            return estimator
        estimator.fit(self.X, self.y, sample_weight=weighted.get("w"))
        if self.way == "warm_start":
            estimator.fit(self.X, self.y, sample_weight=weighted.get("w"))
        return estimator


def answers(kind: str, X: Array, rng: np.random.Generator) -> Array:
    """Draw answers that have something to do with X."""
    n, d = X.shape
    Z = np.tanh(X @ rng.normal(size=(d, 3))) + 0.3 * rng.normal(size=(n, 3))
    if kind == "binary":
        return np.array(["no", "yes"])[(Z[:, 0] > 0).astype(int)]
    if kind == "multiclass":
        return 3 * Z.argmax(axis=1)
    if kind == "multilabel":
        return (Z > 0).astype(int)
    if kind == "poisson":
        return rng.poisson(np.exp(Z[:, 0])).astype(float)
    return Z[:, 0] if kind == "regression" else Z


def configuration(number: int) -> Configuration:
    """Return one of the configurations; the same number gives the same one."""
    rng = np.random.default_rng([7, number])
    choose = lambda *values: values[rng.integers(len(values))]  # noqa: E731
    kind, solver = KINDS[number % len(KINDS)], choose("sgd", "adam", "lbfgs")
    early = bool(rng.random() < 0.3)
    way = choose("fit", "fit", *WAYS)
    if way == "partial_fit" and (solver == "lbfgs" or early):
        way = "fit"
    n, d = int(rng.integers(40, 130)), int(rng.integers(1, 9))
    X = rng.normal(size=(n, d))
    y = answers(kind, X, rng)
    if early and kind == "binary":
        # Before 1.9 scikit-learn fails to score text on its held-out rows.
        y = (y == "yes").astype(int)
    if rng.random() < 0.2:
        X = sp.csr_matrix(X * (rng.random(X.shape) < choose(0.05, 0.5)))
        X = X if rng.random() < 0.5 or way == "partial_fit" else X.tocsc()
    parameters: dict[str, Any] = {
        "hidden_layer_sizes": choose((), (5,), 7, (20,), (6, 4), (9, 17, 3)),
        "activation": choose("identity", "logistic", "tanh", "relu"),
        "solver": solver,
        "alpha": choose(0.0, 1e-4, 1e-2, 0.5),
        "batch_size": choose("auto", 1, 7, 16, 40),
        "learning_rate": choose("constant", "invscaling", "adaptive"),
        "learning_rate_init": choose(1e-3, 1e-2, 3e-2),
        "power_t": choose(0.25, 0.5),
        "max_iter": 10 if way == "warm_start" else 20,
        "shuffle": bool(rng.random() < 0.7),
        "random_state": int(rng.integers(1000)),
        "tol": choose(1e-4, 0.0, 0.1),
        "warm_start": way == "warm_start",
        "momentum": choose(0.0, 0.5, 0.9),
        "nesterovs_momentum": bool(rng.random() < 0.5),
        "early_stopping": early,
        "validation_fraction": choose(0.1, 0.3),
        "beta_1": choose(0.9, 0.5, 0.0),
        "beta_2": choose(0.999, 0.9),
        "epsilon": choose(1e-8, 1e-3, 0.1),
        "n_iter_no_change": choose(2, 10, np.inf),
    }
    if kind == "poisson":
        parameters["loss"] = "poisson"
        # exp of a large output leaves the numbers in which digits can be compared.
        parameters["learning_rate_init"] = 1e-3
    weight = rng.uniform(0.1, 3, n) if rng.random() < 0.4 else None
    described = f"{number} {kind} {way} {type(X).__name__} {parameters}"
    return Configuration(kind, way, parameters, X, y, weight, described)
