"""The command line in process: help, misuse, and what all commands share."""

import os
from pathlib import Path

import pytest

from command_line import FAST, PENGUINS, Run, columns, refused, table
from command_line import run as run
from command_line import trained as trained
from ranvier import files


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["train", PENGUINS],
        ["train", PENGUINS, "-t", "sex", "--hidden", "100,0"],
        ["train", PENGUINS, "-t", "sex", "--hidden", "many"],
        ["train", PENGUINS, "-t", "sex", "--epochs", "0"],
        ["train", PENGUINS, "-t", "sex", "--test-fraction", "1"],
        ["train", PENGUINS, "-t", "sex", "--task", "clustering"],
        ["train", PENGUINS, "-t", "sex", "--seed", "-1"],
        ["predict", "m.safetensors"],
        ["nonsense"],
    ],
)
def test_misuse_has_exit_code_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_help_shows_examples_on_lines_of_their_own(run: Run) -> None:
    for command in ([], ["train"], ["predict"], ["info"]):
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert "\n  ranvier " in result.stdout
        assert "\b" not in result.stdout


def test_names_from_the_data_cannot_steer_the_terminal(
    run: Run, tmp_path: Path
) -> None:
    given = columns()
    given["\x1b[31m[bold]x"] = given.pop("x")
    given["y"] = [f"{value}\x1b]0;title\x07" for value in given["y"]]
    table(tmp_path / "t.csv", given)
    for arguments in (
        ["train", "t.csv", "--target", "y", *FAST],
        ["train", "t.csv", "--target", "z"],
        ["info", "t-model.safetensors"],
    ):
        result = run(*arguments)
        assert "\x1b" not in result.output
        assert "\x07" not in result.output
        assert "[31m[bold]x" in result.output


def test_a_newer_model_file_says_to_update(
    run: Run, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "VERSION", files.VERSION - 1)
    for command in (["info", trained], ["predict", trained, "t.csv"]):
        refused(run(*command), "version", "update it with `pip install")


def test_output_over_input_is_refused(run: Run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", columns())
    before = path.read_bytes()
    os.link(path, tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to("t.csv")
    assert run("train", "t.csv", "-t", "y", *FAST, "--no-run").exit_code == 0
    model = tmp_path / "t-model.safetensors"
    trained = model.read_bytes()
    for out in ("t.csv", "./t.csv", "hard.csv", "soft.csv"):
        text = f"--out '{Path(out)}' is the input 't.csv' itself: give another file"
        refused(run("train", "t.csv", "-t", "y", *FAST, "-o", out), text, "--force")
        refused(run("predict", model, "t.csv", "-o", out), text, "--force")
        refused(run("compare", "t.csv", "-t", "y", "--csv", out), "--csv", "--force")
    refused(run("explain", model, "t.csv", "--html", "t.csv"), "--html", "is the input")
    refused(run("explain", model, "t.csv", "--html", model), "is the input")
    assert (path.read_bytes(), model.read_bytes()) == (before, trained)
    result = run("predict", model, "t.csv", "-o", "t.csv", "--force")
    assert result.exit_code == 0, result.stderr
    assert path.read_text().startswith("prediction")


def test_no_output_goes_into_a_run(run: Run, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", columns())
    assert run("train", "t.csv", "-t", "y", *FAST).exit_code == 0
    folder = next((tmp_path / "runs").iterdir()).relative_to(tmp_path)
    for out in (folder / "epochs.jsonl", folder / "networks" / "new.csv"):
        text = "lies in the folder of a run: give a file outside of it, or --force"
        refused(run("predict", "t-model.safetensors", "t.csv", "-o", out), text)
