"""hostile_calls.py: no call of an entry point crashes, or leaves its arrays."""

import subprocess
import sys
from pathlib import Path

import hostile_calls
import pytest

ROOT = Path(__file__).resolve().parents[2]


def outcomes(text: str) -> dict[str, int]:
    """Return how many calls did what."""
    lines = [line.split(" ", 1) for line in text.splitlines()]
    return {outcome: int(times) for times, outcome in lines}


def check(done: subprocess.CompletedProcess[str], count: int) -> None:
    assert done.returncode == 0, done.stderr[-3000:]
    found = outcomes(done.stdout)
    assert found.pop("calls") == sum(found.values()) == count
    # Every entry point was reached, and refused something.
    assert {f"{name} returned" for name in hostile_calls.NAMES} <= set(found)
    assert found["ValueError"] > count // 20
    assert found["TypeError"] > count // 20


def test_random_calls() -> None:
    script = Path(hostile_calls.__file__)
    command = [sys.executable, str(script), "20000"]
    check(subprocess.run(command, capture_output=True, text=True, check=False), 20_000)


@pytest.mark.slow
def test_random_calls_under_the_address_sanitizer() -> None:
    command = [str(ROOT / "tools" / "sanitize.sh"), "calls", "200000"]
    check(subprocess.run(command, capture_output=True, text=True, check=False), 200_000)


@pytest.mark.slow
def test_the_sanitizer_is_there() -> None:
    command = [str(ROOT / "tools" / "sanitize.sh"), "calls", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (library,) = (ROOT / "build" / "calls" / "package" / "ranvier").glob("_engine*.so")
    assert b"__asan_" in library.read_bytes()
