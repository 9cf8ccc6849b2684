"""``ranvier doctor``: tables, models and runs."""

import json
from pathlib import Path

import numpy as np

import ranvier as rv
from command_line import PENGUINS, Run, refused, table
from command_line import run as run
from command_line import trained as trained


def test_a_table(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=300).round(3).tolist()
    told = {"x": x, "same": [1] * 300, "y": [value**2 for value in x]}
    data = table(tmp_path / "a.csv", told | {"n": list(range(300))})
    found = run("doctor", data, "--target", "y", "--json")
    assert found.exit_code == 0, found.output
    names = [finding["name"] for finding in json.loads(found.stdout)["findings"]]
    assert "constant_column" in names
    assert "identifier_column" in names
    korean = run("doctor", data, "-t", "y", "--language", "ko").stdout
    assert "모든 행에서 값이 같은 열이 있습니다: 'same'." in korean


def test_a_healthy_table(run: Run) -> None:
    found = run("doctor", PENGUINS, "--target", "species")
    assert found.exit_code == 0
    assert found.stdout == "No fault was found.\n"


def test_a_model_and_rows_of_another_kind(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    assert run("doctor", trained).stdout == "No fault was found.\n"
    data = table(
        tmp_path / "new.csv",
        {"x": [5 + i / 40 for i in range(40)], "c": ["u", "v"] * 20},
    )
    result = run("doctor", trained, data, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [finding["name"] for finding in found["findings"]] == ["new_rows_drift"]


def test_a_run_and_a_page(run: Run, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(100, 2))
    layers = [rv.Dense(4, "tanh", W="zeros"), rv.Dense(1, "sigmoid", W="zeros")]
    net = rv.Network(2, layers, seed=0)
    history = rv.train(net, X, X[:, 0] > 0, run=tmp_path / "runs", progress=False)
    found = run("doctor", history.run, "--html", "page.html", "--prove")
    assert "Tried: log_loss on 25 held-out rows" in found.stdout
    assert "4 of 4 units of layer 0 have the same weights" in found.stdout
    assert "4 of 4 units" in (tmp_path / "page.html").read_text("utf-8")


def test_refusals(run: Run, tmp_path: Path) -> None:
    refused(run("doctor", PENGUINS), "give --target")
    refused(run("doctor", PENGUINS, "-t", "kind"), "no column 'kind'", "'island'")
    refused(run("doctor", PENGUINS, "-t", "species", "--prove"), "is a table")
    refused(run("doctor", tmp_path), "is a folder, but no run")
    refused(run("doctor", "gone.csv", "-t", "y"), "gone.csv")
    refused(run("doctor", "gone"), "there is no file or folder 'gone'")
    refused(run("doctor", PENGUINS, "-t", "species", "--html", "no/a.html"), "--html")
