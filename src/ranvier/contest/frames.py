"""Any table as a pandas frame of numbers and categories, which all models can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ranvier.table.columns import Category, Column, Dropped, Number
from ranvier.table.dates import DATE_PARTS, as_dates, date_parts
from ranvier.table.frames import columns_of
from ranvier.table.kinds import choose_column
from ranvier.table.values import values_of, without_signs

if TYPE_CHECKING:
    import pandas as pd


def plain_frame(frame: Any, target: str) -> pd.DataFrame:
    """Give the columns but the target as numbers and categories.

    Which kind a column is, is decided as for Ranvier's main job, from the values of
    all rows; nothing else is learnt here. Columns of one value and names of rows are
    left out, dates become their parts, and texts stay categories, however many.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table.
    target
        The column to leave out.

    Returns
    -------
    pandas.DataFrame
        float64, NaN where missing, and category dtype.

    Raises
    ------
    ValueError
        No column is left, or one holds infinite numbers.
    """
    import pandas as pd

    columns: dict[str, Any] = {}
    for name, series in columns_of(frame).items():
        if name != target:
            values = values_of(series)
            columns |= _plain(choose_column(name, values), values)
    if not columns:
        raise ValueError(
            f"the table has no column beside the target {target!r} that can be used: "
            "give one with a column whose values vary"
        )
    return pd.DataFrame(columns)


def _plain(column: Column, values: Any) -> dict[str, Any]:
    """Give a column by its name, or the parts of dates by theirs."""
    import pandas as pd

    if isinstance(column, Dropped) and column.why != "text":
        return {}
    if isinstance(column, Number):
        return {column.name: column.numbers(values)}
    if isinstance(column, Category | Dropped):
        # From objects, so that a missing value is one and not the text "None".
        texts = [None if text is None else str(text) for text in _texts(values)]
        return {column.name: pd.Categorical(texts)}
    dates = as_dates(values)
    parts = date_parts(np.asarray(dates, "datetime64[us]"))
    named = (f"{column.name}: {part}" for part in DATE_PARTS)
    return dict(zip(named, parts, strict=True))


def _texts(values: Any) -> list[Any]:
    texts: list[Any] = without_signs(values).data.tolist()
    return texts
