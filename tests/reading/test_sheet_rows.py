"""sheet_rows.py: what a cell becomes, and the limit of memory of its process."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("python_calamine")

from ranvier.reading import sheet_rows


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.0, "3"),
        (0.1, "0.1"),
        (2.0**60, "1.152921504606847e+18"),
        (True, "true"),
        (dt.datetime(2024, 3, 18), "2024-03-18"),
        (dt.datetime(2024, 3, 18, 9, 30), "2024-03-18 09:30:00"),
        (dt.date(2024, 3, 18), "2024-03-18"),
        (dt.time(9, 30), "09:30:00"),
        (dt.timedelta(days=2, hours=1), "2 days, 1:00:00"),
        (dt.timedelta(days=1), "1 days, 0:00:00"),
        ("a", "a"),
    ],
)
def test_cells(cell: object, text: str) -> None:
    assert sheet_rows.text_of(cell) == text


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_the_limit_of_memory() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(Path(sheet_rows.__file__).parent)!r})\n"
        "from sheet_rows import limit_memory\n"
        "limit_memory(1 << 29); bytes(1 << 20); bytes(1 << 30)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip().endswith("MemoryError")
