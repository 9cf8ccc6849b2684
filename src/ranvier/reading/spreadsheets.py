"""Excel and OpenDocument sheets -> the rows of a CSV file, to be read as one."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from ranvier.messages import listed
from ranvier.reading.opening import ReadError


def write_sheet(path: Path, sheet: str | None, out: Path) -> list[str]:
    """Write one sheet of a workbook as CSV, and say which if there are several.

    Numbers are written with all their digits, dates and times in ISO form.

    Raises
    ------
    ImportError
        python-calamine is not installed; it comes with ``ranvier[excel]``.
    ReadError
        The file is damaged, or has no such sheet.
    """
    try:
        import python_calamine as calamine
    except ImportError:
        raise ImportError(
            f"reading {path.name} needs python-calamine, which is not installed: "
            "pip install 'ranvier[excel]'"
        ) from None
    try:
        workbook = calamine.CalamineWorkbook.from_path(str(path))
    except (calamine.CalamineError, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise ReadError(
            f"{path} is a damaged workbook, or none ({error}): save it again"
        ) from None
    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        raise ReadError(
            f"{path} has no sheet {sheet!r}: its sheets are {listed(names)}"
        )
    chosen = sheet or names[0]
    try:
        rows = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=True)
    except (calamine.CalamineError, OSError) as error:
        raise ReadError(
            f"the sheet {chosen!r} of {path} is damaged ({error}): save it again"
        ) from None
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            if any(cell != "" for cell in row):
                writer.writerow(map(_cell, row))
    if len(names) == 1 or sheet is not None:
        return []
    return [
        f"The sheet {chosen!r} of {path.name} is read, of {listed(names)}: name "
        "another with --sheet (sheet=)."
    ]


def _cell(value: Any) -> str:
    """Write a cell as text: 3.0 as 3, a date without time as the day."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime):
        day = value.time() == dt.time()
        return value.date().isoformat() if day else value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        return str(value).replace(" day,", " days,")
    return str(value)
