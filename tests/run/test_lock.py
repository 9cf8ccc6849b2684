import subprocess
import sys
from pathlib import Path

import pytest

from ranvier.run.lock import Lock, RunInUseError, is_held

HOLD = """
import sys, time
from pathlib import Path
from ranvier.run.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    with Lock(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(RunInUseError, match=r"written by process \d+ since \d{4}-"):
            Lock(tmp_path)
    assert not is_held(tmp_path)
    Lock(tmp_path).release()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(RunInUseError, match=f"written by process {process.pid} "):
            Lock(tmp_path)
        process.kill()
        process.wait()
    assert not is_held(tmp_path)
    Lock(tmp_path).release()


def test_looking_does_not_hold(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    Lock(tmp_path).release()
    assert not is_held(tmp_path)
    Lock(tmp_path).release()


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b'{"process": "x"}'])
def test_a_note_nobody_can_read(tmp_path: Path, note: bytes) -> None:
    with Lock(tmp_path):
        (tmp_path / "lock").write_bytes(note)
        with pytest.raises(RunInUseError, match="is being written by another process"):
            Lock(tmp_path)
