"""Preparing a table: what is inferred, held out and refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier.job.preparation import choose, prepare
from ranvier.tabular.recipe import choose_recipe

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
    assert np.array_equal(ours.data.X, theirs.data.X)
    assert np.array_equal(ours.data.Y, theirs.data.Y)
    assert type(ours.train) is type(make(TABLE))
    assert type(ours.test) is type(make(TABLE))


def test_classes_become_labels() -> None:
    preparation = prepare(TABLE, "kind", test_fraction=0.2)
    assert preparation.task.name == "classification"
    data = preparation.data
    assert data.Y.dtype == np.int32
    assert data.X.shape == (len(data.Y), len(preparation.encoder.names))
    assert data.X.dtype == np.float32
    assert set(preparation.encoder.sources) == {"x", "colour", "price"}
    assert len(data) == len(preparation.train) == ROWS - len(preparation.test)
    # Held out evenly: a quarter of the 20 rows is "a", a half "b".
    counts = preparation.test["kind"].value_counts()
    assert counts["b"] == pytest.approx(10, abs=2)
    assert counts["a"] == pytest.approx(5, abs=2)


def test_numbers_are_standardised_with_the_training_rows_alone() -> None:
    preparation = prepare(TABLE, "price", test_fraction=0.3)
    assert preparation.task.name == "regression"
    Y = preparation.data.Y
    assert Y.shape == (70, 1)
    assert Y.dtype == np.float32
    assert abs(Y.mean()) < 1e-6
    assert Y.std() == pytest.approx(1, abs=1e-6)
    assert preparation.encoder.schema.rows == 70


def test_without_validation() -> None:
    preparation = prepare(TABLE, "kind")
    assert preparation.test is None
    assert len(preparation.data) == ROWS


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
    assert len(preparation.data) == 90
    assert (
        "10 of 100 rows have no value in the target 'price'" in preparation.notices[0]
    )
    with pytest.raises(ValueError, match="10 of 100 rows have no value"):
        prepare(table, "price", strict=True)


def test_a_rare_class_stays_in_training() -> None:
    table = TABLE.assign(kind=["rare"] + ["a", "b", "c"] * 33)
    for seed in range(5):
        preparation = prepare(table, "kind", test_fraction=0.5, seed=seed)
        assert preparation.lesson.aim.outputs == 4


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


def test_equal_rows_become_one_with_its_weight() -> None:
    twice = pd.concat([TABLE, TABLE.head(30), TABLE.head(10)])
    preparation = prepare(twice, "kind")
    data = preparation.data
    assert len(data) == ROWS
    assert data.weights is not None
    assert data.weights[:10].tolist() == [3] * 10
    assert data.weights[10:30].tolist() == [2] * 20
    assert data.weights.sum() == preparation.encoder.schema.rows == 140
    # They stand as in the table, each with its own answer.
    assert np.array_equal(data.Y, prepare(TABLE, "kind").data.Y)


def test_the_recipe_is_the_estimators_but_for_what_is_asked_for() -> None:
    assert choose(1000) == choose_recipe(1000)
    assert choose(1000, effort="fast") == choose_recipe(1000, "fast")
    assert choose(1000, hidden=(5,), epochs=3) == replace(
        choose_recipe(1000), hidden=(5,), epochs=3
    )
    assert prepare(TABLE, "kind", epochs=3).recipe.epochs == 3


def test_a_column_that_tells_the_target_is_named() -> None:
    table = TABLE.assign(code=TABLE.kind.map({"a": "x", "b": "y", "c": "z"}))
    table = table.sample(frac=1, random_state=0)
    (told,) = prepare(table, "kind").notices
    assert told.startswith("Column(s) 'code' alone predict the target")
    assert prepare(table.drop(columns="code"), "kind").notices == ()


@pytest.mark.parametrize("target", ["kind", "price"])
def test_each_network_holds_out_rows_of_its_own(target: str) -> None:
    preparation = prepare(TABLE, target)
    divided = preparation.divided(0)
    assert len(divided) == preparation.recipe.members
    held_out = np.concatenate([split.held_out for split in divided])
    assert sorted(held_out) == list(range(ROWS))
    if target == "kind":  # evenly
        for split in divided:
            counts = np.bincount(preparation.data.Y[split.held_out], minlength=3)
            assert counts[1] > counts[0] > 0 < counts[2] < counts[1]
    small = prepare(TABLE.head(30), target)
    assert all(len(split.held_out) == 0 for split in small.divided(0))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("kind", ("cross_entropy", 3, "softmax")),
        ("price", ("squared_error", 1, "identity")),
    ],
)
def test_what_is_learnt_follows_from_the_target(target: str, expected: Any) -> None:
    aim = prepare(TABLE, target).lesson.aim
    assert (aim.loss.name, aim.outputs, aim.activation) == expected
