"""Going on with a recorded training, as if it had never been interrupted."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.files import FileFormatError
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.training import config
from ranvier.training.argument_checks import OfSteps
from ranvier.training.callbacks import Callback
from ranvier.training.config import Arguments
from ranvier.training.epoch_metrics import MetricLike, several
from ranvier.training.history import History
from ranvier.training.optimizers import LBFGS
from ranvier.training.restoring import as_record
from ranvier.training.run_writer import ResumedRun
from ranvier.training.schedules import Schedule
from ranvier.training.train import train


class Resumed(NamedTuple):
    """The network that a run has led to, and the history of the whole run."""

    network: Network
    history: History


def resume(
    run: str | os.PathLike[str] | Run,
    X: Any = None,
    y: Any = None,
    *,
    sample_weight: Any = None,
    validation: NDArray[np.integer] | Sequence[Any] | None = None,
    schedule: Schedule | None = None,
    decay_schedule: Schedule | None = None,
    dropout_schedule: Schedule | None = None,
    metric: MetricLike | Sequence[MetricLike] = (),
    callbacks: Iterable[Callback] = (),
    n_threads: int | None = None,
    progress: bool | None = None,
) -> Resumed:
    """Go on with a training that was stopped, from its last checkpoint.

    Parameters
    ----------
    run
        The run, or its folder.
    X, y, sample_weight, validation
        The same rows again, for a run that was too large to keep them.
    schedule, decay_schedule, dropout_schedule, metric
        The same functions again, where the training had functions of your own.
    callbacks, n_threads, progress
        As for `train`; no result depends on them.

    Returns
    -------
    Resumed
        ``network`` and ``history``. The weights are, bit for bit, those of a training
        that was never interrupted. A run that has ended is only read.

    Raises
    ------
    FileNotFoundError
        The folder is no run.
    FileFormatError
        The run is damaged, or of a newer Ranvier.
    RunInUseError
        Another process is writing the run.
    ValueError
        Something is needed that the run does not hold, other rows were given, or the
        run is a fit of `MLPClassifier` or `MLPRegressor`, which keep no checkpoint.

    Notes
    -----
    L-BFGS carries what it knows of the curvature where no file can take it from, so
    such a run begins anew, and comes to the same weights.

    Examples
    --------
    >>> import ranvier as rv
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> net = rv.Network.mlp(1, 4, 1, seed=0)
    >>> def stop_at_10(record):
    ...     if record.epoch == 10:
    ...         raise KeyboardInterrupt
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     history = rv.train(
    ...         net, X, [0, 1, 4, 9], epochs=30, run="runs", callbacks=[stop_at_10]
    ...     )
    >>> network, history = rv.resume(history.run)
    >>> len(history), history.stopped
    (30, 'finished')
    """
    run = run if isinstance(run, Run) else Run(run)
    if run.end is not None:
        return Resumed(run.network(), _told(run))
    _refuse_estimators(run)
    net, asked = _begun(
        run,
        schedule=schedule,
        decay_schedule=decay_schedule,
        dropout_schedule=dropout_schedule,
        metric=several(metric),
    )
    X, y, sample_weight, rows = _rows(run, X, y, sample_weight, validation)
    history = train(
        net,
        X,
        y,
        loss=asked.loss,
        optimizer=asked.optimizer,
        epochs=asked.epochs,
        shuffle=asked.shuffle,
        sample_weight=sample_weight,
        validation=rows if isinstance(asked.validation, str) else asked.validation,
        metric=asked.metric,
        stop=asked.stop,
        callbacks=callbacks,
        n_threads=n_threads,
        seed=asked.seed,
        progress=progress,
        run=ResumedRun(run.path),
        **_steps(asked),
    )
    return Resumed(net, history)


def _refuse_estimators(run: Run) -> None:
    """Refuse the fit of an estimator, whose draws and scores no checkpoint holds."""
    name = run.manifest.get("training", {}).get("estimator")
    if name is not None:
        raise ValueError(
            f"the run {run.name!r} is a fit of {name}, which cannot go on where it was "
            "stopped, because its random state and its scores went with its process: "
            "fit again, or take the newest network that was kept, "
            f"rv.{name}.from_network(rv.Run({str(run.path)!r}).network()), and call "
            "its partial_fit"
        )


def _begun(run: Run, **functions: Any) -> tuple[Network, Arguments]:
    """Give the network that a run began with, and what was asked for."""
    try:
        asked = config.read(run.manifest["training"], **functions)
        return run.network(0), asked
    except (KeyError, TypeError) as error:
        raise FileFormatError(
            f"the run {str(run.path)!r} is damaged: run.json lacks {error}"
        ) from None


def _steps(asked: Arguments) -> dict[str, Any]:
    """Give what L-BFGS must not be given."""
    if isinstance(asked.optimizer, LBFGS):
        return {}
    return {name: getattr(asked, name) for name in OfSteps._fields}


def _rows(
    run: Run, X: Any, y: Any, weights: Any, validation: Any
) -> tuple[Any, Any, Any, Any]:
    """Give the rows of a run, from its folder or from the caller."""
    data = run.data
    if data is None:
        if X is None or y is None:
            raise ValueError(
                f"the run {run.name!r} has not kept its rows, which are many: give X "
                "and y again"
            )
        return X, y, weights, validation
    if run.manifest["training"]["validation"] == "numbers":
        validation = np.setdiff1d(np.arange(len(data["X"])), data["rows"])
    elif data.get("validation_X") is not None:
        names = ("X", "Y", "weights")
        validation = [data.get(f"validation_{name}") for name in names]
        validation = validation if validation[2] is not None else validation[:2]
    return data["X"], data["Y"], data.get("weights"), validation


def _told(run: Run) -> History:
    """Give the history of a run that has ended."""
    seed = run.manifest["training"]["seed"]
    history = History([as_record(line) for line in run.records], seed=seed)
    end = run.end or {}
    history.stopped = end.get("ended", "running")
    history.best_epoch = end.get("best_epoch")
    history.run = run.path
    return history
