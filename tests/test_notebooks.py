"""The notebooks in docs/ run from top to bottom, and show what they show today."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")
SMALL = 1e-5  # numbers below this are rounding, such as the gap of a difference

# In a process of its own: the kernel's libraries have warnings that are not ours.
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=sys.argv[2])
nbformat.write(notebook, sys.argv[1])
"""


def executed(source: Path, folder: Path) -> dict:
    """Run a copy of a notebook beside a copy of the examples."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "docs").mkdir()
    copy = folder / "docs" / source.name
    shutil.copy(source, copy)
    command = [sys.executable, "-c", RUN, copy, copy.parent]
    own = {"IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | own
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(copy.read_text("utf-8"))


def texts(notebook: dict) -> list[str]:
    """Return what each cell prints, and the text of each of its other outputs."""
    found = []
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        # A kernel on a busy machine tells what a cell prints in more than one piece.
        printed = [o["text"] for o in outputs if o.get("name") == "stdout"]
        shown = [o["data"].get("text/plain", "") for o in outputs if "data" in o]
        found += ["".join(map("".join, printed)), *map("".join, shown)]
    return [text for text in found if text]


def same(shown: str, now: str) -> bool:
    """Compare words exactly, numbers to the digits that a machine can move."""
    if NUMBER.sub("#", shown).split() != NUMBER.sub("#", now).split():
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(now), strict=True)
    return all(
        abs(float(a) - float(b)) <= max(SMALL, 2e-3 * abs(float(a))) for a, b in pairs
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook(path: Path, tmp_path: Path) -> None:
    stored = json.loads(path.read_text("utf-8"))
    fresh = executed(path, tmp_path)
    shown, now = texts(stored), texts(fresh)
    assert len(shown) == len(now) > 10
    for before, after in zip(shown, now, strict=True):
        assert same(before, after), f"stored:\n{before}\nnow:\n{after}"


def test_there_is_the_glass_box() -> None:
    assert "glass-box.ipynb" in [path.name for path in NOTEBOOKS]
    text = (ROOT / "docs" / "glass-box.ipynb").read_text("utf-8")
    for part in (
        "3-4-4-2",
        "matrix_product",
        "W3[0,1]",
        "W2[1,0]",
        "W1[bill_depth_mm,2]",
    ):
        assert part in text


def test_the_comparison_can_fail() -> None:
    assert same("L = 0.50001  ok", "L = 0.50002 ok")
    assert same("the gap is 3e-09.", "the gap is 1e-08.")
    assert not same("L = 0.5", "L = 0.6")
    assert not same("L = 0.5", "K = 0.5")
    assert not same("1 2", "1 2 3")
