"""A model beside what it has to beat, on the rows held out."""

import math
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from ranvier.job import baselines
from ranvier.job.model import Model
from ranvier.job.preparation import Preparation
from ranvier.metrics import classification_scores, regression_scores
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import target_column
from ranvier.table.targets import ClassTarget

Scores = dict[str, dict[str, float]]


def compare(model: Model, preparation: Preparation) -> Scores:
    """Score a model, a linear model and the trivial guess on the rows held out.

    Parameters
    ----------
    model
        Trained on the preparation; its facts take in its own scores.
    preparation
        With rows held out; without, there is nothing to compare on.

    Returns
    -------
    dict
        The scores under ``"Ranvier"``, ``"linear model"``, and ``"majority class"`` or
        ``"mean"``. The linear model is trained on the same columns of the same rows,
        numbers standardised and categories one-hot.
    """
    if preparation.test is None:
        return {}
    target, train, test = preparation.target, preparation.train, preparation.test
    encoder = TableEncoder.fit(train, target=target.name)
    X, X_test = encoder.transform(train), encoder.transform(test)
    column, y_test = target_column(train, target.name), true_answers(preparation)
    if isinstance(target, ClassTarget):
        classes, labels = len(target.classes), target.transform(column)
        guess = baselines.guess_class(labels, classes, len(y_test))
        linear = baselines.linear_class(X, labels, classes, X_test)
        scores = {
            "Ranvier": classification_scores(y_test, model.outputs(test)),
            "linear model": classification_scores(y_test, linear),
            "majority class": classification_scores(y_test, guess),
        }
    else:
        y = target.numbers(column)
        guess = baselines.guess_number(y, len(y_test))
        linear = baselines.linear_number(X, y, X_test)
        scores = {
            "Ranvier": regression_scores(y_test, model.predict(test)),
            "linear model": regression_scores(y_test, linear),
            "mean": regression_scores(y_test, guess),
        }
    known = {name: x for name, x in scores["Ranvier"].items() if math.isfinite(x)}
    model.facts = replace(model.facts, test_rows=len(y_test), scores=known)
    return scores


def true_answers(preparation: Preparation) -> NDArray[Any]:
    """Give the targets of the rows held out, of which there are some.

    Returns
    -------
    ndarray
        (m,) labels, -1 for a class not seen in training, or numbers in the units of the
        target.
    """
    target = preparation.target
    column = target_column(preparation.test, target.name)
    if isinstance(target, ClassTarget):
        return target.transform(column)
    return target.numbers(column)
