"""Rows as the checks see them."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from ranvier.doctor.rows import Rows


def test_a_matrix_keeps_its_numbers_missing_ones_too() -> None:
    rows = Rows.of(np.array([[1.0, np.nan], [2.0, 3.0]]), [0, 1])
    assert rows.is_matrix
    assert rows.names == ("x0", "x1")
    assert np.isnan(rows.columns["x1"][0])
    assert rows.classes == (0, 1)
    assert rows.y.tolist() == [0, 1]


def test_texts_become_codes() -> None:
    rows = Rows.of(pd.DataFrame({"a": ["u", None, "t"], "b": [1, 2, 3]}), [0.5, 1, 2])
    assert not rows.is_matrix
    assert rows.numeric == {"b"}
    assert rows.columns["a"].tolist()[::2] == [1.0, 0.0]
    assert np.isnan(rows.columns["a"][1])
    assert rows.classes is None


def test_one_hot_targets_are_classes() -> None:
    rows = Rows.of([[1.0], [2.0]], [[0, 1], [1, 0]])
    assert rows.classes == (0, 1)
    assert rows.y.tolist() == [1, 0]


def test_missing_targets() -> None:
    assert Rows.of([[1.0], [2.0]], ["a", None]).missing_target.tolist() == [False, True]
    rows = Rows.of([[1.0], [2.0], [3.0]], [0.5, np.nan, 1.25])
    assert rows.missing_target.tolist() == [False, True, False]


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="X has 2 rows, but y has 3"):
        Rows.of([[1.0], [2.0]], [0, 1, 0])


def test_what_is_no_table() -> None:
    with pytest.raises(ValueError, match="X has 0 rows and 3 columns"):
        Rows.of(np.zeros((0, 3)), [])
    with pytest.raises(TypeError, match=r"sparse matrix \(csr_matrix\).*X.toarray"):
        Rows.of(csr_matrix(np.eye(3)), [0, 1, 0])


def test_names_of_a_matrix_and_targets_of_a_range() -> None:
    rows = Rows.of(np.eye(3), range(3), names=["a", "b", "c"])
    assert rows.names == ("a", "b", "c")
    assert len(rows) == 3


def test_matrix_is_standardised() -> None:
    X = np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]])
    assert np.allclose(Rows.of(X, [0, 1, 0]).matrix, [[-1, 0], [1, 0], [0, 0]])
