from pathlib import Path
from typing import Any

import pytest
from benchmarks.accuracy.ablation import CHANGES, WHOLE, changed, main, section
from sklearn.base import clone

from benchmarks.accuracy import ablation, results, tables
from ranvier.comparison.competitors import ModelSettings


@pytest.fixture(autouse=True)
def _tiny_tables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FOLDER", folder)


def result(table: str, change: str, error: float, seconds: float) -> Any:
    told = {"table": table, "split": 0, "contender": change, "error": error}
    task = "regression" if table.startswith("r") else "binary"
    told |= {"task": task, "log_loss": 2 * error, "fit_processor": seconds}
    return results.key_of(told), told


def test_how_much_worse_by_hand() -> None:
    told = dict(
        [
            result("a", WHOLE, 0.09, 1.0),
            result("a", "no dropout", 0.19, 4.0),
            result("r", WHOLE, 0.39, 1.0),
            result("r", "no dropout", 0.19, 1.0),
            result("b", "no dropout", 0.19, 1.0),  # there without the default
        ]
    )
    lines = [line.split("|")[1:-1] for line in section(told).splitlines()]
    rows = [[cell.strip() for cell in line] for line in lines]
    assert [WHOLE, "0", "0", "0", "1x", "1 + 1"] in rows
    expected = ["no dropout", "+100.0 %", "+0.200", "-50.0 %", "2.00x", "1 + 1"]
    assert expected in rows


def test_of_one_kind_alone() -> None:
    told = dict([result("r", WHOLE, 0.4, 1.0), result("r", "no dropout", 0.4, 1.0)])
    assert "| no dropout" in section(told)
    assert "+0.0 %" in section(told)


def test_nothing_yet() -> None:
    assert "python -m benchmarks ablation" in section({})


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("classification", [True, False])
def test_every_change_changes_the_recipe_and_no_more(
    name: str, classification: bool
) -> None:
    models = [
        changed(n).make(ModelSettings(classification, 3, 1)) for n in (name, WHOLE)
    ]
    hyperparameters, whole = (
        clone(model)._options().hyperparameters(500, classification=classification)
        for model in models
    )
    assert (hyperparameters == whole) == (name == WHOLE)
    for field, value in CHANGES[name].items():
        assert getattr(hyperparameters, field) == value
    assert models[0].get_params() == models[1].get_params()
    assert models[0].random_state == 3


def test_runs_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {
        WHOLE: {"epochs": 3},
        "one network": {"members": 1, "selection_folds": 0, "epochs": 3},
    }
    monkeypatch.setattr(ablation, "CHANGES", few)
    path = tmp_path / "r.jsonl"
    given = ["--tables=sides", f"--results={path}", "--threads=1"]
    main(given)
    out = capsys.readouterr().out
    assert "one network on sides: " in out
    assert "| one network" in out
    assert len(results.read(path)) == 2
    main(given)
    assert "on sides" not in capsys.readouterr().out
    with pytest.raises(SystemExit, match="there is no table 'iris'"):
        main(["--tables=iris", f"--results={path}"])
    main(["--report", f"--results={path}"])
