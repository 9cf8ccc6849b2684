"""A table model in C equals the model in Python in every bit, raw rows in."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compilers import HERE, STRICT, Compiler
from table_models import HOSTILE, TABLES, fitted, mixed, with_codes

import ranvier as rv
import real_tables
from ranvier.exports.c_table import TableCode
from ranvier.exports.table_verification import probe_table, selftest

FIRST = [compiler for compiler in HERE if compiler.name == "gcc"] or HERE[:1]


def outcome(model: rv.TableModel, compiler: Compiler, folder: Path, rows: int) -> str:
    code = TableCode(model, "model")
    source = folder / "model.c"
    source.write_text(code.file(selftest(code, probe_table(model, rows))), "utf-8")
    return compiler.run(source, "-DRANVIER_SELFTEST").stdout


@pytest.mark.parametrize("target", ["skewed", "kind", "flag"])
@pytest.mark.parametrize("compiler", HERE, ids=lambda c: c.name)
def test_every_kind_of_column(compiler: Compiler, target: str, tmp_path: Path) -> None:
    model = fitted(mixed(), target)
    said = outcome(model, compiler, tmp_path, 300)
    assert said.startswith("0 of "), said


def test_presets_and_several_members(tmp_path: Path) -> None:
    model = fitted(mixed(120), "skewed", hidden=(8,), epochs=2)
    assert outcome(model, FIRST[0], tmp_path, 200).startswith("0 of ")


@pytest.mark.parametrize("compiler", HERE, ids=lambda c: c.name)
def test_whole_numbers_that_are_codes(compiler: Compiler, tmp_path: Path) -> None:
    model = fitted(with_codes(), "y", hidden=(8,), epochs=3)
    assert set(model.encoder.codes) == {"shop", "gaps"}
    assert outcome(model, compiler, tmp_path, 400).startswith("0 of ")


@pytest.mark.parametrize("target", ["skewed", "x"])
@pytest.mark.parametrize("interval", [0.3, 0.95])
def test_bounds(target: str, interval: float, tmp_path: Path) -> None:
    table = mixed()
    model = fitted(table[table[target].notna()], target, hidden=(8,), epochs=3)
    code = TableCode(model, "m", interval)
    text = code.file(selftest(code, probe_table(model, 300)))
    assert f"they hold {interval} of true numbers" in text
    source = tmp_path / "m.c"
    source.write_text(text, "utf-8")
    assert FIRST[0].run(source, "-DRANVIER_SELFTEST").stdout.startswith("0 of 300 ")
    source.write_text(text.replace("Z - kError[k]", "Z - kError[k] * 1.0001"), "utf-8")
    assert not FIRST[0].run(source, "-DRANVIER_SELFTEST").stdout.startswith("0 of ")


def test_bounds_of_several_targets(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=90)})
    Y = np.column_stack([np.exp(2 * X.a), X.a + rng.normal(size=90)])
    settings: dict[str, Any] = {"effort": "fast", "epochs": 2, "hidden": (4,)}
    model = rv.TabularRegressor(**settings).fit(X, Y).model_
    assert outcome(model, FIRST[0], tmp_path, 100).startswith("0 of 200 ")


def test_quantile_scaling_is_refused() -> None:
    model = fitted(mixed(120), "skewed", preset="tabm", effort="default", time_limit=1)
    with pytest.raises(TypeError, match="scaled by quantiles"):
        TableCode(model, "m")


def test_hostile_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({name: rng.normal(size=80) for name in HOSTILE[1:]})
    table["int"] = rng.choice(HOSTILE, 80)
    table["*/ target"] = rng.choice(["yes", "*/", 'no"'], 80)
    model = fitted(table, "*/ target", hidden=(4,), epochs=2)
    assert outcome(model, FIRST[0], tmp_path, 50).startswith("0 of ")


def test_a_category_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["x\0y", "x", "z"] * 20, "y": range(60)})
    model = fitted(table, "y", hidden=(4,), epochs=2)
    with pytest.raises(TypeError, match=r"'x\\x00y' has a zero byte"):
        rv.export(model, tmp_path / "m.c")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["part", "scaled", "zero", "code", "k"])
def test_a_column_with_the_name_of_a_variable(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = pd.DataFrame({name: rng.choice(["a", "b"], 60), "y": rng.normal(size=60)})
    model = fitted(texts, "y", hidden=(4,), epochs=2)
    assert outcome(model, FIRST[0], tmp_path, 20).startswith("0 of ")


def test_a_model_that_averages_as_older_files_did_is_refused() -> None:
    old = Path(__file__).parents[1] / "data" / "files" / "model-class.safetensors"
    with pytest.raises(TypeError, match="saved before version"):
        TableCode(rv.load(old), "m")


@real_tables.needed
@pytest.mark.parametrize("name", TABLES)
def test_real_tables(name: str, tmp_path: Path) -> None:
    table = pd.read_parquet(real_tables.path_of(name))
    table = table.sample(min(len(table), 400), random_state=0)
    model = fitted(table, "target", epochs=3, hidden=(16,))
    assert outcome(model, FIRST[0], tmp_path, 500).startswith("0 of ")


MAIN = """
#include <stdio.h>
#define PENGUINS_HEADER_ONLY
#include "penguins.c"
#undef PENGUINS_HEADER_ONLY
#include "penguins.c"
int main(void) {
    struct penguins_row row = {0};
    struct penguins_result result;
    row.island = "Torgersen";
    row.bill_length_mm = 39.1;
    row.bill_depth_mm = 18.7;
    row.flipper_length_mm = 181;
    row.body_mass_g = 3750;
    row.sex = "male";
    row.year = 2007;
    if (penguins_predict(&row, &result)) return 1;
    printf("%s %.17g\\n", penguins_labels[result.label], result.probability[0]);
    row.body_mass_g = 1 / (row.year - 2007);
    printf("%d\\n", penguins_predict(&row, &result));
    return 0;
}
"""


def test_a_program_that_uses_it(tmp_path: Path) -> None:
    table = pd.read_csv("examples/penguins.csv")
    model = fitted(table, "species", epochs=5)
    rv.export(model, tmp_path / "penguins.c")
    source = tmp_path / "main.c"
    source.write_text(MAIN)
    program = tmp_path / "main"
    command = [*FIRST[0].command, *STRICT, "-Wno-div-by-zero", str(source)]
    subprocess.run([*command, "-o", str(program)], check=True)
    said = subprocess.run([program], capture_output=True, text=True).stdout.split()
    row = table.drop(columns="species").head(1)
    assert said[0] == model.predict(row)[0]
    assert float(said[1]) == model.predict_proba(row)[0, 0]
    names = [e.column.name for e in model.encoder.encodings]
    assert int(said[2]) == names.index("body_mass_g") + 1
