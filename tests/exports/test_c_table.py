"""A table model in C equals the model in Python in every bit, raw rows in."""

import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compilers import HERE, STRICT, Compiler

import ranvier as rv
import real_tables
from ranvier.exports.c_table import TableCode
from ranvier.exports.table_verification import probe_table, selftest

FIRST = [compiler for compiler in HERE if compiler.name == "gcc"] or HERE[:1]
TABLES = [
    "adult", "auto_mpg", "bike_sharing", "car", "chess_krkp", "chicago_ridership",
    "compas", "deliveries", "diamonds", "german_credit", "gss_happiness", "insurance",
    "letter", "movielens100k", "mushroom", "nlswork", "nursery", "sacramento",
    "telco_churn", "yacht",
]  # fmt: skip


def fitted(table: pd.DataFrame, target: str, **settings: Any) -> rv.TableModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return rv.fit_table(table, target, **({"effort": "fast"} | settings))


def outcome(model: rv.TableModel, compiler: Compiler, folder: Path, rows: int) -> str:
    code = TableCode(model, "model")
    source = folder / "model.c"
    source.write_text(code.file(selftest(code, probe_table(model, rows))), "utf-8")
    return compiler.run(source, "-DRANVIER_SELFTEST").stdout


def mixed(rows: int = 300) -> pd.DataFrame:
    """Return numbers with gaps, truths, dates, codes of many values, Korean texts."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "when": pd.date_range("1965-01-01", periods=rows, freq="37h"),
            "도시": rng.choice(["서울", "부산", "대구"], rows),
            "code": [f"c{k}" for k in rng.integers(0, 40, rows)],
            "level": rng.choice(["1", "2.50", "-3"], rows),
            "flag": rng.random(rows) < 0.5,
            "x": rng.normal(size=rows),
        }
    )
    table["skewed"] = np.exp(table.x + table.flag + (table["도시"] == "서울"))
    table.loc[::7, "x"] = np.nan
    table.loc[::11, "도시"] = None
    table["kind"] = np.where(table.flag, "a", table.level)
    return table


@pytest.mark.parametrize("target", ["skewed", "kind", "flag"])
@pytest.mark.parametrize("compiler", HERE, ids=lambda c: c.name)
def test_every_kind_of_column(compiler: Compiler, target: str, tmp_path: Path) -> None:
    model = fitted(mixed(), target)
    said = outcome(model, compiler, tmp_path, 300)
    assert said.startswith("0 of "), said


def test_presets_and_several_members(tmp_path: Path) -> None:
    model = fitted(mixed(120), "skewed", hidden=(8,), epochs=2)
    assert outcome(model, FIRST[0], tmp_path, 200).startswith("0 of ")


def test_quantile_scaling_is_refused() -> None:
    model = fitted(mixed(120), "skewed", preset="tabm", effort="default", time_limit=1)
    code = TableCode(model, "m")
    with pytest.raises(TypeError, match="scaled by quantiles"):
        code.file()


HOSTILE = [
    "int", "", "*/", '"', "a\nb", "몸무게", "몸 무게", "x" * 300, "row", "net1", "code",
    "Code", "1st", "??/", "%d", "\\",
]  # fmt: skip


def test_hostile_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({name: rng.normal(size=80) for name in HOSTILE[1:]})
    table["int"] = rng.choice(HOSTILE, 80)
    table["*/ target"] = rng.choice(["yes", "*/", 'no"'], 80)
    model = fitted(table, "*/ target", hidden=(4,), epochs=2)
    assert outcome(model, FIRST[0], tmp_path, 50).startswith("0 of ")


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
