"""Excel and OpenDocument sheets -> the rows of a CSV file, to be read as one."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ranvier.messages import listed
from ranvier.reading.memory import most_bytes
from ranvier.reading.opening import ReadError

LEAST_LIMIT = 1 << 31  # bytes of memory that any workbook may take
A_BYTE = 200  # bytes of memory that a byte of a larger workbook may take
LONGEST = 600  # seconds


def write_sheet(path: Path, sheet: str | None, out: Path) -> list[str]:
    """Write one sheet of a workbook as CSV, and say which if there are several.

    Numbers are written with all their digits, dates and times in ISO form.

    Raises
    ------
    ImportError
        python-calamine is not installed; it comes with ``ranvier[excel]``.
    ReadError
        The file is damaged, has no such sheet, or needs too much memory.
    """
    if find_spec("python_calamine") is None:
        raise ImportError(
            f"reading {path.name} needs python-calamine, which is not installed: "
            "pip install 'ranvier[excel]'"
        )
    found = _run(path, sheet or "", out)
    names = found.get("names")
    if names is None:
        raise ReadError(
            f"{path} is a damaged workbook, or none ({found['damaged']}): save it again"
        )
    if "missing" in found:
        raise ReadError(
            f"{path} has no sheet {sheet!r}: its sheets are {listed(names)}"
        )
    chosen = sheet or names[0]
    if "damaged" in found:
        raise ReadError(
            f"the sheet {chosen!r} of {path} is damaged ({found['damaged']}): save it "
            "again"
        )
    if len(names) == 1 or sheet is not None:
        return []
    return [
        f"The sheet {chosen!r} of {path.name} is read, of {listed(names)}: name "
        "another with --sheet (sheet=)."
    ]


def _run(path: Path, sheet: str, out: Path) -> dict[str, Any]:
    """Read a sheet in a process of its own; see sheet_rows.py."""
    with path.open("rb"):  # PermissionError, as for other files
        pass
    most = min(max(LEAST_LIMIT, A_BYTE * path.stat().st_size), most_bytes())
    script = str(Path(__file__).with_name("sheet_rows.py"))
    command = [sys.executable, "-P", script, str(most), str(path), sheet, str(out)]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise ReadError(
            f"{path} was not read in {LONGEST} seconds: save the sheet as CSV"
        ) from None
    if done.returncode:
        raise ReadError(
            f"{path} needs more than {most:,} bytes of memory to read: a cell far from "
            "the others makes a sheet huge. Delete the empty rows and columns, or save "
            "the sheet as CSV"
        )
    result: dict[str, Any] = json.loads(done.stdout)
    return result
