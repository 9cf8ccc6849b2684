"""Settings of every test: no window for figures, the same examples on each run."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")

# No deadline: a busy machine is no failure. Derandomised: red is the change's doing.
hypothesis.settings.register_profile(
    "ranvier", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("ranvier")


@pytest.fixture
def rng() -> np.random.Generator:
    """Return random numbers that are the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture
def more_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test have more threads than this machine has processors."""
    monkeypatch.setattr("ranvier.threads.processors", lambda: 8)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where this machine lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        made = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("no right to mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)
