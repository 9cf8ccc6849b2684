"""Checks of predictions: on the training rows, and on held-out rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Confidence, Finding
from ranvier.doctor.neighbours import neighbours
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup
from ranvier.metrics import log_loss, r2
from ranvier.neurons.separability import Mixture, decide
from ranvier.training.calibration import temperature

Array = NDArray[Any]

NO_BETTER, WORSE = 0.98, 1.05  # the loss, compared to that of a constant output
BELOW_NEIGHBOURS: Final = 0.05  # of the score
LEAST_OF_CLASS: Final = 10  # rows
TOO_SURE: Final = 0.07  # mean probability beyond the accuracy
TOO_EXTREME: Final = 1.3  # temperature
AGREED, MOSTLY = 0.95, 0.8  # of the nearest rows have one class
LEAST_AGREED, NATURAL = (
    30,
    0.08,
)  # rows with such neighbours; of them, wrong in any table
LEAST_HELD_OUT, FEW = 100, 20
SWAPPED, RENAMED = 0.2, 0.6  # what other codes add to the score; of that in training
# Decay or penalty of the weights, and the loss compared to that of a constant output.
STRONG_DECAY, VERY_STRONG, STRONG = 0.1, 0.5, 0.7
MOST_PROOF: Final = 400  # rows for the proof that no plane separates two classes


class Predicted(NamedTuple):
    """Rows, and predictions of them: probabilities (n, classes), or numbers (n, k)."""

    rows: Rows
    P: Array

    @property
    def loss(self) -> float:
        """The log loss, or the mean squared error."""
        return _loss(self.rows, self.P)

    @property
    def baseline(self) -> float:
        """The loss of the best constant."""
        y = _targets(self.rows, self.P)
        return _loss(self.rows, np.broadcast_to(y.mean(axis=0), self.P.shape))

    @property
    def score(self) -> float:
        """The accuracy, or R2."""
        if self.rows.classes is not None:
            return float((self.P.argmax(axis=1) == self.rows.y).mean())
        return r2(_targets(self.rows, self.P), self.P)


def _targets(rows: Rows, P: Array) -> Array:
    if rows.classes is not None:
        return np.asarray(np.eye(P.shape[1])[rows.y])
    given = rows.given if rows.given is not None else rows.y[:, None]
    return np.asarray(given[:, : P.shape[1]])


def _loss(rows: Rows, P: Array) -> float:
    if rows.classes is not None:
        return log_loss(rows.y, np.asarray(P))
    return float(np.square(_targets(rows, P) - P).mean())


def prediction_findings(
    train: Predicted, held_out: Predicted | None, setup: Setup
) -> Iterator[Finding]:
    """Yield what predictions show.

    Parameters
    ----------
    train
        Predictions of rows that were trained on.
    held_out
        Predictions of other rows; None: there are none.
    setup
        What is known of the network.
    """
    if not np.isfinite(train.P).all() or len(train.rows) < LEAST_OF_CLASS:
        return
    # On rows that were not trained on, only a loss above that of a constant says more
    # than that there is little to learn.
    least = WORSE if setup.encodes else NO_BETTER
    learned = train.loss < least * train.baseline
    if not learned:
        evidence: dict[str, Any] = {"loss": train.loss, "baseline": train.baseline}
        yield Finding("not_learning", evidence, "likely", {"restart": True})
    yield from _regularised(train, setup)
    yield from _too_small(train, setup)
    if train.rows.classes is not None:
        if learned:
            yield from _never(train, 0.2 if setup.encodes else 0.01)
        by_score = [] if held_out is None else _worse_than_held_out(train, held_out)
        yield from list(by_score) or _noise(train.rows)
    if held_out is not None and train.rows.classes is not None:
        yield from _inverted(train, held_out)
        yield from _too_sure(held_out)


def _regularised(train: Predicted, setup: Setup) -> Iterator[Finding]:
    decay = setup.weight_decay
    least = STRONG if decay < VERY_STRONG else STRONG / 5
    if decay >= STRONG_DECAY and train.loss > least * train.baseline:
        evidence: dict[str, Any] = {"weight_decay": decay, "loss": train.loss}
        evidence |= {"baseline": train.baseline, "proposed": 1e-4}
        yield Finding(
            "regularisation_strong",
            evidence,
            "likely",
            {"weight_decay": 0.0, "l2": 1e-4},
        )


def _too_small(train: Predicted, setup: Setup) -> Iterator[Finding]:
    """Yield that similar rows predict better than the network does its own rows."""
    rows, net = train.rows, setup.network
    if net is None or len(rows) < 4:
        return
    hidden = setup.hidden
    if hidden and max(hidden) > 4:
        return
    classes = 0 if rows.classes is None else len(rows.classes)
    near = neighbours(
        rows.matrix, rows.y, k=10 if len(rows) > 100 else 1, classes=classes
    )
    similar = Predicted(rows.take(near.rows), near.P).score
    if train.score > similar - BELOW_NEIGHBOURS:
        return
    evidence: dict[str, Any] = {"score": train.score, "neighbours": similar}
    evidence |= {"inputs": net.inputs, "outputs": net.outputs, "hidden": hidden}
    if hidden or not classes:
        change = {"hidden": [64]}
        yield Finding("network_too_small", evidence, "likely", change)
        return
    proved = classes == 2 and _is_mixture(rows)
    evidence["proved"] = proved
    sure: Confidence = "certain" if proved else "likely"
    yield Finding("not_separable", evidence, sure, {"hidden": [16]})


def _is_mixture(rows: Rows) -> bool:
    """Say whether it is proved that no plane separates two classes."""
    X = rows.matrix[:MOST_PROOF]
    signs = np.where(rows.y[:MOST_PROOF] > 0, 1.0, -1.0)
    if len(np.unique(signs)) < 2:
        return False
    return isinstance(decide(X, signs), Mixture)


def _never(train: Predicted, fraction: float) -> Iterator[Finding]:
    rows = train.rows
    assert rows.classes is not None
    there = np.bincount(rows.y, minlength=len(rows.classes))
    chosen = np.bincount(train.P.argmax(axis=1), minlength=len(rows.classes))
    least = max(LEAST_OF_CLASS, fraction * len(rows))
    lost = np.flatnonzero((there >= least) & (chosen[: len(there)] == 0))
    if len(lost):
        evidence: dict[str, Any] = {"classes": [rows.classes[c] for c in lost]}
        evidence["count"] = int(there[lost].sum())
        change = {"class_weight": "balanced"}
        yield Finding("class_never_predicted", evidence, "certain", change)


def _noise(rows: Rows) -> Iterator[Finding]:
    """Yield labels that nearly all similar rows contradict, if they are many."""
    assert rows.classes is not None
    if len(rows) < 2 * LEAST_HELD_OUT:
        return
    near = neighbours(rows.matrix, rows.y, classes=len(rows.classes))
    y = rows.y[near.rows]
    wrong = near.P.argmax(axis=1) != y
    # Where classes overlap, votes are mixed; of wrong labels, unanimous ones are too.
    agreed = near.P.max(axis=1) > AGREED
    n, count = agreed.sum(), (agreed & wrong).sum()
    chosen = near.P.argmax(axis=1)
    k = len(rows.classes)
    all_of = np.bincount(chosen[agreed], minlength=k)
    wrong_of = np.bincount(chosen[agreed & wrong], minlength=k)
    # In one class alone, it may be that the other is rare and hard to tell.
    several = (wrong_of > NATURAL * all_of).sum() >= 2
    if several and n >= LEAST_AGREED and count > NATURAL * n + 2 * np.sqrt(NATURAL * n):
        found = near.rows[wrong & (near.P.max(axis=1) >= MOSTLY)]
        evidence: dict[str, Any] = {"percent": 100 * count / n, "rows": found}
        yield Finding("label_noise", evidence, "possible", {"drop_rows": found})


def _worse_than_held_out(train: Predicted, held_out: Predicted) -> Iterator[Finding]:
    """Yield that labels which were learned from are wrong more often than others."""
    n, score = len(held_out.rows), held_out.score
    error = np.sqrt(score * (1 - score) / n + 0.25 / len(train.rows))
    if n >= LEAST_HELD_OUT and score - train.score > max(NATURAL, 2.5 * error):
        y = train.rows.y
        own = train.P[np.arange(len(y)), y]
        wrong = np.flatnonzero(train.P.argmax(axis=1) != y)
        wrong = wrong[np.argsort(own[wrong])]
        evidence = {"percent": 100 * (score - train.score), "rows": wrong}
        yield Finding("label_noise", evidence, "likely", {"drop_rows": wrong})


def _inverted(train: Predicted, held_out: Predicted) -> Iterator[Finding]:
    """Yield that other codes of the classes would make predictions right."""
    from scipy.optimize import linear_sum_assignment

    n, k = held_out.P.shape
    chosen = held_out.P.argmax(axis=1)
    table = np.zeros((k, k))
    np.add.at(table, (held_out.rows.y, chosen), 1)
    renamed = table[linear_sum_assignment(-table)].sum() / n
    score = held_out.score
    lost = train.score > score + SWAPPED
    if n >= FEW and lost and renamed > max(score + SWAPPED, RENAMED * train.score):
        evidence = {"score": score, "training": train.score, "renamed": float(renamed)}
        yield Finding("inverted_labels", evidence, "likely")


def _too_sure(held_out: Predicted) -> Iterator[Finding]:
    n, P = len(held_out.rows), held_out.P
    if n < LEAST_HELD_OUT:
        return
    confidence, accuracy = float(P.max(axis=1).mean()), held_out.score
    error = np.sqrt(accuracy * (1 - accuracy) / n)
    if confidence - accuracy < max(TOO_SURE, 3 * error):
        return
    T = temperature(np.ascontiguousarray(P, np.float64), held_out.rows.y, None)
    if T > TOO_EXTREME:
        evidence: dict[str, Any] = {
            "rows": n,
            "confidence": confidence,
            "accuracy": accuracy,
        }
        evidence["temperature"] = float(T)
        yield Finding("overconfident", evidence, "likely", {"stop_early": True})
