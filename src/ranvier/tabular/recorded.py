"""The first member where it can be recorded and shown: by `train`, not among others."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ranvier.network.network import Network
from ranvier.run.folder import Recording
from ranvier.splits import Split
from ranvier.table.encoder import TableEncoder
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.tabular.members import Lesson, Member
from ranvier.tabular.supervision import Supervision
from ranvier.training.history import EpochRecord, History
from ranvier.training.run_creation import as_recording
from ranvier.training.train import train_with

Target = ClassTarget | NumberTarget


def train_first(
    lesson: Lesson, fold: Split, seed: int, **watched: Any
) -> tuple[Network, History]:
    """Train a member as `train_members` would, bit for bit, but with `train`.

    Parameters
    ----------
    lesson, fold, seed
        Of the member.
    watched
        What `train` takes besides: ``run``, ``callbacks``, ``progress`` and the like.

    Returns
    -------
    tuple
        The network with the weights of its best epoch, and the history.
    """
    net = lesson.start(fold, seed)
    scored = len(fold.held_out) > 0
    # Of the rows that the time allows it; most often those are all.
    rows = np.union1d(fold.kept, fold.held_out)
    data = lesson.data if len(rows) == len(lesson.data) else lesson.data.take(rows)
    history = train_with(
        net, data.X, data.Y, lesson.config(net, fold, seed), sample_weight=data.weights,
        validation=np.searchsorted(rows, fold.held_out) if scored else None, **watched,
    )  # fmt: skip
    return net, history


def as_member(net: Network, history: History, lesson: Lesson, fold: Split) -> Member:
    """Make a member of what `train_first` gave, or a run that went on."""
    number = history.best_epoch if len(fold.held_out) else len(history)
    return lesson.member(net, history, history[number - 1] if number else None, fold)


def train_recorded(
    lesson: Lesson,
    fold: Split,
    seed: int,
    recording: Recording,
    under: Supervision,
) -> tuple[Member, Path]:
    """Train a member and record it, while no other is trained.

    Ctrl-C, of which the others then hear, and the end of the time end it with the best
    epoch so far.
    """

    def is_over(record: EpochRecord) -> bool:
        under.shown.show(record)
        return under.deadline.is_over

    with warnings.catch_warnings():
        # The estimator says it, with how many networks are kept.
        warnings.filterwarnings("ignore", "training was interrupted", RuntimeWarning)
        net, history = train_first(
            lesson, fold, seed, run=recording, callbacks=[is_over],
            n_threads=under.n_threads, progress=False,
        )  # fmt: skip
    if history.stopped == "interrupted":
        under.stopping.set()
    assert history.run is not None
    return as_member(net, history, lesson, fold), history.run


def told(
    run: str | os.PathLike[str] | Recording,
    estimator: str,
    encoding: TableEncoder,
    target: Target | None,
) -> Recording:
    """Tell a run what the columns and the outputs are, so that its page shows those.

    Parameters
    ----------
    run
        Folder of runs, or what the user says of the recording.
    estimator
        Its name.
    encoding
        How columns become inputs.
    target
        What the outputs are; None where that has no description.
    """
    about = {
        "estimator": estimator,
        "columns": list(encoding.names),
        "encoding": encoding.describe(),
    }
    if target is not None:
        about |= {"target": target.name, "target_description": target.description()}
    recording = as_recording(run, None)
    return replace(recording, about=about | dict(recording.about or {}))


def check_run(run: object, preset: str | None) -> None:
    """Refuse what is no folder of runs, and a network that is none by itself."""
    if run is not None and preset == "tabm":
        raise ValueError(
            "a run records one network, but those of preset='tabm' share their weights "
            "and are trained as one: leave run= or the preset out"
        )
    if not isinstance(run, str | os.PathLike | Recording | None):
        raise TypeError(
            f"run must be a folder of runs, a Recording, or None for no run, but got "
            f"{run!r}: give for example 'runs'"
        )


def name_of(y: Any) -> str:
    """Give the name of a target, of a column of a frame or a frame of one; else y."""
    name = getattr(y, "name", None)
    columns = list(getattr(y, "columns", ()))
    name = columns[0] if len(columns) == 1 else name
    return name if isinstance(name, str) and name else "y"
