"""TabularClassifier: classes from a raw table, with nothing to set."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array

from ranvier.fitted import EncodedRows
from ranvier.network.losses import Loss, cross_entropy
from ranvier.table.description import Fields
from ranvier.tabular.base import Tabular, same_length
from ranvier.tabular.calibration import at_temperature, temperature
from ranvier.tabular.members import Aim
from ranvier.tabular.rows import table_of
from ranvier.tabular.saving import described_classes, read_classes

Array = NDArray[Any]


class TabularClassifier(ClassifierMixin, Tabular):  # type: ignore[misc]
    """Classify the rows of a raw table with an ensemble of networks."""

    def __init__(
        self,
        *,
        effort: str = "default",
        time_limit: float | None = None,
        class_weight: Any = None,
        validation: float | None = None,
        time_ordered: bool = False,
        random_state: Any = 0,
        n_threads: int | None = None,
        progress: bool = False,
    ) -> None:
        self.effort = effort
        self.time_limit = time_limit
        self.class_weight = class_weight
        self.validation = validation
        self.time_ordered = time_ordered
        self.random_state = random_state
        self.n_threads = n_threads
        self.progress = progress

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None) -> Self:
        """Fit the ensemble to a table."""
        table = table_of(self, X, reset=True)
        y = self._classes(y)
        same_length(table, y)
        table, y, weights, used = self._weighted(table, y, sample_weight)
        groups = None if groups is None else np.asarray(groups)[used]
        if not self.multi_label_:
            self._require_classes(y)
        if self.class_weight is not None:
            of_class = compute_sample_weight(self.class_weight, self._named(y))
            weights = of_class if weights is None else weights * of_class
        self.temperature_ = 1.0
        if self.multi_label_:
            aim = Aim(Loss("log_loss"), y.shape[1], "sigmoid")
            self._learn(table, y.astype(np.float32), weights, aim, groups=groups)
            return self
        smoothing = self._recipe(len(y)).smoothing
        aim = Aim(cross_entropy(smoothing), len(self.classes_), "softmax")
        learnt = self._learn(table, y, weights, aim, labels=y, groups=groups)
        P, labels, weights = learnt.held_out()
        if len(labels):
            self.temperature_ = temperature(P, labels, weights)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Give the probability of each class, or label, for each row."""
        P = self._outputs(X)
        if self.multi_label_:
            return np.asarray(P.mean(axis=0, dtype=np.float64))
        return np.asarray(at_temperature(P, self.temperature_).mean(axis=0))

    def predict(self, X: Any) -> Array:
        """Predict the class of each row, or its labels as 0 and 1."""
        P = self.predict_proba(X)
        if self.multi_label_:
            return (P > 0.5).astype(self._label_type)
        classes: Array = self.classes_
        return classes[P.argmax(axis=1)]

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
            self._label_type = np.dtype(fields.text("labels"))
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

    def _classes(self, y: Any) -> Array:
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

    def _named(self, codes: Array) -> Array:
        return codes if self.multi_label_ else np.asarray(self.classes_[codes])

    def _require_classes(self, codes: Array) -> None:
        found = np.unique(codes)
        if len(found) < 2:
            raise ValueError(
                f"y has one class only, {self.classes_[found[0]]!r}: a classifier needs "
                "rows of two classes or more"
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


