"""A trained model is not lost because the place it was meant for takes no file."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from ranvier.job.model import Model


def save(model: Model, path: Path) -> None:
    """Save a model, and where that fails, in a folder for files of passing use.

    Parameters
    ----------
    model
        It may have taken an hour to train.
    path
        Where it was meant to be.

    Raises
    ------
    OSError
        It is not in `path`; the message says where it is instead, if anywhere.
    """
    try:
        model.save(path)
    except OSError as error:
        instead = _elsewhere(model, path.name)
        if instead is None:
            raise
        raise OSError(
            f"{error.filename}: {error.strerror}. The trained model is in {instead}: "
            "move it from there, since that folder may be emptied"
        ) from error


def _elsewhere(model: Model, name: str) -> Path | None:
    """Save a model in a new folder of the system's for such files, if it takes it."""
    with suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix="ranvier-"))
        try:
            model.save(folder / name)
        except OSError:
            folder.rmdir()
            raise
        return folder / name
    return None
