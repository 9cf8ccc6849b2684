"""``ranvier predict``: its formats, its notices, and models that do not fit."""

import csv
from pathlib import Path

import pytest

from command_line import Run, refused, table
from command_line import run as run
from command_line import trained as trained


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
    assert "1 row(s) have a 'y' that training did not see, 'huge'" in result.stderr


def test_predict_refuses_what_does_not_fit(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    table(tmp_path / "new.csv", {"X": [0.1], "c": ["red"]})
    refused(run("predict", trained, "new.csv"), "lacks the column(s) 'x'", "'X'")
    refused(run("predict", "no.safetensors", "t.csv"), "no model file 'no.safetensors'")
    refused(run("predict", "t.csv", "t.csv"), "t.csv", "no file of Ranvier's")
    refused(run("predict", trained, "t.csv", "-o", "o.xlsx"), ".csv, .tsv, .parquet")
    assert not (tmp_path / "o.xlsx").exists()


def test_an_onnx_file_predicts_as_the_model_does(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    assert run("export", trained, "m.onnx").exit_code == 0
    expected = run("predict", trained, "t.csv", "--proba")
    found = run("predict", "m.onnx", "t.csv", "--proba")
    assert found.exit_code == 0, found.stderr
    assert found.stderr == expected.stderr
    rows = [list(csv.DictReader(r.stdout.splitlines())) for r in (found, expected)]
    for mine, theirs in zip(*rows, strict=True):
        assert mine["prediction"] == theirs["prediction"]
        p = "probability of high"
        assert float(mine[p]) == pytest.approx(float(theirs[p]), abs=3e-6)
    refused(run("predict", "none.onnx", "t.csv"), "no model file 'none.onnx'")


def test_intervals_are_columns(run: Run, tmp_path: Path) -> None:
    x = [i / 60 for i in range(60)]
    table(tmp_path / "n.csv", {"x": x, "y": [v * v for v in x]})
    command = ["train", "n.csv", "-t", "y", "--effort", "fast", "--no-run"]
    assert run(*command).exit_code == 0
    result = run("predict", "n-model.safetensors", "n.csv", "--interval", 0.8)
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert list(rows[0]) == ["prediction", "low", "high"]
    for row in rows:
        assert float(row["low"]) <= float(row["prediction"]) <= float(row["high"])


def test_classes_have_no_intervals(run: Run, trained: Path) -> None:
    result = run("predict", trained, "t.csv", "--interval", 0.8)
    refused(result, "no intervals for classes of 'y'")


def test_columns_that_training_did_not_have_are_named(
    run: Run, trained: Path, tmp_path: Path
) -> None:
    table(tmp_path / "new.csv", {"extra": [1], "c": ["red"], "x": [0.1]})
    result = run("predict", trained, "new.csv")
    assert result.exit_code == 0
    assert result.stderr.count("'extra'") == 1
    assert "Note: Column(s) 'extra' were not in training and are ignored." in (
        result.stderr
    )
