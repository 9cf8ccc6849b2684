"""The folder of a new run: its first page, the rows, and the network as it begins."""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, files
from ranvier.network.network import Network
from ranvier.run import checkpoints, folder
from ranvier.run.folder import Recording
from ranvier.training.task import Data, Task
from ranvier.version import __version__
from ranvier.warn import warn_user

Array = NDArray[Any]
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoomError(OSError):
    """The disk is too full for a new run."""


def as_recording(
    given: str | os.PathLike[str] | Recording, columns: Sequence[str] | None
) -> Recording:
    """Return all metadata of a recording, with the names of columns."""
    recording = given if isinstance(given, Recording) else Recording(given)
    if columns is None:
        return recording
    about = {"columns": list(columns)} | dict(recording.about or {})
    return replace(recording, about=about)


def create(
    recording: Recording,
    net: Network,
    training: Mapping[str, Any],
    data: Mapping[str, Any],
    arrays: Mapping[str, Array] | None,
) -> Path:
    """Make the folder of a new run: what is trained on what, and the network before.

    Parameters
    ----------
    recording
        Where, and additional information to store.
    net
        The network as training meets it.
    training, data
        What training was asked for; how many rows there are.
    arrays
        The rows, which are kept if they are few; None where that is out of question.
    """
    is_small = arrays is not None and (
        sum(array.nbytes for array in arrays.values()) <= recording.largest_data
    )
    manifest = {
        "ranvier": __version__,
        "numpy": np.__version__,
        "level": _engine.show_config().get("level"),
        "network": net.description(),
        "parameters": net.theta.size,
        "training": dict(training),
        "data": {
            **data,
            "kept": is_small,
            "sha256": None if is_small or arrays is None else fingerprint(arrays),
        },
        "time_fraction": recording.time_fraction,
        "about": dict(recording.about or {}),
    }

    def fill(draft: Path) -> None:
        if is_small and arrays is not None:
            files.save(draft / "data.safetensors", {}, arrays, "data")
        checkpoints.keep(draft, net, 0)

    return folder.create(recording, manifest, fill)


def fingerprint(arrays: Mapping[str, Array]) -> str:
    """Return a checksum of arrays."""
    import hashlib  # some hundredths of what importing ranvier would take

    total = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        total.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def column_names(X: Any) -> list[str] | None:
    """Return the names of the columns of a frame; None for what has none."""
    if isinstance(X, np.ndarray | list | tuple):
        return None
    names = getattr(X, "column_names", None)  # of Arrow
    names = getattr(X, "columns", None) if names is None else names
    return None if names is None else [str(name) for name in names]


@contextmanager
def needing_room() -> Iterator[None]:
    """Turn the errors of a full disk, and no others, into NoRoomError."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise NoRoomError(error.errno, error.strerror, error.filename) from error


def warn_stopped(error: OSError) -> None:
    """Warn that a training continues without its run."""
    warn_user(
        f"recording stopped, and training continues without it: {error}",
        UserWarning,
    )


def arrays_of(task: Task, given: Data | None) -> dict[str, Array]:
    """Name the rows of a training, and those given for validation."""
    arrays = {"X": task.data.X, "Y": task.data.Y, "rows": task.rows}
    if task.data.weights is not None:
        arrays["weights"] = task.data.weights
    if given is not None:
        arrays |= {"validation_X": given.X, "validation_Y": given.Y}
        if given.weights is not None:
            arrays["validation_weights"] = given.weights
    return arrays
