import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier.comparison.plain_frame import plain_frame

COLUMNS = {
    "size": [1.5, None, 2.0, 4.0],
    "written": ["1", "2", "NA", "4"],
    "kind": ["a", "b", None, "a"],
    "when": [dt.datetime(2024, 1, day) for day in (1, 2, 3, 4)],
    "same": [7, 7, 7, 7],
    "y": [0, 1, 0, 1],
}


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
def test_numbers_categories_dates_of_any_library(kind: type) -> None:
    plain = plain_frame(kind(COLUMNS), "y")
    assert plain["size"].tolist()[2:] == [2.0, 4.0]
    assert np.isnan(plain["size"][1])
    assert np.isnan(plain["written"][2])
    assert plain["written"][3] == 4
    assert isinstance(plain["kind"].dtype, pd.CategoricalDtype)
    assert plain["kind"].isna().tolist() == [False, False, True, False]
    assert plain["when: day of month"].tolist() == [1, 2, 3, 4]
    assert "same" not in plain
    assert "y" not in plain


def test_many_categories_are_all_kept() -> None:
    kinds = [f"k{i % 300}" for i in range(900)]
    plain = plain_frame(pd.DataFrame({"kind": kinds, "y": range(900)}), "y")
    assert len(plain["kind"].cat.categories) == 300


def test_nothing_left_is_refused() -> None:
    table = pd.DataFrame({"same": [1, 1, 1], "y": [0, 1, 0]})
    with pytest.raises(ValueError, match="no column beside the target 'y'"):
        plain_frame(table, "y")
