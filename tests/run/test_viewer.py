import subprocess
import sys
from collections.abc import Iterator

import pytest

from ranvier.run import viewer
from ranvier.run.viewer import started

SAYS = "import sys; print('hello'); print('at http://127.0.0.1:1/?token=x ', flush=1)"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[str]]]:
    """Yield the processes a test starts, and end them after it."""
    kept: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(viewer, "_KEPT", kept)
    yield kept
    for process in kept:
        process.kill()
        process.communicate()


def test_the_address_is_waited_for(processes: list[subprocess.Popen[str]]) -> None:
    command = [sys.executable, "-c", f"{SAYS}; sys.stdin.read()"]
    assert started(command) == "http://127.0.0.1:1/?token=x"
    assert processes[0].poll() is None  # it goes on while we are there


@pytest.mark.parametrize("code", ["raise SystemExit('no port')", "print('a\\n' * 99)"])
def test_a_process_that_opens_nothing(
    code: str, processes: list[subprocess.Popen[str]]
) -> None:
    with pytest.raises(RuntimeError, match=r"could not be opened: (no port|a a a)"):
        started([sys.executable, "-c", code])
    assert processes == []
