import os

import numpy as np
import pytest

from benchmarks import machine

MEGABYTE = 1 << 20


def test_description_names_machine_and_versions() -> None:
    text = machine.description()
    assert machine.processor() in text
    assert f"numpy {np.__version__}" in text
    assert "level" in text


def test_what_is_not_installed() -> None:
    assert machine.installed("numpy") == np.__version__
    assert machine.installed("no-such-distribution-0") is None


def test_thread_limit_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("PJRT_NPROC", raising=False)
    with machine.thread_limit(3):
        assert os.environ["OMP_NUM_THREADS"] == os.environ["PJRT_NPROC"] == "3"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "PJRT_NPROC" not in os.environ


def test_memory_peak_sees_what_is_gone_again() -> None:
    if not machine.forget_memory_peak() or machine.memory_now() is None:
        pytest.skip("this system does not tell the memory of a process")
    before = machine.memory_now()
    np.ones(64 * MEGABYTE, np.uint8)  # written to, and dropped at once
    assert 60 * MEGABYTE < machine.memory_peak() - before < 80 * MEGABYTE
    machine.forget_memory_peak()
    assert machine.memory_peak() - before < 10 * MEGABYTE
