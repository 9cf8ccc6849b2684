"""The scores of a model on test rows, beside a trivial guess and a linear model."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.commands import baselines
from ranvier.metrics import classification_scores, regression_scores
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import target_column
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.tabular.training_table import TrainingTable

Scores = dict[str, dict[str, float]]


def score_with_baselines(model: TableModel, prepared: TrainingTable) -> Scores:
    """Score a model, a linear model and the trivial guess on the test rows.

    Parameters
    ----------
    model
        Trained on the prepared table; its own scores go into its metadata.
    prepared
        With test rows; without, there is nothing to compare on.

    Returns
    -------
    dict
        The scores under ``"Ranvier"``, ``"linear model"``, and ``"majority class"`` or
        ``"mean"``. The linear model is trained on the same columns of the same rows,
        numbers standardised and categories one-hot.
    """
    if prepared.test is None:
        return {}
    with warnings.catch_warnings():
        # The last rows, or other groups, may well differ; that is what is scored.
        warnings.simplefilter("ignore", DriftWarning)
        return _scores(model, prepared)


def _scores(model: TableModel, prepared: TrainingTable) -> Scores:
    outputs, train, test = prepared.dataset.outputs[0], prepared.train, prepared.test
    name = outputs.name
    encoder = TableEncoder.fit(train, exclude=prepared.not_inputs)
    X, X_test = encoder.transform(train), encoder.transform(test)
    column, y_test = target_column(prepared.train, name), true_targets(prepared)
    if isinstance(outputs, ClassOutputs):
        target = outputs.target
        classes, labels = len(target.classes), target.transform(column)
        guess = baselines.guess_class(labels, classes, len(y_test))
        linear = baselines.linear_class(X, labels, classes, X_test)
        scores = {
            "Ranvier": classification_scores(y_test, model.predict_proba(test)),
            "linear model": classification_scores(y_test, linear),
            "majority class": classification_scores(y_test, guess),
        }
    else:
        assert isinstance(outputs, NumberOutputs)
        y = outputs.numbers(column)
        guess = baselines.guess_number(y, len(y_test))
        linear = baselines.linear_number(X, y, X_test)
        scores = {
            "Ranvier": regression_scores(y_test, model.predict(test)),
            "linear model": regression_scores(y_test, linear),
            "mean": regression_scores(y_test, guess),
        }
    known = {name: x for name, x in scores["Ranvier"].items() if math.isfinite(x)}
    model.metadata = replace(model.metadata, test_rows=len(y_test), scores=known)
    return scores


def true_targets(prepared: TrainingTable) -> NDArray[Any]:
    """Return the targets of the test rows, at least one.

    Returns
    -------
    ndarray
        (m,) class codes, -1 for a class that training did not see, or numbers in the
        units of the target.
    """
    outputs = prepared.dataset.outputs[0]
    column = target_column(prepared.test, outputs.name)
    if isinstance(outputs, ClassOutputs):
        return outputs.target.transform(column)
    assert isinstance(outputs, NumberOutputs)
    return np.asarray(outputs.numbers(column))
