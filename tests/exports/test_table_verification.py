"""Rows that test an exported table model are usual and strange, and find a fault."""

import warnings

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.exports.c_table import TableCode
from ranvier.exports.table_verification import (
    predicted,
    probe_table,
    selftest,
    table_gap,
)
from ranvier.exports.verification import ExportError, find_compiler, verify_c
from ranvier.tabular.outputs import NumberOutputs


@pytest.fixture(scope="module")
def model() -> rv.TableModel:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "x": rng.normal(size=150),
            "kind": rng.choice(["a", "b", "c"], 150),
            "when": pd.date_range("2020-01-01", periods=150, freq="3D"),
        }
    )
    table["y"] = table.x + (table.kind == "a")
    table.loc[::9, "x"] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return rv.fit_table(table, "y", effort="fast", epochs=3)


def test_usual_and_strange_values(model: rv.TableModel) -> None:
    table = probe_table(model, 400)
    assert set(table) == {"x", "kind", "when"}
    assert np.isnan(table["x"]).any()
    assert np.nanmax(np.abs(table["x"])) == 1e300
    assert {"a", "b", "c", None, "", "한국"} <= set(table["kind"])
    assert np.isnat(table["when"]).any()
    assert (table["when"] < np.datetime64("1700-01-01")).any()


def test_what_python_predicts_is_finite(model: rv.TableModel) -> None:
    found = predicted(model, probe_table(model, 400))
    assert found.shape == (400, 1)
    assert np.isfinite(found).all()


@pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("u / 3", "u / 3.1"), ("days + 3", "days + 4"), ("return -1;\n}", "return 0;\n}")],
)
def test_a_fault_is_found(model: rv.TableModel, right: str, wrong: str) -> None:
    code = TableCode(model, "m")
    text = code.file(selftest(code, probe_table(model, 200)))
    verify_c(text, 200)
    assert right in text
    with pytest.raises(ExportError, match="does not give what Python gives"):
        verify_c(text.replace(right, wrong), 200)


def test_the_size_of_a_gap() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=150)
    table = pd.DataFrame({"x": x, "sum": 3 * x, "skewed": np.exp(3 * x)})
    models = {}
    for target in ("sum", "skewed"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            models[target] = rv.fit_table(
                table[["x", target]], target, effort="fast", epochs=3
            )
    straight, bent = models["sum"], models["skewed"]
    assert isinstance(bent.outputs, NumberOutputs)
    assert bent.outputs.transform.sign.tolist() == [1]
    sd = float(table["sum"].std(ddof=0))
    zero, far = np.array([[0.0]]), np.array([[1e3]])
    assert table_gap(straight, zero + sd * 1e-3, zero) == pytest.approx(1e-3)
    assert table_gap(straight, far + 1, far) == pytest.approx(1e-3)
    distance = float(bent.outputs.transform.distance[0])
    assert table_gap(bent, zero + distance * 1e-3, zero) == pytest.approx(1e-3)
    infinite = np.array([[np.inf]])
    assert table_gap(straight, infinite, infinite) == 0
    assert not table_gap(straight, infinite, zero) <= 1
    assert not table_gap(straight, zero, infinite) <= 1
