"""``python -m ranvier`` is the command itself: one real process."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from ranvier.tabular.model import TableModel
from stacks import hearing_ctrl_c

PENGUINS = Path(__file__).resolve().parent.parent / "examples" / "penguins.csv"
RANVIER = [sys.executable, "-m", "ranvier"]


def test_the_main_job(tmp_path: Path) -> None:
    command = [
        *RANVIER,
        "train",
        str(PENGUINS),
        "--target",
        "species",
        "--epochs",
        "20",
    ]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")  # and no bar: this is no terminal
    assert "Held-out scores" in run.stdout
    assert (
        TableModel.load(tmp_path / "penguins-model.safetensors").classes[0] == "Adelie"
    )


def test_a_poor_terminal_gets_what_it_can_show(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("크기,y\n" + "1,a\n2,b\n" * 10, "utf-8")
    run = subprocess.run(
        [*RANVIER, "train", "t.csv", "--target", "y", "--epochs", "1"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"?? (1 to 2)" in run.stdout


def has_lines(file: Path) -> bool:
    """Say whether an epoch has been recorded."""
    return file.stat().st_size > 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process")
def test_ctrl_c_saves_the_best_network_so_far(tmp_path: Path) -> None:
    command = [*RANVIER, "train", str(PENGUINS), "--target", "species"]
    with (
        hearing_ctrl_c(),
        subprocess.Popen(
            [*command, "--epochs", "10000000", "--threads", "1"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        while not any(map(has_lines, tmp_path.glob("runs/*/epochs.jsonl"))):
            assert process.poll() is None
            sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    first, second = err.splitlines()
    assert first == "Interrupted: the best network so far was saved."
    assert second.startswith("To resume: ranvier resume runs/")
    assert "penguins-model.safetensors" in out
    metadata = TableModel.load(tmp_path / "penguins-model.safetensors").metadata
    assert 1 <= metadata.best_epoch <= metadata.epochs < 10_000_000


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_away_does_not_stop_a_training(
    tmp_path: Path, options: list[str]
) -> None:
    """As `ranvier train ... | head -1` does: the model is written all the same."""
    command = [*RANVIER, "train", str(PENGUINS), "--target", "species", "--epochs", "5"]
    with subprocess.Popen(
        [*command, *options],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        if not options:
            assert "penguins.csv" in process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")
    assert (
        TableModel.load(tmp_path / "penguins-model.safetensors").classes[0] == "Adelie"
    )


def test_a_full_disk_under_the_runs_ends_no_training(
    tmp_path: Path, small_disk: Path
) -> None:
    (small_disk / "filler").write_bytes(b"0" * 20_000)
    command = [
        *RANVIER,
        "train",
        str(PENGUINS),
        "--target",
        "species",
        "--epochs",
        "20",
    ]
    run = subprocess.run(
        [*command, "--runs", str(small_disk)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (line,) = run.stderr.splitlines()
    assert line.startswith("Note: recording stopped, and training continues without it")
    assert "Held-out scores" in run.stdout
    assert (
        TableModel.load(tmp_path / "penguins-model.safetensors").classes[0] == "Adelie"
    )
