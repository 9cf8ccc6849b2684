"""The releases of scikit-learn that are supported, one after the other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.slow
@pytest.mark.parametrize("release", ["1.7.2", "1.8.0", "1.9.1"])
def test_release(release: str, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    folder = tmp_path / "site"
    subprocess.run(
        [*pip, "--target", str(folder), f"scikit-learn=={release}"], check=True
    )
    environment = os.environ | {"PYTHONPATH": str(folder)}
    seen = subprocess.check_output(
        [sys.executable, "-c", "import sklearn; print(sklearn.__version__)"],
        env=environment,
        text=True,
    )
    assert seen.strip() == release
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(HERE),
            "-m",
            "not slow",
        ],
        cwd=HERE.parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
