"""The scripts of examples/sklearn/, as they are and on Ranvier's engine."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "sklearn"
# What stands before the script on the command line.
SIDES: dict[str, list[str]] = {"scikit-learn": [], "Ranvier": ["-m", "ranvier.sklearn"]}


def scripts() -> list[Path]:
    """List the scripts."""
    return sorted(FOLDER.glob("*.py"))


def title(script: Path) -> str:
    """Return the first line of a script's docstring."""
    return script.read_text("utf-8").split('"""')[1].splitlines()[0].rstrip(".")


def run(script: Path, side: str) -> tuple[float, str]:
    """Run a script; give the processor seconds of it and its children, and its output.

    Raises
    ------
    subprocess.CalledProcessError
        The script has failed.
    """
    before = _seconds()
    command = [sys.executable, "-W", "ignore", *SIDES[side], str(script)]
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env=environment
    )
    return _seconds() - before, done.stdout


def times(script: Path, repeats: int) -> dict[str, float]:
    """Run a script on both sides in turn; give the median of each.

    Raises
    ------
    SystemExit
        The two have printed different things.
    """
    found: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(repeats):
        told = {}
        for side in SIDES:
            seconds, told[side] = run(script, side)
            found[side].append(seconds)
        if len(set(told.values())) != 1:
            raise SystemExit(f"{script.name}: the outputs differ, {told}")
    return {side: median(several) for side, several in found.items()}


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
