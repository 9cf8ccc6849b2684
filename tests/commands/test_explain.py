import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ranvier.cli import main

PENGUINS = Path(__file__).resolve().parents[2] / "examples" / "penguins.csv"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    fast = ["--epochs", "3", "--hidden", "6", "--no-run", "--out", str(path)]
    result = CliRunner().invoke(main, ["train", str(PENGUINS), "-t", "species", *fast])
    assert result.exit_code == 0, result.output
    return path


def explain(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["explain", *map(str, arguments)])


def test_it_tells_contributions_paths_and_shapes(model: Path) -> None:
    result = explain(model, PENGUINS, "--row", 5)
    assert result.exit_code == 0, result.output
    for part in (
        "Row 5: species is predicted as ",
        "Contributions to ",
        "completeness gap",
        "The strongest paths",
        "layer 1: [1, 65] x [65, 6] + [6] -> [1, 6]  mish",
    ):
        assert part in result.stdout
    assert (
        "The trace is without it" in result.stderr
    )  # the default hyperparameters has dropout


def test_json_only(model: Path) -> None:
    result = explain(model, PENGUINS, "--json")
    data = json.loads(result.stdout)
    assert data["row"] == 0
    assert len(data["contributions"]) == 7


def test_a_report_in_one_file(model: Path, tmp_path: Path) -> None:
    page = tmp_path / "row.html"
    result = explain(model, PENGUINS, "--row", 5, "--html", page)
    assert result.stdout.endswith(f"Report: {page}\n")
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")


def test_a_query_chooses_the_rows(model: Path) -> None:
    query = "select * from data where species = 'Gentoo'"
    result = explain(model, PENGUINS, "--query", query, "--row", 123)
    assert "The table says Gentoo" in result.stdout
    refused = explain(model, PENGUINS, "--query", query, "--row", 124)
    assert refused.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--row", "344"], "row 344 does not exist: rows are numbered 0 to 343"),
        (["--html", "/nowhere/r.html"], "give --html a file in a folder"),
    ],
)
def test_what_is_refused(model: Path, arguments: list[str], message: str) -> None:
    result = explain(model, PENGUINS, *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_model_that_is_none(tmp_path: Path) -> None:
    result = explain(tmp_path / "gone.safetensors", PENGUINS)
    assert result.exit_code == 1
    assert "there is no model file" in result.stderr
