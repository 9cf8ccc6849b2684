"""``ranvier train``: what it prints, its exit codes, and bad input."""

import errno
import json
import os
import signal
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from command_line import FAST, PENGUINS, Run, columns, interrupt, refused, table
from command_line import run as run
from command_line import trained as trained
from ranvier.commands import held_out_scores
from ranvier.tabular.fit_table import fit_prepared, fit_table
from ranvier.tabular.model import TableModel

RANVIER = str(Path(sys.executable).with_name("ranvier"))


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
        "rv.load('penguins-model.safetensors')",
    ):
        assert part in result.stdout
    model = TableModel.load(tmp_path / "penguins-model.safetensors")
    assert model.metadata.test_rows == 68
    assert model.metadata.scores["accuracy"] > 0.9


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
    assert (
        TableModel.load(tmp_path / "penguins-model.safetensors").metadata.scores == {}
    )


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


def test_ctrl_c_after_training_does_not_lose_the_model(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out_scores, "score_with_baselines", interrupt)
    result = run("train", PENGUINS, "--target", "species", *FAST, "--json")
    assert result.exit_code == 130
    saved = "Interrupted: the trained model, not yet scored, was saved.\n"
    assert result.stderr == saved
    assert json.loads(result.stdout)["interrupted"] is True
    assert TableModel.load(tmp_path / "penguins-model.safetensors").metadata.epochs == 2


def test_ctrl_c_that_the_scores_lose_ends_with_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = held_out_scores.score_with_baselines

    def losing(*given: Any) -> Any:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return own(*given)

    monkeypatch.setattr(held_out_scores, "score_with_baselines", losing)
    result = run("train", PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 130
    assert "Interrupted: the trained model was saved.\n" in result.stderr
    assert "Held-out" in result.stdout


@pytest.mark.parametrize(("count", "told"), [(1, "network so far"), (3, "3 networks")])
def test_ctrl_c_in_training_keeps_what_has_learnt(
    run: Run, monkeypatch: pytest.MonkeyPatch, count: int, told: str
) -> None:
    own = fit_prepared

    def ended_early(*given: Any, **named: Any) -> TableModel:
        model = own(*given, **named)
        assert model.history is not None
        model.history.stopped = "interrupted"
        model.members = model.members[:count]
        return model

    monkeypatch.setattr("ranvier.commands.train.fit_prepared", ended_early)
    result = run("train", PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 130
    assert told in result.stderr
    assert "To resume: ranvier resume runs" in result.stderr
    assert "Held-out" not in result.stdout
    info = json.loads(run("info", "penguins-model.safetensors", "--json").stdout)
    assert info["network"]["count"] == count


def test_the_effort_is_chosen(run: Run) -> None:
    command = ["train", PENGUINS, "-t", "species", *FAST, "--json", "--effort"]
    told = [json.loads(run(*command, how).stdout) for how in ("fast", "default")]
    fast, default = (one["network"]["count"] for one in told)
    assert fast == 2
    assert default in (8, 12)  # 12 where both encodings are as good
    assert run(*command, "hard").exit_code == 2


def test_ctrl_c_before_training_writes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranvier.commands.train.prepare", interrupt)
    result = run("train", PENGUINS, "--target", "species")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted. Nothing was written.\n"
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_after_the_model_is_saved_says_where_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranvier.commands.train._scores", interrupt)
    result = run("train", PENGUINS, "--target", "species", *FAST)
    assert result.exit_code == 130
    expected = "Interrupted. The model is in penguins-model.safetensors.\n"
    assert result.stderr == expected
    assert run("info", "penguins-model.safetensors").exit_code == 0


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


# ---------------------------------------------------------------- options of the fit


def mixed_table(path: Path, rows: int = 80) -> Path:
    """Write a table with a target of each kind, weights and groups."""
    x = [i * 37 % rows / rows for i in range(rows)]
    return table(
        path,
        {
            "x": x,
            "code": [i % 7 for i in range(rows)],
            "w": [i % 3 for i in range(rows)],
            "g": [f"g{i // 8}" for i in range(rows)],
            "kind": ["yes" if v < 0.3 else "no" for v in x],
            "price": [10 + 3 * v for v in x],
        },
    )


def model_of(run: Run, path: Path, target: str, *options: str) -> TableModel:
    given = pd.read_csv(path)
    other = {"kind": "price", "price": "kind"}[target]
    given.drop(columns=other).to_csv(path.with_name("own.csv"), index=False)
    command = ["train", "own.csv", "-t", target, "--effort", "fast", "--no-run"]
    command += ["--test-fraction", 0, "--out", "m.safetensors", "--force", *options]
    result = run(*command)
    assert result.exit_code == 0, result.output
    return TableModel.load(path.with_name("m.safetensors"))


@pytest.mark.parametrize(
    ("target", "options", "settings"),
    [
        ("kind", ["--class-weight", "balanced"], {"class_weight": "balanced"}),
        ("kind", ["--class-weight", "yes=3"], {"class_weight": {"yes": 3.0}}),
        ("kind", ["--categories", "code"], {"categories": ["code"]}),
        ("kind", ["--validation", "0.3"], {"validation": 0.3}),
        ("price", ["--loss", "absolute_error"], {"loss": "absolute_error"}),
        (
            "price",
            ["--loss", "quantile", "--quantile", "0.8"],
            {"loss": "quantile", "quantile": 0.8},
        ),
        ("price", ["--time-ordered"], {"time_ordered": True}),
        ("price", ["--sample-weight", "w"], {"sample_weight": "w"}),
        ("price", ["--groups", "g"], {"groups": "g"}),
    ],
)
def test_options_are_those_of_fit_table(
    run: Run, tmp_path: Path, target: str, options: list[str], settings: dict[str, Any]
) -> None:
    path = mixed_table(tmp_path / "t.csv")
    model = model_of(run, path, target, *options)
    frame = pd.read_csv(tmp_path / "own.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        expected = fit_table(frame, target, effort="fast", **settings)
        plain = fit_table(frame, target, effort="fast")
    predict = "predict_proba" if target == "kind" else "predict"
    found = getattr(model, predict)(frame)
    np.testing.assert_array_equal(found, getattr(expected, predict)(frame))
    assert (found != getattr(plain, predict)(frame[plain.columns.keys()])).any()


@pytest.mark.filterwarnings("ignore:Each network learns from")
def test_a_preset_and_a_time_limit(run: Run, tmp_path: Path) -> None:
    path = mixed_table(tmp_path / "t.csv")
    limited = model_of(run, path, "kind", "--time-limit", "0.001")
    assert limited.metadata.epochs < 25
    command = ["train", "own.csv", "-t", "kind", "--preset", "realmlp-td", *FAST]
    assert run(*command, "--no-run", "--force").exit_code == 0
    refused(run(*command[:4], "--preset", "tabm", "--force"), "--no-run")


@pytest.mark.parametrize(
    "option",
    [
        ["--class-weight", "heavy"],
        ["--class-weight", "=3"],
        ["--quantile", "1"],
        ["--validation", "0"],
        ["--loss", "hinge"],
        ["--time-limit", "0"],
    ],
)
def test_options_that_cannot_be_read(run: Run, option: list[str]) -> None:
    result = run("train", PENGUINS, "-t", "sex", *option)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_test_rows_in_order_of_time_are_the_last(run: Run, tmp_path: Path) -> None:
    mixed_table(tmp_path / "t.csv")
    command = ["train", "t.csv", "-t", "price", *FAST, "--time-ordered", "--json"]
    found = json.loads(run(*command, "--no-run").stdout)
    assert found["rows"] == {"training": 64, "held_out": 16}


def test_a_page_that_cannot_be_opened(tmp_path: Path) -> None:
    """Its process ends with an error, as where the server is not installed."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "uvicorn.py").write_text("raise ImportError('no server')")
    columns_of = table(tmp_path / "t.csv", columns())
    command = [RANVIER, "train", str(columns_of), "-t", "y", *FAST, "--live"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if not one.startswith("Note:")]
    assert line.startswith("Error: the page could not be opened: Error: no server.")
    assert "in the shell, without --live" in line


def test_a_level_that_there_is_not(tmp_path: Path) -> None:
    source = table(tmp_path / "t.csv", columns())
    done = subprocess.run(
        [RANVIER, "train", str(source), "-t", "y", *FAST],
        cwd=tmp_path,
        env=os.environ | {"RANVIER_LEVEL": "zzz"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if not one.startswith("Note:")]
    assert line.startswith("Error: RANVIER_LEVEL is 'zzz', but this build")
