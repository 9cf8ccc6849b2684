"""Macros are compared with their models before they are written."""

import numpy as np
import pytest
from table_models import fitted, mixed

from ranvier.exports import sql_columns
from ranvier.exports.sql_table import table_macro
from ranvier.exports.sql_verification import run_macro, verified_macro
from ranvier.exports.table_verification import predicted, probe_table
from ranvier.exports.verification import ExportError


def test_it_is_stored_in_the_file() -> None:
    model = fitted(mixed(100), "flag", epochs=2, hidden=(4,))
    macro, verification = verified_macro(model, "m", probe_table(model, 80))
    assert f"\n-- {verification}\n" in macro
    assert verification.rows == 80
    assert verification.by.startswith("DuckDB ")
    assert verification.gap <= 1e-6


def test_a_wrong_macro_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted(mixed(100), "flag", epochs=2, hidden=(4,))
    monkeypatch.setattr(sql_columns, "SMOOTH_LIMIT", 3.1)
    with pytest.raises(ExportError, match="the SQL file differs from Python by"):
        verified_macro(model, "m", probe_table(model, 80))


def test_rows_come_in_their_order() -> None:
    model = fitted(mixed(100), "skewed", epochs=2, hidden=(4,))
    probe = probe_table(model, 3000)
    found = run_macro(model, table_macro(model, "m"), "m", probe)
    np.testing.assert_allclose(found, predicted(model, probe), rtol=1e-4)
