"""`ranvier.preflight` as a whole."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from tests.doctor.rows_and_networks import names, rows

import ranvier as rv


def test_one_column_on_another_scale() -> None:
    """The table on which an MLP falls from 0.99 to 0.54 without a warning."""
    X, y = rows(500)
    X[:, 2] *= 1e5
    found = rv.preflight(X, y)
    assert names(found) == ["unscaled_column"]
    assert found[0].confidence == "certain"
    assert found[0].evidence["columns"] == ["x2"]


def test_tables_with_texts_and_missing_values_are_no_fault() -> None:
    X, y = rows()
    frame = pd.DataFrame(X * 1e3)
    frame["kind"] = np.where(X[:, 0] > 0, "a", "b")
    frame.loc[3, "kind"] = None
    assert names(rv.preflight(frame, y)) == []


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_healthy_tables(load: object) -> None:
    X, y = load(return_X_y=True)  # type: ignore[operator]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    assert names(rv.preflight(X, y, validation=0.25)) == []


def test_korean() -> None:
    found = rv.preflight([[1.0, 2.0], [1.0, 3.0]], [0, 1], language="ko")
    assert found[0].verdict == "모든 행에서 값이 같은 열이 있습니다: 'x0'."
