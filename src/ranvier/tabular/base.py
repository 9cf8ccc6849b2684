"""What the classifier and the regressor share: raw tables in, an ensemble within."""

from __future__ import annotations

import warnings
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
)

from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.tabular.encoding import Encoding
from ranvier.tabular.folds import Fold, folds
from ranvier.tabular.members import Lesson, Member, train_members
from ranvier.tabular.merging import merge
from ranvier.tabular.recipe import Recipe, choose_recipe
from ranvier.tabular.rows import require_rows, table_of
from ranvier.training.task import Data

Array = NDArray[Any]


class Tabular(BaseEstimator):
    """An ensemble of networks for a raw table."""

    def _learn(
        self,
        table: Any,
        Y: Array,
        weights: Array | None,
        *,
        labels: Array | None,
        loss: Loss,
        outputs: int,
        output_activation: str,
        groups: Any,
    ) -> tuple[list[Member], Array, Array | None]:
        """Train the members; give them with the targets and weights they saw."""
        require_rows(len(Y))
        recipe = self._recipe(len(Y))
        self.encoding_ = Encoding.fit(table, weights, recipe.bins)
        self.n_iter_ = recipe.epochs
        X = self.encoding_.transform(table)
        kept = np.arange(len(Y))
        if groups is None and not self.time_ordered:
            merged = merge(X, Y, weights)
            kept, weights = merged.rows, merged.weights
            X, Y = X[kept], Y[kept]
            recipe = self._recipe(len(Y))
        self.recipe_ = recipe
        given = None if weights is None else weights.astype(np.float32)
        lesson = Lesson(Data(X, Y, given), loss, recipe, outputs, output_activation)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        divided = self._folds(
            recipe, len(Y), None if labels is None else labels[kept], groups, seed
        )
        stopping = Event()
        members = train_members(
            lesson, divided, seed=seed, n_threads=self.n_threads, stopping=stopping
        )
        if stopping.is_set():
            self._interrupted(members, recipe)
        self.networks_ = [member.network for member in members]
        return members, Y, given

    def _recipe(self, rows: int) -> Recipe:
        return choose_recipe(rows, self.effort)

    def _folds(
        self, recipe: Recipe, n: int, labels: Array | None, groups: Any, seed: int
    ) -> list[Fold]:
        if not recipe.held_out:
            every = np.arange(n)
            return [Fold(every, every[:0])] * recipe.members
        return folds(
            n,
            recipe.members,
            seed=seed,
            labels=labels,
            groups=groups,
            ordered=self.time_ordered,
            share=self.validation,
        )

    def _interrupted(self, members: list[Member], recipe: Recipe) -> None:
        if not members:
            raise KeyboardInterrupt
        warnings.warn(
            f"the fit was interrupted: {len(members)} of {recipe.members} networks "
            "are kept, each with the weights of its best epoch so far",
            RuntimeWarning,
            stacklevel=4,
        )

    def _weighted(self, table: Any, y: Array, sample_weight: Any) -> Any:
        """Check weights; leave the rows of weight 0 out."""
        if sample_weight is None:
            return table, y, None, slice(None)
        weights = _check_sample_weight(
            sample_weight, y, dtype=np.float64, ensure_non_negative=True
        )
        used = weights > 0
        if not used.any():
            raise ValueError("all weights are 0: give at least one row a weight above 0")
        if used.all():
            return table, y, weights, slice(None)
        return _take(table, np.flatnonzero(used)), y[used], weights[used], used

    def _outputs(self, X: Any) -> Array:
        """Give what each member says of each row: (members, n, outputs)."""
        check_is_fitted(self)
        X = self.encoding_.transform(table_of(self, X, reset=False))
        return np.stack([network(X) for network in self.networks_])

    @property
    def network_(self) -> Network:
        """The first of the networks, to look into."""
        check_is_fitted(self)
        network: Network = self.networks_[0]
        return network

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "networks_")


def _take(table: Any, rows: Array) -> Any:
    from ranvier.table.frames import Columns, take_rows

    if isinstance(table, Columns):
        return Columns({name: v[rows] for name, v in table.columns.items()})
    return take_rows(table, rows)


def same_length(table: Any, y: Any) -> None:
    """Refuse targets of another number of rows."""
    check_consistent_length(np.empty(len(table)), y)


