"""``ranvier export``: a model file becomes a C file."""

import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

import ranvier as rv

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a model of the penguins."""
    made = tmp_path_factory.mktemp("export")
    table = pd.read_csv(ROOT / "examples" / "penguins.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        rv.fit_table(table, "species", effort="fast", epochs=3).save(
            made / "m.safetensors"
        )
    return made


def export(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ranvier", "export", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_c_file_with_the_name_of_the_file(folder: Path) -> None:
    done = export(folder, "m.safetensors", "penguins.c")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("penguins.c: c, ")
    assert "int penguins_predict(" in (folder / "penguins.c").read_text()


def test_a_name_of_ones_own(folder: Path) -> None:
    done = export(folder, "m.safetensors", "other.txt", "--to", "c", "--name", "bird")
    assert done.returncode == 0, done.stderr
    assert "int bird_predict(" in (folder / "other.txt").read_text()


def test_an_onnx_file(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    done = export(folder, "m.safetensors", "m.onnx")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("m.onnx: onnx, ")
    assert "(ONNX Runtime " in done.stdout


def test_wrong_input(folder: Path) -> None:
    done = export(folder, "m.safetensors", "m.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert "not to numpy" in done.stderr
    done = export(folder, "m.safetensors", "m.exe")
    assert "says no kind of file" in done.stderr
    done = export(folder, "m.safetensors", "m.safetensors", "--to", "c")
    assert done.returncode != 0
    assert "--force" in done.stderr
    done = export(folder, "none.safetensors", "m.c")
    assert done.returncode == 1
    assert not (folder / "m.c").exists()


def test_fewer_members(folder: Path) -> None:
    penguins = pd.read_csv(ROOT / "examples" / "penguins.csv")
    penguins[::3].to_csv(folder / "held-out.csv", index=False)
    whole = export(folder, "m.safetensors", "all.c")
    fewer = ("--members", "1", "--validation", "held-out.csv")
    done = export(folder, "m.safetensors", "one.c", *fewer)
    assert (whole.returncode, done.returncode) == (0, 0), done.stderr
    scores = done.stdout.splitlines()[1]
    assert scores.startswith("1 of 2 networks, on the validation rows: accuracy ")
    small, large = ((folder / name).stat().st_size for name in ("one.c", "all.c"))
    assert small < 0.8 * large
    done = export(folder, "m.safetensors", "two.c", "--members", "1")
    assert "validation rows decide which members to keep" in done.stderr
    done = export(folder, "m.safetensors", "held-out.csv", "--to", "c", *fewer)
    assert "is the input" in done.stderr
