"""TabularClassifier: classes from a raw table, with nothing to set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array

from ranvier.run.folder import Recording
from ranvier.table.given_targets import PlainScores, plain_target
from ranvier.table.targets import ClassTarget
from ranvier.tabular.base import Tabular
from ranvier.tabular.class_values import (
    describe_classes,
    read_classes,
    read_dtype,
)
from ranvier.tabular.class_weights import class_weights
from ranvier.tabular.first_member import name_of
from ranvier.tabular.outputs import ClassOutputs, LabelOutputs, Outputs
from ranvier.training.callbacks import Callback

Array = NDArray[Any]


class TabularClassifier(PlainScores, ClassifierMixin, Tabular):
    """Classify the rows of a raw table with an ensemble of networks.

    Numbers, texts, categories, dates and missing values are taken as they are. The
    networks learn from different rows, and the rows that a network does not see
    choose its best epoch and calibrate its probabilities.

    Parameters
    ----------
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks are trained, and how
        long. The best takes about four times as long as the default, and fast a tenth.
    preset
        A published network instead of our own, value by value, with a fifth of the rows
        held out: ``"realmlp-td"``, one network, or ``"tabm"``, 32 that share weights,
        which takes many times as long and as much memory. None: our own.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of those chosen
        for the number of rows.
    time_limit
        Seconds within which the fit ends: networks, epochs and rows are taken out until
        it does, and what comes out then depends on the machine. None: no limit.
    class_weight
        Weights of the classes, multiplied with `sample_weight`: a dict, ``"balanced"``,
        or None for all 1.
    categories
        Names of the columns that hold categories though their values are numbers.
    numbers
        Names of the columns that are numbers alone. None: a column of whole numbers is
        also a category with learnt numbers, where the data show effects of its codes.
    validation
        Fraction of the rows that each network holds out to choose its best epoch, in
        (0, 1). None: each holds out a fold of its own; of ordered rows, the last fifth.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out.
    random_state
        The same seed gives the same bits; None: a new one each time.
    n_threads
        How many networks are trained at a time; no result depends on it. None: as many
        as there are processors for this process.
    progress
        Whether to draw a progress bar on standard error.
    callbacks
        As for `train`, of the first network, which is then trained before the others. A
        callback that stops its training stops the fit.
    run
        Folder of runs, or a `ranvier.Recording`: the first network is trained before
        the others, and its epochs go into a folder of their own there, for `ranvier
        view`. The result is the same. None: nothing is written.

    Attributes
    ----------
    model_ : TableModel
        The fitted model: what `fit_table` gives for the same rows and seed.
    networks_ : list of Network
        The networks whose predictions are averaged; ``network_`` is the first.
    encoder_ : TableEncoder
        How the columns of a table become their inputs.
    notices_ : list of str
        What was decided about the columns, and which should not be there.
    columns_ : dict of str to str
        How each column was read, in words.
    histories_ : list of History
        The epochs of each network.
    run_ : pathlib.Path
        With `run`: the folder of the first network's run. That network sees all inputs;
        where others did clearly better without some, it is none of ``networks_``.
    classes_ : ndarray
        The classes, in the order of the probabilities.
    temperature_ : float
        By which the logarithms of the probabilities are divided.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": range(60), "kind": ["a", "b", None] * 20})
    >>> clf = TabularClassifier(effort="fast").fit(table, table["size"] % 3 == 1)
    >>> clf.predict(pd.DataFrame({"size": [3, 4], "kind": ["a", "b"]}))
    array([False,  True])
    """

    def __init__(
        self,
        *,
        effort: str = "default",
        preset: str | None = None,
        hidden: Sequence[int] | None = None,
        epochs: int | None = None,
        time_limit: float | None = None,
        class_weight: Any = None,
        categories: Sequence[str] | None = None,
        numbers: Sequence[str] | None = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
        callbacks: Iterable[Callback] | None = None,
        run: str | os.PathLike[str] | Recording | None = None,
    ) -> None:
        self.effort = effort
        self.preset = preset
        self.hidden = hidden
        self.epochs = epochs
        self.time_limit = time_limit
        self.class_weight = class_weight
        self.categories = categories
        self.numbers = numbers
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress
        self.callbacks = callbacks
        self.run = run

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        groups: Any = None,
        stratify: Any = None,
    ) -> Self:
        """Fit the ensemble to a table.

        Parameters
        ----------
        X
            The rows (n, d): a pandas, polars or Arrow table, an array, lists, or a
            sparse matrix.
        y
            The class of each row (n,), or several labels of it as 0 and 1 (n, labels).
        sample_weight
            Weights of the rows (n,), at least 0: a row of weight 2 counts as two.
        groups
            (n,) rows of one group are all learned from, or all held out.
        stratify
            (n,) values; each network holds out the same fraction of the rows of each.
            Classes are always held out so.

        Raises
        ------
        ValueError
            The table or the target cannot be used; the message says why.
        NonFiniteError
            All networks diverged (NaN or infinity).
        OSError
            The run cannot be written.

        Warns
        -----
        UserWarning
            One column alone predicts the target.
        RuntimeWarning
            Ctrl-C ended the fit, and the networks trained so far are kept; or some
            networks diverged, and are left out.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> clf = rv.TabularClassifier(effort="fast").fit(table, table.x > 29)
        >>> clf.classes_
        array([False,  True])
        """
        name = name_of(y)
        table, y, weights, by = self._validate(X, y, sample_weight, groups, stratify)
        outputs: Outputs
        if self.multi_label_:
            outputs = LabelOutputs(name, y.shape[1])
            weights = class_weights(self.class_weight, y, None, weights)
        else:
            self._require_classes(y)
            weights = class_weights(self.class_weight, y, self.classes_, weights)
            counts = np.bincount(y, minlength=len(self.classes_)).tolist()
            target = ClassTarget.of_classes(self.classes_, name)
            outputs = ClassOutputs(replace(target, counts=tuple(counts)))
        self._fit(table, [outputs], y, weights, by)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class, or label, of each row.

        Parameters
        ----------
        X
            Rows (n, d) with the columns of the training table; named ones in any order.

        Returns
        -------
        ndarray of float64
            (n, C), in the order of ``classes_``.

        Raises
        ------
        ValueError
            A column is missing, or the rows cannot be read as in the fit.

        Warns
        -----
        UserWarning
            The table has columns that the training table did not have; they are
            ignored.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> clf = rv.TabularClassifier(effort="fast").fit(table, table.x > 29)
        >>> (clf.predict_proba(pd.DataFrame({"x": [3, 55]})) > 0.5).tolist()
        [[True, False], [False, True]]
        """
        return self._fitted.predict_proba(self._table(X))

    def predict(self, X: Any) -> Array:
        """Predict the class of each row, or its labels as 0 and 1.

        Parameters
        ----------
        X
            Rows (n, d), as for `predict_proba`, with its errors and warnings.

        Returns
        -------
        ndarray
            (n,) classes in the type of y; or (n, labels).

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60)})
        >>> clf = rv.TabularClassifier(effort="fast").fit(table, table.x > 29)
        >>> clf.predict(pd.DataFrame({"x": [3, 55]}))
        array([False,  True])
        """
        P = self.predict_proba(X)
        if self.multi_label_:
            return np.asarray((P > 0.5).astype(self._label_type))
        classes: Array = self.classes_
        return np.asarray(classes[P.argmax(axis=1)])

    @property
    def temperature_(self) -> float:
        """By which the logarithms of the probabilities are divided."""
        return self._fitted.temperature or 1.0

    def _described(self) -> dict[str, Any]:
        labels = self._label_type.str if self.multi_label_ else None
        return {"classes": describe_classes(self.classes_), "label_dtype": labels}

    def _restore(self, own: Mapping[str, Any]) -> None:
        outputs = self.model_.outputs
        if "classes" in own:
            self.classes_ = read_classes(own["classes"])
        elif isinstance(outputs, ClassOutputs):
            self.classes_ = outputs.target.inverse(np.arange(len(outputs.names)))
        if len(self.classes_) != self.network_.outputs:
            raise ValueError("a class has no output")
        self.multi_label_ = own.get("label_dtype") is not None
        if self.multi_label_:
            self._label_type = read_dtype(own["label_dtype"])

    def _targets(self, y: Any) -> Array:
        """Learn the classes; return their codes (n,), or labels as 0 and 1 (n, k)."""
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: give the class of "
                "each row"
            )
        y = plain_target(y)
        if getattr(np.asarray(y), "dtype", np.dtype(object)).kind == "f":
            assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise ValueError(
                "y has several columns of classes: fit one classifier for each, for "
                "example with sklearn.multioutput.MultiOutputClassifier"
            )
        self.multi_label_ = kind == "multilabel-indicator"
        if self.multi_label_:
            y = check_array(y, accept_sparse=True, dtype=None)
            y = y.toarray() if hasattr(y, "toarray") else y
            self._label_type = y.dtype
            self.classes_ = np.arange(y.shape[1])
            return np.asarray(y)
        y = column_or_1d(y, warn=True)
        self.classes_, codes = np.unique(y, return_inverse=True)
        return codes.astype(np.int32)

    def _require_classes(self, codes: Array) -> None:
        found = np.unique(codes)
        if len(found) < 2:
            only = self.classes_.tolist()[found[0]]
            raise ValueError(
                f"y has one class only, {only!r}: a classifier needs rows of two "
                "classes or more"
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
