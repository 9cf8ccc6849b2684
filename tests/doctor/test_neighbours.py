"""Predictions from similar rows."""

import numpy as np

from ranvier.doctor.neighbours import neighbours


def test_a_row_does_not_predict_itself() -> None:
    X = np.array([[0.0], [0.1], [5.0], [5.1]])
    near = neighbours(X, np.array([0, 1, 1, 0]), k=1, classes=2)
    assert near.P.argmax(axis=1).tolist() == [1, 0, 0, 1]


def test_mean_of_numbers() -> None:
    X = np.arange(5.0)[:, None]
    near = neighbours(X, np.arange(5.0), k=2)
    assert near.P[2, 0] == 2.0
    assert near.rows.tolist() == [0, 1, 2, 3, 4]
