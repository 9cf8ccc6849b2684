"""The verdict on sets whose truth is known by construction, and its witness."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ranvier as rv
from ranvier.neurons import separability
from ranvier.neurons.separability import Line, Mixture, decide, exact, separates

QUICK, ALL = range(100), range(100, 1000)


def separable_set(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers on both sides of a known hyperplane, some of them at distance 1."""
    n, d = int(rng.integers(2, 30)), int(rng.integers(1, 6))
    w = rng.integers(-9, 10, d)
    w[0] = w[0] or 1
    X = rng.integers(-50, 51, (n, d))
    z = 2 * X @ w - 2 * int(np.median(X @ w)) + 1  # odd, so never 0
    y = (z > 0).astype(int)
    if y.min() == y.max():
        return separable_set(rng)
    return X, y


def inseparable_set(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A separable set, and a common point of both classes: exact in binary."""
    X, y = separable_set(rng)
    first = 4 * X[y == 0]
    mixed = rng.choice(len(first), int(rng.choice([1, 2, 4])))
    common = first[mixed].sum(axis=0) // len(mixed)
    kind = rng.integers(3)
    if kind == 0:  # the point itself is a row of the other class
        return np.vstack([4 * X, common]), np.r_[y, 1]
    step = rng.integers(1, 20, X.shape[1])  # the other class goes through the point
    rows = [common + step, common - step] if kind == 1 else [common - step]
    if kind == 2:
        rows += [common + 3 * step]
    return np.vstack([4 * X, *rows]), np.r_[y, np.ones(len(rows), int)]


def stretched(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Columns of very different sizes with large offsets, without any rounding."""
    d = X.shape[1]
    offsets = rng.integers(-(2**40), 2**40, d) * rng.integers(0, 2, d)
    scales = np.ldexp(1.0, rng.integers(-300, 300, d))
    return (X + offsets).astype(np.float64) * scales * rng.choice([-1, 1], d)


def is_witness(found: object, X: np.ndarray, y: np.ndarray) -> bool:
    """Verify a line or a mixture here, by its definition, in fractions."""
    rows = [list(map(Fraction, row)) for row in X.tolist()]
    if isinstance(found, Line):
        z = [
            sum((w * v for w, v in zip(found.weights, row, strict=True)), found.bias)
            for row in rows
        ]
        return all(v > 0 if label else v < 0 for v, label in zip(z, y, strict=True))
    assert isinstance(found, Mixture)
    points = []
    for side, (chosen, shares) in enumerate(zip(found.rows, found.shares, strict=True)):
        assert all(y[j] == side for j in chosen)
        assert sum(shares) == 1
        assert min(shares) > 0
        points.append(
            [
                sum((s * rows[j][k] for j, s in zip(chosen, shares, strict=True)))
                for k in range(X.shape[1])
            ]
        )
    return points[0] == points[1]


def check(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = bool(seed % 2)
    X, y = separable_set(rng) if truth else inseparable_set(rng)
    X = stretched(X, rng)
    found = rv.perceptron(X, y, epochs=3)
    assert found.separable == truth, seed
    witness = found.line if found.proof is None else found.proof.mixture
    assert is_witness(witness, X, y), seed


@pytest.mark.parametrize("seed", QUICK)
def test_verdict_of_known_sets(seed: int) -> None:
    check(seed)


@pytest.mark.slow
def test_verdict_of_all_known_sets() -> None:
    for seed in ALL:
        check(seed)


@pytest.mark.parametrize(
    ("x", "y", "truth"),
    [
        (np.arange(4) * 10 + 1e7, [0, 1, 1, 0], False),
        (np.arange(4) * 1e6 + 1e7, [0, 1, 1, 0], False),
        (np.arange(4) * 1e-10, [0, 0, 1, 1], True),
        (np.arange(4) * 0.1 + 1.7e9, [0, 0, 1, 1], True),
        ([1.7e9, 1.7e9 + 1e-3], [0, 1], True),
        ([1e150, 2e150], [0, 1], True),
        ([5e-324, 0.0, 1e-323], [0, 0, 1], True),
        ([1.0, 1.0], [0, 1], False),
        ([0.0, np.nextafter(1, 0), 1.0], [0, 0, 1], True),
    ],
)
def test_one_column_by_its_order(x, y: list[int], truth: bool) -> None:
    found = rv.perceptron(np.reshape(x, (-1, 1)), y, epochs=2)
    assert found.separable == truth
    if found.proof is not None:
        assert found.proof.check()


def test_xor_of_columns_of_unlike_sizes() -> None:
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    X = corners * [10, 1e-8] + [-5106251.0, -14874254.0]
    assert rv.perceptron(X, [0, 1, 1, 0], epochs=2).separable is False


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_rescaled_columns_have_the_same_verdict(seed: int) -> None:
    """By powers of two, either sign and any order of columns: nothing is rounded."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-3, 4, (8, 2)).astype(float)
    y = np.r_[0, 1, rng.integers(0, 2, 6)]
    verdict = rv.perceptron(X, y, epochs=1).separable
    factors = np.ldexp(1.0, rng.integers(-400, 400, 2)) * rng.choice([-1, 1], 2)
    scaled = (X * factors)[:, ::-1]
    found = decide(scaled, np.where(y == 1, 1.0, -1.0))
    assert isinstance(found, Line) == verdict
    assert is_witness(found, scaled, y)


@given(
    st.lists(st.floats(1e-12, 1e12), min_size=3, max_size=3),
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    st.integers(0, 2**8 - 1),
)
@settings(max_examples=60, deadline=None)
def test_any_factor_and_offset_of_columns_of_two_values(
    factors: list[float], offsets: list[float], labels: int
) -> None:
    """Corners of a cube stay those of a box, whatever is rounded."""
    cube = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], float)
    y = np.array([labels >> i & 1 for i in range(8)])
    box = cube * factors * np.maximum(1, np.abs(offsets)) + offsets
    if y.min() == y.max():
        return
    signs = np.where(y == 1, 1.0, -1.0)
    assert isinstance(decide(box, signs), Line) == isinstance(decide(cube, signs), Line)


@pytest.mark.parametrize("d", [20, 60])
def test_many_columns_are_decided_by_a_proposal_that_is_verified(d: int) -> None:
    rng = np.random.default_rng(d)
    X = rng.integers(-1000, 1000, (4 * d, d)) * np.logspace(-8, 8, d)
    wrong = rng.integers(0, 2, len(X))
    right = (X @ (1 / np.logspace(-8, 8, d)) > 7.5).astype(int)
    for y, kind in ((wrong, Mixture), (right, Line)):
        found = decide(X, np.where(y == 1, 1.0, -1.0))
        assert isinstance(found, kind)
        assert is_witness(found, X, y)


def test_without_time_it_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separability, "MOST_WORK", 0)
    found = rv.perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=2)
    assert (found.separable, found.line, found.proof) == (None, None, None)
    assert "is undecided" in str(found)


def test_separates_where_floats_cannot_tell() -> None:
    line = exact([1.0, 1.0], 0.0)
    X = np.array([[1e16, -1e16 + 2], [1e16, -1e16 - 2], [1e16, -1e16]])
    assert separates(line, X[:2], np.array([1.0, -1.0]))
    assert not separates(line, X, np.array([1.0, -1.0, 1.0]))  # the last is on it
    assert line(X[0]) == 2
