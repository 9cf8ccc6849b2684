"""Checks of validation rows against training rows."""

import numpy as np
from tests.doctor.rows_and_networks import names, rows

import ranvier as rv


def test_a_random_split_is_no_fault() -> None:
    assert names(rv.preflight(*rows(), validation=0.25)) == []


def test_copies_of_training_rows() -> None:
    X, y = rows()
    near = X[:60] + 1e-5
    found = rv.preflight(X, y, validation=(near, y[:60]))
    assert found[0].name == "rows_in_both"
    assert found[0].evidence["count"] == 60


def test_other_distribution_and_class() -> None:
    X, y = rows()
    A, b = rows(200, seed=1)
    A[:, 3] += 2
    found = rv.preflight(X, y, validation=(A, b))
    assert names(found) == ["validation_drift"]
    assert found[0].evidence["columns"] == ["x3"]
    b[0] = 2
    assert "class_missing" in names(rv.preflight(X, y, validation=(A, b)))


def test_few_validation_rows() -> None:
    assert names(rv.preflight(*rows(), validation=np.arange(12))) == [
        "small_validation"
    ]
