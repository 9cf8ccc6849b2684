"""Regular files, read with nothing believed and written whole or not at all."""

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")
_BINARY: Final = getattr(
    os, "O_BINARY", 0
)  # Windows would rewrite line ends without it


class FileFormatError(ValueError):
    """A file is damaged, is no file of Ranvier's, or is newer than this Ranvier.

    Examples
    --------
    >>> import ranvier as rv
    >>> from pathlib import Path
    >>> _ = Path("text.safetensors").write_text("no network")
    >>> try:
    ...     rv.Network.load("text.safetensors")
    ... except rv.FileFormatError:
    ...     print("no file of Ranvier's")
    no file of Ranvier's
    """


def open_regular(
    path: str | os.PathLike[str], flags: int = os.O_RDONLY, *, follow: bool = True
) -> int:
    """Open a regular file; a pipe, device, socket or folder is refused at once.

    Parameters
    ----------
    path
        Where.
    flags
        As for `os.open`; a file that `O_CREAT` makes is its owner's alone.
    follow
        Whether the path may be a symbolic link.

    Returns
    -------
    int
        The descriptor.

    Raises
    ------
    OSError
        It cannot be opened.
    FileFormatError
        It is not a regular file.
    """
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    flags |= _BINARY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _irregular(path) from None
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(
            errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path)
        )
    raise _irregular(path)


def read_regular(
    path: str | os.PathLike[str], *, follow: bool = True, largest: int | None = None
) -> bytes:
    """Read a whole file that `open_regular` opens.

    Parameters
    ----------
    path, follow
        See `open_regular`.
    largest
        Bytes that it may have; None for any number.

    Raises
    ------
    OSError
        It cannot be read.
    FileFormatError
        It is not a regular file, or too large.
    """
    with os.fdopen(open_regular(path, follow=follow), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if largest is not None and size > largest:
            raise FileFormatError(
                f"{os.fspath(path)!r} has {size:,} bytes, but at most {largest:,} are "
                "read: give another file, or copy it again from where it came from"
            )
        return file.read()


def _irregular(path: str | os.PathLike[str]) -> FileFormatError:
    return FileFormatError(
        f"{os.fspath(path)!r} is a link, a pipe, a device or a socket, but a regular "
        "file was expected: put the file itself there"
    )


def write_atomic(
    path: str | os.PathLike[str], data: bytes, *, follow: bool = True
) -> None:
    """Write a file so that at any moment the old one or the new one is there, whole.

    Parameters
    ----------
    path
        Where. A symbolic link is followed; a device or pipe is written straight to.
    data
        The bytes.
    follow
        False: the path must name a regular file or nothing. A link is not followed.

    Raises
    ------
    OSError
        It cannot be written. The old file is as it was, and nothing else is left.
    FileFormatError
        It may not be a link, pipe or device, but is.
    """
    target = Path(os.path.realpath(path)) if follow else Path(path)
    mode = None
    with suppress(FileNotFoundError):
        mode = target.stat(follow_symlinks=follow).st_mode
    if mode is not None and not stat.S_ISREG(mode):
        if not follow:
            raise _irregular(target)
        target.write_bytes(data)  # a folder says so itself; a device cannot be replaced
        return
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    sweep_drafts(target.parent, f".{target.name[:200]}.")
    draft = target.with_name(f".{target.name[:200]}.{os.urandom(4).hex()}.tmp")
    try:
        with _draft(draft) as descriptor:
            _write_through(descriptor, data)
            if mode is not None:
                draft.chmod(stat.S_IMODE(mode))
            if sys.platform != "win32":  # there an open file cannot be renamed
                draft.replace(target)
        if sys.platform == "win32":  # pragma: no cover
            draft.replace(target)
    except OSError as error:
        raise _unwritten(error, target, len(data), old=mode is not None) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    _flush_folder(target.parent)


def sweep_drafts(folder: Path, beginning: str = ".") -> None:
    """Remove files that killed processes have left half written.

    Parameters
    ----------
    folder
        Where to look.
    beginning
        How the names of the drafts begin.
    """
    with suppress(OSError):
        for entry in os.scandir(folder):
            is_draft = entry.name.startswith(beginning) and DRAFT.fullmatch(entry.name)
            if is_draft and entry.is_file(follow_symlinks=False):
                _remove_abandoned(entry.path)


def _remove_abandoned(path: str) -> None:
    """Remove a draft unless its writer, who holds a lock on it, is alive."""
    if sys.platform == "win32":  # pragma: no cover
        return
    with suppress(OSError, FileFormatError):
        descriptor = open_regular(path, follow=False)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)  # noqa: PTH108 (a name, and nothing more)
        finally:
            os.close(descriptor)


@contextmanager
def _draft(path: Path) -> Iterator[int]:
    """Create a draft and hold its lock, so that nobody takes it for abandoned."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
    while True:
        descriptor = os.open(path, flags, 0o666)
        try:
            if sys.platform != "win32":
                with suppress(OSError):  # a file system without locks
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
            if sys.platform == "win32" or os.fstat(descriptor).st_nlink:
                yield descriptor
                return
            # Another process swept it away in the moment before it was locked.
        finally:
            os.close(descriptor)


def _write_through(descriptor: int, data: bytes) -> None:
    """Write, and wait until the disk has it."""
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _unwritten(error: OSError, target: Path, size: int, *, old: bool) -> OSError:
    """Make the error that says what became of the file."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    kept = "the old file is as it was" if old else "no part of it was left"
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    todo = "make room there" if full else "make sure that the folder can be written to"
    text = f"{reason}, while writing {size:,} bytes ({kept}): {todo}, or save elsewhere"
    return OSError(error.errno, text, str(target))


def _flush_folder(folder: Path) -> None:
    """Make the new name itself safe against a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
