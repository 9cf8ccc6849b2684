"""What files of a table model are made of, whatever their language."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_float
from ranvier.exports.c_text import elementary_key
from ranvier.table.column_encoding import CodeEncoding, NumericPart, OneHotEncoding
from ranvier.table.column_types import Category
from ranvier.table.scalers import RobustScaler
from ranvier.table.values import parse_number
from ranvier.tabular.model import TableModel

Array = NDArray[Any]

INTERVAL: Final = 0.9  # unless the user gives another
TRUTHS: Final = ("true", "false")

# Where a category stands in `category_rows`: first the row of a category that training
# did not see, then that of a missing one, then those of the categories.
UNSEEN, MISSING, FIRST = 0, 1, 2


def check_model(model: TableModel) -> None:
    """Raise TypeError for models that no kind of file can hold."""
    if model.mean_of_outputs:
        raise TypeError(
            "the model averages the outputs of its networks as files did that were "
            "saved before version 0.1, which exports do not: train it again"
        )


def check_scalers(model: TableModel) -> None:
    """Raise TypeError for models with scalers that C and SQL do not have."""
    for encoding in model.encoder.encodings:
        for part in getattr(encoding, "parts", ()):
            robust_scaler(part)


def supported_interval(model: TableModel, interval: float | None) -> float | None:
    """Return the fraction of true numbers that bounds hold; None if there are none.

    Parameters
    ----------
    model
        The model.
    interval
        What the user gave; None: `INTERVAL`, if enough rows were held out for that.

    Raises
    ------
    ValueError
        The model has no bounds, or none that hold so much.
    """
    rows = 0 if model.residuals is None else len(model.residuals)
    most = rows / (rows + 1)
    if interval is None:
        return INTERVAL if most >= INTERVAL else None
    if not rows:
        raise ValueError(
            "there are no intervals, because the model predicts classes, or no rows "
            "were held out: leave interval= out"
        )
    interval = checked_float("interval", interval, example=0.9)
    if not 0 < interval <= most:
        raise ValueError(
            f"interval={interval!r}, but {rows} residuals of held-out rows support "
            f"fractions above 0 and up to {np.floor(most * 1000) / 1000:.3f}: give one "
            "of these, or fit with more rows"
        )
    return interval


def robust_scaler(part: NumericPart) -> RobustScaler:
    """Return the scaler of a number; TypeError for one by quantiles."""
    if not isinstance(part.scaler, RobustScaler):
        raise TypeError(
            f"column {part.name!r} is scaled by quantiles (preset='tabm'), which C and "
            "SQL files do not have: export to ONNX, or train with another preset"
        )
    return part.scaler


def one_hot_rows(encoding: OneHotEncoding) -> Array:
    """Compute the inputs of each code, and last of a category without one.

    Returns
    -------
    ndarray of float32
        (codes + 1, inputs).
    """
    codes = len(encoding.column.names)
    rows = np.vstack([np.eye(codes), encoding.column.average()[None]])
    return encoding.scale(rows).astype(np.float32)


def category_rows(encoding: OneHotEncoding | CodeEncoding) -> Array:
    """Compute the inputs of an unseen and of a missing category, then of each known.

    Returns
    -------
    ndarray of float32
        (2 + categories, inputs).
    """
    column = encoding.column
    known = len(column.categories)
    unseen = known if column.other else -1
    missing = len(column.names) - 1 if column.missing else -1
    codes = np.array([unseen, missing, *range(known)])
    if isinstance(encoding, CodeEncoding):
        return (codes + 1)[:, None].astype(np.float32)
    return np.asarray(one_hot_rows(encoding)[codes])


def category_keys(column: Category) -> dict[str, int]:
    """Return the categories that are numbers or truths by their keys, if unique.

    "1.0" is found by "1", too, unless both are categories.
    """
    found: dict[str, list[int]] = {}
    for code, text in enumerate(column.categories):
        if (key := elementary_key(text)) is not None:
            found.setdefault(key, []).append(code)
    return {key: codes[0] for key, codes in found.items() if len(codes) == 1}


def number_codes(column: Category) -> dict[float, int]:
    """Return the codes of the categories that are numbers, by the number."""
    found = {}
    for key, code in category_keys(column).items():
        number = parse_number(column.categories[code])
        if key not in TRUTHS and number is not None:
            found[number] = code
    return found


def truth_codes(column: Category) -> dict[str, int]:
    """Return the codes of the categories that say ``"true"`` or ``"false"``."""
    return {k: code for k, code in category_keys(column).items() if k in TRUTHS}
