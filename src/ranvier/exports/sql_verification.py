"""A macro beside the table model it was made of, in DuckDB. Imports duckdb."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ranvier.exports.sql_table import table_macro
from ranvier.exports.table_verification import predicted, table_gap
from ranvier.exports.verification import TOLERANCES, Verification, accepted
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs

Array = NDArray[Any]


def verified_macro(
    model: TableModel, name: str, probe: dict[str, Array]
) -> tuple[str, Verification]:
    """Write the macro of a table model and compare it.

    Parameters
    ----------
    model, name
        As for `table_macro`.
    probe
        Rows as `probe_table` draws them.
    """
    macro = table_macro(model, name)
    found = run_macro(model, macro, name, probe)
    gap, allowed = table_gap(model, found, predicted(model, probe)), TOLERANCES["sql"]
    by = f"DuckDB {duckdb.__version__}"
    verification = accepted("SQL", gap, allowed, len(found), by)
    said = macro.replace("\n-- VERIFICATION\n", f"\n-- {verification}\n", 1)
    return said, verification


def run_macro(
    model: TableModel, macro: str, name: str, table: dict[str, Array]
) -> Array:
    """Run rows through a macro in a database in memory.

    Returns
    -------
    ndarray of float64
        (n, outputs) probabilities or predictions.
    """
    frame = pa.table({name: pa.array(values) for name, values in table.items()})
    selected = "probabilities"
    if isinstance(model.outputs, ClassOutputs):
        selected = "map_values(probabilities)"
    elif isinstance(model.outputs, NumberOutputs):
        selected = "prediction"
    with duckdb.connect() as database:
        database.register("frame", frame)
        database.execute("CREATE TABLE probe AS FROM frame")
        database.execute(macro)
        query = f"SELECT {selected} FROM {name}_predict('probe')"
        rows = database.execute(query).fetchall()
    return np.array([row[0] for row in rows], np.float64).reshape(len(frame), -1)
