"""The folder of a run: its name, its files, what stands in ``run.json``.

runs/20260102-030405-1f3a/
run.json                 what was trained on what; written once
epochs.jsonl             a line for each epoch, and for what became of the run
data.safetensors         the rows, unless there are too many
checkpoint.safetensors   the state to resume from, replaced as a whole
networks/00000064.safetensors   the network at some epochs
network.safetensors      the network at the end
lock                     held by the process that writes
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, Final, NoReturn

from ranvier.checks import checked_float, checked_int
from ranvier.disk import DRAFT, FileFormatError, read_regular, write_atomic

FORMAT: Final = "ranvier run"
VERSION: Final = 1
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
STALE: Final = 3600.0  # seconds; nobody takes so long to begin
MANIFEST: Final = "run.json"
LARGEST_MANIFEST: Final = 64_000_000  # bytes
# What renaming a folder fails with where there is one already, by system.
TAKEN: Final = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EACCES)
MAPPINGS: Final = ("network", "training", "data", "about")


@dataclass(frozen=True)
class Recording:
    """How a training is to be recorded.

    Parameters
    ----------
    folder
        Folder of runs; each training gets a folder of its own in it.
    name
        Name of the run: up to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a
        digit. None: the time, and four random digits.
    time_fraction
        Fraction of the training's time that statistics, networks and checkpoints may
        take, in (0, 1], beside 0.08 seconds in all; the rest of the recording takes
        some microseconds an epoch. 1: whatever time they take, so that there is a
        checkpoint of every epoch, and nothing that is due is left out.
    largest_data
        Bytes of rows up to which they are kept in the run. Without them `resume` has to
        be given X and y again, and the page shows no rows.
    about
        Further entries of ``run.json``, of what JSON can hold.

    Raises
    ------
    ValueError
        The name or ``time_fraction`` is invalid.

    Examples
    --------
    >>> Recording("runs", name="first-try").time_fraction
    0.005
    """

    folder: str | os.PathLike[str]
    name: str | None = None
    time_fraction: float = 0.005
    largest_data: int = 64_000_000
    about: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.name is not None:
            check_name(self.name)
        if self.about is not None and not isinstance(self.about, Mapping):
            raise TypeError(
                f"about must be a dict of what JSON can hold, but got {self.about!r}"
            )
        most = checked_int("largest_data", self.largest_data, 0, example=64_000_000)
        fraction = checked_float("time_fraction", self.time_fraction, example=0.005)
        object.__setattr__(self, "largest_data", most)
        object.__setattr__(self, "time_fraction", fraction)
        if not 1e-6 <= fraction <= 1:
            raise ValueError(
                f"time_fraction must lie in [1e-6, 1], but got {self.time_fraction!r}: "
                "it is the fraction of the time that recording may take, usually 0.005"
            )


def check_name(name: str) -> None:
    """Refuse a name of a run that could be more than a name.

    Raises
    ------
    ValueError
        It has other characters, or too many.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"the name of a run may have 1 to 64 of A-Z a-z 0-9 . _ - and begins with "
            f"a letter or a digit, but got {name[:80]!r}: give for example 'first-try'"
        )


def create(
    recording: Recording,
    manifest: Mapping[str, Any],
    fill: Callable[[Path], object] = lambda draft: None,
) -> Path:
    """Make the folder of a new run, for the eyes of its owner alone.

    It is there when all is in it, or not at all.

    Parameters
    ----------
    recording
        Where, and under which name.
    manifest
        What is to stand in ``run.json``.
    fill
        Puts what else belongs to the beginning into the folder it is given.

    Raises
    ------
    FileExistsError
        There is a run of that name.
    OSError
        It cannot be written.
    """
    parent = Path(recording.folder)
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    draft = parent / f".run-{os.getpid()}.{os.urandom(4).hex()}.tmp"
    draft.mkdir(mode=0o700)
    try:
        (draft / "networks").mkdir(mode=0o700)
        fill(draft)
        while True:
            name = recording.name or _new_name()
            text = manifest_text(_header(name) | dict(manifest))
            write_atomic(draft / MANIFEST, text.encode())
            if _renamed(draft, parent / name):
                return parent / name
            if recording.name is not None:
                raise FileExistsError(
                    f"there is a run {name!r} in {str(parent)!r}: give another name, "
                    "or none"
                )
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _renamed(draft: Path, path: Path) -> bool:
    """Rename the finished draft; False where another run has it."""
    if os.path.lexists(path):
        return False
    try:
        draft.rename(path)
    except OSError as error:
        if error.errno in TAKEN and os.path.lexists(path):
            return False  # another process was quicker
        raise
    return True


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Write what stands in ``run.json``, with a checksum over it."""
    plain = json.loads(json.dumps(manifest, allow_nan=False))  # as it will be read
    return json.dumps({**plain, "sha256": _sum(plain)}, indent=1)


def _sum(manifest: Mapping[str, Any]) -> str:
    import hashlib  # some hundredths of what importing ranvier would take

    told = {name: value for name, value in manifest.items() if name != "sha256"}
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(path: Path) -> dict[str, Any]:
    """Read ``run.json``.

    Raises
    ------
    FileNotFoundError
        The folder is no run.
    FileFormatError
        It is damaged, or of a newer version.
    """
    source = path / MANIFEST
    try:
        data = read_regular(source, follow=False, largest=LARGEST_MANIFEST)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(
            f"{str(path)!r} is no run: there is no {MANIFEST} in it; give a folder "
            "that rv.train(..., run=...) or `ranvier train` made"
        ) from None
    except IsADirectoryError:
        raise _damaged(source, "it is a folder") from None
    try:
        manifest = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _damaged(source, str(error)[:120]) from None
    match manifest:
        case {"format": "ranvier run", "version": int() as version}:
            if version > VERSION:
                raise FileFormatError(
                    f"the run {str(path)!r} has format version {str(version)[:20]}, "
                    f"but this Ranvier reads up to {VERSION}: update it with `pip "
                    "install --upgrade ranvier`"
                )
        case _:
            raise _damaged(source, "it does not say that it is one")
    if manifest.pop("sha256", None) != _sum(manifest):
        raise _damaged(source, "its contents do not match its checksum")
    _check_parts(manifest, source)
    return dict(manifest)


def _check_parts(manifest: Mapping[str, Any], source: Path) -> None:
    """Refuse parts of another kind than those `create` is given."""
    for name, value in manifest.items():
        if name in MAPPINGS and not isinstance(value, dict):
            raise _damaged(source, f"{name} is no object")
    for name in ("name", "created"):
        if not isinstance(manifest.get(name, ""), str):
            raise _damaged(source, f"{name} is no text")
    layers = manifest.get("network", {}).get("layers", [])
    if not isinstance(layers, list) or not all(isinstance(one, dict) for one in layers):
        raise _damaged(source, "the layers are no list of objects")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")


def _header(name: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _new_name() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"


def _sweep(parent: Path) -> None:
    """Take away what processes killed at the beginning of a run have left behind."""
    for entry in os.scandir(parent):
        if not DRAFT.fullmatch(entry.name):
            continue
        with suppress(OSError):  # another process has just finished it
            is_old = time() - entry.stat(follow_symlinks=False).st_mtime > STALE
            if is_old and entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)


def _damaged(source: Path, how: str) -> FileFormatError:
    return FileFormatError(
        f"{str(source)!r} is not the first page of a run, or is damaged: {how}. Copy "
        "the folder again from its origin"
    )
