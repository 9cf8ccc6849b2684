"""What a run is told of the table it is trained on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ranvier.job.preparation import Preparation
from ranvier.run.folder import Recording


def recording(
    preparation: Preparation,
    run: str | os.PathLike[str] | None,
    more: Mapping[str, Any] | None = None,
) -> Recording | None:
    """Tell a run what the columns are, so that its page and `resume` know the table.

    Parameters
    ----------
    preparation
        The table, prepared.
    run
        Folder of runs; None: nothing is recorded.
    more
        What else it is told: ``model``, where the model is to be saved; ``origin``,
        where the table is (`ranvier.job.origin`).
    """
    if run is None:
        return None
    encoder, target, recipe = (
        preparation.encoder, preparation.target, preparation.recipe
    )  # fmt: skip
    about: dict[str, Any] = {
        "columns": list(encoder.names),
        "target": target.name,
        "encoding": encoder.describe(),
        "recipe": asdict(recipe),
        "target_description": target.description(),
        "reason": preparation.task.reason,
    }
    return Recording(run, about=about | dict(more or {}))
