"""Resuming a recorded training, as if it had never been interrupted."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.files import FileFormatError
from ranvier.network.network import Network
from ranvier.run import checkpoints, folder, journal
from ranvier.run.checkpoints import Checkpoint
from ranvier.run.run import Run
from ranvier.training.callbacks import Callback
from ranvier.training.config import TrainConfig
from ranvier.training.config_json import read
from ranvier.training.epoch_metrics import MetricLike, several
from ranvier.training.history import EpochRecord, History
from ranvier.training.run_creation import arrays_of, fingerprint
from ranvier.training.run_writer import RunWriter
from ranvier.training.schedules import Schedule
from ranvier.training.sgd import OptimizerState
from ranvier.training.stopping import Best
from ranvier.training.task import Task
from ranvier.training.train import train_with


class Resumed(NamedTuple):
    """The network that a run led to, and the history of the whole run.

    Attributes
    ----------
    network : Network
        As the finished training left it.
    history : History
        All epochs, those before the interruption included.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.Resumed._fields
    ('network', 'history')
    """

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
    """Continue a training that was stopped, from its last checkpoint.

    Parameters
    ----------
    run
        The run, or its folder.
    X, y, sample_weight, validation
        The same rows again, for a run that was too large to keep them.
    schedule, decay_schedule, dropout_schedule, metric
        The same functions again, if the training had functions of your own.
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
        The run is damaged, or written by a newer Ranvier.
    RunInUseError
        Another process is writing the run.
    ValueError
        The run lacks something that is needed, other rows were given, or the run is a
        fit of `MLPClassifier` or `MLPRegressor`, which keep no checkpoint.

    Notes
    -----
    The curvature estimate of L-BFGS cannot be stored, so such a run starts from the
    beginning and reaches the same weights.

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
        return Resumed(run.network(), _ended(run))
    _refuse_estimators(run)
    net, config = _begun(
        run,
        schedule=schedule,
        decay_schedule=decay_schedule,
        dropout_schedule=dropout_schedule,
        metric=several(metric),
    )
    X, y, sample_weight, rows = _rows(run, X, y, sample_weight, validation)
    separate = isinstance(config.validation, str)
    history = train_with(
        net, X, y, config, sample_weight=sample_weight,
        validation=rows if separate else config.validation, callbacks=callbacks,
        n_threads=n_threads, progress=progress, run=partial(restore, run.path),
    )  # fmt: skip
    return Resumed(net, history)


def _refuse_estimators(run: Run) -> None:
    """Refuse the fit of an estimator, which has no checkpoint to resume from."""
    name = run.manifest.get("training", {}).get("estimator")
    if name is not None:
        raise ValueError(
            f"the run {run.name!r} is a fit of {name}, which cannot be resumed: "
            "its random state and its scores are not stored. Fit again, or take the "
            "newest network that was kept, "
            f"rv.{name}.from_network(rv.Run({str(run.path)!r}).network()), and call "
            "its partial_fit"
        )


def _begun(run: Run, **functions: Any) -> tuple[Network, TrainConfig]:
    """Return the network that a run began with, and its settings."""
    try:
        return run.network(0), read(run.manifest["training"], **functions)
    except (KeyError, TypeError) as error:
        raise FileFormatError(
            f"the run {str(run.path)!r} is damaged: run.json lacks {error}"
        ) from None


def _rows(
    run: Run, X: Any, y: Any, weights: Any, validation: Any
) -> tuple[Any, Any, Any, Any]:
    """Return the rows of a run, from its folder or from the caller."""
    data = run.data
    if data is None:
        if X is None or y is None:
            raise ValueError(
                f"the run {run.name!r} has not kept its rows, because they are many: "
                "give X and y again"
            )
        return X, y, weights, validation
    if run.manifest["training"]["validation"] == "numbers":
        validation = np.setdiff1d(np.arange(len(data["X"])), data["rows"])
    elif data.get("validation_X") is not None:
        names = ("X", "Y", "weights")
        validation = [data.get(f"validation_{name}") for name in names]
        validation = validation if validation[2] is not None else validation[:2]
    return data["X"], data["Y"], data.get("weights"), validation


def _ended(run: Run) -> History:
    """Return the history of a run that has ended."""
    seed = run.manifest["training"]["seed"]
    history = History([as_record(line) for line in run.records], seed=seed)
    end = run.end or {}
    history.stopped = end.get("ended", "running")
    history.best_epoch = end.get("best_epoch")
    history.run = run.path
    return history


# ---------------------------------------------------------------- restoring


def restore(
    path: Path, task: Task, state: OptimizerState | None, config: TrainConfig
) -> tuple[RunWriter, list[EpochRecord], Best]:
    """Set a training back to the checkpoint of its run, and return its epochs so far.

    Without a checkpoint, or with a damaged one, it is set back to its beginning: the
    result is the same, only later.
    """
    manifest = folder.read_manifest(path)
    _check_same(manifest["data"], task)
    old = manifest.get("share")  # its name in runs of earlier versions
    fraction = manifest["time_fraction"] if old is None else old
    writer = RunWriter(path, task, state, config.seed, fraction)
    try:
        checkpoints.sweep(path)
        records = [as_record(line) for line in _recorded_epochs(path)]
        checkpoint = None
        if state is not None:
            checkpoint = _usable(path, task, state, config.seed, records)
        task.net.theta[...] = checkpoints.load_kept(path, 0).theta
        epoch, best = 0, None
        if checkpoint is not None and state is not None:
            epoch, best = checkpoint.epoch, _restore(checkpoint, task, state, records)
        checkpoints.forget_after(path, epoch)
        writer.start_after(epoch)
        writer.journal.append({"resumed": epoch})
        writer.journal.flush(sync=True)
    except BaseException as error:
        writer.__exit__(type(error), error, None)
        raise
    return writer, records[:epoch], best


def as_record(line: Mapping[str, Any]) -> EpochRecord:
    """Return the record that a line was made of."""
    values: dict[str, Any] = {
        name: float("nan") if line[name] is None else line[name]
        for name in EpochRecord.__dataclass_fields__
        if name in line
    }
    metrics = line.get("metrics", {}).items()
    values["metrics"] = {
        name: float("nan") if value is None else value for name, value in metrics
    }
    return EpochRecord(**values)


def _check_same(data: Mapping[str, Any], task: Task) -> None:
    """Refuse other rows than those the run began with."""
    same = len(task.data) == data["rows"] and len(task.rows) == data["training_rows"]
    if same and data["sha256"] is not None:
        separate = task.validation if data["validation"] == "rows" else None
        same = fingerprint(arrays_of(task, separate)) == data["sha256"]
    if not same:
        raise ValueError(
            f"the {len(task.data):,} rows given are not the {data['rows']:,} rows that "
            "the run began with: give the same X, y, weights and validation rows"
        )


def _recorded_epochs(path: Path) -> list[dict[str, Any]]:
    """Return the records from epoch 1, up to the first that is missing."""
    found = [line for line in journal.read(path) if "epoch" in line]
    for number, line in enumerate(found, start=1):
        if line["epoch"] != number:
            return found[: number - 1]
    return found


def _usable(
    path: Path,
    task: Task,
    state: OptimizerState,
    seed: int,
    records: list[EpochRecord],
) -> Checkpoint | None:
    """Return the checkpoint if it is complete and belongs to this training."""
    checkpoint = None
    with suppress(FileFormatError):
        checkpoint = checkpoints.load_checkpoint(path)
    if (
        checkpoint is None
        or not checkpoints.same_shape(task.net, checkpoint)
        or checkpoint.slots.shape != state.slots.shape
        or (checkpoint.optimizer, checkpoint.seed) != (state.kind, seed)
        or len(records) < checkpoint.epoch
    ):
        return None
    return checkpoint


def _restore(
    checkpoint: Checkpoint,
    task: Task,
    state: OptimizerState,
    records: list[EpochRecord],
) -> Best:
    task.net.theta[...] = checkpoint.theta
    state.slots[...] = checkpoint.slots
    state.steps, state.epochs = checkpoint.steps, checkpoint.epoch
    if checkpoint.best_epoch is None:
        return None
    best = checkpoint.theta if checkpoint.best is None else checkpoint.best
    return records[checkpoint.best_epoch - 1], best.copy()
