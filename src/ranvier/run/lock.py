"""One process writes a run at a time; the system lets go when the process ends."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ranvier.disk import FileFormatError, open_regular, read_regular

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

NAME: Final = "lock"


class RunInUseError(RuntimeError):
    """Another process is writing this run.

    Examples
    --------
    >>> import ranvier as rv
    >>> issubclass(rv.RunInUseError, RuntimeError)
    True
    """


class Lock:
    """The right to write a run, from the moment it is made to `release`.

    Parameters
    ----------
    path
        Folder of the run.

    Raises
    ------
    RunInUseError
        Another process has it.
    OSError
        The file cannot be written.
    FileFormatError
        It is a link or a pipe.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT
        self._descriptor = open_regular(path / NAME, flags, follow=False)
        try:
            if not _take(self._descriptor):
                raise RunInUseError(
                    f"the run {str(path)!r} is being written by {_holder(path)}: wait "
                    "until it ends, or stop it"
                )
            note = {"process": os.getpid(), "since": datetime.now(UTC).isoformat()}
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, json.dumps(note).encode())
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Let others write."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Say whether a process is writing the run, without getting in its way."""
    try:
        descriptor = open_regular(path / NAME, follow=False)
    except (OSError, FileFormatError):
        return False
    try:
        return not _take(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _take(descriptor: int, *, shared: bool = False) -> bool:
    try:
        if sys.platform == "win32":  # pragma: no cover
            # Far behind the note, so that others can read it.
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        note = json.loads(read_regular(path / NAME, follow=False)[:1000])
        return f"process {int(note['process'])} since {str(note['since'])[:19]} UTC"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
