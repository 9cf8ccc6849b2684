"""Where the table of a training came from, and making it ready from there once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ranvier.job.comparison import true_answers
from ranvier.job.preparation import Preparation, prepare
from ranvier.reading.reading import TableFile, read
from ranvier.training.run_creation import fingerprint


class Origin(NamedTuple):
    """A table that was read, and all that was made of it."""

    reading: TableFile
    preparation: Preparation


def describe_origin(
    origin: Origin, query: str | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Tell a run where its table is, so that it can be read again.

    Parameters
    ----------
    origin
        The table, and what was made of it.
    query
        The SQL it was read with, if any.
    options
        What `prepare` was given beside the table and its target.

    Returns
    -------
    dict
        ``path``, ``query``, ``options``, and ``sha256`` of the rows, those held out
        among them, by which the same ones are known again. JSON can hold it.
    """
    return {
        "path": str(origin.reading.path.resolve()),
        "query": query,
        "options": dict(options),
        "sha256": _sum(origin.preparation),
    }


def read_again(about: Mapping[str, Any]) -> Origin:
    """Read the table of a run again, and make it ready as it was then.

    Parameters
    ----------
    about
        What the run was told: ``target``, and ``origin`` as `describe_origin` gives it.

    Raises
    ------
    OSError
        The file is not where it was, or cannot be read.
    ValueError
        It holds other rows now, or the run does not tell where it is.
    """
    try:
        told, target = about["origin"], str(about["target"])
        options = dict(told["options"])
        if options.get("hidden") is not None:
            options["hidden"] = tuple(options["hidden"])
        path, query, known = told["path"], told["query"], told["sha256"]
    except (KeyError, TypeError, ValueError):
        raise ValueError("the run does not tell where its table came from") from None
    reading = read(path, query=query)
    origin = Origin(reading, prepare(reading.frame, target, **options))
    if _sum(origin.preparation) != known:
        raise ValueError(
            f"{path} holds other rows than those the run was trained on: put the table "
            "there that was there then"
        )
    return origin


def _sum(preparation: Preparation) -> str:
    data, test = preparation.data, preparation.test
    arrays = {"X": data.X, "Y": data.Y}
    if data.weights is not None:
        arrays["weights"] = data.weights
    if test is not None:
        arrays["X_test"] = preparation.encoder.transform(test)
        arrays["y_test"] = true_answers(preparation)
    return fingerprint(arrays)
