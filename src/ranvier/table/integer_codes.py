"""Whole numbers that are also codes: the data decide.

A store, a postal code or a product may be written as a number, though its order says
little. Each value of such a column has an effect of its own, beyond a smooth curve
through the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.table.bins import Bins
from ranvier.table.column_types import Category
from ranvier.table.scalers import RobustScaler

Array = NDArray[Any]

LEAST_CODES, MOST_CODES = 8, 5_000  # with fewer, bins tell all values apart
LEAST_ROWS = 200
SPECIAL = 3  # so many codes, those that gain most, do not count
# Of all columns together, and of each: more rows change no decision.
MOST_CELLS, MOST_ROWS = 2_000_000, 50_000
MOST_CLASSES = 10  # the most frequent ones
FOLDS = 5
CURVES = (0, 6, 12, 24, 48)  # bins of the curves through the numbers
FINEST_CURVE = 256  # bins of a curve that follows all that neighbours have in common
# The fraction of the squared error of the curve that codes have to remove; that of the
# finest curve; and how many standard errors that has to be from 0. Networks lose a
# little by learnt numbers for codes that explain 1 or 2 %, and gain from 3 % on.
LEAST_GAIN, LEAST_GAIN_OF_FINEST, LEAST_Z = 0.03, 0.015, 5.0


class CodeEvidence(NamedTuple):
    """What the code of each value explains on rows held out.

    Parameters
    ----------
    gain
        Fraction of the squared error of a curve through the numbers that the codes
        remove.
    gain_of_finest
        The same of a curve so fine that it follows all that neighbours have in common.
        Measurements with a rough effect leave nothing to the codes then.
    z
        The latter in its standard errors.
    """

    gain: float
    gain_of_finest: float
    z: float

    @property
    def is_code(self) -> bool:
        """Whether the column is a code too."""
        return (
            self.gain >= LEAST_GAIN
            and self.gain_of_finest >= LEAST_GAIN_OF_FINEST
            and self.z >= LEAST_Z
        )


NO_EVIDENCE = CodeEvidence(0.0, 0.0, 0.0)


def may_be_code(category: Category) -> bool:
    """Say whether values are neither too few to need codes nor too rare to learn them.

    Parameters
    ----------
    category
        The values, counted as categories.
    """
    kept = sum(category.counts)
    enough = LEAST_CODES <= len(category.categories) <= MOST_CODES
    return enough and kept >= category.other


def find_codes(
    columns: Mapping[str, tuple[Array, Array]],
    Y: Array,
    groups: Array | None = None,
    *,
    ordered: bool = False,
) -> dict[str, CodeEvidence]:
    """Find the columns whose values have effects of their own.

    Parameters
    ----------
    columns
        By its name, the (n,) numbers of a column, NaN where missing, and their codes.
    Y
        The target: (n,) class codes, integers; or (n, k) numbers.
    groups
        (n,) groups of rows; a group is held out as a whole. None: there are none.
    ordered
        Whether the rows are in order of time; then blocks of rows are held out.

    Returns
    -------
    dict of str to CodeEvidence
        Of the columns that are codes.
    """
    n = len(Y)
    if n < LEAST_ROWS or not columns:
        return {}
    rng = np.random.default_rng(0)
    most = min(MOST_ROWS, max(MOST_CELLS // len(columns), LEAST_ROWS))
    rows = np.arange(n)
    if n > most:
        rows = np.sort(rng.choice(n, most, replace=False))
    fold = _folds(None if groups is None else groups[rows], len(rows), ordered, rng)
    targets = _targets(Y[rows])
    found = {}
    for name, (numbers, codes) in columns.items():
        x, known = numbers[rows], ~np.isnan(numbers[rows])
        evidence = code_evidence(
            x[known], codes[rows][known], targets[known], fold[known]
        )
        if evidence.is_code:
            found[name] = evidence
    return found


def code_evidence(x: Array, codes: Array, Y: Array, fold: Array) -> CodeEvidence:
    """Compare a curve through the numbers with the curve and a mean for each code.

    Both are fitted to the other folds. The curve is piecewise linear, with the number
    of bins that predicts best; the finest has three numbers in each bin. The mean
    residual of a code is shrunk towards 0 by the variances within and between the codes
    (empirical Bayes), so that codes of few rows, or without an effect, add nothing.

    Parameters
    ----------
    x
        (n,) numbers.
    codes
        (n,) their codes from 0.
    Y
        (n, k) targets.
    fold
        (n,) the fold in which each row is held out, from 0 to `FOLDS` - 1.
    """
    values, first, at = np.unique(x, return_index=True, return_inverse=True)
    if len(values) < LEAST_CODES or len(x) < LEAST_ROWS:
        return NO_EVIDENCE
    # All that the fits need are sums over the rows of each value and fold.
    count = _sums(at, fold, np.ones((len(x), 1)), len(values))
    total, squares = (_sums(at, fold, power, len(values)) for power in (Y, Y**2))

    def gain(curve: Array) -> tuple[float, float]:
        means = _code_means(curve, codes[first], count, total, squares)
        error = (Y - curve[at, fold]) ** 2
        gains = (error - (Y - (curve + means)[at, fold]) ** 2).sum(axis=1)
        # A step, or a special value such as 999, misses the curve at a few numbers.
        largest = np.argsort(np.bincount(codes, gains))[-SPECIAL:]
        kept = ~np.isin(codes, largest)
        gains, error = gains[kept], error[kept]
        scatter = float(gains.std()) * np.sqrt(len(gains))
        if not scatter:
            return 0.0, 0.0
        return float(gains.sum() / error.sum()), float(gains.sum() / scatter)

    coarse = _best_curve(x, values, count, total, CURVES)
    plain, _ = gain(coarse)
    if plain < LEAST_GAIN:
        return NO_EVIDENCE._replace(gain=plain)
    bins = min(len(values) // 3, FINEST_CURVE)
    finest = _best_curve(x, values, count, total, (*CURVES, bins))
    return CodeEvidence(plain, *gain(finest))


def _folds(
    groups: Array | None, n: int, ordered: bool, rng: np.random.Generator
) -> Array:
    """Return the fold of each row, whole groups in one, of ordered rows blocks."""
    if groups is not None:
        _, groups = np.unique(groups, return_inverse=True)
        return rng.permutation(int(groups.max()) + 1)[groups] % FOLDS
    if ordered:
        return np.asarray(np.arange(n) * FOLDS // n)
    return rng.permutation(n) % FOLDS


def _targets(Y: Array) -> Array:
    """Return targets whose means are of interest: (n, k) indicators, or ranks.

    A few extreme numbers would decide alone; their ranks do not.
    """
    if Y.ndim == 1:
        classes, counts = np.unique(Y, return_counts=True)
        kept = classes[np.argsort(-counts, kind="stable")[:MOST_CLASSES]]
        return np.asarray(Y[:, None] == kept, np.float64)
    ranks = np.empty(Y.shape)
    for k, column in enumerate(Y.T):
        _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
        ranks[:, k] = (np.cumsum(counts) - counts / 2)[place] / len(Y)
    return ranks


def _sums(at: Array, fold: Array, Y: Array, values: int) -> Array:
    """Sum rows by their value and fold: (values, FOLDS, k)."""
    cell = at * FOLDS + fold
    sums = [np.bincount(cell, column, minlength=values * FOLDS) for column in Y.T]
    return np.stack(sums, axis=1).reshape(values, FOLDS, Y.shape[1])


def _best_curve(
    x: Array, values: Array, count: Array, total: Array, numbers_of_bins: Sequence[int]
) -> Array:
    """Return the best curve for each fold at each value, (values, FOLDS, k)."""
    scaler = RobustScaler.fit(x, None)
    scaled = scaler.transform(values)
    best, least = np.zeros(total.shape), np.inf
    for bins in numbers_of_bins:
        passed = Bins.fit(x, None, bins, scaler).transform(scaled)
        basis = np.column_stack([np.ones(len(values)), scaled, passed])
        curve = _held_out_fit(basis, count, total)
        error = float((count * curve**2 - 2 * curve * total).sum())
        if error < least:
            best, least = curve, error
    return np.asarray(best)


def _held_out_fit(basis: Array, count: Array, total: Array) -> Array:
    """Fit least squares to the other folds, (values, FOLDS, k) predictions."""
    gram = np.stack([basis.T @ (basis * count[:, f]) for f in range(FOLDS)])
    moment = np.stack([basis.T @ total[:, f] for f in range(FOLDS)])
    # The number and its bins are collinear: a slight penalty, worth one row.
    penalty = np.eye(basis.shape[1])
    weights = np.linalg.solve(
        gram.sum(axis=0) - gram + penalty, moment.sum(axis=0) - moment
    )
    return np.asarray(np.einsum("vp,fpk->vfk", basis, weights))


def _code_means(
    curve: Array, codes: Array, count: Array, total: Array, squares: Array
) -> Array:
    """Return the shrunken mean residual of each value's code, (values, FOLDS, k)."""
    means = np.zeros(curve.shape)
    size = int(codes.max()) + 1
    for f in range(FOLDS):
        others = np.arange(FOLDS) != f
        a = curve[:, f]
        rows = count[:, others].sum(axis=1)
        residual = total[:, others].sum(axis=1) - rows * a
        square = squares[:, others].sum(axis=1) - a * (residual + residual + rows * a)
        n = np.bincount(codes, rows[:, 0], minlength=size)
        seen = n > 0
        for k in range(curve.shape[2]):
            r = np.bincount(codes, residual[:, k], minlength=size)
            between = float((r[seen] ** 2 / n[seen]).sum())
            freedom = max(n.sum() - seen.sum(), 1)
            within = max(float(square[:, k].sum()) - between, 0) / freedom
            variance = max(between - seen.sum() * within, 0) / n.sum()
            shrunk = r * variance / np.maximum(n * variance + within, 1e-12)
            means[:, f, k] = shrunk[codes]
    return means
