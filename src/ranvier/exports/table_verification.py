"""Rows that test an exported table model: usual ones, and what goes wrong elsewhere."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.c_table import TableCode
from ranvier.exports.c_text import array, literal, section, text_literal
from ranvier.table.column_types import Category, Number
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import NumberOutputs

Array = NDArray[Any]

STRANGE_TEXTS: Final = (
    None, "", " ", "NA", "nan", "\N{HANGUL SYLLABLE HAN}\N{HANGUL SYLLABLE GUG}",
    "1.0", "01", "-0", "+1", "1e0", "TRUE", "a" * 300, 'quote " \\ ??/', "0", "1,000",
    ",", ".",
)  # fmt: skip
STRANGE_NUMBERS: Final = (np.nan, 0.0, -0.0, 1e300, -1e300, 5e-324, 1.5, -7.0, 2.0**53)
STRANGE_DATES: Final = (
    "NaT", "1969-12-31T23:59:59.999999", "1970-01-01", "2000-02-29", "1900-03-01",
    "2100-02-28T12:00", "1600-12-31", "2024-12-30", "2023-01-01", "0001-01-01",
)  # fmt: skip


def probe_table(model: TableModel, count: int, seed: int = 0) -> dict[str, Array]:
    """Draw a column for each used column: mostly usual values, some strange ones.

    Returns
    -------
    dict of str to ndarray
        float64 (NaN missing), objects (None missing) or datetime64[us] (NaT missing).
    """
    rng = np.random.default_rng(seed)
    table: dict[str, Array] = {}
    for column in model.encoder.schema.used:
        strange = rng.random(count) < 0.2
        if isinstance(column, Number):
            low, high = column.minimum, column.maximum
            drawn = (
                rng.uniform(low, high, count) if high - low < 1e300 else np.zeros(count)
            )
            if column.form != "float":
                drawn = np.rint(drawn)
            other: Array = rng.choice(np.array(STRANGE_NUMBERS), count)
        elif isinstance(column, Category):
            drawn = rng.choice(np.array(column.categories, object), count)
            other = rng.choice(np.array(STRANGE_TEXTS, object), count)
        else:
            days = column.scalers[0].mean + column.scalers[0].sd * rng.normal(
                size=count
            )
            microseconds = np.rint(days * 86400e6).astype(np.int64)
            drawn = microseconds.astype("datetime64[us]")
            other = rng.choice(np.array(STRANGE_DATES, "datetime64[us]"), count)
        table[column.name] = np.where(strange, other, drawn)
    return table


def predicted(model: TableModel, table: dict[str, Array]) -> Array:
    """Return what a C file predicts of each row, (n, outputs)."""
    import pandas as pd

    frame = pd.DataFrame(table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)  # the rows are strange on purpose
        if isinstance(model.outputs, NumberOutputs):
            return np.asarray(model.predict(frame)).reshape(len(frame), -1)
        return np.asarray(model.predict_proba(frame))


def predicted_bounds(
    model: TableModel, table: dict[str, Array], interval: float
) -> tuple[Array, Array]:
    """Return ``low`` and ``high`` of each row, (n, outputs)."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        _, *bounds = model.predict(pd.DataFrame(table), interval)
    low, high = (np.asarray(bound).reshape(len(bound), -1) for bound in bounds)
    return low, high


def table_gap(model: TableModel, found: Array, expected: Array) -> float:
    """Return the largest difference between predictions (n, outputs).

    Of probabilities it is absolute. Of a number it is relative to that number, or to
    the spread of the target where that is larger: around 0 a network is no more exact
    than elsewhere. The spread of a logarithm grows from its edge. Equal infinite
    numbers do not differ.
    """
    found = found.reshape(expected.shape)
    size = np.ones(expected.shape)
    if isinstance(model.outputs, NumberOutputs):
        transform = model.outputs.transform
        away = transform.distance + np.abs(expected - transform.edge)
        spread = np.where(transform.sign, away, transform.scale)
        size = np.maximum(np.abs(expected), spread)
    with np.errstate(invalid="ignore"):
        gap = np.abs(found - expected) / size
    return float(np.where(found == expected, 0.0, gap).max())


def selftest(code: TableCode, table: dict[str, Array]) -> str:
    """Write the test of a file: the rows, and the bits of what Python predicts."""
    expected = predicted(code.model, table)
    rows = zip(*(_initialisers(table[name]) for name in code.fields), strict=True)
    written = ",\n".join("{" + ", ".join(row) + "}" for row in rows)
    member = "prediction" if code.is_numeric else "probability"
    arrays, check = [_bits("test_bits", expected)], ""
    if code.interval is not None:
        low, high = predicted_bounds(code.model, table, code.interval)
        arrays += [_bits("test_low", low), _bits("test_high", high)]
        check = CHECK_OF_BOUNDS
    lines = [
        "#ifdef RANVIER_SELFTEST",
        "#include <stdio.h>",
        "#define MISSING_NUMBER (0.0 / test_zero)",
        *arrays,
        section(
            "table_selftest",
            CHECK_OF_BOUNDS=check,
            NAME=code.name,
            ROWS=str(len(expected)),
            OUTPUTS=str(code.count),
            MEMBER=member,
            VALUES=written,
        ),
        "#endif\n",
    ]
    return "\n".join(lines)


CHECK_OF_BOUNDS: Final = """own.x = result.low[k];
            wrong += own.b != test_low[r * OUTPUTS + k];
            own.x = result.high[k];
            wrong += own.b != test_high[r * OUTPUTS + k];"""


def _bits(name: str, values: Array) -> str:
    whole = np.ascontiguousarray(values).view(np.uint64)
    return array("uint64_t", name, whole, "u")


def _initialisers(values: Array) -> list[str]:
    if values.dtype.kind == "M":
        missing = np.isnat(values)
        whole = values.astype("datetime64[us]").astype(np.int64)
        return [
            "INT64_MIN" if gone else f"(int64_t){x}"
            for gone, x in zip(missing, whole.tolist(), strict=True)
        ]
    if values.dtype.kind == "f":
        return ["MISSING_NUMBER" if np.isnan(x) else literal(x) for x in values]
    return ["0" if text is None else text_literal(text) for text in values]
