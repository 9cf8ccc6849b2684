"""Setting a training back to where its run was left."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ranvier.files import FileFormatError
from ranvier.run import checkpoints, folder, journal
from ranvier.run.checkpoints import Checkpoint
from ranvier.training.history import EpochRecord
from ranvier.training.run_creation import fingerprint
from ranvier.training.run_writer import (
    Best,
    ResumedRun,
    RunWriter,
    arrays_of,
)
from ranvier.training.sgd import OptimizerState
from ranvier.training.task import Task


def go_on(
    run: ResumedRun, task: Task, state: OptimizerState | None, seed: int
) -> tuple[RunWriter, list[EpochRecord], Best]:
    """Set a training back to the checkpoint of a run, and give its story so far.

    Without a checkpoint, or with a damaged one, it is set back to its beginning: the
    way from there is the same, only longer.
    """
    manifest = folder.read_manifest(run.path)
    _check_same(manifest["data"], task)
    recorder = RunWriter(run.path, task, state, seed, manifest["share"])
    try:
        checkpoints.sweep(run.path)
        told = [as_record(line) for line in _epochs(run.path)]
        checkpoint = None
        if state is not None:
            checkpoint = _usable(run.path, task, state, seed, told)
        task.net.theta[...] = checkpoints.load_kept(run.path, 0).theta
        epoch, best = 0, None
        if checkpoint is not None and state is not None:
            epoch, best = checkpoint.epoch, _restore(checkpoint, task, state, told)
        checkpoints.forget_after(run.path, epoch)
        recorder.start_after(epoch)
        recorder.journal.append({"resumed": epoch})
        recorder.journal.flush(sync=True)
    except BaseException as error:
        recorder.__exit__(type(error), error, None)
        raise
    return recorder, told[:epoch], best


def as_record(line: Mapping[str, Any]) -> EpochRecord:
    """Give a line back as the record it was made of."""
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
        given = None if data["validation"] != "rows" else task.validation
        same = fingerprint(arrays_of(task, given)) == data["sha256"]
    if not same:
        raise ValueError(
            f"other rows ({len(task.data):,}) were given than those the run began with "
            f"({data['rows']:,}): give the same X, y, weights and validation rows"
        )


def _epochs(path: Path) -> list[dict[str, Any]]:
    """Give the records from epoch 1 on, as far as none is missing."""
    found = [line for line in journal.read(path) if "epoch" in line]
    for place, line in enumerate(found, start=1):
        if line["epoch"] != place:
            return found[: place - 1]
    return found


def _usable(
    path: Path,
    task: Task,
    state: OptimizerState,
    seed: int,
    told: list[EpochRecord],
) -> Checkpoint | None:
    """Give the checkpoint if all it needs is there, and belongs to this training."""
    checkpoint = None
    with suppress(FileFormatError):
        checkpoint = checkpoints.load_checkpoint(path)
    if (
        checkpoint is None
        or not checkpoints.same_shape(task.net, checkpoint)
        or checkpoint.slots.shape != state.slots.shape
        or (checkpoint.optimizer, checkpoint.seed) != (state.kind, seed)
        or len(told) < checkpoint.epoch
    ):
        return None
    return checkpoint


def _restore(
    checkpoint: Checkpoint,
    task: Task,
    state: OptimizerState,
    told: list[EpochRecord],
) -> Best:
    task.net.theta[...] = checkpoint.theta
    state.slots[...] = checkpoint.slots
    state.steps, state.epochs = checkpoint.steps, checkpoint.epoch
    if checkpoint.best_epoch is None:
        return None
    best = checkpoint.theta if checkpoint.best is None else checkpoint.best
    return told[checkpoint.best_epoch - 1], best.copy()
