"""Checks of columns."""

from typing import Any

import numpy as np
import pytest
from tests.doctor.rows_and_networks import names, rows

import ranvier as rv
from ranvier.doctor.column_checks import far_value


def with_column(change: Any) -> list[Any]:
    X, y = rows()
    return list(rv.preflight(change(X, y), y))


def changed(X: Any, column: int, values: Any) -> Any:
    X = X.copy()
    X[:, column] = values
    return X


CASES = {
    "unscaled_column": lambda X, y: X * [1, 1, 1e5, 1, 1],
    "offset_column": lambda X, y: X + np.array([0, 0, 0, 2000, 0]),
    "constant_column": lambda X, y: X * [1, 1, 1, 1, 0],
    "duplicate_column": lambda X, y: changed(X, 4, X[:, 3]),
    "redundant_column": lambda X, y: changed(X, 4, 1.8 * X[:, 3] + 0.5),
    "leaking_column": lambda X, y: changed(X, 4, y + 0.001 * X[:, 4]),
    "identifier_column": lambda X, y: np.column_stack(
        [X, np.random.default_rng(1).permutation(len(X)) / 1.0]
    ),
    "missing_values": lambda X, y: np.where(X > 2.5, np.nan, X),
    "infinite_values": lambda X, y: np.where(X > 2.5, np.inf, X),
    "float32_overflow": lambda X, y: X * [1, 1, 1, 1, 1e39],
    "sentinel_value": lambda X, y: changed(
        X, 2, np.where(np.arange(len(X)) % 20 == 0, -999, X[:, 2])
    ),
    "outlier": lambda X, y: changed(
        X, 2, np.where(np.arange(len(X)) == 7, 1e4, X[:, 2])
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found(name: str) -> None:
    assert name in [finding.name for finding in with_column(CASES[name])]


def test_healthy_columns() -> None:
    assert with_column(lambda X, y: X) == []


def test_evidence_names_column_and_row() -> None:
    found = {f.name: f for f in with_column(CASES["outlier"])}["outlier"]
    assert found.evidence["column"] == "x2"
    assert found.evidence["row"] == 7
    found = {f.name: f for f in with_column(CASES["sentinel_value"])}["sentinel_value"]
    assert found.evidence["count"] == 20
    assert found.evidence["value"] == -999


def test_scales_are_no_fault_where_the_model_scales() -> None:
    X, y = rows()
    X = X * [1, 1, 1e5, 1, 1]
    assert "unscaled_column" in names(rv.preflight(X, y))
    assert names(rv.preflight(X, y, rv.TabularClassifier())) == []


def test_heavy_tails_are_no_outliers() -> None:
    x = np.random.default_rng(0).lognormal(sigma=1.5, size=2000)
    assert far_value(x) is None
    x[3] = 1e6
    found = far_value(x)
    assert found is not None
    assert found[0] == 3
