"""What the classifier and the regressor share: scikit-learn around one model."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from ranvier.files import UNUSABLE, FileFormatError
from ranvier.inspectable import EncodedRows
from ranvier.network.network import Network
from ranvier.run.folder import Recording
from ranvier.splits import SplitBy
from ranvier.table.encoder import TableEncoder
from ranvier.tabular import input_validation as valid
from ranvier.tabular.dataset import EncodedDataset, with_targets
from ranvier.tabular.drift import DriftMixin
from ranvier.tabular.ensemble import fit_model
from ranvier.tabular.first_member import FirstMember, check_run
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import (
    FitOptions,
    member_seed,
    plain_parameters,
    plain_seed,
)
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import Outputs
from ranvier.tabular.time_budget import TimeBudget
from ranvier.trace.trace import Trace
from ranvier.training.callbacks import Callback, checked_callbacks
from ranvier.training.history import History
from ranvier.warn import warn_user

Array = NDArray[Any]


class Tabular(DriftMixin, BaseEstimator):
    """An ensemble of networks for a raw table: fit and predict of a `TableModel`."""

    effort: str
    preset: str | None
    hidden: Sequence[int] | None
    epochs: int | None
    time_limit: float | None
    categories: Sequence[str] | None
    numbers: Sequence[str] | None
    validation: float | None
    time_ordered: bool
    random_state: Any
    n_threads: int | None
    progress: bool
    callbacks: Iterable[Callback] | None
    run: str | os.PathLike[str] | Recording | None
    model_: TableModel

    def _options(self) -> FitOptions:
        return FitOptions(
            effort=self.effort,
            preset=self.preset,
            hidden=self.hidden,
            epochs=self.epochs,
            time_limit=self.time_limit,
            categories=() if self.categories is None else self.categories,
            numbers=() if self.numbers is None else self.numbers,
            validation=self.validation,
            time_ordered=self.time_ordered,
        )

    def _fit(
        self, table: Any, outputs: Sequence[Outputs], y: Array,
        weights: Array | None, split_by: SplitBy,
    ) -> None:  # fmt: skip
        """Train the ensemble on rows whose weights are above 0."""
        callbacks = checked_callbacks(() if self.callbacks is None else self.callbacks)
        first = FirstMember(
            self.run, callbacks, about={"estimator": type(self).__name__}
        )
        check_run(first, self.preset)
        context = FitContext(self.n_threads, TimeBudget(self.time_limit))
        pairs, options = with_targets(outputs, y), self._options()
        dataset = EncodedDataset.of(table, pairs, weights, options, split_by=split_by)
        for text in dataset.warnings:
            warn_user(text, UserWarning)
        self.model_ = fit_model(
            dataset, options, context, seed=member_seed(self.random_state),
            first=first, progress=self.progress,
            reason=f"it is a {type(self).__name__}",
            given_seed=plain_seed(self.random_state),
        )  # fmt: skip
        self.n_iter_ = max(map(len, self.model_.histories))

    def _validate(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, stratify: Any
    ) -> Any:
        """Validate the arguments of fit; leave rows of weight 0 out."""
        table = valid.table_of(self, X, reset=True)
        y = self._targets(y)
        check_consistent_length(np.empty(len(table)), y)
        by = SplitBy(
            valid.checked_by_row("groups", groups, len(table)),
            valid.checked_by_row("stratify", stratify, len(table)),
        )
        table, y, weights, used = valid.without_weightless_rows(table, y, sample_weight)
        return table, y, weights, by.take(used)

    def _targets(self, y: Any) -> Array:
        """Validate the target; return an array, (n,) or (n, k)."""
        raise NotImplementedError

    def _table(self, X: Any) -> Any:
        """Return rows as the model takes them."""
        return valid.table_of(self, X, reset=False)

    @property
    def _fitted(self) -> TableModel:
        """The model, once there is one."""
        check_is_fitted(self)
        return self.model_

    @property
    def networks_(self) -> list[Network]:
        """The networks whose predictions are averaged."""
        return list(self._fitted.members)

    @property
    def network_(self) -> Network:
        """The first of the networks, to look into."""
        return self.networks_[0]

    @property
    def encoder_(self) -> TableEncoder:
        """How the columns of a table become the inputs of the networks."""
        return self._fitted.encoder

    @property
    def notices_(self) -> list[str]:
        """What was decided about the columns and the target."""
        return self._fitted.notices

    @property
    def histories_(self) -> list[History]:
        """The epochs of each network."""
        return self._fitted.histories

    @property
    def columns_(self) -> dict[str, str]:
        """How each column of the table was read, in words."""
        return self._fitted.columns

    @property
    def run_(self) -> Path:
        """With `run`: the folder of the first network's run."""
        history = self._fitted.history
        if history is None or history.run is None:
            raise AttributeError("the fit was not recorded: give run= a folder of runs")
        return history.run

    def trace(self, X: Any, y: Any = None, **settings: Any) -> Trace:
        """Keep every number of both passes of `network_` for some rows.

        Parameters
        ----------
        X, y
            Rows as for `predict`, and their targets; None: the forward pass only.
        settings
            As for `Trace.of`.

        Returns
        -------
        Trace
            Every number of both passes, in float64.

        Raises
        ------
        ValueError
            As for `predict` and `Trace.of`.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, 2.0 * table.x)
        >>> reg.trace(table, 2.0 * table.x, rows=[3]).Y_hat.shape
        (1, 1)
        """
        return Trace.of(self, X, y, **settings)

    def encode_rows(self, X: Any, y: Any = None) -> EncodedRows:
        """Encode rows and targets for `network_`, with the names of its inputs.

        Parameters
        ----------
        X, y
            As for `trace`.

        Returns
        -------
        EncodedRows
            ``X`` (n, inputs) and ``Y`` (n, outputs) with their names.

        Raises
        ------
        ValueError
            As for `predict`; or a target is no class that the fit knew.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, 2.0 * table.x)
        >>> reg.encode_rows(table, 2.0 * table.x).Y.shape
        (60, 1)
        """
        return self._fitted.encode_rows(self._table(X), y)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to one safetensors file; nothing in it is a pickle.

        It is the file of a `TableModel`, with the estimator's parameters: the command
        ``ranvier predict`` and `ranvier.load` read it.

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

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> clf = rv.TabularClassifier(effort="fast").fit(table, table.x > 29)
        >>> clf.save("clf.safetensors")
        >>> again = rv.TabularClassifier.load("clf.safetensors")
        >>> bool((again.predict_proba(table) == clf.predict_proba(table)).all())
        True
        """
        model = copy.copy(self._fitted)
        model.estimator = {
            "class": type(self).__name__,
            "parameters": plain_parameters(self.get_params()),
            "features": self.n_features_in_,
            "names": [str(name) for name in getattr(self, "feature_names_in_", ())],
            **self._described(),
        }
        model.save(path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read an estimator from a file. Nothing in the file is executed.

        Parameters
        ----------
        path
            A file that `save` or ``ranvier train`` wrote.

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

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> reg = rv.TabularRegressor(effort="fast").fit(table, 2.0 * table.x)
        >>> reg.save("reg.safetensors")
        >>> rv.TabularRegressor.load("reg.safetensors").n_features_in_
        1
        """
        model, source = TableModel.load(path), repr(os.fspath(path))
        wanted = cls._kind_of(model)
        if wanted != cls.__name__:
            raise FileFormatError(
                f"{source} holds a {wanted}, but a {cls.__name__} was expected: load "
                f"it with {wanted}.load or ranvier.load"
            )
        try:
            return cls._of_model(model)
        except UNUSABLE as error:
            raise FileFormatError(
                f"{source} holds no usable {cls.__name__}: {error}"
            ) from error

    @staticmethod
    def _kind_of(model: TableModel) -> str:
        """Name the estimator that a model can be loaded as."""
        if model.task == "classification":
            return "TabularClassifier"
        return "TabularRegressor"

    @classmethod
    def _of_model(cls, model: TableModel) -> Self:
        """Make a fitted estimator of a model."""
        names = list(model.encoder.schema.columns)
        own = model.estimator or {
            "parameters": {}, "features": len(names), "names": names
        }  # fmt: skip
        estimator = cls(**own["parameters"] | {"run": None})  # a fit writes nowhere
        estimator.model_ = model
        estimator.n_features_in_ = int(own["features"])
        if own["names"]:
            estimator.feature_names_in_ = np.array(own["names"], dtype=object)
        estimator._restore(own)
        return estimator

    def _described(self) -> dict[str, Any]:
        """Describe what this kind of estimator has beside its model."""
        return {}

    def _restore(self, own: Mapping[str, Any]) -> None:
        """Restore what `_described` returned; derive it for a model of the command."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")
