"""The tables, and which of their rows are trained on and which are tested."""

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.splits import Split, split_rows

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDER = Path(os.environ.get("RANVIER_DATA", BESIDE))

MOST_TRAINING = MOST_TEST = 10_000  # rows
FEW_ROWS, SPLITS_OF_FEW = 1_600, 3  # a table below so many rows is split so often

Rows = NDArray[np.int64]


# The hyperparameters was chosen by trying it on their splits: their figures flatter it.
DEVELOPMENT = (
    "abalone", "adult", "auto_mpg", "bike_sharing", "boston", "building", "car",
    "contraceptive", "diabetes", "german_credit", "hpc_jobs", "insurance", "ionosphere",
    "phoneme", "pima", "power_plant", "sacramento", "satimage", "segment", "thyroid",
    "vehicle", "yeast",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table by its name: its task ("regression" or another), rows and columns.

    At most ``most_training`` of its rows are trained on.
    """

    name: str
    task: str
    rows: int
    columns: int
    most_training: int = MOST_TRAINING

    @property
    def classification(self) -> bool:
        """Whether classes are predicted."""
        return self.task != "regression"

    @property
    def splits(self) -> int:
        """How often it is split."""
        return SPLITS_OF_FEW if self.rows < FEW_ROWS else 1

    @property
    def cells(self) -> int:
        """Cells of the part that is trained on, which tells how long that takes."""
        return min(self.rows, self.most_training) * self.columns


def tables(folder: Path) -> list[Table]:
    """List the tables of a folder, smallest first.

    Raises
    ------
    FileNotFoundError
        There is none; the message says what to do.
    """
    try:
        listed = json.loads((folder / "index.json").read_text("utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there are no tables in {folder}: the folder is not part of the "
            "repository. Name one that has an index.json and parquet/NAME.parquet with "
            "the column 'target' in RANVIER_DATA; --report needs none"
        ) from None
    found = [
        Table(
            entry["name"],
            entry["task"],
            entry["n_rows"],
            entry["n_numeric"] + entry["n_categorical"],
        )
        for entry in listed
    ]
    return sorted(found, key=lambda table: (table.cells, table.name))


def read(table: Table, folder: Path) -> tuple[Any, NDArray[Any]]:
    """Read a table: a pandas frame without the target, and the target.

    Classes are numbered 0 ... C-1 in the order of their names.
    """
    import pandas as pd

    frame = pd.read_parquet(folder / "parquet" / f"{table.name}.parquet")
    target = frame.pop("target")
    if table.classification:
        return frame, np.unique(target.to_numpy(str), return_inverse=True)[1]
    return frame, target.to_numpy(np.float64)


def split(table: Table, y: NDArray[Any], number: int) -> Split:
    """Choose the rows of a split: ``kept`` to train on, ``held_out`` to test.

    Stratified by class; the same number always gives the same rows.
    """
    labels = y if table.classification else None
    share = min(len(y) // 4, MOST_TEST) / len(y)
    kept, test = split_rows(len(y), share, seed=number, labels=labels)
    if len(kept) > table.most_training:
        share = table.most_training / len(kept)
        labels = None if labels is None else labels[kept]
        chosen = split_rows(len(kept), share, seed=number, labels=labels).held_out
        kept = kept[chosen]
    return Split(kept, test)


def checksum(rows: Split) -> str:
    """Return a checksum of the chosen rows."""
    start = zlib.crc32(rows.train.tobytes())
    return format(zlib.crc32(rows.held_out.tobytes(), start), "08x")


def pairs(chosen: Iterable[Table]) -> Iterator[tuple[Table, int]]:
    """Iterate over the tables and their splits."""
    return ((table, number) for table in chosen for number in range(table.splits))
