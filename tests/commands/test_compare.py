import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ranvier.cli import main
from ranvier.comparison import compare as comparing

PENGUINS = Path(__file__).resolve().parents[2] / "examples" / "penguins.csv"
FAST = ["--models", "linear,forest", "--folds", "2"]


def compare(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_one_table_within_eighty_letters() -> None:
    result = compare(PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("species: classification, 344 rows, 2 folds")
    assert all(len(line) <= 80 for line in lines)
    assert "\u2026" not in result.stdout  # nothing is cut
    for part in ("linear model", "random forest", "fit s", "predict s", "size", "+-"):
        assert part in result.stdout
    assert "Fold 1 of 2: linear model" in result.stderr.splitlines()


def test_json_only() -> None:
    result = compare(PENGUINS, "--target", "body_mass_g", *FAST, "--json")
    told = json.loads(result.stdout)
    assert told["task"] == "regression"
    assert {row["model"] for row in told["summary"]} == {"linear", "forest"}


def test_csv_beside_the_table(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    result = compare(PENGUINS, "--target", "species", *FAST, "--csv", path)
    assert result.exit_code == 0, result.output
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert float(rows[0]["accuracy"]) > 0.9


def test_ctrl_c_prints_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    real = comparing._result

    def stop(*given: Any) -> Any:
        if given[1].name == "forest":
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(comparing, "_result", stop)
    result = compare(PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 130
    assert "linear model (1 of 2 folds)" in result.stdout
    assert "Interrupted: 1 of 4 fits were finished." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "specis"], "did you mean 'species'"),
        (["--target", "species", "--models", "svn"], "did you mean 'svm'"),
        (["--target", "species", "--folds", "300"], "too few for 300 folds"),
        (["--target", "species", "--csv", "no/x.csv"], "give --csv a file"),
    ],
)
def test_errors_are_one_line(arguments: list[str], message: str) -> None:
    result = compare(PENGUINS, *arguments)
    assert result.exit_code == 1
    notes = "Note: "  # on how the file was read
    [error] = [x for x in result.stderr.splitlines() if not x.startswith(notes)]
    assert error.startswith("Error: ")
    assert message in error


def test_all_models_failing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(comparing, "_result", broken)
    result = compare(PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 1
    assert "linear model failed: broken" in result.stdout
    assert "Error: every model failed" in result.stderr
