"""TabularClassifier: classes from a raw table, with nothing to set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array

from ranvier.inspectable import EncodedRows
from ranvier.network.losses import Loss, cross_entropy
from ranvier.run.folder import Recording
from ranvier.table.description import Fields
from ranvier.table.targets import ClassTarget
from ranvier.tabular.base import Tabular
from ranvier.tabular.members import Aim
from ranvier.tabular.recorded import name_of
from ranvier.tabular.saving import described_classes, read_classes, read_dtype
from ranvier.training.calibration import at_temperature, temperature

Array = NDArray[Any]


class TabularClassifier(ClassifierMixin, Tabular):
    """Classify the rows of a raw table with an ensemble of networks.

    Numbers, texts, categories, dates and missing values are taken as they are. The
    networks learn from different rows, and those that one does not see tell its best
    epoch and how far its probabilities can be trusted.

    Parameters
    ----------
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks are trained, and how
        long. The best takes about four times as long as the default, and fast a tenth.
    preset
        Not our own recipe but a published one, value by value, with a fifth of the rows
        held out: ``"realmlp-td"``, one network, or ``"tabm"``, 32 that share weights,
        which takes many times as long and as much memory. None: our own.
    time_limit
        Seconds within which the fit ends: networks, epochs and rows are taken out until
        it does, and what comes out then depends on the machine. None: no limit.
    class_weight
        Weights of the classes, multiplied with `sample_weight`: a dict, ``"balanced"``,
        or None for all 1.
    categories
        Names of the columns that hold categories though their values are numbers; None:
        all whole numbers are numbers.
    validation
        Share of the rows that each network holds out to tell its best epoch, in (0, 1).
        None: each holds out a fold of its own; of ordered rows, the last fifth.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out.
    random_state
        The same seed gives the same bits; None: a new one each time.
    n_threads
        How many networks are trained at a time; no result depends on it. None: as many
        as there are processors for this process.
    progress
        Whether to draw a progress bar on standard error.
    run
        Folder of runs, or a `ranvier.Recording`: the first network is trained before
        the others, and its epochs go into a folder of their own there, for `ranvier
        view`. The result is the same. None: nothing is written.

    Attributes
    ----------
    networks_ : list of Network
        The networks whose answers are averaged; ``network_`` is the first.
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
        time_limit: float | None = None,
        class_weight: Any = None,
        categories: Sequence[str] | None = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
        run: str | os.PathLike[str] | Recording | None = None,
    ) -> None:
        self.effort = effort
        self.preset = preset
        self.time_limit = time_limit
        self.class_weight = class_weight
        self.categories = categories
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress
        self.run = run

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None
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
            (n,) rows of one group are all learnt from, or all held out.

        Raises
        ------
        ValueError
            The table or the target cannot be used; the message says why.
        NonFiniteError
            All networks left the finite numbers.
        OSError
            The run cannot be written.

        Warns
        -----
        UserWarning
            One column alone predicts the target.
        RuntimeWarning
            Ctrl-C ended the fit, and what has been learnt is kept; or some networks
            left the finite numbers, and are left out.
        """
        name = name_of(y)
        table, y, weights, groups = self._taken(X, y, sample_weight, groups)
        if not self.multi_label_:
            self._require_classes(y)
        if self.class_weight is not None:
            of_class = self._class_weights(y, weights)
            weights = of_class if weights is None else weights * of_class
        self.temperature_ = 1.0
        if self.multi_label_:
            aim = Aim(Loss("log_loss"), y.shape[1], "sigmoid")
            Y = y.astype(np.float32)
            self._learn(table, [Y], weights, aim, groups=groups, targets=[None])
            return self
        recipe = self._recipe(len(y))
        aim = Aim(cross_entropy(recipe.smoothing), len(self.classes_), "softmax")
        targets = [ClassTarget.of_classes(self.classes_, name)]
        learnt = self._learn(
            table, [y], weights, aim, labels=y, groups=groups, targets=targets
        )
        P, labels, weights, _ = learnt.held_out()
        if len(labels) and recipe.calibrated:
            self.temperature_ = temperature(P, labels, weights)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Give the probability of each class, or label, of each row: (n, classes)."""
        P = self._outputs(X)
        if self.multi_label_:
            return np.asarray(P.mean(axis=0, dtype=np.float64))
        return np.asarray(at_temperature(P, self.temperature_).mean(axis=0))

    def predict(self, X: Any) -> Array:
        """Predict the class of each row, or its labels as 0 and 1."""
        P = self.predict_proba(X)
        if self.multi_label_:
            return np.asarray((P > 0.5).astype(self._label_type))
        classes: Array = self.classes_
        return np.asarray(classes[P.argmax(axis=1)])

    _own = ("classes", "labels", "temperature")

    def _described(self) -> dict[str, Any]:
        labels = self._label_type.str if self.multi_label_ else None
        return {
            "classes": described_classes(self.classes_),
            "labels": labels,
            "temperature": self.temperature_,
        }

    def _restore(self, fields: Fields) -> None:
        self.classes_ = read_classes(fields.item("classes"))
        fields.require(
            len(self.classes_) == self.network_.outputs, "a class has no output"
        )
        self.multi_label_ = fields.item("labels") is not None
        if self.multi_label_:
            self._label_type = read_dtype(fields, "labels")
        self.temperature_ = fields.number("temperature")
        fields.require(self.temperature_ > 0, "the temperature is not above 0")

    def _with_targets(self, rows: EncodedRows, y: Any) -> EncodedRows:
        outputs = tuple(str(label) for label in self.classes_)
        if y is None or self.multi_label_:
            return rows._replace(Y=y, outputs=outputs)
        given = np.atleast_1d(np.asarray(y))
        place = np.searchsorted(self.classes_, given).clip(0, len(self.classes_) - 1)
        unknown = self.classes_[place] != given
        if unknown.any():
            raise ValueError(
                f"y holds {given[unknown].tolist()[0]!r}, but the classes are "
                f"{self.classes_.tolist()}: give one of those for each row"
            )
        return rows._replace(Y=place, outputs=outputs)

    def _targets(self, y: Any) -> Array:
        """Learn the classes; give their numbers (n,), or labels as 0 and 1 (n, k)."""
        if y is None:
            raise ValueError(
                "requires y to be passed, but the target y is None: give the class of "
                "each row"
            )
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

    def _class_weights(self, y: Array, weights: Array | None) -> Array:
        """Give the weight of each row's class; balanced ones weigh alike in sum."""
        if self.multi_label_ or self.class_weight != "balanced":
            return np.asarray(compute_sample_weight(self.class_weight, self._named(y)))
        total = np.bincount(y, weights)
        of_class = total.sum() / (np.count_nonzero(total) * np.maximum(total, 1e-300))
        return np.asarray(of_class[y])

    def _named(self, codes: Array) -> Array:
        return codes if self.multi_label_ else np.asarray(self.classes_[codes])

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
