"""Preparing a table: what is inferred, held out and refused."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier.job.preparation import prepare, squash

ROWS = 100
TABLE = pd.DataFrame(
    {
        "x": np.linspace(0, 1, ROWS),
        "colour": ["red", "green"] * (ROWS // 2),
        "price": np.linspace(10.5, 20.5, ROWS),
        "kind": ["a", "b", "b", "c"] * (ROWS // 4),
    }
)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_every_library_gives_the_same(make: Any) -> None:
    ours = prepare(make(TABLE), "kind", test_fraction=0.2)
    theirs = prepare(TABLE, "kind", test_fraction=0.2)
    assert np.array_equal(ours.X, theirs.X)
    assert np.array_equal(ours.Y, theirs.Y)
    assert type(ours.test) is type(make(TABLE))


def test_classes_become_labels() -> None:
    preparation = prepare(TABLE, "kind", test_fraction=0.2)
    assert preparation.task.name == "classification"
    assert preparation.outputs == 3
    assert preparation.Y.dtype == np.int32
    assert preparation.X.shape == (len(preparation.Y), 4)
    assert preparation.X.dtype == np.float32
    assert len(preparation.Y) + len(preparation.test) == ROWS
    # Held out evenly: a quarter of the 20 rows is "a", a half "b".
    counts = preparation.test["kind"].value_counts()
    assert counts["b"] == pytest.approx(10, abs=2)
    assert counts["a"] == pytest.approx(5, abs=2)


def test_numbers_are_standardised_with_the_training_rows_alone() -> None:
    preparation = prepare(TABLE, "price", test_fraction=0.3)
    assert preparation.task.name == "regression"
    assert preparation.outputs == 1
    assert preparation.Y.shape == (70, 1)
    assert preparation.Y.dtype == np.float32
    assert abs(preparation.Y.mean()) < 1e-6
    assert preparation.Y.std() == pytest.approx(1, abs=1e-6)
    assert preparation.encoder.rows == 70


def test_nothing_held_out() -> None:
    preparation = prepare(TABLE, "kind")
    assert preparation.test is None
    assert len(preparation.X) == ROWS


def test_the_task_can_be_asked_for() -> None:
    table = TABLE.assign(year=[2007, 2008] * (ROWS // 2))
    assert prepare(table, "year").task.name == "classification"
    asked = prepare(table, "year", task="regression").task
    assert asked == ("regression", "it was asked for")
    with pytest.raises(ValueError, match="'kind' should hold numbers"):
        prepare(table, "kind", task="regression")


def test_rows_without_a_target_are_left_out_or_refused() -> None:
    table = TABLE.assign(price=TABLE.price.where(TABLE.index % 10 > 0))
    preparation = prepare(table, "price")
    assert len(preparation.X) == 90
    assert (
        "10 of 100 rows have no value in the target 'price'" in preparation.notices[0]
    )
    with pytest.raises(ValueError, match="10 of 100 rows have no value"):
        prepare(table, "price", strict=True)


def test_a_rare_class_stays_in_training() -> None:
    table = TABLE.assign(kind=["rare"] + ["a", "b", "c"] * 33)
    for seed in range(5):
        preparation = prepare(table, "kind", test_fraction=0.5, seed=seed)
        assert preparation.outputs == 4


@pytest.mark.parametrize(
    ("table", "target", "message"),
    [
        (TABLE, "prise", "no column 'prise': did you mean 'price'"),
        (TABLE.head(0), "kind", "the table has no rows"),
        (TABLE.assign(kind="a"), "kind", "one class only"),
        (TABLE.assign(price=1.5), "price", "one value only"),
        (TABLE[["kind"]], "kind", "can be used as input"),
        (TABLE.assign(x=1)[["x", "kind"]], "kind", "can be used as input"),
        (TABLE.assign(x=np.inf), "kind", "column 'x' holds 100 infinite value"),
        (TABLE.assign(price=TABLE.price / (TABLE.index != 70)), "price", "in row 70"),
        (TABLE.head(2), "price", "leaves 1 row"),
    ],
)
def test_what_cannot_be_used_is_refused(
    table: pd.DataFrame, target: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        prepare(table, target, test_fraction=0.5)


def test_a_share_that_holds_nothing_out_is_refused() -> None:
    for seed in range(20):
        try:
            prepare(TABLE.head(4), "price", test_fraction=0.01, seed=seed)
        except ValueError as error:
            assert "holds none of them out" in str(error)  # noqa: PT017
            return
    pytest.fail("no seed held nothing out")


def test_columns_named_twice_are_refused() -> None:
    table = TABLE.rename(columns={"colour": "x"})
    with pytest.raises(ValueError, match="more than one column named 'x'"):
        prepare(table, "kind")


def test_squashing_leaves_small_values_and_bounds_large_ones() -> None:
    X = np.float32([[-1e6, -2.0, -0.01, 0.0, 0.01, 2.0, 1e6]])
    S = squash(X)
    assert S.dtype == np.float32
    assert np.array_equal(S, -S[:, ::-1])
    assert (np.diff(S) > 0).all()
    assert np.abs(S).max() <= 3
    np.testing.assert_allclose(S[0, 3:5], X[0, 3:5], rtol=1e-4)
    # By hand: 2 / sqrt(1 + 4/9) = 6 / sqrt(13).
    assert S[0, 5] == pytest.approx(6 / 13**0.5)
