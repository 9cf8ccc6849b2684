"""Preparing a table: what is inferred, held out and refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from raw_tables import prepared

import ranvier as rv
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.training_table import prepare_table

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
    ours = prepared(make(TABLE), "kind", test_fraction=0.2)
    theirs = prepared(TABLE, "kind", test_fraction=0.2)
    assert np.array_equal(ours.dataset.X, theirs.dataset.X)
    assert np.array_equal(ours.dataset.Y[0], theirs.dataset.Y[0])
    assert type(ours.train) is type(make(TABLE))
    assert type(ours.test) is type(make(TABLE))


def test_classes_become_labels() -> None:
    table = prepared(TABLE, "kind", test_fraction=0.2)
    assert table.task.name == "classification"
    data = table.dataset
    assert data.Y[0].dtype == np.int32
    assert data.X.shape == (len(data), len(table.dataset.encoder.names))
    assert data.X.dtype == np.float32
    assert set(table.dataset.encoder.sources) == {"x", "colour", "price"}
    assert len(data) == len(table.train) == ROWS - len(table.test)
    # Held out evenly: a quarter of the 20 rows is "a", a half "b".
    counts = table.test["kind"].value_counts()
    assert counts["b"] == pytest.approx(10, abs=2)
    assert counts["a"] == pytest.approx(5, abs=2)


def test_numbers_are_standardised_with_the_training_rows_alone() -> None:
    table = prepared(TABLE, "price", test_fraction=0.3)
    assert table.task.name == "regression"
    Y = table.dataset.Y[0]
    assert Y.shape == (70, 1)
    assert Y.dtype == np.float32
    assert abs(Y.mean()) < 1e-6
    assert Y.std() == pytest.approx(1, abs=1e-6)
    assert table.dataset.encoder.schema.rows == 70


def test_without_validation() -> None:
    table = prepared(TABLE, "kind")
    assert table.test is None
    assert len(table.dataset) == ROWS


def test_the_task_can_be_asked_for() -> None:
    table = TABLE.assign(year=[2007, 2008] * (ROWS // 2))
    assert prepared(table, "year").task.name == "classification"
    asked = prepared(table, "year", task="regression").task
    assert asked == ("regression", "it was asked for")
    with pytest.raises(ValueError, match="'kind' should hold numbers"):
        prepared(table, "kind", task="regression")


def test_rows_without_a_target_are_left_out_or_refused() -> None:
    table = TABLE.assign(price=TABLE.price.where(TABLE.index % 10 > 0))
    found = prepared(table, "price")
    assert len(found.dataset) == 90
    assert "10 of 100 rows have no value in the target 'price'" in found.notices[0]
    with pytest.raises(ValueError, match="10 of 100 rows have no value"):
        prepared(table, "price", strict=True)


def test_a_rare_class_stays_in_training() -> None:
    table = TABLE.assign(kind=["rare"] + ["a", "b", "c"] * 33)
    for seed in range(5):
        found = prepared(table, "kind", test_fraction=0.5, seed=seed)
        assert found.dataset.spec().output.outputs == 4


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
        prepared(table, target, test_fraction=0.5)


def test_a_share_that_holds_nothing_out_is_refused() -> None:
    for seed in range(20):
        try:
            prepared(TABLE.head(4), "price", test_fraction=0.01, seed=seed)
        except ValueError as error:
            assert "holds none of them out" in str(error)  # noqa: PT017
            return
    pytest.fail("no seed held nothing out")


def test_columns_named_twice_are_refused() -> None:
    table = TABLE.rename(columns={"colour": "x"})
    with pytest.raises(ValueError, match="more than one column named 'x'"):
        prepared(table, "kind")


def test_equal_rows_become_one_with_its_weight() -> None:
    twice = pd.concat([TABLE, TABLE.head(30), TABLE.head(10)])
    table = prepared(twice, "kind")
    data = table.dataset
    assert len(data) == ROWS
    assert data.weights is not None
    assert sorted(data.weights.tolist()) == [1] * 70 + [2] * 20 + [3] * 10
    assert data.weights.sum() == data.rows == data.encoder.schema.rows == 140
    # Each with its own target.
    alone = prepared(TABLE, "kind").dataset
    assert np.array_equal(np.bincount(data.Y[0]), np.bincount(alone.Y[0]))


def test_time_and_groups_decide_the_test_rows() -> None:
    table = prepare_table(
        TABLE, "kind", FitOptions(time_ordered=True), test_fraction=0.2
    )
    assert table.test.equals(TABLE.tail(20))
    groups = np.arange(ROWS) // 5
    table = prepared(TABLE, "kind", groups=groups, test_fraction=0.2)
    held = set(groups[table.test.index])
    assert len(table.test) == 20
    assert held.isdisjoint(groups[table.train.index])
    assert len(held) == 4


def test_columns_of_weights_and_groups_are_no_inputs() -> None:
    more = TABLE.assign(w=np.arange(ROWS) // 2 % 2, g=np.arange(ROWS) // 10)
    table = prepared(more, "kind", sample_weight="w", groups="g")
    assert table.not_inputs == ("kind", "w", "g")
    assert set(table.dataset.encoder.sources) == {"x", "colour", "price"}
    assert len(table.train) == table.dataset.rows == ROWS // 2  # of weight 0 none
    assert table.dataset.split_by.groups is not None


def test_a_column_that_tells_the_target_is_named() -> None:
    table = TABLE.assign(code=TABLE.kind.map({"a": "x", "b": "y", "c": "z"}))
    table = table.sample(frac=1, random_state=0)
    (told,) = prepared(table, "kind").notices
    assert told.startswith("Column(s) 'code' alone predict the target")
    assert prepared(table.drop(columns="code"), "kind").notices == ()


@pytest.mark.parametrize("target", ["kind", "price"])
def test_each_network_holds_out_rows_of_its_own(target: str) -> None:
    table = prepared(TABLE, target)
    divided = table.dataset.folds(FitOptions(), 0)
    assert len(divided) == table.dataset.hyperparameters.members
    held_out = np.concatenate([split.held_out for split in divided])
    assert sorted(held_out) == list(range(ROWS))
    if target == "kind":  # evenly
        for split in divided:
            counts = np.bincount(table.dataset.Y[0][split.held_out], minlength=3)
            assert counts[1] > counts[0] > 0 < counts[2] < counts[1]
    small = prepared(TABLE.head(30), target).dataset
    held_out = np.concatenate([s.held_out for s in small.folds(FitOptions(), 0)])
    assert sorted(held_out) == (list(range(30)) if target == "kind" else [])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("kind", ("cross_entropy", 3, "softmax")),
        ("price", ("squared_error", 1, "identity")),
    ],
)
def test_what_is_learnt_follows_from_the_target(target: str, expected: Any) -> None:
    output = prepared(TABLE, target).dataset.spec().output
    assert (output.loss.name, output.outputs, output.activation) == expected


REGIONS = pd.DataFrame({"x": range(90), "region": np.repeat(["EU", "NA", "US"], 30)})


@pytest.mark.parametrize("make", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_a_class_called_NA_in_a_data_frame(make: Any) -> None:  # noqa: N802
    table = make(REGIONS)
    with pytest.warns(
        UserWarning, match="'NA' of the target 'region' is a class, in 30"
    ):
        model = rv.fit_table(table, "region", effort="fast", seed=0)
    assert model.classes == ("EU", "NA", "US")
    assert any("is a class" in notice for notice in model.notices)
    assert model.evaluate(table)["accuracy"] > 0.9
    compared = rv.compare(table, "region", models=["linear"], folds=2)
    assert compared.rows == 90


def test_a_class_called_NA_in_a_file(tmp_path: Path) -> None:  # noqa: N802
    path = tmp_path / "regions.csv"
    REGIONS.to_csv(path, index=False)
    with pytest.warns(UserWarning, match="'NA' read as none"):
        model = rv.fit_table(rv.read_table(path), "region", effort="fast")
    assert model.classes == ("EU", "US")
    with pytest.warns(UserWarning, match="is a class"):
        model = rv.fit_table(rv.read_table(path, na=[""]), "region", effort="fast")
    assert model.classes == ("EU", "NA", "US")


def test_nan_as_a_text_is_no_class() -> None:
    frame = REGIONS.replace("US", "nan")
    with pytest.warns(UserWarning, match="30 of 90 rows have no value.*'NA'.*a class"):
        model = rv.fit_table(frame, "region", effort="fast")
    assert model.classes == ("EU", "NA")


def test_rows_in_the_order_of_a_column() -> None:
    order = np.random.default_rng(0).permutation(ROWS)
    frame = TABLE.iloc[order].reset_index(drop=True)
    frame["when"] = pd.date_range("2024-01-01", periods=ROWS)[order]
    table = prepared(frame, "price", test_fraction=0.2, time="when")
    assert table.options.time_ordered
    assert table.train["when"].is_monotonic_increasing
    assert table.test["when"].min() > table.train["when"].max()
    (split,) = table.dataset.folds(table.options, 0)[:1]
    assert split.train.max() < split.held_out.min()
    with pytest.raises(ValueError, match="time holds neither dates nor numbers"):
        prepared(frame, "price", time="colour")


def test_the_same_fraction_of_each_stratum() -> None:
    frame = TABLE.assign(site=["a"] * 80 + ["b"] * 20)
    table = prepared(frame, "price", test_fraction=0.2, stratify="site")
    assert table.test["site"].value_counts().to_dict() == {"a": 16, "b": 4}
    strata = table.dataset.split_by.strata
    for split in table.dataset.folds(table.options, 0):
        assert abs((strata[split.held_out] == "b").mean() - 0.2) < 0.07
