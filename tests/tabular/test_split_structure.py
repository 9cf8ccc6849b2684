"""split_structure.py: what a random split hides is found, and nothing else is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
import real_tables
from ranvier.table.table import Table
from ranvier.tabular.split_structure import Structure, structure_of

N = 600
DAYS = pd.Series(pd.date_range("2021-01-01", periods=N))


def walk(seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=N).cumsum()


def noise(seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(size=N)


def test_a_target_that_follows_a_date() -> None:
    order = np.random.default_rng(2).permutation(N)
    table = Table.of(pd.DataFrame({"day": DAYS[order], "x": noise()}))
    found = structure_of(table, walk()[order])
    assert "--time day (time='day')" in found.time
    assert not structure_of(table, noise(3)).time
    assert structure_of(table, walk()[order], time_ordered=True) == Structure()


def test_a_target_that_follows_a_number_that_counts_the_rows() -> None:
    table = Table.of(pd.DataFrame({"step": np.arange(N), "x": noise()}))
    assert "By 'step'" in structure_of(table, walk()).time
    assert not structure_of(table, noise(3)).time
    # Class after class, or in the order of the target, is no time.
    assert not structure_of(table, np.arange(N) // 200).time
    assert not structure_of(table, np.sort(walk())).time


def test_rows_like_the_ones_before_them() -> None:
    table = Table.of(pd.DataFrame({"x": noise()}))
    assert "--time-ordered" in structure_of(table, walk()).time
    assert not structure_of(table, np.sort(noise())).time


PATIENTS = np.arange(N) // 8
SICK = np.random.default_rng(5).integers(0, 2, N // 8)[PATIENTS]


@pytest.mark.parametrize("make", [np.asarray, lambda ids: [f"P{k}" for k in ids]])
def test_an_id_with_one_target_for_all_its_rows(make: Any) -> None:
    order = np.random.default_rng(2).permutation(N)
    ids = np.asarray(make(PATIENTS * 37 % 101))[order]
    table = Table.of(pd.DataFrame({"patient": ids, "x": noise()}))
    found = structure_of(table, SICK[order])
    assert "--groups patient (groups='patient')" in found.ids
    assert not structure_of(table, SICK[order], grouped=True).ids
    assert not structure_of(table, np.random.default_rng(6).integers(0, 2, N)).ids


def test_a_measure_is_no_id() -> None:
    age = np.random.default_rng(7).integers(0, 60, N)
    table = Table.of(pd.DataFrame({"age": age}))
    assert not structure_of(table, (age > 30).astype(int)).ids
    assert not structure_of(table, age * 2.0).ids


def test_copies_count_where_chance_makes_none() -> None:
    numbers = Table.of(pd.DataFrame({"x": np.tile(noise()[:150], 4)}))
    y = np.tile(np.random.default_rng(8).integers(0, 2, 150), 4)
    assert "450 of 600 rows" in structure_of(numbers, y, copied=450).copies
    assert not structure_of(numbers, y, copied=20).copies
    few = Table.of(pd.DataFrame({"x": np.arange(N) % 5}))
    assert not structure_of(few, y, copied=590).copies


def test_the_notes_of_a_model_and_of_a_comparison() -> None:
    frame = pd.DataFrame({"day": DAYS, "x": noise(), "y": walk()})
    model = rv.fit_table(frame, "y", effort="fast")
    assert any("--time day" in notice for notice in model.notices)
    ordered = rv.fit_table(frame, "y", effort="fast", time="day")
    assert not any("--time" in notice for notice in ordered.notices)
    found = rv.compare(frame, "y", models=["linear"], folds=2)
    assert "--time day" in found.notices[0]
    assert not rv.compare(frame, "y", models=["linear"], folds=2, time="day").notices


@real_tables.needed
@pytest.mark.parametrize(
    "name", ["adult", "bike_sharing", "diamonds", "car", "nlswork", "letter"]
)
def test_healthy_tables_are_silent(name: str) -> None:
    frame = pd.read_parquet(real_tables.path_of(name))
    y = frame["target"]
    y = y if y.dtype.kind == "f" else pd.factorize(y)[0]
    copied = int(frame.duplicated().sum())
    found = structure_of(Table.of(frame), y, exclude=["target"], copied=copied)
    assert found == Structure()
