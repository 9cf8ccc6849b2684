"""Where the table of a training came from, and reading it from there again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ranvier.commands.held_out_scores import true_targets
from ranvier.reading.options import ReadOptions
from ranvier.reading.reading import TableFile, read
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.training_table import TrainingTable, prepare_table
from ranvier.training.run_creation import fingerprint

FIT_OPTIONS = frozenset(FitOptions.__dataclass_fields__)


class Origin(NamedTuple):
    """A table that was read, and what was made of it."""

    reading: TableFile
    prepared: TrainingTable


def prepare(
    reading: TableFile, target: str, options: Mapping[str, Any]
) -> TrainingTable:
    """Prepare a table as the options of ``ranvier train`` say."""
    own = {name: value for name, value in options.items() if name in FIT_OPTIONS}
    rest = {name: value for name, value in options.items() if name not in FIT_OPTIONS}
    categories = tuple(own.pop("categories", None) or ())
    numbers = tuple(own.pop("numbers", None) or ())
    hidden = own.pop("hidden", None)
    hidden = None if hidden is None else tuple(hidden)
    fit = FitOptions(categories=categories, numbers=numbers, hidden=hidden, **own)
    return prepare_table(reading.frame, target, fit, **rest)


def describe_origin(
    reading: TableFile,
    prepared: TrainingTable,
    target: str,
    query: str | None,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe to a run where its table is, so that it can be read again.

    Parameters
    ----------
    reading, prepared
        The table, and what was made of it.
    target
        The column to predict.
    query
        The SQL it was read with, if any.
    options
        What `prepare` was given.

    Returns
    -------
    dict
        ``path``, ``query``, ``target``, ``options``, ``reading``, and ``sha256`` of the
        rows, the test rows among them, by which the same rows are recognised. JSON can
        hold it.
    """
    return {
        "path": str(reading.path.resolve()),
        "query": query,
        "target": target,
        "options": dict(options),
        "reading": reading.options.describe(),
        "sha256": _sum(prepared),
    }


def read_again(about: Mapping[str, Any]) -> Origin:
    """Read the table of a run again, and prepare it as it was then.

    Parameters
    ----------
    about
        What the run stores: ``origin`` as `describe_origin` gives it.

    Raises
    ------
    OSError
        The file is not where it was, or cannot be read.
    ValueError
        It holds other rows now, or the run does not say where it is.
    """
    try:
        origin = about["origin"]
        path, query, known = origin["path"], origin["query"], origin["sha256"]
        target, options = str(origin["target"]), dict(origin["options"])
        read_options = ReadOptions.read(origin["reading"])
    except (KeyError, TypeError, ValueError):
        raise ValueError("the run does not say where its table came from") from None
    reading = read(path, query=query, options=read_options, target=target)
    prepared = prepare(reading, target, options)
    if _sum(prepared) != known:
        raise ValueError(
            f"{path} holds other rows than the run was trained on: restore the table "
            "as it was then"
        )
    return Origin(reading, prepared)


def _sum(prepared: TrainingTable) -> str:
    dataset = prepared.dataset
    arrays = {"X": dataset.X, "Y": dataset.Y[0]}
    if dataset.weights is not None:
        arrays["weights"] = dataset.weights
    for name, given in dataset.split_by._asdict().items():
        if given is not None:
            arrays[name] = np.unique(given, return_inverse=True)[1]
    if prepared.test is not None:
        arrays["X_test"] = dataset.encoder.transform(prepared.test)
        arrays["y_test"] = true_targets(prepared)
    return fingerprint(arrays)
