"""row_values.py: the name of a column, or a value for each row."""

import numpy as np
import pandas as pd
import pytest

from ranvier.table.row_values import some_rows, time_order, values_by_row
from ranvier.table.table import Table

TABLE = Table.of(
    pd.DataFrame(
        {
            "site": ["a", "b", "a"],
            "day": pd.to_datetime(["2024-03-01", "2024-01-01", "2024-02-01"]),
            "gap": [1.0, None, 2.0],
        }
    )
)
ROWS = np.arange(3)


def test_a_name_or_the_values() -> None:
    by_name = values_by_row(TABLE, "site", "groups")
    assert by_name is not None
    assert by_name.tolist() == ["a", "b", "a"]
    given = values_by_row(TABLE, [3, 1, 2], "groups")
    assert given is not None
    assert given.tolist() == [3, 1, 2]
    assert values_by_row(TABLE, None, "groups") is None
    assert some_rows(None, ROWS) is None
    assert some_rows(given, np.array([2])).tolist() == [2]  # type: ignore[union-attr]


def test_the_order_in_time() -> None:
    assert time_order(TABLE, "day", ROWS).tolist() == [1, 2, 0]
    assert time_order(TABLE, [5, 5, 1], ROWS).tolist() == [2, 0, 1]
    assert time_order(TABLE, "day", np.array([0, 2])).tolist() == [1, 0]


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r"groups: .*'gap' has no value in row 1"):
        values_by_row(TABLE, "gap", "groups")
    with pytest.raises(ValueError, match="groups must be the name of a column or one"):
        values_by_row(TABLE, [1, 2], "groups")
    with pytest.raises(ValueError, match="no column 'sites': did you mean 'site'"):
        values_by_row(TABLE, "sites", "groups")
    with pytest.raises(ValueError, match="neither dates nor numbers"):
        time_order(TABLE, "site", ROWS)
