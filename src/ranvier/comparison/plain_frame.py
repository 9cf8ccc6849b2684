"""Any table as a pandas frame of numbers and categories, which all models can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ranvier.table.column_types import Category, Column, Dropped
from ranvier.table.table import Table
from ranvier.table.type_inference import choose_column
from ranvier.table.values import Values, without_missing_markers

if TYPE_CHECKING:
    import pandas as pd


def plain_frame(frame: Any, excluded: Sequence[str]) -> pd.DataFrame:
    """Return all columns but some as numbers and categories.

    The kind of a column follows from the values of all rows, as in `Schema`; nothing
    else is fitted here. Constant columns and identifiers are left out, dates become
    their parts, and texts stay categories, however many.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table.
    excluded
        The columns to leave out, the target first.

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
    table = Table.of(frame)
    for name in table.names:
        if name not in excluded:
            values = table.values(name)
            columns |= _plain(choose_column(name, values), values)
    if not columns:
        raise ValueError(
            f"the table has no column beside the target {excluded[0]!r} that can be "
            "used: give one with a column whose values vary"
        )
    return pd.DataFrame(columns)


def _plain(column: Column, values: Values) -> dict[str, Any]:
    """Return a column by its name, or the parts of dates by theirs."""
    import pandas as pd

    if isinstance(column, Dropped) and column.why != "text":
        return {}
    if isinstance(column, Category | Dropped):
        # From objects, so that a missing value is one and not the text "None".
        texts = without_missing_markers(values).data.tolist()
        texts = [None if text is None else str(text) for text in texts]
        return {column.name: pd.Categorical(texts)}
    return dict(zip(column.part_names, column.parts(values), strict=True))
