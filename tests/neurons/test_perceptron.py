import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ranvier as rv

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def by_hand(X, y, epochs: int) -> tuple[np.ndarray, float, list[int]]:
    """Rosenblatt's rule on weights and bias in one vector."""
    v, mistakes = np.zeros(X.shape[1] + 1), []
    for _ in range(epochs):
        wrong = 0
        for x, label in zip(X, y, strict=True):
            fires = np.dot(v, [*x, 1]) >= 0
            if fires != label:
                v += (1 if label else -1) * np.array([*x, 1])
                wrong += 1
        mistakes.append(wrong)
        if not wrong:
            break
    return v[:-1], v[-1], mistakes


@pytest.mark.parametrize(
    "gate", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 1, 0]]
)
def test_gates_that_a_line_separates(gate: list[int]) -> None:
    told = rv.perceptron(CORNERS, gate)
    w, b, mistakes = by_hand(CORNERS, gate, 1000)
    assert told.converged
    assert told.separable
    assert told.proof is None
    assert told.neuron.weights.tolist() == w.tolist()
    assert told.neuron.bias == b
    assert (told.mistakes, told.moves, told.epochs) == (
        (tuple(mistakes), sum(mistakes), len(mistakes))
    )
    assert told.mistakes[-1] == 0
    assert told.predict(CORNERS).tolist() == gate
    assert f"converged after {told.moves} move" in str(told)


@pytest.mark.parametrize("gate", [[0, 1, 1, 0], [1, 0, 0, 1]])
def test_xor_has_a_proof(gate: list[int]) -> None:
    told = rv.perceptron(CORNERS, gate, epochs=50)
    assert (told.converged, told.separable, told.epochs) == (False, False, 50)
    proof = told.proof
    assert proof is not None
    assert proof.point.tolist() == [0.5, 0.5]
    for rows, shares, label in zip(proof.rows, proof.shares, (0, 1), strict=True):
        assert (np.array(gate)[rows] == label).all()
        assert shares.sum() == pytest.approx(1)
        assert (shares > 0).all()
        np.testing.assert_allclose(shares @ CORNERS[rows], proof.point)
    assert proof.check()
    assert "No line separates the classes" in str(told)
    assert "a line cannot" not in str(told)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_the_verdict_is_that_of_the_hulls(seed: int) -> None:
    """On a line, two classes are separable if and only if their ranges do not meet."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-6, 7, 8).astype(float)
    y = rng.integers(0, 2, 8)
    y[:2] = 0, 1
    low, high = x[y == 0], x[y == 1]
    separable = low.max() < high.min() or high.max() < low.min()
    told = rv.perceptron(x[:, None], y, epochs=300)
    assert told.separable == separable
    if not separable:
        assert not told.converged
        assert told.proof.check()


def test_a_line_that_was_not_reached_is_no_proof() -> None:
    X = np.array([[0.0, 1000.0], [0.001, 1000.0], [1.0, -1000.0]])
    told = rv.perceptron(X, [0, 1, 1], epochs=1)
    assert (told.converged, told.separable, told.proof) == (False, True, None)
    assert "give it more epochs" in str(told)


def test_the_bound_of_novikoff() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    margin = X @ [1.0, -2.0, 0.5]
    X, y = X[abs(margin) > 0.4], (margin > 0)[abs(margin) > 0.4]
    told = rv.perceptron(X, y)
    lifted = np.column_stack([X, np.ones(len(X))])
    best = np.array([1.0, -2.0, 0.5, 0.0])
    gamma = np.abs(lifted @ best).min() / np.linalg.norm(best)
    assert told.converged
    assert told.moves <= np.linalg.norm(lifted, axis=1).max() ** 2 / gamma**2


def test_classes_and_names_of_any_kind() -> None:
    frame = pd.DataFrame({"income": [1.0, 2.0, 3.0], "age": [0.0, 1.0, 0.0]})
    told = rv.perceptron(frame, ["poor", "rich", "rich"])
    assert told.classes == ("poor", "rich")
    assert told.predict(frame).tolist() == ["poor", "rich", "rich"]
    assert told.neuron.names == ("income", "age")


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 0, 0, 0], r"holds 1 class\(es\), \[0\]"),
        ([0, 1, 2, 3], r"holds 4 class\(es\)"),
        ([0, 1], r"y has the shape \(2,\), but X has 4 rows"),
        ([[0, 1]] * 4, r"y has the shape \(4, 2\)"),
        ([0, 1, None, 1], "y has missing values"),
        ([0, 1, np.nan, 1], "y has missing values"),
        (np.array([0, "a", 0, "a"], object), "mixes values of the types int, str"),
    ],
)
def test_what_it_cannot_learn(y, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rv.perceptron(CORNERS, y)
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        rv.perceptron(CORNERS, [0, 1, 1, 1], epochs=0)


def test_numbers_whose_products_overflow() -> None:
    X = [[1e200], [-1e200], [3e200]]
    with pytest.raises(ValueError, match=r"as large as 3e.200.* divide the columns"):
        rv.perceptron(X, [0, 1, 0])
