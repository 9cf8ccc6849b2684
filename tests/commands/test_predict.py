"""``ranvier predict``: its formats, its notices, and models that do not fit."""

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
