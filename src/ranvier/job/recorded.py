"""What a run is told of the table it is trained on."""

from __future__ import annotations

import os
from typing import Any

from ranvier.job.preparation import Preparation
from ranvier.run.folder import Recording


def recording(
    preparation: Preparation, run: str | os.PathLike[str] | None, path: str | None
) -> Recording | None:
    """Tell a run what the columns are, so that its page and `resume` know the table.

    Parameters
    ----------
    preparation
        The table, prepared.
    run
        Folder of runs; None: nothing is recorded.
    path
        Where the model is to be saved, if that is known.
    """
    if run is None:
        return None
    encoder, target = preparation.encoder, preparation.target
    about: dict[str, Any] = {
        "columns": list(encoder.names),
        "target": target.name,
        "encoder": encoder.description(),
        "target_description": target.description(),
        "reason": preparation.task.reason,
    }
    if path is not None:
        about["model"] = path
    return Recording(run, about=about)
