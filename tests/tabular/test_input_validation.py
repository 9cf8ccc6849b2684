import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

from ranvier.tabular.input_validation import table_of


def test_arrays_lists_and_sparse_are_columns() -> None:
    for X in (np.eye(3), np.eye(3).tolist(), sparse.csr_matrix(np.eye(3))):
        table = table_of(BaseEstimator(), X, reset=True)
        assert list(table.columns) == ["x0", "x1", "x2"]
        assert table.columns["x1"].tolist() == [0, 1, 0]


def test_numbers_among_texts_stay_numbers() -> None:
    table = table_of(BaseEstimator(), [[1.5, "a"], [2.5, "b"]], reset=True)
    assert table.columns["x0"].tolist() == [1.5, 2.5]


def test_frames_stay_as_they_are() -> None:
    frame = pd.DataFrame({"a": [1], "b": ["x"]})
    assert table_of(BaseEstimator(), frame, reset=True) is frame
    numbered = table_of(BaseEstimator(), pd.DataFrame([[1, 2]]), reset=True)
    assert list(numbered.columns) == ["0", "1"]
    with pytest.raises(ValueError, match="no rows"):
        table_of(BaseEstimator(), frame[:0], reset=True)
