"""How far a cell of a CSV file travels: the functions that one training calls.

Counted in a process of its own, in the order of their first calls. The ceilings are
what there is, so that a change that adds to the journey is seen; the aim is 45 and 45.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_FILES, MOST_CHANGES_OF_FOLDER = 108, 165

TRACED = """
import json, sys, threading
from pathlib import Path
import ranvier
from ranvier.cli import main

SOURCE = str(Path(ranvier.__file__).parent)
found = {}

def seen(frame, event, argument):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(SOURCE):
        if not code.co_name.startswith("<module"):
            found.setdefault(code, code.co_filename)

threading.setprofile(seen)
sys.setprofile(seen)
try:
    main(sys.argv[1:], standalone_mode=False)
finally:
    sys.setprofile(None)
    threading.setprofile(None)
files = [str(Path(name).relative_to(SOURCE)) for name in found.values()]
Path("journey.json").write_text(json.dumps(files))
"""


@pytest.mark.slow
def test_journey_of_a_cell(tmp_path: Path) -> None:
    command = ["train", str(ROOT / "examples" / "penguins.csv"), "--target", "species"]
    command += ["--effort", "fast", "--no-run", "--threads", "1"]
    subprocess.run(
        [sys.executable, "-c", TRACED, *command],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    files: list[str] = json.loads((tmp_path / "journey.json").read_text())
    folders = [str(Path(name).parent) for name in files]
    changes = sum(a != b for a, b in pairwise(folders))
    by_folder = sorted(set(files))
    assert len(by_folder) <= MOST_FILES, "\n".join(by_folder)
    assert changes <= MOST_CHANGES_OF_FOLDER, changes
