"""What an ONNX file of a table model takes for each column, and rows in that form.

A column is an input of its own name and of the table's type. Runtimes have no missing
values except NaN, and turn a None among Python's texts into the text "None".
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.table.column_types import Category, Number
from ranvier.table.dates import Date, as_dates
from ranvier.table.encoder import TableEncoder
from ranvier.table.table import Table
from ranvier.table.value_checks import refuse
from ranvier.table.values import NO_TEXT, Values

Array = NDArray[Any]

MISSING_INTEGER: Final = np.iinfo(np.int64).min  # also what NumPy makes of NaT
MISSING_TEXT: Final = ""
# Texts that mean no value unless they are categories. "None" is what ONNX Runtime makes
# of None.
MISSING_TEXTS: Final = (MISSING_TEXT, "None", *sorted(NO_TEXT))

MISSING: Final = {
    "float64": "NaN",
    "int64": "-9223372036854775808",
    "bool": "cannot be missing",
    "string": "the empty text",
}


def input_type(column: Number | Category | Date) -> str:
    """Return the type of the input for a column.

    Whole numbers and truths that were missing in some row of the training table are
    float64, as in pandas.

    Returns
    -------
    str
        ``"float64"``, ``"int64"``, ``"bool"`` or ``"string"``.
    """
    if isinstance(column, Category):
        return "string"
    if isinstance(column, Date):
        return "int64"
    if column.missing or column.form == "float":
        return "float64"
    return "bool" if column.form == "boolean" else "int64"


def described_inputs(encoder: TableEncoder) -> list[dict[str, str]]:
    """Describe each input: name, kind, type, and how a missing value is written."""
    described = []
    for column in encoder.schema.used:
        kind = input_type(column)
        said = {"name": column.name, "kind": column.kind, "type": kind}
        if isinstance(column, Date):
            said["unit"] = "microseconds since 1970 in UTC"
        described.append(said | {"missing": MISSING[kind]})
    return described


def raw_feeds(encoder: TableEncoder, table: dict[str, Array]) -> dict[str, Array]:
    """Return rows as a program without Ranvier feeds them, missing values replaced.

    Parameters
    ----------
    encoder
        That of the model.
    table
        For each used column float64, texts (None missing) or datetime64[us]; see
        `representable`.
    """
    feeds = {}
    for column in encoder.schema.used:
        values = table[column.name]
        if isinstance(column, Category):
            texts = [MISSING_TEXT if text is None else text for text in values]
            feeds[column.name] = np.array(texts, dtype=object)
        elif isinstance(column, Date):
            feeds[column.name] = values.astype("datetime64[us]").astype(np.int64)
        else:
            feeds[column.name] = _typed(values, column)
    return feeds


def feeds_of(encoder: TableEncoder, frame: Any) -> dict[str, Array]:
    """Return the rows of any table, read as in training, as the inputs of a file.

    Parameters
    ----------
    encoder
        That of the model.
    frame
        A `Table`, or a pandas, polars or Arrow table (n, d).

    Raises
    ------
    ValueError
        A column is missing or of another kind than in training, or a value has no form
        in the type of its input.
    """
    feeds: dict[str, Array] = {}
    for column, values in encoder.schema.values(Table.of(frame)):
        if isinstance(column, Category):
            feeds[column.name] = _texts(column, values)
        elif isinstance(column, Date):
            dates = as_dates(values)
            if dates is None:
                refuse(column.name, values, "dates such as 2024-12-31")
            feeds[column.name] = dates.astype("datetime64[us]").astype(np.int64)
        else:
            feeds[column.name] = _typed(column.numbers(values), column)
    return feeds


def representable(encoder: TableEncoder, table: dict[str, Array]) -> dict[str, Array]:
    """Replace values that an input cannot have: fractions of whole numbers and so on.

    Parameters
    ----------
    encoder
        That of the model.
    table
        Rows as for `raw_feeds`.

    Returns
    -------
    dict of str to ndarray
        Whole numbers that are not whole, and texts that mean missing in ONNX alone,
        become missing; truths become 0 or 1; texts lose their thousands separators.
    """
    found = dict(table)
    for column in encoder.schema.used:
        values, kind = table[column.name], input_type(column)
        if kind == "string":
            known = {*getattr(column, "categories", ())}
            texts = [
                text if text is None or text in known else text.replace(",", "")
                for text in values
            ]
            alone = {"", "None"} - known
            found[column.name] = np.array(
                [None if text in alone else text for text in texts], dtype=object
            )
        elif kind == "bool":
            found[column.name] = np.where(values > 0.5, 1.0, 0.0)
        elif kind == "int64" and isinstance(column, Number):
            found[column.name] = np.where(_is_int64(values), values, np.nan)
    return found


def _typed(numbers: Array, column: Number) -> Array:
    """Return float64 numbers in the type of the input."""
    kind = input_type(column)
    if kind == "float64":
        return numbers
    missing = np.isnan(numbers)
    truths = np.isin(numbers, (0, 1))
    fit = truths if kind == "bool" else missing | _is_int64(numbers)
    if not fit.all():
        row = int((~fit).argmax())
        held = "a missing value" if missing[row] else f"{numbers[row]:g}"
        takes = "truths (0 or 1)" if kind == "bool" else "whole numbers"
        raise ValueError(
            f"column {column.name!r} holds {held} in row {row} (counted from 0), but "
            f"the ONNX file takes {takes}, as all were in training: correct it, or "
            "predict with the model file"
        )
    if kind == "bool":
        return numbers.astype(bool)
    whole = np.where(missing, 0, numbers).astype(np.int64)
    return np.where(missing, MISSING_INTEGER, whole)


def _is_int64(numbers: Array) -> Array:
    return np.asarray((np.abs(numbers) < 2.0**63) & (numbers == np.floor(numbers)))


def _texts(column: Category, values: Values) -> Array:
    """Return the category that each value is found to be, however it is written."""
    unseen = " "
    while unseen in column.categories:
        unseen += " "
    texts = [*column.categories]
    texts += [unseen] * bool(column.other) + [MISSING_TEXT] * bool(column.missing)
    # Codes below 0 count from the end: -1 is missing, -2 unseen.
    return np.array([*texts, unseen, MISSING_TEXT], dtype=object)[column.codes(values)]


def check_columns(encoder: TableEncoder) -> None:
    """Raise TypeError for columns that ONNX cannot carry."""
    nameless = [c for c in encoder.schema.used if not c.name]
    if nameless:
        raise TypeError(
            "a column of the table has an empty name, which no input of ONNX can have: "
            "rename it and train again"
        )
    empty = [
        column.name
        for column in encoder.schema.used
        if isinstance(column, Category) and MISSING_TEXT in column.categories
    ]
    if empty:
        raise TypeError(
            f"the empty text is a category of {listed(empty)}, but in ONNX it stands "
            "for a missing value: replace it in the training table by a word, or by "
            "None where it means missing"
        )


def notices(encoder: TableEncoder) -> list[str]:
    """Say what a user of the file has to know about its inputs."""
    named = [
        column.name
        for column in encoder.schema.used
        if isinstance(column, Category) and "None" in column.categories
    ]
    if not named:
        return []
    return [
        f"'None' is a category of {listed(named)}, and ONNX Runtime makes that text of "
        "a missing Python value: write missing values as the empty text"
    ]
