"""The table of a run as the run itself holds it, to go on where the file is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ranvier.files import FileFormatError
from ranvier.job.preparation import Preparation
from ranvier.run.run import Run
from ranvier.table.encoder import TableEncoder
from ranvier.table.infer import Task
from ranvier.table.targets import ClassTarget, target_from_description
from ranvier.tabular.recipe import Recipe
from ranvier.training.task import Data


def as_recorded(run: Run, preparation: Preparation | None) -> Preparation:
    """Give what a run was begun with.

    Parameters
    ----------
    run
        A run whose training began with a table.
    preparation
        Of the table, read again; None: it is made of what the run holds, without the
        raw rows.

    Raises
    ------
    FileFormatError
        The run does not tell of a table, or not rightly.
    """
    about: dict[str, Any] = run.manifest.get("about", {})
    try:
        recipe = _recipe(about["recipe"])
        if preparation is not None:
            return replace(preparation, recipe=recipe)
        target = target_from_description(about["target_description"])
        classes = isinstance(target, ClassTarget)
        held: Mapping[str, Any] = run.data or {}
        return Preparation(
            task=Task(
                "classification" if classes else "regression", str(about["reason"])
            ),
            target=target,
            encoder=TableEncoder.read(about["encoding"]),
            data=Data(held["X"], held["Y"], held.get("weights")),
            train=None,
            test=None,
            recipe=recipe,
            notices=(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"the run {run.name!r} does not tell of its table: {error}"
        ) from None


def _recipe(told: Mapping[str, Any]) -> Recipe:
    return Recipe(**{**told, "hidden": tuple(told["hidden"])})
