"""A model beside what it has to beat, on the rows held out."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.job import baselines
from ranvier.job.model import Model
from ranvier.job.preparation import Preparation, squash
from ranvier.job.scores import classification_scores, regression_scores
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
        ``"mean"``. The linear model is trained on the same encoded columns of the same
        rows, those that told Ranvier's best epoch included.
    """
    if preparation.test is None:
        return {}
    X, Y, target = preparation.X, preparation.Y, preparation.target
    X_test, y_test = held_out(preparation)
    own = model.network(squash(X_test))
    if isinstance(target, ClassTarget):
        classes, labels = len(target.classes), y_test
        guess = baselines.guess_class(Y, classes, len(labels))
        linear = baselines.linear_class(X, Y, classes, X_test)
        scores = {
            "Ranvier": classification_scores(labels, own),
            "linear model": classification_scores(labels, linear),
            "majority class": classification_scores(labels, guess),
        }
    else:
        y = target.inverse(Y)
        guess = baselines.guess_number(y, len(y_test))
        linear = baselines.linear_number(X, y, X_test)
        scores = {
            "Ranvier": regression_scores(y_test, target.inverse(own)),
            "linear model": regression_scores(y_test, linear),
            "mean": regression_scores(y_test, guess),
        }
    known = {name: x for name, x in scores["Ranvier"].items() if math.isfinite(x)}
    model.facts = replace(model.facts, test_rows=len(y_test), scores=known)
    return scores


def held_out(preparation: Preparation) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Encode the rows held out, of which there are some.

    Returns
    -------
    X, y
        (m, d), and (m,) labels, -1 for a class not seen in training, or numbers in the
        units of the target.
    """
    target, test = preparation.target, preparation.test
    column = target_column(test, target.name)
    X = preparation.encoder.transform(test)
    if isinstance(target, ClassTarget):
        return X, target.transform(column)
    return X, target.numbers(column)
