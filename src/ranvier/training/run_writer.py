"""The callback that writes a run: records, statistics, networks, checkpoints.

It only reads what training has reached, so a recorded training gives the same weights
as any other. Statistics, networks and checkpoints are made when there is time for them:
each kind takes at most a third of the time fraction that a `Recording` allows. With a
fraction of 1 they wait for no time, and what a run holds follows from its epochs alone.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf, isfinite
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ranvier.run import checkpoints, journal
from ranvier.run.checkpoints import Checkpoint
from ranvier.run.folder import Recording
from ranvier.run.journal import Journal
from ranvier.run.lock import Lock
from ranvier.run.statistics import SAMPLE_ROWS, layer_statistics
from ranvier.training import run_creation
from ranvier.training.config import TrainConfig
from ranvier.training.config_json import describe
from ranvier.training.history import EpochRecord
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.sgd import OptimizerState
from ranvier.training.stopping import Best
from ranvier.training.task import Data, Task

Array = NDArray[Any]
STATISTICS: Final = 16  # in each doubling of a network's age
GRACE: Final = 0.025  # seconds for each kind of work, so that short runs show much


class RunWriter:
    """Writes one training into the folder of a run, while it is entered.

    Parameters
    ----------
    path
        Folder of the run.
    task
        What is trained.
    state
        What the optimizer carries; None for L-BFGS, which cannot be halted halfway.
    seed
        Key of the training.
    time_fraction
        See `Recording`.
    """

    def __init__(
        self,
        path: Path,
        task: Task,
        state: OptimizerState | None,
        seed: int,
        time_fraction: float,
    ) -> None:
        self.path = path
        self.task = task
        self.state = state
        self.seed = seed
        self.lock = Lock(path)
        try:
            self.journal = Journal(path, text_of)
        except BaseException:
            self.lock.release()
            raise
        self.budget = Budget(time_fraction / 3 if time_fraction < 1 else inf)
        self.before = np.empty_like(task.net.theta)
        self.sample = _sample(task)
        self.owes_network = False
        self.has_stopped = False
        self.next_moment = inf
        self.start_after(0)

    def __enter__(self) -> Self:
        self._statistics()  # the first time is slow, and would be taken for the usual
        self.budget.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._stopping_on_failure():
                if self.has_stopped:
                    return
                if isinstance(error, NonFiniteError):
                    self.end_not_finite(str(error))
                self.journal.flush()
        finally:
            self.journal.close()
            self.lock.release()

    def see(self, record: EpochRecord, best: Best) -> None:
        """Write what an epoch gave, and what there is time for.

        Where something cannot be written, as on a full disk, recording stops with one
        warning, and training continues. What was written before is intact.
        """
        try:
            now = perf_counter()
            if record.epoch < self.next_epoch and now < self.next_moment:
                self.journal.append(record, now)  # all that most epochs pay
            else:
                self._do_what_is_due(record, best, now)
        except OSError as error:
            self._stop(error)

    def end(self, stopped: str, best_epoch: int | None, best: Any = None) -> None:
        """Write the network that training leaves, and the scores of the best epoch."""
        if self.has_stopped:
            return
        with self._stopping_on_failure():
            self.journal.flush(sync=True)
            checkpoints.save_network(self.path / checkpoints.FINAL, self.task.net)
            end: dict[str, Any] = {"ended": stopped, "best_epoch": best_epoch}
            self.journal.append(end | ({"best": best} if best else {}))
            self.journal.flush(sync=True)

    def end_not_finite(self, why: str | None = None) -> None:
        """Write that training has ended because its numbers were not finite."""
        reason = {} if why is None else {"why": why}
        if not self.has_stopped:
            self.journal.append({"ended": "not finite"} | reason)

    @contextmanager
    def _stopping_on_failure(self) -> Iterator[None]:
        """Stop recording where the disk fails."""
        try:
            yield
        except OSError as error:
            self._stop(error)

    def _stop(self, error: OSError) -> None:
        """Stop recording, with one warning, the first time that the disk fails."""
        if self.has_stopped:
            return
        self.has_stopped = True
        self.next_epoch, self.next_moment = 0, -inf
        run_creation.warn_stopped(error)

    def start_after(self, epoch: int) -> None:
        """Get ready for the epoch that follows one; 0: for the first."""
        self.before[...] = self.task.net.theta
        self.is_fresh = True
        self.owes_statistics = checkpoints.is_milestone(epoch + 1, STATISTICS)
        self.next_epoch = epoch + 1

    def _do_what_is_due(self, record: EpochRecord, best: Best, now: float) -> None:
        if self.has_stopped:
            return
        layers = None
        if self.owes_statistics and self.is_fresh and self.budget.affords("statistics"):
            with self.budget.spend("statistics"):
                layers = self._statistics()
                self.owes_statistics = False
        line = record if layers is None else as_line(record) | {"layers": layers}
        self.journal.append(line, now)
        self.owes_network |= checkpoints.is_milestone(record.epoch)
        if self.owes_network and self.budget.affords("network"):
            with self.budget.spend("network"):
                checkpoints.keep(self.path, self.task.net, record.epoch)
                self.owes_network = False
        if self.state is not None and self.budget.affords("checkpoint"):
            with self.budget.spend("checkpoint"):
                self._save_checkpoint(self.state, best)
        self._look_ahead(record.epoch)

    def _look_ahead(self, epoch: int) -> None:
        """Find the epoch, and the moment, at which there is something to do again."""
        is_next = checkpoints.is_milestone(epoch + 1, STATISTICS)
        self.owes_statistics |= is_next
        self.is_fresh = self.owes_statistics and self.budget.affords("statistics")
        if self.is_fresh:
            self.before[...] = self.task.net.theta  # the next epoch's step is looked at
        self.next_epoch = epoch + 1
        if not (is_next or self.is_fresh):
            self.next_epoch = checkpoints.next_milestone(epoch + 1, STATISTICS) - 1
        owed = {
            "statistics": self.owes_statistics and not self.is_fresh,
            "network": self.owes_network,
            "checkpoint": self.state is not None,
        }
        moments = [self.budget.due(kind) for kind, is_owed in owed.items() if is_owed]
        self.next_moment = min(moments, default=inf)

    def _statistics(self) -> list[dict[str, Any]]:
        task, sample = self.task, self.sample
        with np.errstate(all="ignore"):
            return layer_statistics(
                task.net, sample.X, sample.Y, sample.weights, task.loss, self.before
            )

    def _save_checkpoint(self, state: OptimizerState, best: Best) -> None:
        self.journal.flush(sync=True)  # the records a checkpoint stands on come first
        best_epoch = None if best is None else best[0].epoch
        new = best is not None and best_epoch != state.epochs
        checkpoint = Checkpoint(
            epoch=state.epochs,
            steps=state.steps,
            optimizer=state.kind,
            seed=self.seed,
            theta=self.task.net.theta,
            slots=state.slots,
            best_epoch=best_epoch,
            best=best[1] if best is not None and new else None,
        )
        checkpoints.save_checkpoint(self.path, checkpoint)


class Budget:
    """How much time each kind of work may take: a little, and a fraction of all time.

    A fraction of `inf` is no limit.
    """

    def __init__(self, fraction: float) -> None:
        self.fraction = fraction
        self.started = perf_counter()
        self.spent: dict[str, float] = {}
        self.last: dict[str, float] = {}

    def start(self) -> None:
        """Begin to count."""
        self.started = perf_counter()

    def affords(self, kind: str) -> bool:
        """Say whether there is time for another piece of work like the last."""
        return self.due(kind) <= perf_counter()

    def due(self, kind: str) -> float:
        """Return the moment from which on there is."""
        if self.fraction == inf:
            return -inf
        needed = self.spent.get(kind, 0.0) + self.last.get(kind, 0.0)
        return self.started + (needed - GRACE) / self.fraction

    @contextmanager
    def spend(self, kind: str) -> Iterator[None]:
        """Time a piece of work."""
        begun = perf_counter()
        yield
        self.last[kind] = perf_counter() - begun
        self.spent[kind] = self.spent.get(kind, 0.0) + self.last[kind]


def begin(
    recording: str | os.PathLike[str] | Recording,
    task: Task,
    state: OptimizerState | None,
    config: TrainConfig,
    columns: Sequence[str] | None = None,
) -> RunWriter:
    """Make the folder of a new run, and the one who writes it.

    Parameters
    ----------
    recording
        A folder of runs, or all that can be said about the recording.
    task
        What is trained.
    state
        What the optimizer carries; None for L-BFGS.
    config
        The settings of the training, with the batch size filled in.
    columns
        Names of the columns of X, where it has some.

    Raises
    ------
    NoRoomError
        The disk is full.
    OSError
        The folder cannot be made for another reason.
    """
    recording = run_creation.as_recording(recording, columns)
    data = {
        "rows": len(task.data),
        "training_rows": len(task.rows),
        "validation_rows": 0 if task.validation is None else len(task.validation),
        "validation": config.validation,
    }
    separate = task.validation if config.validation == "rows" else None
    arrays = run_creation.arrays_of(task, separate)
    with run_creation.needing_room():
        path = run_creation.create(recording, task.net, describe(config), data, arrays)
        return RunWriter(path, task, state, config.seed, recording.time_fraction)


def text_of(item: EpochRecord | Mapping[str, Any]) -> str:
    """Return the line of a record, or of anything else the journal takes."""
    return as_text(item) if isinstance(item, EpochRecord) else journal.encode(item)


def as_text(record: EpochRecord) -> str:
    """Return a record as a line of JSON, in a third of `journal.encode`'s time.

    This is most of what an epoch pays, and most of that is the digits of the numbers;
    what is not finite is left to the other way.
    """
    loss, rate, norm = record.loss, record.learning_rate, record.gradient_norm
    seconds, speed, score = record.seconds, record.rows_per_second, 0.0
    told = ""
    if record.validation_loss is not None:
        score = record.validation_loss
        told = f',"validation_loss":{score!r}'
    if record.metrics or not isfinite(loss + rate + norm + seconds + speed + score):
        return journal.encode(as_line(record))
    return (
        f'{{"epoch":{record.epoch},"loss":{loss!r}{told},"metrics":{{}},'
        f'"learning_rate":{rate!r},"gradient_norm":{norm!r},"seconds":{seconds:.6g},'
        f'"rows_per_second":{speed:.6g}}}\n'
    )


def as_line(record: EpochRecord) -> dict[str, Any]:
    """Return a record as what a line holds; without validation, no such entry.

    Times are held to six digits, all that training gave in full.
    """
    line = dict(record.__dict__)
    for name in ("seconds", "rows_per_second"):
        line[name] = float(f"{line[name]:.6g}")
    if line["validation_loss"] is None:
        del line["validation_loss"]
    return line


def _sample(task: Task) -> Data:
    """Take rows at even distances through those trained on."""
    places = np.linspace(0, len(task.rows) - 1, min(SAMPLE_ROWS, len(task.rows)))
    sample = task.data.take(task.rows[places.astype(np.int64)])
    if sample.weights is not None and not sample.weights.any():
        return Data(sample.X, sample.Y)
    return sample
