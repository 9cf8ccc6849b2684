"""Optuna: stop a trial whose training goes worse than the others'."""

from __future__ import annotations

from typing import Any

from ranvier.trackers.tracker import require, scalars
from ranvier.training.history import EpochRecord


class OptunaPruning:
    """Report each epoch to an Optuna trial, and prune it when Optuna says so.

    Parameters
    ----------
    trial
        The `optuna.Trial`.
    monitor
        What to report: ``"validation_loss"``, ``"loss"``, or the name of a metric.

    Raises
    ------
    optuna.TrialPruned
        From the training, when the trial is to be pruned.
    ValueError
        The training has no such number.

    Examples
    --------
    >>> def objective(trial):
    ...     net = rv.Network.mlp(4, trial.suggest_int("units", 8, 256), 1, seed=0)
    ...     pruning = rv.OptunaPruning(trial)
    ...     history = rv.train(net, X, y, validation=0.2, callbacks=[pruning])
    ...     return history.best_loss
    """

    def __init__(self, trial: Any, monitor: str = "validation_loss") -> None:
        self._optuna = require("optuna")
        self.trial = trial
        self.monitor = monitor

    def on_epoch_end(self, record: EpochRecord) -> None:
        """Report an epoch."""
        found = getattr(record, self.monitor, None)
        value = record.metrics.get(self.monitor, found)
        if value is None:
            known = [*scalars(record)]
            raise ValueError(
                f"an epoch has no {self.monitor!r} for Optuna: train with validation= "
                f"or metric=, or monitor another number; there are {', '.join(known)}"
            )
        self.trial.report(value, record.epoch)
        if self.trial.should_prune():
            raise self._optuna.TrialPruned(
                f"pruned in epoch {record.epoch} with {self.monitor} {value:.6g}"
            )
