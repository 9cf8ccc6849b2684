"""The folder of real tables beside the repository; it is not part of it."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
FOLDER = Path(os.environ.get("RANVIER_DATA", BESIDE)) / "parquet"

NAMES = sorted(path.stem for path in FOLDER.glob("*.parquet"))

needed = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder of real tables is absent"
)


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.parquet"
