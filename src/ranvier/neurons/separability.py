"""Whether a hyperplane separates two classes, decided in whole numbers.

Two finite classes are separated by w . x + b, above 0 on the one and below 0 on the
other, if and only if no mixture of rows of the one is a mixture of rows of the other
(Farkas' lemma). Such mixtures are the solutions of a linear program,

    sum_j m_j y_j x_j = 0,    sum of m over each class = 1,    m >= 0.

Phase one of the simplex method finds one, or ends with multipliers that are a
separating hyperplane. Floats are fractions with powers of two below, so each column
becomes whole numbers without rounding, and the basis is kept in whole numbers too
(integral pivoting: Edmonds, 1967; Azulay & Pique, 2001). Floats only propose the next
row; its sign is computed exactly wherever rounding could change it. With many columns
whole numbers grow long, so there scipy's floats propose the rows of a mixture or a
hyperplane first, and exact arithmetic only verifies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = list[int]

MOST_WORK: Final = 4_000_000  # words of the entries that are updated, over all pivots
MOST_COLUMNS: Final = 16  # up to which the exact arithmetic needs no proposal
WORD: Final = 64  # bits
EPSILON: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Line:
    """A hyperplane that separates two classes, exactly.

    Attributes
    ----------
    weights : tuple of Fraction
        w, one for each column of X.
    bias : Fraction
        b: w . x + b is above 0 on the second class and below 0 on the first.
    """

    weights: tuple[Fraction, ...]
    bias: Fraction

    def __call__(self, x: Sequence[float] | Array) -> Fraction:
        """Return w . x + b of one row (d,), exactly."""
        terms = (w * Fraction(float(v)) for w, v in zip(self.weights, x, strict=True))
        return sum(terms, self.bias)


class Mixture(NamedTuple):
    """Rows of the one class and of the other that mix to one point, exactly.

    ``rows`` are numbers of rows of X for each class, ``shares`` their fractions.
    """

    rows: tuple[tuple[int, ...], tuple[int, ...]]
    shares: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


def decide(X: Array, signs: Array) -> Line | Mixture | None:
    """Return a separating hyperplane or a common mixture; None if it would take long.

    Parameters
    ----------
    X
        Finite numbers (n, d).
    signs
        -1 or 1 for each row (n,), both of them at least once.
    """
    columns = [_whole(X[:, k]) for k in range(X.shape[1])]
    used = [column for column in columns if column.largest]
    table = np.column_stack([signs, *[column.fractions for column in used]])
    _, first = np.unique(table, axis=0, return_index=True)
    rows = [
        _row([column.numbers[j] for column in used], signs[j] > 0)
        for j in first.tolist()
    ]
    program = _Simplex(rows, [column.largest for column in used])
    found: dict[int, Fraction] | Sequence[Fraction | int] | None = None
    if len(used) > MOST_COLUMNS:
        found = program.proposed()
    found = found or program.run()
    if found is None:
        return None
    if isinstance(found, dict):
        return _mixture({int(first[j]): share for j, share in found.items()}, signs)
    return _line(found, columns)


def separates(line: Line, X: Array, signs: Array) -> bool:
    """Return whether each row lies strictly on its side: in floats, exactly if close.

    The bound on the rounding of a sum of d + 1 products is that of Higham, "Accuracy
    and Stability of Numerical Algorithms", 2002, section 3.1.
    """
    # Columns in [-1, 1] and weights to match, by powers of two, so nothing overflows.
    _, powers = np.frexp(np.abs(X).max(axis=0))
    scaled = [
        w * Fraction(2) ** power
        for w, power in zip(line.weights, powers.tolist(), strict=True)
    ]
    largest = max(map(abs, [*scaled, line.bias])) or 1
    *w, b = [float(value / largest) for value in [*scaled, line.bias]]
    X_scaled = np.ldexp(X, -powers)
    z = signs * (X_scaled @ w + b)
    bound = 4 * (len(w) + 2) * EPSILON * (np.abs(X_scaled) @ np.abs(w) + abs(b))
    bound += np.finfo(np.float64).tiny
    if (z < -bound).any():
        return False
    close = np.flatnonzero(z <= bound)
    return all(int(signs[j]) * line(X[j]) > 0 for j in close)


class _Column(NamedTuple):
    """A column x as whole numbers: x = (numbers * step + low)."""

    numbers: Whole
    largest: int
    step: Fraction
    low: Fraction

    @property
    def fractions(self) -> Array:
        """The numbers over the largest, in [0, 1]."""
        return np.array([number / self.largest for number in self.numbers])


def _whole(x: Array) -> _Column:
    """Shift and scale a column to whole numbers from 0, without rounding."""
    ratios = [value.as_integer_ratio() for value in x.tolist()]
    below = max(q for _, q in ratios)  # powers of two, so the largest is a multiple
    numbers = [p * (below // q) for p, q in ratios]
    low = min(numbers)
    common = gcd(*(number - low for number in numbers)) or 1
    numbers = [(number - low) // common for number in numbers]
    step, start = Fraction(common, below), Fraction(low, below)
    return _Column(numbers, max(numbers), step, start)


def _row(x: Whole, second: bool) -> Whole:
    """Return a column of the linear program: y x, and a 1 for the class."""
    return [*x, 0, 1] if second else [*[-value for value in x], 1, 0]


class _Simplex:
    """Phase one: find m >= 0 with sum_j m_j a_j = (0, ..., 0, 1, 1).

    ``inverse`` is ``det`` times the inverse of the basis, in whole numbers; a basic
    variable below 0 is an artificial one.
    """

    def __init__(self, rows: list[Whole], largest: list[int]) -> None:
        self.rows = rows
        self.size = len(largest) + 2
        self.scale = [*largest, 1, 1]
        self.A = np.array(
            [
                [value / s for value, s in zip(row, self.scale, strict=True)]
                for row in rows
            ]
        )
        self._start()

    def _start(self) -> None:
        size = self.size
        self.det = 1
        self.inverse = [[int(i == k) for k in range(size)] for i in range(size)]
        self.basis = [-1] * size

    def run(self) -> dict[int, Fraction] | Whole | None:
        """Return the mixture by rows, or the multipliers; None beyond `MOST_WORK`."""
        self._start()
        work = 0
        while work < MOST_WORK:
            multipliers = self._multipliers()
            if multipliers[-1] + multipliers[-2] == 0:  # no artificial variable is left
                return self._shares()
            entering = self._entering(multipliers)
            if entering is None:
                return multipliers
            u = self._column(entering)
            self._pivot(entering, u, self._leaving(u))
            work += self.size**2 * (1 + self.det.bit_length() // WORD)
        return None

    def proposed(self) -> dict[int, Fraction] | list[Fraction] | None:
        """Return what floats propose, if exact arithmetic confirms it; else None."""
        from scipy.optimize import linprog

        target = np.zeros(self.size)
        target[-2:] = 1
        count = len(self.rows)
        mixed = linprog(np.zeros(count), A_eq=self.A.T, b_eq=target, method="highs-ds")
        if mixed.status == 0:
            return self._solved(np.flatnonzero(mixed.x > 0).tolist())
        best = linprog(
            -target, A_ub=self.A, b_ub=np.zeros(count), bounds=(-1, 1), method="highs"
        )
        if best.status:
            return None
        found = best.x  # scipy is up to 1e-7 off, which the two last ones make up for
        found[-2:] -= max(0.0, float((self.A @ found).max()))
        if found[-2:].sum() <= 0:
            return None
        return [
            Fraction(v) / s for v, s in zip(found.tolist(), self.scale, strict=True)
        ]

    def _solved(self, support: list[int]) -> dict[int, Fraction] | None:
        """Return the one mixture of a few rows, if it is one."""
        for j in support:
            u = self._column(j)
            free = [i for i, own in enumerate(self.basis) if own < 0 and u[i]]
            if not free:
                return None
            self._pivot(j, u, free[0])
        shares = self._shares()
        artificial = zip(self.basis, self.inverse, strict=True)
        if any(j < 0 and line[-1] + line[-2] for j, line in artificial):
            return None
        return shares if min(shares.values()) > 0 else None

    def _shares(self) -> dict[int, Fraction]:
        """Return the basic variables that are rows, where they are not 0."""
        return {
            j: Fraction(line[-1] + line[-2], self.det)
            for j, line in zip(self.basis, self.inverse, strict=True)
            if j >= 0 and line[-1] + line[-2]
        }

    def _multipliers(self) -> Whole:
        """Return det times the multipliers: the sum of the artificial ones' rows."""
        lines = zip(self.basis, self.inverse, strict=True)
        artificial = [line for j, line in lines if j < 0]
        return [sum(entries) for entries in zip(*artificial, strict=True)] or (
            [0] * self.size
        )

    def _entering(self, multipliers: Whole) -> int | None:
        """Return a row whose product with the multipliers is above 0, if there is one.

        Float products have an error of at most ``bound``; those closer to 0 are exact.
        """
        scaled = [p * s for p, s in zip(multipliers, self.scale, strict=True)]
        largest = max(map(abs, scaled))
        approximate = np.array([value / largest for value in scaled])
        products = self.A @ approximate
        bound = 4 * (self.size + 2) * EPSILON * (np.abs(self.A) @ np.abs(approximate))
        best = int((products - bound).argmax())
        if products[best] > bound[best]:
            return best
        close = np.flatnonzero(np.abs(products) <= bound + np.finfo(np.float64).tiny)
        for j in close.tolist():
            row = self.rows[j]
            if sum(map(mul, multipliers, row)) > 0:
                return int(j)
        return None

    def _column(self, j: int) -> Whole:
        """Return det times a row of the table in terms of the basis."""
        row = self.rows[j]
        return [sum(map(mul, line, row)) for line in self.inverse]

    def _pivot(self, entering: int, u: Whole, r: int) -> None:
        """Let a row enter the basis in place of that of line r."""
        pivot, chosen = u[r], self.inverse[r]
        for i, line in enumerate(self.inverse):
            if i != r:
                self.inverse[i] = [
                    (value * pivot - u[i] * own) // self.det
                    for value, own in zip(line, chosen, strict=True)
                ]
        self.det, self.basis[r] = pivot, entering

    def _leaving(self, u: Whole) -> int:
        """Return the lexicographically smallest ratio, which never cycles."""
        rows = [i for i, value in enumerate(u) if value > 0]
        keys = {
            i: [self.inverse[i][-1] + self.inverse[i][-2], *self.inverse[i]]
            for i in rows
        }
        for k in range(self.size + 1):
            ratios = {i: Fraction(keys[i][k], u[i]) for i in rows}
            least = min(ratios.values())
            rows = [i for i in rows if ratios[i] == least]
            if len(rows) == 1:
                break
        return rows[0]


def _mixture(shares: dict[int, Fraction], signs: Array) -> Mixture:
    first, second = (
        tuple(j for j in sorted(shares) if signs[j] == side) for side in (-1, 1)
    )
    return Mixture(
        (first, second),
        (tuple(shares[j] for j in first), tuple(shares[j] for j in second)),
    )


def _line(multipliers: Sequence[Fraction | int], columns: list[_Column]) -> Line:
    """Turn multipliers (v, p, q) into w = -v and b = (p - q) / 2, in the units of X.

    They say v . x >= p on the first class and v . x <= -q on the second, p + q > 0.
    """
    *v, p, q = multipliers
    each = iter(v)
    weights, bias = [], Fraction(p - q) / 2
    for column in columns:
        w = -Fraction(next(each)) / column.step if column.largest else Fraction(0)
        weights.append(w)
        bias -= w * column.low
    return Line(tuple(weights), bias)


def exact(weights: Any, bias: float) -> Line:
    """Return the line of float weights (d,) and a bias, taken exactly."""
    return Line(tuple(Fraction(float(w)) for w in weights), Fraction(float(bias)))
