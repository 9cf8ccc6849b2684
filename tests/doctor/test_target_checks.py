"""Checks of the target."""

import numpy as np
import pytest
from tests.doctor.rows_and_networks import names, numbers, rows

import ranvier as rv


def test_healthy_targets() -> None:
    assert names(rv.preflight(*rows())) == []
    assert names(rv.preflight(*numbers())) == []


@pytest.mark.parametrize(
    ("name", "factor", "offset"),
    [
        ("target_scale", 1e6, 0.0),
        ("target_scale", 1e-5, 0.0),
        ("target_scale", 1.0, 1e4),
        ("target_overflow", 1e25, 0.0),
        ("constant_target", 0.0, 3.5),
    ],
)
def test_scale_of_numbers(name: str, factor: float, offset: float) -> None:
    X, y = numbers()
    assert names(rv.preflight(X, y * factor + offset))[0] == name


def test_missing_and_outlying_targets() -> None:
    X, y = numbers()
    y[5] = np.nan
    found = rv.preflight(X, y)
    assert names(found) == ["missing_target"]
    assert found[0].evidence["rows"] == [5]
    y[5] = 1e5
    found = rv.preflight(X, y)
    assert names(found) == ["target_outlier"]
    assert found[0].evidence["row"] == 5


def test_rare_class_and_imbalance() -> None:
    X, y = rows()
    rare = y.copy()
    rare[:3] = 2
    assert names(rv.preflight(X, rare)) == ["rare_class"]
    few = np.where(np.cumsum(y) <= 15, y, 0)
    assert "imbalanced_classes" in names(rv.preflight(X, few))


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_labels_have_no_signal(seed: int) -> None:
    X, y = rows(seed=seed)
    shuffled = np.random.default_rng(seed).permutation(y)
    assert "no_signal" in names(rv.preflight(X, shuffled))


def test_a_rule_that_no_column_shows_alone_is_a_signal() -> None:
    X, _ = rows(800, 2)
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    assert names(rv.preflight(X, y)) == []


def test_contradicting_rows() -> None:
    X, y = rows()
    found = rv.preflight(np.vstack([X, X[:50]]), np.append(y, 1 - y[:50]))
    assert found[0].name == "contradicting_rows"
    assert found[0].evidence["count"] == 100


def test_number_as_class() -> None:
    X, _ = numbers()
    found = rv.preflight(X, [f"c{i // 2}" for i in range(len(X))])
    assert "number_as_class" in names(found)


def test_copies_and_order() -> None:
    X, y = rows()
    copied = rv.preflight(np.vstack([X, X]), np.append(y, y))
    assert "copied_rows" in names(copied)
    X, y = numbers()
    y = np.cumsum(y) / 20
    assert "time_order" in names(rv.preflight(X, y))
