"""One sheet of a workbook -> CSV, in a process of its own with a limit of memory.

A workbook of a few kilobytes may name a cell so far away that the rows before it fill
any memory, and the library that reads it then ends its process. So this file is run as
a script and imports nothing of the package: ``sheet_rows.py LIMIT WORKBOOK SHEET OUT``.
It writes the rows to OUT and prints, as JSON, the names of the sheets, or the error.
"""

import csv
import datetime as dt
import json
import sys
from typing import Any

import python_calamine as calamine


def limit_memory(most: int) -> None:
    """Limit this process's address space, where the system can; write no core dump."""
    try:
        import resource
    except ImportError:  # pragma: no cover  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    known = [each for each in (most, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(known), hard))


def write_rows(path: str, sheet: str, out: str) -> dict[str, Any]:
    """Write the rows of one sheet, the first if `sheet` is empty; those not empty."""
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
    except (calamine.CalamineError, OSError) as error:
        return {"damaged": str(error)}
    names = workbook.sheet_names
    if sheet and sheet not in names:
        return {"names": names, "missing": True}
    try:
        read = workbook.get_sheet_by_name(sheet or names[0])
        rows = read.to_python(skip_empty_area=True)
    except (calamine.CalamineError, OSError) as error:
        return {"names": names, "damaged": str(error)}
    with open(out, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            if any(cell != "" for cell in row):
                writer.writerow(map(text_of, row))
    return {"names": names}


def text_of(value: Any) -> str:
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


if __name__ == "__main__":
    limit_memory(int(sys.argv[1]))
    sys.stdout.write(json.dumps(write_rows(*sys.argv[2:])))
