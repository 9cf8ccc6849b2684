"""The cases of the comparison with scikit-learn, and their operations."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from benchmarks.sklearn_cases import Case, cases

ADAM = Case("two rows", "digits", {"max_iter": 10})


def test_names_differ() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names)) >= 20
    for word in ("adam", "sgd", "lbfgs", "sparse", "grid search", "mnist", "float32"):
        assert any(word in name for name in names)


@pytest.mark.parametrize(
    ("change", "classes", "operations"),
    [
        # 3 x 100 and 100 x 1 cells of W: 4 and 6 operations on each, a row and epoch
        ({}, 2, 2 * 10 * (4 * 300 + 6 * 100)),
        ({}, 4, 4 * 10 * (4 * 300 + 6 * 400)),
        ({"solver": "lbfgs"}, 2, 2 * 11 * (4 * 300 + 6 * 100)),
        (
            {"early_stopping": True}, 2,
            10 * (1.8 * (4 * 300 + 6 * 100) + 0.2 * (2 * 300 + 2 * 100)),
        ),
    ],
)  # fmt: skip
def test_operations(change: dict[str, object], classes: int, operations: float) -> None:
    case = replace(ADAM, parameters=ADAM.parameters | change)
    X, y = np.ones((classes, 3)), np.arange(classes)
    assert case.operations(X, y) == pytest.approx(operations)


def test_operations_of_sparse_rows_are_those_of_their_cells() -> None:
    X = sp.csr_matrix([[0, 1.0, 0, 0], [0, 0, 2, 0]])
    assert ADAM.operations(X, np.arange(2)) == 2 * 10 * (4 * 100 + 6 * 100)


def test_what_rounding_magnifies_is_compared_early() -> None:
    by_name = {case.name: case for case in cases()}
    narrow = by_name["50,000 x 50 lbfgs float32"]
    assert narrow.parameters["max_iter"] == 20
    assert narrow.compared().parameters["max_iter"] == 10
    for name in ("50,000 x 50 lbfgs float64", "50,000 x 50 adam float32"):
        assert by_name[name].compared() is by_name[name]
