"""TabularRegressor: numbers from a raw table, with nothing to set."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d

from ranvier.choices import unknown
from ranvier.network.losses import Loss, quantile
from ranvier.tabular.base import Tabular, same_length
from ranvier.tabular.rows import table_of

Array = NDArray[Any]

LOSSES = ("squared_error", "absolute_error", "quantile", "poisson")


class TabularRegressor(RegressorMixin, Tabular):  # type: ignore[misc]
    """Predict numbers for the rows of a raw table with an ensemble of networks."""

    def __init__(
        self,
        *,
        loss: str = "squared_error",
        quantile: float = 0.5,
        effort: str = "default",
        time_limit: float | None = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
    ) -> None:
        self.loss = loss
        self.quantile = quantile
        self.effort = effort
        self.time_limit = time_limit
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None) -> Self:
        """Fit the ensemble to a table."""
        table = table_of(self, X, reset=True)
        y = self._numbers(y)
        same_length(table, y)
        table, y, weights, used = self._weighted(table, y, sample_weight)
        groups = None if groups is None else np.asarray(groups)[used]
        self._measure(y, weights)
        Y = ((y - self.origin_) / self.unit_).astype(np.float32)
        poisson = self.loss == "poisson"
        members, *_ = self._learn(
            table, Y, weights, labels=None, loss=self._loss(), outputs=y.shape[1],
            output_activation="exp" if poisson else "identity", groups=groups,
        )  # fmt: skip
        return self

    def predict(self, X: Any) -> Array:
        """Predict the number of each row, or numbers (n, k)."""
        Z = self._outputs(X).mean(axis=0, dtype=np.float64)
        y = np.clip(Z * self.unit_ + self.origin_, self.minimum_, self.maximum_)
        return np.asarray(y[:, 0] if self._one else y)

    def _loss(self) -> Loss:
        if self.loss not in LOSSES:
            raise unknown("loss", self.loss, LOSSES)
        return quantile(self.quantile) if self.loss == "quantile" else Loss(self.loss)

    def _numbers(self, y: Any) -> Array:
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: give the number of "
                "each row"
            )
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        self._one = y.ndim == 1 or y.shape[1] == 1
        return np.asarray(column_or_1d(y, warn=True)[:, None] if self._one else y)

    def _measure(self, y: Array, weights: Array | None) -> None:
        """Learn the units of the target."""
        self.minimum_, self.maximum_ = y.min(axis=0), y.max(axis=0)
        mean = np.average(y, axis=0, weights=weights)
        if self.loss == "poisson":
            if (y < 0).any() or (mean == 0).any():
                raise ValueError(
                    "loss='poisson' needs counts: numbers of at least 0, not all of "
                    "them 0"
                )
            self.origin_, self.unit_ = np.zeros_like(mean), mean
            return
        sd = np.sqrt(np.average(np.square(y - mean), axis=0, weights=weights))
        self.origin_, self.unit_ = mean, np.where(sd > 0, sd, 1.0)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
