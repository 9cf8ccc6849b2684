"""column_report.py: ranges, marks and units of the columns."""

import pandas as pd

from ranvier.commands.column_report import describe_columns
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder


def test_columns_as_they_were_read() -> None:
    days = [f"{day}/03/2024" for day in range(1, 31)]
    table = pd.DataFrame(
        {
            "day": days,
            "cost": [f"{x},5 \u20ac" for x in range(30)],
            "size": range(30),
            "kind": ["a", "b"] * 15,
            "same": ["x"] * 30,
        }
    )
    reading, read = Reading.fit(table)
    columns = describe_columns(TableEncoder.fit(read), reading)
    assert [column["detail"] for column in columns] == [
        "2024-03-01 to 2024-03-30, date (day first)",
        "0.5 to 29.5, decimal comma, without '\u20ac'",
        "0 to 29",
        "2 values",
        "one value only ('x')",
    ]
    assert {column["name"]: column["inputs"] for column in columns}["kind"] == 2
