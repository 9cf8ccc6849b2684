from dataclasses import replace

import numpy as np
import pytest
from benchmarks.workloads import Workload, named

import reference
from benchmarks import problems

LOSSES = ("squared_error", "absolute_error", "cross_entropy")


def described(w: Workload) -> reference.Network:
    hidden = [("dense", units, w.activation, 0.0) for units in w.layers[1:-1]]
    last = "softmax" if w.loss == "cross_entropy" else "identity"
    layers = [*hidden, ("dense", w.layers[-1], last, 0.0)]
    return reference.Network(w.layers[0], layers)


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_ruler_against_the_witness(loss: str, activation: str) -> None:
    w = named("4-7-3", rows=50, batch=10, loss=loss, activation=activation)
    problem = problems.problem_of(replace(w, dtype="float64"))
    theta = np.concatenate([Q.ravel() for pair in problem.start for Q in pair])
    expected, _ = reference.loss_and_gradient(
        described(w), theta, problem.X, problem.Y, None, (loss, 0.0)
    )
    found = problems.mean_loss(w, problem, problem.start)
    assert found == pytest.approx(expected, rel=1e-12)


def test_the_same_rows_in_every_process_and_others_for_another_seed() -> None:
    w = named("4-7-3", rows=20, batch=10)
    first, again = problems.problem_of(w), problems.problem_of(w)
    other = problems.problem_of(replace(w, seed=1))
    assert first.X.tobytes() == again.X.tobytes() != other.X.tobytes()
    assert first.start[0][0].tobytes() != other.start[0][0].tobytes()


def test_dtypes_and_labels() -> None:
    w = named("4-7-3", rows=200, batch=10, loss="cross_entropy", dtype="float64")
    problem = problems.problem_of(w)
    assert problem.X.dtype == problem.start[0][0].dtype == np.float64
    assert problem.Y.dtype == np.int32
    assert set(problem.Y) == {0, 1, 2}


def test_accuracy_by_hand() -> None:
    w = named("2-2", rows=2, batch=1, loss="cross_entropy")
    X = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 1.0], [1.0, 5.0]])
    labels = np.array([0, 1, 1, 1], np.int32)
    start = [(np.eye(2), np.zeros(2))]
    problem = problems.Problem(X, labels, start, X, labels)
    assert problems.accuracy(w, problem, start) == 0.75


@pytest.mark.skipif(not problems.has_tables(), reason="the real tables are not here")
def test_real_table_is_scaled_by_its_training_rows() -> None:
    X, y = problems.real_table("letter")
    head = X[: problems.TRAINING_ROWS["letter"]].astype(np.float64)
    np.testing.assert_allclose(head.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(head.std(axis=0), 1, atol=1e-4)
    assert set(y) == set(range(26))


def test_a_table_that_is_not_here_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(problems, "TABLES", tmp_path)
    assert not problems.has_tables()
    with pytest.raises(FileNotFoundError, match=r"letter\.parquet"):
        problems.real_table("letter")
