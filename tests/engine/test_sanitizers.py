"""The engine under sanitizers and on aarch64: tools/sanitize.sh, trials.cpp."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"

pytestmark = pytest.mark.slow
CROSS_TOOLS = ("aarch64-linux-gnu-g++", "qemu-aarch64")


def sanitize(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "tools" / "sanitize.sh"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def fingerprints(build: str) -> dict[str, str]:
    """Return the results of a build's trials, by level."""
    files = (BUILD / f"trials-{build}").glob("*.txt")
    return {path.stem: path.read_text("utf-8") for path in files}


@cache
def run_trials(build: str) -> dict[str, str]:
    """Run a build's trials on every level; return their fingerprints."""
    run = sanitize(build)
    assert run.returncode == 0, run.stderr
    levels = sanitize(build, "--levels").stdout.split()
    assert levels
    found = fingerprints(build)
    assert set(levels) <= set(found)
    return {level: found[level] for level in levels}


@pytest.mark.parametrize("build", ["address", "thread"])
def test_no_report_on_any_level(build: str) -> None:
    found = run_trials(build)
    assert all(len(text.splitlines()) == 80 for text in found.values())
    # Levels with fused multiply-adds agree bit for bit; the baseline rounds otherwise.
    fused = {text for level, text in found.items() if level != "baseline"}
    assert len(fused) <= 1
    assert found.get("baseline") not in fused


@pytest.mark.parametrize(
    ("build", "fault", "report"),
    [("address", "memory", "heap-buffer-overflow"), ("thread", "race", "data race")],
)
def test_a_fault_is_seen(build: str, fault: str, report: str) -> None:
    run = sanitize(build, "--spoil", fault)
    assert run.returncode != 0
    assert report in run.stderr
    assert "/engine/" in run.stderr  # the engine itself was built with the sanitizer


@pytest.mark.skipif(
    not all(map(shutil.which, CROSS_TOOLS)),
    reason="needs a compiler and an emulator for aarch64: "
    "apt-get install g++-aarch64-linux-gnu qemu-user",
)
def test_aarch64() -> None:
    found = run_trials("aarch64")
    assert list(found) == ["neon"]
    assert len(found["neon"].splitlines()) == 80
    # The same bits as on x86-64, as far as both C libraries raise to a power alike.
    if "avx2" in (here := run_trials("address")):
        assert found["neon"] == here["avx2"]
