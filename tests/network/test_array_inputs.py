from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ranvier.network.array_inputs import (
    as_matrix,
    as_row,
    as_targets,
    as_weights,
    check_has_rows,
    is_ready,
    is_row,
)
from ranvier.network.losses import Loss

NAN, INF = np.nan, np.inf
FLOAT32 = np.dtype(np.float32)
TABLE = {"age": [1.0, 2.0, 3.0], "pay": [4.0, 5.0, 6.0]}
FRAMES = [pd.DataFrame, pl.DataFrame, pa.table]

SQUARED, LOG, POISSON = Loss("squared_error"), Loss("log_loss"), Loss("poisson")
CROSS = Loss("cross_entropy")


# ---------------------------------------------------------------- X


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_arrays_and_lists_give_the_same_matrix(frame: Any) -> None:
    expected = np.array([[1, 4], [2, 5], [3, 6]], np.float32)
    matrix, names = as_matrix(frame(TABLE), "float32", columns=2)
    np.testing.assert_array_equal(matrix, expected, strict=True)
    assert names == ["age", "pay"]
    for X in (expected, expected.tolist(), expected.astype(int)):
        matrix, names = as_matrix(X, "float32", columns=2)
        np.testing.assert_array_equal(matrix, expected, strict=True)
        assert names is None


def test_a_ready_matrix_is_returned_itself() -> None:
    X = np.ones((2, 3), np.float32)
    assert as_matrix(X, "float32", 3)[0] is X
    assert is_ready(X, FLOAT32, 3)


def test_any_number_of_columns_and_no_rows() -> None:
    assert as_matrix(np.ones((2, 5)), "float64")[0].shape == (2, 5)
    assert as_matrix(np.ones((0, 5)), "float64", 5)[0].shape == (0, 5)


@pytest.mark.parametrize(
    ("X", "text"),
    [
        (
            np.ones(6),
            r"X has the shape \(6,\), but 2 dimensions are expected \(rows x 3 column"
            r"s\): X.reshape\(-1, 1\) makes it one column, X.reshape\(1, -1\) one row",
        ),
        (np.ones((1, 2, 3)), r"X has the shape \(1, 2, 3\), .*: give a table, one row"),
        (
            np.ones((5, 2)),
            r"X has the shape \(5, 2\), but 3 columns are expected, one for each input "
            r"of the network: give those it was built for$",
        ),
        (np.ones((3, 2)), r"of the network: give those it was built for \(X.T\?\)"),
        ([], r"X has the shape \(0,\), but 2 dimensions are expected"),
    ],
)
def test_shapes_that_do_not_fit(X: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        as_matrix(X, "float32", 3)


def test_errors_name_what_was_given() -> None:
    with pytest.raises(ValueError, match=r"^validation X has the shape \(1, 1\)"):
        as_matrix([[1]], "float32", 2, what="validation X")


def test_nan_and_infinity_are_located() -> None:
    X = np.zeros((50, 6))
    X[7, 0] = X[9, 0] = NAN
    X[3, 2] = INF
    X[4, 3], X[5, 3] = NAN, -INF
    text = (
        r"X holds NaN or infinity, but a network needs finite numbers \(column 0: "
        r"2 NaN, first in row 7; column 2: 1 infinite, first in row 3; column 3: "
        r"1 NaN and 1 infinite, first in row 4; rows are counted from 0\): drop tho"
    )
    with pytest.raises(ValueError, match=text):
        as_matrix(X, "float32", 6)


@pytest.mark.parametrize("frame", FRAMES)
def test_nan_in_a_frame_is_located_by_name(frame: Any) -> None:
    table = frame({"age": [1.0, 2.0], "pay": [4.0, None]})
    with pytest.raises(
        ValueError, match="column 'pay': 1 NaN, first in row 1; rows ar"
    ):
        as_matrix(table, "float32", 2)


def test_many_bad_columns_are_counted() -> None:
    X = np.full((1, 1000), NAN)
    with pytest.raises(
        ValueError, match=r"column 2: .*; 997 more columns; rows"
    ) as error:
        as_matrix(X, "float32")
    assert len(str(error.value)) < 400
    with pytest.raises(ValueError, match="; 1 more column; rows"):
        as_matrix(X[:, :4], "float32")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_finite_numbers_are_finite(dtype: Any) -> None:
    X = np.full((3, 3), np.finfo(dtype).max, dtype)
    assert as_matrix(X, dtype)[0] is X


def test_is_ready_is_for_what_the_engine_can_take() -> None:
    X = np.ones((4, 4), np.float32)
    unaligned = np.zeros(16 * 4 + 1, np.uint8)[1:].view(np.float32).reshape(4, 4)
    for other in (X.tolist(), X[:, ::-1], X.T, X[0], X.astype(float), None):
        assert not is_ready(other, FLOAT32, 4)
    assert not is_ready(unaligned, FLOAT32, 4)
    assert not is_ready(X, FLOAT32, 5)
    assert not is_ready(np.full((4, 4), NAN, np.float32), FLOAT32, 4)
    assert not is_ready(np.ma.masked_array(X, mask=X > 0), FLOAT32, 4)


# ---------------------------------------------------------------- one row


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        ([1, 2], True),
        ((1.0, 2.0), True),
        (np.ones(3), True),
        (pd.Series([1]), True),
        (pl.Series([1]), True),
        ([[1, 2]], False),
        ([], False),
        ([np.ones(2)], False),
        (np.ones((1, 3)), False),
        (np.float64(3), False),
        (pd.DataFrame({"a": [1]}), False),
        (pa.table({"a": [1]}), False),
        ("abc", False),
    ],
)
def test_is_row(X: Any, expected: bool) -> None:
    assert is_row(X) is expected


def test_as_row() -> None:
    expected = np.array([[1, 2]], np.float32)
    for x in ([1, 2], np.array([1.0, 2.0]), pd.Series([1, 2])):
        np.testing.assert_array_equal(as_row(x, "float32", 2), expected, strict=True)
    text = (
        r"x has one dimension and 3 values, but the network has 2 inputs: give 2 "
        r"values, or a table of rows x 2 columns"
    )
    with pytest.raises(ValueError, match=text):
        as_row([1, 2, 3], "float32", 2)
    with pytest.raises(ValueError, match=r"x holds NaN .*\(1 NaN, first in row 1"):
        as_row([1, NAN], "float32", 2)


# ---------------------------------------------------------------- y


@pytest.mark.parametrize(
    "y",
    [[1, 2, 3], np.array([[1], [2], [3]]), pd.Series([1, 2, 3]), pl.Series([1, 2, 3])],
)
def test_one_output_takes_one_dimension_or_two(y: Any) -> None:
    Y = as_targets(y, SQUARED, 1, "float32", rows=3)
    np.testing.assert_array_equal(Y, np.array([[1], [2], [3]], np.float32), strict=True)
    assert Y.flags.c_contiguous


@pytest.mark.parametrize("frame", FRAMES)
def test_several_outputs(frame: Any) -> None:
    Y = as_targets(frame(TABLE), SQUARED, 2, "float64", rows=3)
    np.testing.assert_array_equal(Y, np.array([[1.0, 4], [2, 5], [3, 6]]), strict=True)
    turned = np.array([[1.0, 2, 3], [4, 5, 6]]).T
    assert as_targets(turned, SQUARED, 2, "float64").flags.c_contiguous


@pytest.mark.parametrize(
    ("y", "outputs", "text"),
    [
        (
            [1, 2],
            1,
            r"y has the shape \(2,\), but X has 3 rows: give one target for eac",
        ),
        (5.0, 1, r"y is a float, but numbers in rows and columns are expected"),
        (
            [1, 2, 3],
            2,
            r"y has the shape \(3,\), but \(rows, 2\) is expected, a column for",
        ),
        (
            np.ones((3, 3)),
            2,
            r"each output of the network: give targets of that shape$",
        ),
    ],
)
def test_target_shapes_that_do_not_fit(y: Any, outputs: int, text: str) -> None:
    with pytest.raises((ValueError, TypeError), match=text):
        as_targets(y, SQUARED, outputs, "float32", rows=3)


def test_target_nan_is_located() -> None:
    text = r"^y holds NaN or infinity.* \(2 NaN, first in row 1; rows"
    for loss, outputs in ((SQUARED, 1), (CROSS, 3)):
        with pytest.raises(ValueError, match=text):
            as_targets([0, NAN, NAN], loss, outputs, "float32")
    with pytest.raises(ValueError, match="column 'pay': 1 NaN, first in row 0"):
        as_targets(pd.DataFrame({"a": [1.0], "pay": [NAN]}), SQUARED, 2, "float32")


@pytest.mark.parametrize("loss", [SQUARED, LOG, CROSS])
def test_text_as_targets_names_the_remedy(loss: Loss) -> None:
    text = (
        r"y holds text.*, but numbers are expected\. Give numbers\. Classes become "
        r"numbers with `classes, y = np.unique\(y, return_inverse=True\)`"
    )
    for y in (["a", "b"], pd.Series(["a", "b"]), np.array(["a", "b"])):
        with pytest.raises(ValueError, match=text):
            as_targets(y, loss, 2, "float32")


@pytest.mark.parametrize(
    "y",
    [
        [0, 2, 1],
        [0.0, 2.0, 1.0],
        np.array([[0], [2], [1]], np.uint8),
        pd.Series([0, 2, 1]),
        pl.Series([0, 2, 1], dtype=pl.Int8),
    ],
)
def test_classes(y: Any) -> None:
    labels = as_targets(y, CROSS, 3, "float32", rows=3)
    np.testing.assert_array_equal(labels, np.array([0, 2, 1], np.int32), strict=True)


def test_booleans_are_two_classes() -> None:
    assert as_targets([True, False], CROSS, 2, "float32").tolist() == [1, 0]


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (3, "y is 3 in row 1"),
        (-1, "y is -1 in row 1"),
        (0.5, "y is 0.5 in row 1"),
        (2**40, r"y is 1.09951e\+12 in row 1"),
    ],
)
def test_classes_out_of_range(bad: float, text: str) -> None:
    rest = (
        r" \(counted from 0; 1 in all\), but it must be a class from 0 to 2, one of "
        "the network's 3 outputs: number the classes from 0"
    )
    with pytest.raises(ValueError, match=text + rest):
        as_targets([0, bad, 2], CROSS, 3, "float32")


def test_class_probabilities() -> None:
    y = [[0.25, 0.75], [1, 0]]
    Y = as_targets(y, CROSS, 2, "float32")
    np.testing.assert_array_equal(Y, np.array(y, np.float32), strict=True)
    text = (
        r"the sum over a row of y is 0.9 in row 1 .*, but it must be 1: divide by "
        r"their sum, y / y.sum\(axis=1, keepdims=True\)"
    )
    with pytest.raises(ValueError, match=text):
        as_targets([[0.5, 0.5], [0.4, 0.5]], CROSS, 2, "float32")
    with pytest.raises(ValueError, match=r"y is -0.5 in row 0, column 1 .* at least 0"):
        as_targets([[1.5, -0.5]], CROSS, 2, "float32")
    with pytest.raises(
        ValueError, match=r"give targets of that shape, or classes \(rows,"
    ):
        as_targets(np.ones((1, 3)), CROSS, 2, "float32")


@given(hnp.arrays(np.float32, (4, 7), elements=st.floats(0, 1, width=32)))
def test_probabilities_in_float32_are_close_enough(p: np.ndarray) -> None:
    p = p + np.float32(0.01)
    p /= p.sum(axis=1, keepdims=True)
    assert as_targets(p, CROSS, 7, "float32").dtype == np.float32


def test_cross_entropy_with_one_output_is_refused() -> None:
    text = (
        r"cross_entropy was given one output, but .*: use Dense\(classes, 'softmax'\)"
    )
    with pytest.raises(ValueError, match=text):
        as_targets([0, 1], CROSS, 1, "float32")


def test_targets_of_log_loss_lie_between_0_and_1() -> None:
    assert as_targets([0, 0.5, 1], LOG, 1, "float32").tolist() == [[0], [0.5], [1]]
    text = (
        r"y is 2 in row 1 \(counted from 0; 2 in all\), but it must be in \[0, 1\] for "
        "log_loss: number the two classes 0 and 1"
    )
    with pytest.raises(ValueError, match=text):
        as_targets([1, 2, 2], LOG, 1, "float32")


def test_no_target_of_log_loss_is_negative() -> None:
    with pytest.raises(ValueError, match=r"y is -1 in row 0 .* it must be in \[0, 1\]"):
        as_targets([-1, 1], LOG, 1, "float32")


def test_targets_of_poisson_are_not_negative() -> None:
    assert as_targets([0, 2.5], POISSON, 1, "float32").tolist() == [[0], [2.5]]
    text = (
        "y is -1 in row 0, column 1 .*, but it must be at least 0 for poisson: counts"
    )
    with pytest.raises(ValueError, match=text):
        as_targets([[1, -1]], POISSON, 2, "float32")


# ---------------------------------------------------------------- weights


@pytest.mark.parametrize("w", [[0, 1.5], np.array([[0], [1.5]]), pd.Series([0, 1.5])])
def test_weights(w: Any) -> None:
    for dtype in (np.float32, np.float64):
        expected = np.array([0, 1.5], dtype)
        np.testing.assert_array_equal(as_weights(w, 2, dtype), expected, strict=True)
    assert as_weights(w, 2).dtype == np.float64


@pytest.mark.parametrize(
    ("w", "text"),
    [
        ([1], r"sample_weight has the shape \(1,\), but X has 2 rows: give one weight"),
        ([1, -2], r"sample_weight is -2 in row 1 .*, but it must be at least 0: drop"),
        (
            [0, 0],
            r"sample_weight is 0 in all 2 rows, but at least one must count: give",
        ),
        ([1, NAN], r"sample_weight holds NaN .* \(1 NaN, first in row 1"),
        ([1, INF], r"sample_weight holds NaN or infinity.*1 infinite, first in row 1"),
        (["a", "b"], r"sample_weight holds text .* Give one number for each row"),
    ],
)
def test_weights_that_are_none(w: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        as_weights(w, 2)


def test_a_matrix_without_rows_has_no_loss() -> None:
    check_has_rows(np.ones((1, 2)), "X")
    text = r"X has no rows \(shape \(0, 2\)\), but at least one is needed: give rows"
    with pytest.raises(ValueError, match=text):
        check_has_rows(np.ones((0, 2)), "X")
