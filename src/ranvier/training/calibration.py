"""Probabilities that hold: one temperature for all, found on rows held out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exact_math import elementary, sum_in_order

Array = NDArray[Any]

LOWEST, HIGHEST = 0.2, 5.0
LEAST_PROBABILITY = 1e-30
UNKNOWN_ROWS = 2.0  # that `shrinkage` adds
LARGEST_SHRINKAGE = 1000.0
ROUGHLY = 0.02  # of log T: enough to compare the lowest losses


def temperature(P: Array, labels: Array, weights: Array | None) -> float:
    """Find T for which softmax(log(P) / T) has the lowest log-loss.

    Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", 2017.
    Below 1, where calibration would sharpen the probabilities, one pseudo-row with
    uniform probability is added. So n rows without an error do not yield certainty, but
    an error rate of about 1 / n. The idea is that of Platt, "Probabilistic outputs for
    support vector machines", 1999, section 2.2.
    """
    return _lowest(P, labels, weights, 1e-5)[0]


def shrinkage(P: Array, labels: Array, weights: Array | None) -> tuple[float, Array]:
    """Find T and the class frequencies q that calibrate probabilities from a few rows.

    The calibrated probabilities are proportional to (P / q)^(1 / T) q: for T = 1 they
    are P, and for large T those of the classes whatever the row. T has the lowest
    log-loss on the rows and `UNKNOWN_ROWS` more, whose classes are distributed as q:
    a temperature as in `temperature`, shrunk towards what is known without the inputs.

    Parameters
    ----------
    P
        (n, k) probabilities of rows that their network did not learn from.
    labels, weights
        (n,) their classes and weights; None: all 1.

    Returns
    -------
    tuple
        T, and q (k,), in which each class counts half a row more than there are.
    """
    from scipy.optimize import minimize_scalar

    Z = np.log(np.maximum(P.astype(np.float64), LEAST_PROBABILITY))
    w = np.ones(len(Z)) if weights is None else weights.astype(np.float64)
    q = np.bincount(labels, w, minlength=Z.shape[1]) + 0.5
    q /= q.sum()
    own = np.arange(len(Z)), labels

    def loss(log_temperature: float) -> float:
        T = np.exp(log_temperature)
        scaled = Z / T + (1 - 1 / T) * np.log(q)
        scaled -= scaled.max(axis=1, keepdims=True)
        scaled -= np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        unknown = np.average(scaled @ q, weights=w)
        return float(-(w @ scaled[own]) - UNKNOWN_ROWS * unknown)

    found = minimize_scalar(
        loss,
        bounds=(0.0, np.log(LARGEST_SHRINKAGE)),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return float(np.exp(found.x)), q


def calibrated_loss(y: Array, P: Array, weights: Array | None) -> float:
    """Return the log-loss at the temperature for which it is lowest, see `temperature`.

    Accuracy keeps improving after a network has become overconfident, and the
    temperature corrects that at the end.
    """
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    return _lowest(P, labels, weights, ROUGHLY)[1]


def _lowest(
    P: Array, labels: Array, weights: Array | None, tolerance: float
) -> tuple[float, float]:
    """Find the best temperature, log T to a tolerance, and the log-loss at it."""
    from scipy.optimize import minimize_scalar

    Z = np.log(np.maximum(P.astype(np.float64), LEAST_PROBABILITY))
    own = np.arange(len(Z)), labels
    # A row of weight 2 counts as two do; but rows of little weight are rows, too.
    rows = len(Z) if weights is None else max(len(Z), float(weights.sum()))

    def losses(log_temperature: float) -> tuple[float, float]:
        """Compute the loss of the rows, and that of the unknown row."""
        scaled = Z * np.exp(-log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled).sum(axis=1))
        told = np.average(total - scaled[own], weights=weights)
        unknown = np.average(total - scaled.mean(axis=1), weights=weights)
        return float(told), float(unknown)

    _, as_they_are = losses(0.0)

    def loss(log_temperature: float) -> float:
        told, unknown = losses(log_temperature)
        return told + max(unknown - as_they_are, 0.0) / rows

    found = minimize_scalar(
        loss,
        bounds=(np.log(LOWEST), np.log(HIGHEST)),
        method="bounded",
        options={"xatol": tolerance},
    )
    return float(np.exp(found.x)), float(found.fun)


def at_temperature(P: Array, T: float) -> Array:
    """Return softmax(log(P) / T) along the last axis, in float64.

    The engine's functions and a fixed order of sums give the same bits on every
    machine and for any number of rows; those of NumPy depend on both.
    """
    Z = elementary("log", np.maximum(P.astype(np.float64), LEAST_PROBABILITY)) / T
    Z -= Z.max(axis=-1, keepdims=True)
    A = elementary("exp", Z)
    return np.asarray(A / sum_in_order(A, -1)[..., None])
