from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.accuracy.tables import Table, checksum, pairs, read, split

from benchmarks.accuracy import tables


def test_smallest_first(folder: Path) -> None:
    found = tables.tables(folder)
    assert [table.name for table in found] == ["slope", "sides"]
    assert found[1] == Table("sides", "binary", 80, 3)
    assert found[1].classification
    assert not found[0].classification
    assert [number for _, number in pairs(found)] == [0, 1, 2] * 2


def test_classes_are_numbered_by_name(folder: Path) -> None:
    frame, y = read(tables.tables(folder)[1], folder)
    assert "target" not in frame
    assert set(y) == {0, 1}
    assert y[np.argmax(frame["x"] + frame["z"])] == 1  # "b"


def test_an_absent_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="RANVIER_DATA"):
        tables.tables(tmp_path / "absent")


@pytest.mark.parametrize(
    ("rows", "training", "test", "splits"),
    [
        (308, 231, 77, 3),
        (1_599, 1_200, 399, 3),
        (1_600, 1_200, 400, 1),
        (20_000, 10_000, 5_000, 1),
        (60_000, 10_000, 10_000, 1),
    ],
)
@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_sizes_of_the_parts(
    task: str, rows: int, training: int, test: int, splits: int
) -> None:
    table = Table("made", task, rows, 1)
    y = np.arange(rows) % 3
    parts = split(table, y, 0)
    assert table.splits == splits
    assert abs(len(parts.train) - training) <= 1
    assert abs(len(parts.held_out) - test) <= 1
    assert not set(parts.train) & set(parts.held_out)
    if task == "multiclass":
        for part in parts:
            counts = np.bincount(y[part])
            assert counts.max() - counts.min() <= 2


def test_fewer_rows_to_train_on_are_tested_alike() -> None:
    table = Table("made", "multiclass", 2_000, 1)
    y = np.arange(2_000) % 3
    few, usual = split(replace(table, most_training=300), y, 0), split(table, y, 0)
    assert len(few.train) == 300
    assert set(few.train) < set(usual.train)
    assert np.array_equal(few.held_out, usual.held_out)
    assert np.bincount(y[few.train]).tolist() == [100] * 3


def test_splits_are_fixed() -> None:
    # A change of these rows would make all stored results worthless.
    table = Table("made", "binary", 400, 1)
    y = np.arange(400) % 2
    marks = [checksum(split(table, y, number)) for number in (0, 1, 0)]
    assert marks == ["36a044ca", "8e1c0817", "36a044ca"]
