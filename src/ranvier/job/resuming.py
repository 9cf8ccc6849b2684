"""The model of a run that went on: what the run tells of the table, and its network."""

from __future__ import annotations

from typing import Any

from ranvier.files import FileFormatError
from ranvier.job.model import Model
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.table import facts
from ranvier.table.facts import Facts
from ranvier.table.table import TableEncoder
from ranvier.table.targets import target_from_description
from ranvier.training.history import History


def resume_model(run: Run, network: Network, history: History) -> Model:
    """Put together the model that the training of a table would have given.

    Parameters
    ----------
    run
        A run whose training began with a table.
    network, history
        What it has led to.

    Raises
    ------
    FileFormatError
        The run does not tell of a table, or not rightly.
    """
    about: dict[str, Any] = run.manifest.get("about", {})
    try:
        told = Facts(
            reason=str(about["reason"]),
            rows=int(run.manifest["data"]["rows"]),
            epochs=len(history),
            best_epoch=history.best_epoch or len(history),
            seconds=history.seconds,
            seed=int(run.manifest["training"]["seed"]),
            created=facts.now(),
            version=facts.version(),
        )
        encoder = TableEncoder.from_description(about["encoder"])
        target = target_from_description(about["target_description"])
        return Model(network, encoder, target, told, history)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"the run {run.name!r} does not tell of its table: {error}"
        ) from None
