"""One row through every way to deploy a model: `python -m benchmarks exports`.

Each figure is the median over many calls of one row, one way after the other; of the C
file, the median over rounds of a thousand rows.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import ranvier as rv
from benchmarks import machine
from benchmarks.accuracy.tables import FOLDER
from ranvier.exports.c_table import TableCode
from ranvier.exports.onnx_inputs import feeds_of
from ranvier.exports.table_verification import probe_table, selftest

CALLS = 300
ROWS, ROUNDS = 1000, 100
DRIVER = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "m.c"
#define MISSING_NUMBER (0.0 / test_zero)
static int compare(const void* a, const void* b) {
    const double x = *(const double*)a, y = *(const double*)b;
    return (x > y) - (x < y);
}
int main(void) {
    volatile double test_zero = 0;
    const struct m_row rows[] = {
@ROWS@
    };
    static struct m_result result;
    static double took[@ROUNDS@];
    struct timespec a, b;
    const int count = sizeof rows / sizeof rows[0];
    int r, k;
    (void)test_zero;
    for (k = 0; k < @ROUNDS@; ++k) {
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (r = 0; r < count; ++r) m_predict(&rows[r], &result);
        clock_gettime(CLOCK_MONOTONIC, &b);
        took[k] = ((b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3) / count;
    }
    qsort(took, @ROUNDS@, sizeof took[0], compare);
    printf("%.2f", took[@ROUNDS@ / 2]);
    return 0;
}
"""


def table_of(name: str) -> pd.DataFrame:
    """Return penguins, or a table of the folder, with its target as "target"."""
    if name == "penguins":
        table = pd.read_csv("examples/penguins.csv")
        return table.rename(columns={"species": "target"})
    return pd.read_parquet(FOLDER / "parquet" / f"{name}.parquet")


def median(call: Callable[[], Any]) -> float:
    """Return the median microseconds of a call."""
    call()
    found = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        call()
        found.append(time.perf_counter() - begun)
    return statistics.median(found) * 1e6


def c_microseconds(model: rv.TableModel, folder: Path) -> tuple[float, int]:
    """Return the time of a row, and the bytes of the file."""
    rv.export(model, folder / "m.c")
    test = selftest(TableCode(model, "m"), probe_table(model, ROWS))
    found = re.search(r"rows\[\d+\] = \{\n(.*?)\n    \};", test, re.DOTALL)
    assert found is not None
    text = DRIVER.replace("@ROWS@", found[1]).replace("@ROUNDS@", str(ROUNDS))
    (folder / "driver.c").write_text(text)
    command = ["gcc", "-std=gnu99", "-O3", "-march=native", "driver.c", "-o", "driver"]
    subprocess.run(command, cwd=folder, check=True)
    printed = subprocess.check_output([str(folder / "driver")], text=True)
    return float(printed), (folder / "m.c").stat().st_size


def served_microseconds(path: Path, row: pd.DataFrame) -> float:
    """Return the time of a request to `ranvier serve`, over one connection."""
    command = [sys.executable, "-m", "ranvier", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = "".join(process.stdout.readline() for _ in range(4))
        port = re.search(r":(\d+)/predict", text)
        token = re.search(r"Token: (\S+)", text)
        assert port is not None
        assert token is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(port[1]))
        headers = {"Authorization": f"Bearer {token[1]}"}
        body = json.dumps({"rows": json.loads(row.to_json(orient="records"))})

        def ask() -> None:
            connection.request("POST", "/predict", body, headers)
            assert connection.getresponse().read().startswith(b'{"predictions"')

        found = median(ask)
        process.terminate()
    return found


def peers(table: pd.DataFrame, row: pd.DataFrame) -> dict[str, float]:
    """Time a row in scikit-learn's pipeline, and in LightGBM if it is installed."""
    X, y = table.drop(columns="target"), table["target"].astype(str)
    numbers = X.select_dtypes("number").columns
    X[numbers] = X[numbers].fillna(X[numbers].median())
    row = row.fillna(X[numbers].median())
    one_hot = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (one_hot, make_column_selector(dtype_exclude="number")),
    )
    pipeline = make_pipeline(columns, MLPClassifier((128, 128), max_iter=5))
    pipeline.fit(X, y)
    found = {"scikit-learn pipeline": median(lambda: pipeline.predict_proba(row))}
    try:
        import lightgbm
    except ImportError:
        return found
    coded = X.apply(lambda c: c if c.name in numbers else c.astype("category"))
    model = lightgbm.LGBMClassifier(verbose=-1).fit(coded, y)
    one = coded.head(1)
    found["LightGBM"] = median(lambda: model.predict_proba(one))
    return found


def report(name: str) -> list[str]:
    """Measure one table; return rows of a Markdown table."""
    table = table_of(name)
    row = table.drop(columns="target").head(1)
    model = rv.fit_table(table, "target")
    single = rv.fit_table(table, "target", epochs=1)
    single.members = single.members[:1]
    with TemporaryDirectory() as text:
        folder = Path(text)
        path = folder / "m.safetensors"
        model.save(path)
        rv.export(model, folder / "m.onnx")
        onnx = rv.load(folder / "m.onnx")
        feeds = feeds_of(model.encoder, row)
        one, _ = c_microseconds(single, folder)
        c, size = c_microseconds(model, folder)
        found = {
            f"C, {len(model.members)} networks": (c, size),
            "C, one network": (one, None),
            "ONNX Runtime": (
                median(lambda: onnx._session.run(None, feeds)),
                (folder / "m.onnx").stat().st_size,
            ),
            "`model.predict_proba`": (
                median(lambda: model.predict_proba(row)), path.stat().st_size,
            ),
            "`ranvier serve`": (served_microseconds(path, row), None),
        }  # fmt: skip
    found |= {way: (value, None) for way, value in peers(table, row).items()}
    return [
        f"| {name} | {way} | {value:,.1f} | {f'{size / 1e3:,.0f} kB' if size else ''} |"
        for way, (value, size) in found.items()
    ]


def main(arguments: Sequence[str]) -> None:
    """Measure the tables named; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks exports")
    parser.add_argument("tables", nargs="*", default=["penguins", "adult"])
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    print(machine.description())
    print("| table | way | one row, us | file |\n|---|---|---|---|")
    for name in options.tables:
        print("\n".join(report(name)), flush=True)
