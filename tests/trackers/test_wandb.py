"""Weights & Biases offline, and Trackio: what they stored is read back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ranvier as rv

pytestmark = pytest.mark.peers
TESTS = Path(__file__).parent

PROGRAM = """
import json, sys
from trainings import train
import ranvier as rv
_, history = train(rv.WandbLogger({arguments}))
print(json.dumps(history.losses))
"""


def run(arguments: str, folder: Path) -> list[float]:
    """Train in a process of its own, since these tools leave threads behind."""
    environment = os.environ | {
        "PYTHONPATH": str(TESTS),
        "TRACKIO_DIR": str(folder / "trackio"),
        "WANDB_SILENT": "true",
        "WANDB_MODE": "offline",
        "HF_HUB_OFFLINE": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=arguments)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_wandb_offline(tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    losses = run("'project', histograms=7", tmp_path)
    (file,) = tmp_path.rglob("*.wandb")
    stored = file.read_bytes()
    assert b"loss/train" in stored
    assert f"{losses[-1]:.6f}"[:8].encode() in stored
    assert b"weights/W1" in stored


def test_trackio(tmp_path: Path) -> None:
    pytest.importorskip("trackio")
    losses = run("'project', to='trackio'", tmp_path)
    import sqlite3

    (file,) = (tmp_path / "trackio").glob("*.db")
    with sqlite3.connect(file) as database:
        rows = database.execute("select step, metrics from metrics order by step")
        stored = {step: json.loads(metrics) for step, metrics in rows}
    assert [stored[k]["loss/train"] for k in sorted(stored)] == pytest.approx(losses)


def test_wrong_tool() -> None:
    with pytest.raises(ValueError, match="to must be 'wandb' or 'trackio'"):
        rv.WandbLogger("project", to="comet")
