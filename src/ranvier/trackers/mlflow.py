"""MLflow: parameters and curves of a training, and fitted models with a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from ranvier.network.network import Network
from ranvier.trackers.tracker import Logged, Tracker, require
from ranvier.training.history import History

MOST_METRICS = 1000  # that MLflow takes in one message
LONGEST_VALUE = 500  # letters of a parameter that MLflow takes


class MLflowLogger(Tracker):
    """Log a training to the active MLflow run, or to a new one.

    Parameters
    ----------
    every
        See `Tracker`.
    run
        Arguments of ``mlflow.start_run`` where no run is active, for example
        ``run_name=``.

    Raises
    ------
    ModuleNotFoundError
        mlflow is not installed.

    Examples
    --------
    >>> rv.train(net, X, y, callbacks=[rv.MLflowLogger()])  # doctest: +SKIP
    """

    name = "MLflow"

    def __init__(self, *, every: int = 1, **run: Any) -> None:
        super().__init__(every=every)
        self._mlflow: Any = require("mlflow")
        self._new = run

    def on_train_begin(self, network: Network, config: dict[str, Any]) -> None:
        """Look for an active run, which belongs to the thread of the caller."""
        active = self._mlflow.active_run()
        self._id = None if active is None else active.info.run_id
        self._own = active is None
        super().on_train_begin(network, config)

    def open(self, network: Network, config: Mapping[str, Any]) -> None:
        """Begin a run where there is none, and log the settings."""
        self._client = self._mlflow.MlflowClient()
        if self._own:
            self._id = self._mlflow.start_run(**self._new).info.run_id
        for name, value in (dict(config) | {"network": network}).items():
            self._client.log_param(self._id, name, str(value)[:LONGEST_VALUE])

    def log(self, epochs: Sequence[Logged]) -> None:
        """Log the numbers of all epochs in one message."""
        now = int(time() * 1000)
        metric = self._mlflow.entities.Metric
        found = [
            metric(tag, value, now, epoch)
            for epoch, values, _ in epochs
            for tag, value in values.items()
        ]
        for first in range(0, len(found), MOST_METRICS):
            part = found[first : first + MOST_METRICS]
            self._client.log_batch(self._id, metrics=part)

    def close(self, network: Network, history: History) -> None:
        """End the run, if it was begun here."""
        self._client.set_tag(self._id, "stopped", history.stopped)
        if self._own:
            failed = history.stopped == "failed"
            self._mlflow.end_run("FAILED" if failed else "FINISHED")
