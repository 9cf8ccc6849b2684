"""A macro beside the table model it was made of, in DuckDB. Imports duckdb."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ranvier.exports.sql_table import table_macro
from ranvier.exports.table_parts import supported_interval
from ranvier.exports.table_verification import predicted, predicted_bounds, table_gap
from ranvier.exports.verification import TOLERANCES, Verification, accepted
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs

Array = NDArray[Any]


def verified_macro(
    model: TableModel,
    name: str,
    probe: dict[str, Array],
    interval: float | None = None,
) -> tuple[str, Verification]:
    """Write the macro of a table model and compare it.

    Parameters
    ----------
    model, name, interval
        As for `table_macro`.
    probe
        Rows as `probe_table` draws them.
    """
    macro = table_macro(model, name, interval)
    found = run_macro(model, macro, name, probe)
    gap, allowed = table_gap(model, found, predicted(model, probe)), TOLERANCES["sql"]
    interval = supported_interval(model, interval)
    if interval is not None:
        bounds = predicted_bounds(model, probe, interval)
        for what, true in zip(("low", "high"), bounds, strict=True):
            own = run_macro(model, macro, name, probe, what)
            gap = max(gap, table_gap(model, own, true))
    by = f"DuckDB {duckdb.__version__}"
    verification = accepted("SQL", gap, allowed, len(found), by)
    said = macro.replace("\n-- VERIFICATION\n", f"\n-- {verification}\n", 1)
    return said, verification


def run_macro(
    model: TableModel,
    macro: str,
    name: str,
    table: dict[str, Array],
    what: str = "prediction",
) -> Array:
    """Run rows through a macro in a database in memory.

    Returns
    -------
    ndarray of float64
        (n, outputs) probabilities; of numbers `what`: ``"prediction"``, ``"low"`` or
        ``"high"``.
    """
    frame = pa.table({name: pa.array(values) for name, values in table.items()})
    selected = "probabilities"
    if isinstance(model.outputs, ClassOutputs):
        selected = "map_values(probabilities)"
    elif isinstance(model.outputs, NumberOutputs):
        selected = what
    with duckdb.connect() as database:
        database.register("frame", frame)
        database.execute("CREATE TABLE probe AS FROM frame")
        database.execute(macro)
        query = f"SELECT {selected} FROM {name}_predict('probe')"
        rows = database.execute(query).fetchall()
    return np.array([row[0] for row in rows], np.float64).reshape(len(frame), -1)
