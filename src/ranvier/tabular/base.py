"""What the classifier and the regressor share: raw tables in, an ensemble within."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
)

from ranvier.inspectable import EncodedRows
from ranvier.network.network import Network
from ranvier.run.folder import Recording
from ranvier.splits import Split, ensemble_splits, without_validation
from ranvier.table.description import Fields
from ranvier.table.encoder import TableEncoder
from ranvier.table.table import Table
from ranvier.tabular import saving
from ranvier.tabular.column_summary import (
    column_summary,
    integer_codes,
    integer_codes_notice,
)
from ranvier.tabular.deadline import Deadline
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.leaks import leaking, notice
from ranvier.tabular.members import (
    Aim,
    Lesson,
    Member,
    interrupted,
    within,
)
from ranvier.tabular.merging import merge
from ranvier.tabular.presets import preset_recipe
from ranvier.tabular.recipe import Recipe, choose_recipe
from ranvier.tabular.recorded import Target, check_run, told, train_recorded
from ranvier.tabular.rows import require_rows, table_of, take
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.ways import Held, Judge, networks, train_best
from ranvier.trace.trace import Trace
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.progress_bar import bar
from ranvier.training.task import Data

Array = NDArray[Any]


class Learnt(NamedTuple):
    """The trained members, and the rows as they saw them.

    ``way`` is the form of the target; ``copies``, how often each row occurs.
    """

    members: list[Member]
    data: Data
    way: int
    copies: Array | None

    def held_out(self) -> Held:
        """Give what members say of rows held out."""
        return Held.of(self.members, self.data)


class Tabular(BaseEstimator):
    """An ensemble of networks for a raw table."""

    _own: tuple[str, ...]  # what a kind of estimator has in its file beside the rest
    effort: str
    preset: str | None
    time_limit: float | None
    categories: Sequence[str] | None
    validation: float | None
    time_ordered: bool
    random_state: Any
    n_threads: int | None
    progress: bool
    run: str | os.PathLike[str] | Recording | None

    def _learn(
        self,
        table: Any,
        ways: Sequence[Array],
        weights: Array | None,
        aim: Aim,
        *,
        labels: Array | None = None,
        groups: Any = None,
        judge: Judge | None = None,
        targets: Sequence[Target | None],
    ) -> Learnt:
        """Train the members on rows whose weights are above 0.

        Of several ways to tell the target, they learn the one that `judge` gives the
        least for, by its number and what the first members say of rows held out; for
        each, `targets` say to a run what the outputs are.
        """
        check_run(self.run, self.preset)
        deadline = Deadline(self.time_limit)
        n = len(ways[0])
        X = self._encoded(table, ways[0], weights)
        kept, copies = np.arange(n), None
        recipe = self._recipe(n)
        if recipe.merged and groups is None and not self.time_ordered:
            merged = merge(X, ways[0], weights)
            kept, weights, copies = merged.rows, merged.weights, merged.copies
            X = X[kept]
        labels = None if labels is None else labels[kept]
        weights = None if weights is None else weights.astype(np.float32)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        recipe = self._recipe(len(kept)).suited(self.encoder_.is_bin)
        embedding = input_embedding(self.encoder_, recipe)
        data, sections = Data(X, ways[0][kept], weights), self.encoder_.sources
        lesson = Lesson(data, aim, recipe, embedding, sections)
        divided = self._folds(recipe, len(kept), labels, groups, seed)
        lesson, divided = within(deadline, lesson, divided, seed, self.n_threads)
        recipe = lesson.recipe
        if self.preset or deadline.limit is not None or not recipe.held_out:
            ways = ways[:1]  # there is no time to try others, or nothing to judge by
        lessons = [replace(lesson, data=Data(X, Y[kept], weights)) for Y in ways]
        members, way = self._train(lessons, divided, judge, seed, deadline, targets)
        self.networks_ = [member.network for member in members]
        self.histories_ = [member.history() for member in members]
        self.n_iter_ = max(len(member.records) for member in members)
        return Learnt(members, lessons[way].data, way, copies)

    def _train(
        self,
        lessons: Sequence[Lesson],
        divided: list[Split],
        judge: Judge | None,
        seed: int,
        deadline: Deadline,
        targets: Sequence[Target | None],
    ) -> tuple[list[Member], int]:
        """Train the members, and record the first where there is a folder for it."""
        recipe = lessons[0].recipe
        with bar(self.progress, networks(lessons, divided) * recipe.epochs) as shown:
            under = Supervision(self.n_threads, deadline, shown)

            def record(way: int) -> list[Member]:
                assert self.run is not None
                run = told(self.run, type(self).__name__, self.encoder_, targets[way])
                try:
                    member, self.run_ = train_recorded(
                        lessons[way], divided[0], seed, run, under
                    )
                except NonFiniteError as error:
                    under.failed.append(error)
                    return []
                return [member]

            self.__dict__.pop("run_", None)
            members, way = train_best(
                lessons, self.encoder_.is_bin, divided, judge, seed, under,
                None if self.run is None else record,
            )  # fmt: skip
        under.require_some(members)
        if under.stopping.is_set():
            interrupted(members, recipe)
        return members, way

    def _encoded(self, table: Any, Y: Array, weights: Array | None) -> Array:
        """Learn the encoding of a table, and give its rows encoded."""
        require_rows(len(Y))
        recipe = self._recipe(len(Y))
        table = Table.of(table)
        categories = tuple(map(str, self.categories or ()))
        self.encoder_ = TableEncoder.fit(
            table, weights, categories=categories, **recipe.encoding()
        )
        self.notices_ = self._notices(table, Y)
        return self.encoder_.transform(table)

    def _notices(self, table: Any, Y: Array) -> list[str]:
        """Say what was decided about the columns; warn of those that tell too much."""
        notices = list(self.encoder_.schema.notices)
        single = self.encoder_.column_values(table)
        if names := integer_codes(self.encoder_, single):
            notices.append(integer_codes_notice(names))
        target = Y if Y.ndim == 1 else Y[:, 0]
        if names := leaking(single, target):
            notices.append(notice(names))
            warnings.warn(notices[-1], UserWarning, stacklevel=5)
        return notices

    def _recipe(self, rows: int) -> Recipe:
        if self.preset is None:
            return choose_recipe(rows, self.effort)
        if self.effort != "default":
            raise ValueError(
                f"effort={self.effort!r} was given with preset={self.preset!r}, which "
                "says by itself how long it trains: leave one of them out"
            )
        classification = isinstance(self, ClassifierMixin)
        return preset_recipe(self.preset, rows, classification=classification)

    def _folds(
        self, recipe: Recipe, n: int, labels: Array | None, groups: Any, seed: int
    ) -> list[Split]:
        if not recipe.held_out:
            return without_validation(n, recipe.members)
        return ensemble_splits(
            n,
            recipe.members,
            seed=seed,
            labels=labels,
            groups=groups,
            time_ordered=self.time_ordered,
            fraction=self.validation,
        )

    def _taken(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> Any:
        """Check what fit was given; give table, y, weights, groups of what counts."""
        table = table_of(self, X, reset=True)
        y = self._targets(y)
        check_consistent_length(np.empty(len(table)), y)
        table, y, weights, used = self._weighted(table, y, sample_weight)
        groups = None if groups is None else np.asarray(groups)[used]
        return table, y, weights, groups

    def _targets(self, y: Any) -> Array:
        """Check the target; give it as an array, (n,) or (n, k)."""
        raise NotImplementedError

    def _weighted(self, table: Any, y: Array, sample_weight: Any) -> Any:
        """Check weights; leave the rows of weight 0 out."""
        if sample_weight is None:
            return table, y, None, slice(None)
        weights = _check_sample_weight(
            sample_weight, y, dtype=np.float64, ensure_non_negative=True
        )
        used = weights > 0
        if not used.any():
            raise ValueError(
                "all weights are 0: give at least one row a weight above 0"
            )
        if used.all():
            return table, y, weights, slice(None)
        return take(table, np.flatnonzero(used)), y[used], weights[used], used

    def _outputs(self, X: Any) -> Array:
        """Give what each member says of each row: (members, n, outputs)."""
        check_is_fitted(self)
        X = self.encoder_.transform(table_of(self, X, reset=False))
        return np.stack([network(X) for network in self.networks_])

    @property
    def columns_(self) -> dict[str, str]:
        """How each column of the table was read, in words."""
        check_is_fitted(self)
        return column_summary(self.encoder_)

    @property
    def network_(self) -> Network:
        """The first of the networks, to look into."""
        check_is_fitted(self)
        network: Network = self.networks_[0]
        return network

    def trace(self, X: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes of `network_`; see `Trace.of`.

        Parameters
        ----------
        X, y
            Rows as for `predict`, and their targets; None: the forward pass only.
        settings
            As for `Trace.of`.
        """
        return Trace.of(self, X, y, **settings)

    def encode_rows(self, X: Any, y: Any = None) -> EncodedRows:
        """Give rows as the networks see them; see `ranvier.inspectable`."""
        check_is_fitted(self)
        encoding, table = self.encoder_, table_of(self, X, reset=False)
        X = encoding.transform(table).astype(np.float64)
        rows = EncodedRows(X, encoding.names, encoding.sources, table=table)
        return self._with_targets(rows._replace(baseline=encoding.reference_row), y)

    def _with_targets(self, rows: EncodedRows, y: Any) -> EncodedRows:
        """Add targets in the networks' terms, and the names of the outputs."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to one safetensors file; nothing in it is a pickle.

        Parameters
        ----------
        path
            Where; an old file there is replaced once the new one is complete.

        Raises
        ------
        OSError
            It cannot be written; an old file is as it was.
        ValueError
            The classes are of a type that no file can hold.
        """
        check_is_fitted(self)
        saving.save(self, path, self._described())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read an estimator that `save` wrote. Nothing in the file is executed.

        Returns
        -------
        Self
            It predicts what the saved one did, to the bit.

        Raises
        ------
        OSError
            It cannot be read.
        FileFormatError
            It is damaged, of another kind, or of a newer Ranvier.
        """
        estimator: Self = saving.load(cls, path)
        return estimator

    def _described(self) -> dict[str, Any]:
        """Describe what this kind of estimator has learnt beside the rest."""
        raise NotImplementedError

    def _restore(self, fields: Fields) -> None:
        """Set what `_described` described."""
        raise NotImplementedError

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
