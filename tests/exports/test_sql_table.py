"""A table model as a macro of DuckDB predicts what Python predicts."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from table_models import HOSTILE, TABLES, fitted, mixed, with_codes

import ranvier as rv
import real_tables
from ranvier.exports.sql_table import MOST_WEIGHTS, table_macro
from ranvier.exports.sql_verification import run_macro
from ranvier.exports.table_verification import (
    predicted,
    predicted_bounds,
    probe_table,
    table_gap,
)


def gap(model: rv.TableModel, rows: int) -> float:
    probe = probe_table(model, rows)
    found = run_macro(model, table_macro(model, "m"), "m", probe)
    return table_gap(model, found, predicted(model, probe))


@pytest.mark.parametrize("target", ["skewed", "kind", "flag", "x"])
def test_every_kind_of_column(target: str) -> None:
    table = mixed()
    model = fitted(table[table[target].notna()], target)
    assert gap(model, 300) <= 1e-6


def test_preset_with_periodic_embeddings() -> None:
    model = fitted(mixed(), "kind", preset="realmlp-td", effort="default", epochs=2)
    assert gap(model, 200) <= 2e-6


@pytest.mark.parametrize("target", ["skewed", "x"])
@pytest.mark.parametrize("interval", [0.3, 0.95])
def test_bounds(target: str, interval: float) -> None:
    table = mixed()
    model = fitted(table[table[target].notna()], target, epochs=3)
    probe, macro = probe_table(model, 200), table_macro(model, "m", interval)
    bounds = predicted_bounds(model, probe, interval)
    for what, true in zip(("low", "high"), bounds, strict=True):
        found = run_macro(model, macro, "m", probe, what)
        assert table_gap(model, found, true) <= 2e-6


def test_no_bounds_without_rows_held_out() -> None:
    table = pd.DataFrame({"x": [1.0, 2, 3, 5, 8, 13], "y": [1.0, 2, 3, 5, 8, 13.5]})
    model = fitted(table, "y", task="regression", epochs=2)
    assert " AS low" not in table_macro(model, "m")


def test_whole_numbers_that_are_codes() -> None:
    model = fitted(with_codes(), "y", hidden=(8,), epochs=3)
    assert set(model.encoder.codes) == {"shop", "gaps"}
    assert gap(model, 300) <= 1e-6


def test_labels_and_several_numbers() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=90), "b": rng.choice(["u", "v"], 90)})
    Y = np.column_stack([X.a > 0, X.b == "u"]).astype(int)
    settings: Any = {"effort": "fast", "epochs": 2, "hidden": (4,)}
    assert gap(rv.TabularClassifier(**settings).fit(X, Y).model_, 60) <= 1e-6
    y = np.exp(3 * Y) + X[["a"]].to_numpy()
    assert gap(rv.TabularRegressor(**settings).fit(X, y).model_, 60) <= 1e-6


@pytest.mark.parametrize("classes", [(3, 7), (0.5, 1.5), (True, False), ("it's", "나")])
def test_classes_have_their_type(classes: tuple[Any, Any]) -> None:
    x = np.random.default_rng(0).normal(size=90)
    table = pd.DataFrame({"x": x, "y": np.where(x > 0, *classes)})
    model = fitted(table, "y", task="classification", epochs=20, hidden=(4,))
    with duckdb.connect() as database:
        database.register("new", table)
        database.execute(table_macro(model, "m"))
        rows = database.execute("SELECT y, label, probabilities FROM m_predict('new')")
        found = rows.fetchall()
    assert [y for y, _, _ in found] == table.y.tolist()
    assert [label for _, label, _ in found] == model.predict(table[["x"]]).tolist()
    p = [probabilities[classes[0]] for *_, probabilities in found]
    column = model.classes.index(classes[0])
    expected = model.predict_proba(table[["x"]])[:, column]
    np.testing.assert_allclose(p, expected, atol=1e-6)


def test_hostile_names() -> None:
    rng = np.random.default_rng(0)
    names = [*(n for n in HOSTILE[2:] if n != "Code"), "x", "source"]
    table = pd.DataFrame({name: rng.normal(size=80) for name in names})
    table["int"] = rng.choice(HOSTILE, 80)
    table["v0"] = rng.choice(["yes", "*/", "no'"], 80)
    assert gap(fitted(table, "v0", hidden=(4,), epochs=2), 50) <= 1e-6


def test_names_that_a_database_cannot_distinguish() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({n: rng.normal(size=60) for n in ("a", "A", "y")})
    with pytest.raises(TypeError, match="cannot distinguish the column 'A' from 'a'"):
        table_macro(fitted(table, "y", hidden=(4,), epochs=2), "m")
    nameless = fitted(table.rename(columns={"A": ""}), "y", hidden=(4,), epochs=2)
    with pytest.raises(TypeError, match="a column is named ''"):
        table_macro(nameless, "m")


def test_a_large_model_is_refused_with_its_size() -> None:
    model = fitted(mixed(60)[["x", "skewed"]], "skewed", hidden=(1200, 1200), epochs=1)
    weights = sum(net.theta.size for net in model.members)
    with pytest.raises(TypeError, match=f"has {weights:,} weights .* {MOST_WEIGHTS:,}"):
        table_macro(model, "m")


PROGRAM = """
import resource, sys, duckdb
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
with duckdb.connect() as database:
    database.execute("SET threads = 1")
    database.execute(open(sys.argv[1]).read())
    database.execute("CREATE TABLE new AS SELECT random() AS x FROM range(50)")
    for end in ("LIMIT 10000", "ORDER BY prediction LIMIT 5", "WHERE prediction > 0"):
        rows = database.execute(f"FROM m_predict('new') {end}").fetchall()
    database.sql("FROM m_predict('new')").show()
print("done")
"""


def test_steps_are_not_written_into_each_other(tmp_path: Path) -> None:
    model = fitted(mixed(60)[["x", "skewed"]], "skewed", hidden=(2, 2, 2), epochs=1)
    path = tmp_path / "m.sql"
    path.write_text(table_macro(model, "m"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout.endswith("done\n"), done.stderr


def test_it_is_a_macro_of_a_database_file(tmp_path: Path) -> None:
    table = pd.read_csv("examples/penguins.csv")
    model = fitted(table, "species", epochs=5)
    with duckdb.connect(tmp_path / "birds.duckdb") as database:
        database.execute(table_macro(model, "birds"))
    with duckdb.connect(tmp_path / "birds.duckdb") as database:
        database.execute("CREATE TABLE new AS FROM 'examples/penguins.csv'")
        frame = database.execute("FROM birds_predict('new')").df()
    assert frame.columns.tolist() == [*table.columns, "label", "probabilities"]
    expected = model.predict(table.drop(columns="species"))
    assert frame["label"].tolist() == expected.tolist()


@real_tables.needed
@pytest.mark.parametrize("name", [*TABLES, "california_housing"])
def test_real_tables(name: str) -> None:
    table = pd.read_parquet(real_tables.path_of(name))
    table = table.sample(min(len(table), 400), random_state=0)
    assert gap(fitted(table, "target"), 300) <= 2e-6
