import errno
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ranvier.disk import open_regular, read_regular, sweep_drafts, write_atomic
from ranvier.files import FileFormatError, pack, save

DESCRIPTION = {"name": "x", "slope": 0.01, "layers": [1, None, True]}
ARRAYS = {"W": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([1.0, 2.0])}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no draft may be left."""
    yield tmp_path
    assert not list(tmp_path.rglob(".*"))


def test_write_keeps_the_mode_of_the_old_file(folder: Path) -> None:
    path = folder / "a"
    write_atomic(path, b"1")
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    path.chmod(0o640)
    write_atomic(path, b"2")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"2", 0o640)


def test_write_follows_links(folder: Path) -> None:
    (folder / "real").write_bytes(b"old")
    (folder / "link").symlink_to("real")
    write_atomic(folder / "link", b"new")
    assert (folder / "link").is_symlink()
    assert (folder / "real").read_bytes() == b"new"


def test_write_with_the_longest_name(folder: Path) -> None:
    write_atomic(folder / ("n" * 255), b"x")
    assert (folder / ("n" * 255)).read_bytes() == b"x"


def test_write_to_a_pipe_leaves_it_a_pipe(folder: Path) -> None:
    # A pipe of our own, not /dev/null: root could replace that by a plain file.
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomic(pipe, b"through")
        assert pipe.is_fifo()
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)


def test_write_where_no_file_can_be(folder: Path) -> None:
    (folder / "file").write_bytes(b"old")
    with pytest.raises(NotADirectoryError):
        write_atomic(folder / "file" / "a", b"new")
    with pytest.raises(IsADirectoryError):
        write_atomic(folder, b"new")
    text = (
        r"while writing 1,234 bytes \(no part of it was left\): make sure that the fol"
    )
    with pytest.raises(FileNotFoundError, match=text) as error:
        write_atomic(folder / "none" / "a", b"x" * 1234)
    assert error.value.filename == os.path.realpath(folder / "none" / "a")
    assert (folder / "file").read_bytes() == b"old"


@pytest.mark.parametrize("stage", ["write", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(
    folder: Path, stage: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "a"
    path.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise error

    place = {
        "write": (os, "fdopen"),
        "fsync": (os, "fsync"),
        "replace": (Path, "replace"),
    }
    monkeypatch.setattr(*place[stage], fail)
    with pytest.raises(type(error)):
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"


# A limit on the size of files stands for a full disk, and needs no rights to set.
LIMITED = """
import resource, signal, sys
from ranvier.disk import open_regular, read_regular, sweep_drafts, write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(sys.argv[1], b"n" * 100_000)
except OSError as error:
    print(error.errno, error)
"""


def test_a_file_too_large_leaves_the_old_one(folder: Path) -> None:
    path = folder / "a"
    for old, kept in (
        (None, "no part of it was left"),
        (b"old", "the old file is as it was"),
    ):
        if old:
            path.write_bytes(old)
        command = [sys.executable, "-c", LIMITED, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        assert run.stdout.startswith(f"{errno.EFBIG} ")
        assert f"while writing 100,000 bytes ({kept}" in run.stdout
        assert "make room there, or save elsewhere" in run.stdout
        assert (path.read_bytes() if path.exists() else None) == old
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_full_disk_leaves_the_old_file(small_disk: Path) -> None:
    path = small_disk / "net"
    save(path, DESCRIPTION, ARRAYS)
    text = "No space left on device, while writing .*old file is as it was.*make room"
    with pytest.raises(OSError, match=text) as error:
        save(path, DESCRIPTION, {"W": np.ones(100_000)})
    assert error.value.errno == errno.ENOSPC
    assert path.read_bytes() == pack(DESCRIPTION, ARRAYS)
    assert list(small_disk.iterdir()) == [path]


def test_a_write_protected_file_is_not_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A rename would get past the protection, which is the file's and not the folder's.
    path = folder / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    if os.getuid() == 0:  # whom the system lets write anywhere
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"Permission denied: .*a'"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"


# ---------------------------------------------------------------- what is no file


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("pipe", "socket", "link"):
            with pytest.raises(FileFormatError, match="but a regular file was expecte"):
                read_regular(tmp_path / name)
        with pytest.raises(IsADirectoryError):
            read_regular(tmp_path / "folder")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed_where_they_must_not_be(folder: Path) -> None:
    (folder / "file").write_bytes(b"old")
    (folder / "link").symlink_to("file")
    (folder / "dangling").symlink_to("new")
    assert read_regular(folder / "link") == b"old"
    for name in ("link", "dangling"):
        with pytest.raises(FileFormatError, match="is a link, a pipe"):
            read_regular(folder / name, follow=False)
        with pytest.raises(FileFormatError, match="is a link, a pipe"):
            write_atomic(folder / name, b"new", follow=False)
        with pytest.raises(FileFormatError, match="is a link, a pipe"):
            open_regular(folder / name, os.O_RDWR | os.O_CREAT, follow=False)
    assert (folder / "file").read_bytes() == b"old"
    assert not (folder / "new").exists()


def test_a_file_has_a_largest_size(folder: Path) -> None:
    (folder / "file").write_bytes(b"12345")
    assert read_regular(folder / "file", largest=5) == b"12345"
    with pytest.raises(FileFormatError, match="has 5 bytes, but at most 4 are read"):
        read_regular(folder / "file", largest=4)


# ---------------------------------------------------------------- drafts

KILLED = """
import os, sys
from ranvier import disk
def end(descriptor, data):
    os.write(descriptor, data)
    print("written", flush=True)
    sys.stdin.read()
disk._write_through = end
disk.write_atomic(sys.argv[1], b"half")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="drafts are not swept there")
def test_drafts_of_a_killed_save_are_swept_by_the_next(folder: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(folder / "a")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (draft,) = folder.iterdir()
        write_atomic(folder / "a", b"whole")
        assert draft.read_bytes() == b"half"  # its writer is alive
        process.send_signal(signal.SIGKILL)
    assert draft.exists()
    write_atomic(folder / "b", b"whole")
    assert draft.exists()  # that of another file is left to its own next writer
    write_atomic(folder / "a", b"new")
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=pytest.mark.slow)])
def test_saves_that_are_killed(tmp_path: Path, kills: int) -> None:
    script = Path(__file__).with_name("interrupted_saves.py")
    command = [sys.executable, str(script), str(tmp_path), str(kills)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_drafts_are_swept(tmp_path: Path) -> None:
    names = [".a.0123abcd.tmp.txt", ".hidden", "a.0123abcd.tmp", ".a.0123abcX.tmp"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / ".a.0123abcd.tmp").mkdir()
    (tmp_path / ".b.0123abcd.tmp").touch()
    sweep_drafts(tmp_path)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([*names, ".a.0123abcd.tmp"])


WRITER = """
import sys
from ranvier.disk import write_atomic
for number in range(int(sys.argv[2])):
    write_atomic(sys.argv[1], b"%d" % number)
"""


def test_several_processes_write_one_file(folder: Path) -> None:
    """None sweeps away the draft that another is writing."""
    command = [sys.executable, "-c", WRITER, str(folder / "a"), "100"]
    writers = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    assert (folder / "a").read_bytes() == b"99"
