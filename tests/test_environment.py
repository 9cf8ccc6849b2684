"""What `rv.show_config` prints and returns."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
import threadpoolctl

import ranvier as rv
from ranvier import _engine, threads


def test_dicts() -> None:
    config = rv.show_config(mode="dicts")
    assert config["versions"] == {
        "ranvier": rv.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    engine = _engine.show_config()
    assert config["engine"]["level"] == engine["level"]
    assert config["engine"]["levels available"] == engine["levels_available"]
    assert config["engine"]["compiler"].startswith(("GCC ", "Clang "))
    assert config["threads"]["limits"] == threads.limits()
    assert config["threads"]["available"] == threads.available()


def test_it_prints_what_it_returns(capsys: pytest.CaptureFixture[str]) -> None:
    assert rv.show_config() is None
    printed = capsys.readouterr().out
    assert printed.startswith(f"versions:\n  ranvier: {rv.__version__}\n")
    levels = ", ".join(_engine.show_config()["levels_available"])
    assert f"  levels available: {levels}\n" in printed
    assert f"\nthreads:\n  available: {threads.available()}\n" in printed
    assert printed.endswith("    threadpoolctl: none\n")
    rv.show_config("stdout")
    assert capsys.readouterr().out == printed


def test_why_there_are_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("ranvier.cgroups.processors", lambda: None)
    assert seen() == (6, "affinity")
    monkeypatch.setattr("ranvier.cgroups.processors", lambda: 5)
    assert seen() == (5, "cgroup")
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert seen() == (4, "OMP_NUM_THREADS")
    with threadpoolctl.threadpool_limits(3):
        assert seen() == (3, "threadpoolctl")
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    assert seen() == (5, "cgroup")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert seen() == (2, "processors")


def seen() -> tuple[int, str]:
    found = rv.show_config(mode="dicts")["threads"]
    return found["available"], found["limited by"]


def test_the_level_that_the_environment_asks_for() -> None:
    lowest = _engine.show_config()["levels_available"][0]
    program = "import ranvier; ranvier.show_config()"
    for asked, shown in ((lowest, lowest), ("", "none")):
        printed = subprocess.check_output(
            [sys.executable, "-c", program],
            env={**os.environ, "RANVIER_LEVEL": asked},
            text=True,
        )
        assert f"  RANVIER_LEVEL: {shown}\n" in printed
        assert not asked or f"  level: {asked}\n" in printed


def test_another_mode() -> None:
    with pytest.raises(ValueError, match=r"mode must be 'stdout'.*but got 'yaml'"):
        rv.show_config("yaml")  # type: ignore[call-overload]
