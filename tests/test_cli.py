"""The command line in process: what it tells, its exit codes, and bad input."""

import csv
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from ranvier import cli, files
from ranvier.cli import main
from ranvier.job.model import Model

PENGUINS = str(Path(__file__).resolve().parent.parent / "examples" / "penguins.csv")
FAST = ["--epochs", "2", "--hidden", "4"]

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that calls the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return call


def table(path: Path, columns: dict[str, list[Any]]) -> Path:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def columns(rows: int = 40) -> dict[str, list[Any]]:
    """Return a small table that is easy to learn."""
    x = [i / rows for i in range(rows)]
    return {"x": x, "y": ["low" if value < 0.5 else "high" for value in x]}


def refused(result: Result, *parts: str) -> None:
    """Check for exit code 1 and one clear line on standard error."""
    assert result.exit_code == 1, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("Error: ")
    for part in parts:
        assert part in lines[0]


# ---------------------------------------------------------------- train


def test_train_tells_what_it_inferred_and_how_good_it_is(
    run: Run, tmp_path: Path
) -> None:
    result = run("train", PENGUINS, "--target", "species", "--epochs", 20)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    for part in (
        "penguins.csv: CSV, UTF-8, 344 rows, 8 columns",
        "Task: classification of 'species' ('species' holds 3 different texts)",
        "Adelie (",
        "island (3 values)",
        "bill_length_mm (",
        "Held-out scores, 68 rows",
        "accuracy",
        "log-loss",
        "linear model",
        "majority class",
        "Model: penguins-model.safetensors",
        "ranvier predict penguins-model.safetensors NEW.csv",
        "rv.Model.load('penguins-model.safetensors')",
    ):
        assert part in result.stdout
    model = Model.load(tmp_path / "penguins-model.safetensors")
    assert model.facts.test_rows == 68
    assert model.facts.scores["accuracy"] > 0.9


def test_train_prints_json_and_nothing_else(run: Run) -> None:
    query = "select * from data where body_mass_g is not null"
    options = ["--query", query, *FAST, "--json", "--seed", 3, "--out", "m.safetensors"]
    result = run("train", PENGUINS, "--target", "body_mass_g", *options)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1
    told = json.loads(result.stdout)
    assert told["data"]["rows"] == 342
    assert told["task"]["name"] == "regression"
    assert told["rows"] == {"training": 274, "held_out": 68}
    assert told["network"]["hidden"] == [4]
    assert told["training"]["epochs"] == 2
    assert told["training"]["seed"] == 3
    assert list(told["scores"]) == ["Ranvier", "linear model", "mean"]
    assert list(told["scores"]["mean"]) == ["rmse", "mae", "r2"]
    assert told["model"] == "m.safetensors"
    assert told["interrupted"] is False


def test_the_same_command_gives_the_same_scores(run: Run) -> None:
    command = ["train", PENGUINS, "--target", "sex", *FAST, "--json"]
    first, again = (json.loads(run(*command).stdout)["scores"] for _ in range(2))
    assert first == again
    other = json.loads(run(*command, "--seed", 1, "--threads", 2).stdout)["scores"]
    assert other != first


def test_train_without_rows_held_out(run: Run, tmp_path: Path) -> None:
    result = run("train", PENGUINS, "-t", "species", *FAST, "--test-fraction", 0)
    assert result.exit_code == 0, result.stderr
    assert "Held-out" not in result.stdout
    assert Model.load(tmp_path / "penguins-model.safetensors").facts.scores == {}


def test_the_task_can_be_chosen(run: Run) -> None:
    command = ["train", PENGUINS, "-t", "year", *FAST, "--json"]
    assert json.loads(run(*command).stdout)["task"]["name"] == "classification"
    told = json.loads(run(*command, "--task", "regression").stdout)
    assert told["task"]["name"] == "regression"
    assert told["task"]["reason"] == "it was asked for"


def test_other_encodings_are_read_and_named(run: Run, tmp_path: Path) -> None:
    text = "크기,종류\n" + "".join(
        f"{i},{'큰' if i > 19 else '작은'}\n" for i in range(40)
    )
    for encoding, name in [("cp949", "CP949"), ("utf-16", "UTF-16")]:
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        result = run("train", path, "--target", "종류", *FAST)
        assert result.exit_code == 0, result.stderr
        assert f"CSV, {name}, 40 rows" in result.stdout
        assert "큰 (" in result.stdout


# ---------------------------------------------------------------- bad input


def test_an_unknown_target_offers_the_nearest_name(run: Run) -> None:
    result = run("train", PENGUINS, "--target", "specis")
    refused(result, "no column 'specis': did you mean 'species'?")


def test_an_unknown_file_is_an_error(run: Run) -> None:
    refused(run("train", "nothing.csv", "--target", "y"), "no file nothing.csv")


@pytest.mark.parametrize(("text", "part"), [("", "is empty"), ("x,y\n", "no rows")])
def test_an_empty_file_is_an_error(
    run: Run, tmp_path: Path, text: str, part: str
) -> None:
    (tmp_path / "e.csv").write_text(text)
    refused(run("train", "e.csv", "--target", "y"), "e.csv", part)


def test_one_class_only_is_an_error(run: Run, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", columns() | {"y": ["same"] * 40})
    refused(run("train", "t.csv", "--target", "y"), "one class only, 'same'")


def test_rows_without_a_target_are_counted_or_refused(run: Run, tmp_path: Path) -> None:
    given = columns()
    given["y"][3:6] = [None] * 3
    table(tmp_path / "t.csv", given)
    result = run("train", "t.csv", "--target", "y", *FAST)
    assert result.exit_code == 0, result.stderr
    told = "Note: 3 of 40 rows have no value in the target 'y' and are left out."
    assert told in result.stdout
    refused(run("train", "t.csv", "--target", "y", "--strict"), "3 of 40 rows", "row 3")


def test_ten_thousand_columns_are_trained_on(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    wide = {f"c{i}": rng.normal(size=30) for i in range(10_000)}
    wide["y"] = np.arange(30) % 2
    parquet.write_table(pa.table(wide), tmp_path / "wide.parquet")
    options = [*FAST, "--test-fraction", 0]
    result = run("train", "wide.parquet", "--target", "y", *options)
    assert result.exit_code == 0, result.stderr
    assert "Columns: 10,000 inputs" in result.stdout
    assert "and 9,988 more" in result.stdout
    assert len(result.stdout) < 5000


def test_columns_named_twice_are_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,x,y\n" + "1,2,a\n3,4,b\n" * 10)
    refused(run("train", "t.csv", "--target", "y"), "'x'")


def test_infinity_is_an_error_with_column_count_and_row(
    run: Run, tmp_path: Path
) -> None:
    given = columns()
    given["x"][7] = given["x"][9] = float("inf")
    table(tmp_path / "t.csv", given)
    refused(run("train", "t.csv", "--target", "y"), "'x' holds 2 infinite", "row 7")


def test_a_full_disk_leaves_the_old_model_whole(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["train", PENGUINS, "--target", "species", *FAST, "--no-run"]
    assert run(*command).exit_code == 0
    before = (tmp_path / "penguins-model.safetensors").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = run(*command, "--seed", 1)
    monkeypatch.undo()
    refused(result, "No space left on device", "the old file is as it was")
    assert (tmp_path / "penguins-model.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["penguins-model.safetensors"]


def test_the_training_is_recorded(run: Run, tmp_path: Path) -> None:
    command = ["train", PENGUINS, "--target", "species", *FAST]
    told = run(*command)
    assert told.exit_code == 0
    (recorded,) = (tmp_path / "runs").iterdir()
    assert f"ranvier view runs/{recorded.name}" in told.stdout
    assert run(*command, "--runs", "others").exit_code == 0
    assert len(list((tmp_path / "others").iterdir())) == 1
    told = json.loads(run(*command, "--no-run", "--json").stdout)
    assert told["run"] is None
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_a_place_that_cannot_be_written_is_refused_before_training(
    run: Run, tmp_path: Path
) -> None:
    command = ["train", PENGUINS, "--target", "species", "--epochs", 10_000_000]
    refused(run(*command, "--out", "no/m.safetensors"), "no folder")
    refused(run(*command, "--out", tmp_path), "is a folder")
    assert list(tmp_path.iterdir()) == []


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


# ---------------------------------------------------------------- predict and info


@pytest.fixture
def trained(run: Run, tmp_path: Path) -> Path:
    """Return the file of a model trained on a small table."""
    table(tmp_path / "t.csv", columns() | {"c": ["red", "green"] * 20})
    result = run("train", "t.csv", "--target", "y", "--epochs", 30, "--hidden", "8")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "t-model.safetensors"


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl"])
def test_predict_writes_every_format(
    run: Run, trained: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"out.{ending}"
    result = run("predict", trained, "t.csv", "-o", out, "--proba", "--with-inputs")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"40 predictions in {out}\n"
    from ranvier.reading.reading import read

    frame = read(out).frame
    probabilities = ["probability of high", "probability of low"]
    assert frame.column_names == ["x", "y", "c", "prediction", *probabilities]
    assert frame.num_rows == 40


def test_predict_prints_csv(run: Run, trained: Path) -> None:
    result = run("predict", trained, "t.csv")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "prediction"
    assert len(lines) == 41
    assert set(lines[1:]) == {"low", "high"}
    assert "Note: The table holds 'y' itself: accuracy " in result.stderr


def test_predict_tells_what_training_had_not_seen(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    table(tmp_path / "new.csv", {"x": [0.1], "c": ["blue"], "y": ["huge"]})
    result = run("predict", trained, "new.csv")
    assert result.exit_code == 0
    assert "'c' holds categories that training did not see" in result.stderr
    assert "1 row(s) have a 'y' that training had not seen, 'huge'" in result.stderr


def test_predict_refuses_what_does_not_fit(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    table(tmp_path / "new.csv", {"X": [0.1], "c": ["red"]})
    refused(run("predict", trained, "new.csv"), "lacks the column(s) 'x'", "'X'")
    refused(run("predict", "no.safetensors", "t.csv"), "no model file 'no.safetensors'")
    refused(run("predict", "t.csv", "t.csv"), "t.csv", "no file of Ranvier's")
    refused(run("predict", trained, "t.csv", "-o", "o.xlsx"), ".csv, .tsv, .parquet")
    assert not (tmp_path / "o.xlsx").exists()


def test_a_newer_model_file_says_to_update(
    run: Run, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "VERSION", files.VERSION - 1)
    for command in (["info", trained], ["predict", trained, "t.csv"]):
        refused(run(*command), "version", "update it with `pip install")


def test_info_tells_all(run: Run, trained: Path) -> None:
    result = run("info", trained)
    assert result.exit_code == 0
    for part in (
        "classification of 'y'",
        "high (16), low (16)",
        "x (0",
        "-8-2, mish, ",
        "30 epochs",
        "Held-out scores, 8 rows",
    ):
        assert part in result.stdout
    told = json.loads(run("info", trained, "--json").stdout)
    assert told["held_out"]["rows"] == 8
    assert told["training"]["created"].startswith("20")


def test_help_shows_examples_on_lines_of_their_own(run: Run) -> None:
    for command in ([], ["train"], ["predict"], ["info"]):
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert "\n  ranvier " in result.stdout
        assert "\b" not in result.stdout


def interrupt(*_: object, **__: object) -> None:
    """Do as Ctrl-C does."""
    raise KeyboardInterrupt


def test_ctrl_c_after_training_does_not_lose_the_model(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "compare", interrupt)
    result = run("train", PENGUINS, "--target", "species", *FAST, "--json")
    assert result.exit_code == 130
    saved = "Interrupted: the trained model, not yet scored, was saved.\n"
    assert result.stderr == saved
    assert json.loads(result.stdout)["interrupted"] is True
    assert Model.load(tmp_path / "penguins-model.safetensors").facts.epochs == 2


@pytest.mark.parametrize(("count", "told"), [(1, "network so far"), (3, "3 networks")])
def test_ctrl_c_in_training_keeps_what_has_learnt(
    run: Run, monkeypatch: pytest.MonkeyPatch, count: int, told: str
) -> None:
    own = cli.fit

    def ended_early(*given: Any, **named: Any) -> Model:
        model = own(*given, **named)
        assert model.history is not None
        model.history.stopped = "interrupted"
        model.networks = model.networks[:count]
        return model

    monkeypatch.setattr(cli, "fit", ended_early)
    result = run("train", PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 130
    assert told in result.stderr
    assert "To go on: ranvier resume runs" in result.stderr
    assert "Held-out" not in result.stdout
    info = json.loads(run("info", "penguins-model.safetensors", "--json").stdout)
    assert info["network"]["count"] == count


def test_the_effort_is_chosen(run: Run) -> None:
    command = ["train", PENGUINS, "-t", "species", *FAST, "--json", "--effort"]
    told = [json.loads(run(*command, how).stdout) for how in ("fast", "default")]
    assert [one["network"]["count"] for one in told] == [2, 8]
    assert run(*command, "hard").exit_code == 2


def test_ctrl_c_before_training_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "prepare", interrupt)
    result = run("train", PENGUINS, "--target", "species")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted. Nothing was written.\n"
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- output over input


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


def test_the_model_of_another_training_is_not_replaced(
    run: Run, tmp_path: Path
) -> None:
    table(tmp_path / "t.csv", columns())
    table(tmp_path / "other.csv", columns(50))
    train = ["train", "t.csv", "-t", "y", *FAST]
    assert run(*train).exit_code == 0
    assert run(*train).exit_code == 0  # the same table again, by its default name
    model = tmp_path / "t-model.safetensors"
    before = model.read_bytes()
    text = "'t-model.safetensors' is a model of another training, which predicts 'y'"
    other = ["train", "other.csv", "-t", "y", *FAST, "-o", model.name]
    refused(run(*other), text, "--force")
    refused(run("train", "t.csv", "-t", "x", *FAST), text, "--force")
    assert model.read_bytes() == before
    assert run(*other, "--force").exit_code == 0
    assert model.read_bytes() != before


def test_no_output_goes_into_a_run(run: Run, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", columns())
    assert run("train", "t.csv", "-t", "y", *FAST).exit_code == 0
    folder = next((tmp_path / "runs").iterdir()).relative_to(tmp_path)
    for out in (folder / "epochs.jsonl", folder / "networks" / "new.csv"):
        text = "lies in the folder of a run: give a file outside of it, or --force"
        refused(run("predict", "t-model.safetensors", "t.csv", "-o", out), text)
