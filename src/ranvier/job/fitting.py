"""From a table to a model: the first network recorded and shown, then the others."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from ranvier.job.encoded import usual_row
from ranvier.job.model import Model
from ranvier.job.preparation import Preparation, prepare
from ranvier.job.recorded import recording
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.splits import Split
from ranvier.table import facts
from ranvier.table.facts import Facts
from ranvier.table.infer import TaskName
from ranvier.tabular.members import Lesson, Member
from ranvier.tabular.recipe import Effort
from ranvier.tabular.recorded import as_member, train_first
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.views import Mask, train_views
from ranvier.training.calibration import temperature
from ranvier.training.callbacks import Callback
from ranvier.training.history import History
from ranvier.training.progress_bar import bar
from ranvier.training.resume import resume
from ranvier.version import __version__


def fit_table(
    frame: Any,
    target: str,
    *,
    task: TaskName | None = None,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    effort: Effort = "default",
    seed: int = 0,
    strict: bool = False,
    n_threads: int | None = None,
    progress: bool | None = None,
    callbacks: Iterable[Callback] = (),
    run: str | os.PathLike[str] | None = None,
    live: bool = False,
) -> Model:
    """Train networks on a table: infer the task, encode, train, keep the best epochs.

    The networks are those of `TabularClassifier` and `TabularRegressor`.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table, one row for each example.
    target
        Name of the column to predict; rows without a value there are left out.
    task
        ``"classification"`` or ``"regression"``; None: inferred from the column.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of the defaults
        for a table of that size (`ranvier.tabular.recipe`).
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks, and how long.
    seed
        Of the weights, the order of the rows and the rows that tell the best epoch.
    strict
        Refuse a target with missing values instead of leaving those rows out.
    n_threads, progress
        As for `train`; no result depends on them.
    callbacks, run, live
        As for `train`, of the first network, which is the one that can be watched. A
        callback that stops its training stops all.

    Returns
    -------
    Model
        With the ``history`` of the first network. After Ctrl-C, the networks that have
        learnt something so far.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used; the message says why.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": [i / 100 for i in range(200)]})
    >>> table["y"] = table.x**2
    >>> model = fit_table(table, "y", effort="fast")
    >>> bool(abs(model.predict(table) - table.y).mean() < 0.1)
    True
    """
    prepared = prepare(
        frame, target, task=task, hidden=hidden, epochs=epochs, effort=effort,
        seed=seed, strict=strict,
    )  # fmt: skip
    watched: dict[str, Any] = {"callbacks": callbacks, "live": live, "run": run}
    return fit(prepared, seed=seed, n_threads=n_threads, progress=progress, **watched)


def fit(
    preparation: Preparation,
    *,
    seed: int = 0,
    n_threads: int | None = None,
    progress: bool | None = None,
    run: str | os.PathLike[str] | Run | None = None,
    about: Mapping[str, Any] | None = None,
    **watched: Any,
) -> Model:
    """Train the networks of a prepared table.

    A run is told `about` it, too. A `Run` that was stopped goes on, and then the other
    networks are trained: the model is, bit for bit, that of a fit never interrupted.
    """
    lesson, divided = preparation.lesson, preparation.divided(seed)
    places = preparation.encoder.is_bin
    common: dict[str, Any] = {"n_threads": n_threads, "progress": progress}
    if isinstance(run, Run):
        net, history = _gone_on(lesson, divided[0], run, common)
    else:
        told = recording(preparation, run, about)
        watched |= common | {"run": told}
        net, history = train_first(lesson, divided[0], seed, **watched)
    members = [as_member(net, history, lesson, divided[0])]
    started = perf_counter()
    if history.stopped == "finished":
        members = _with_others(members, lesson, places, divided, seed, common, history)
    seconds = history.seconds + perf_counter() - started
    networks = _calibrated(members, lesson)
    return Model(
        networks,
        preparation.encoder,
        preparation.target,
        usual_row(preparation.data, lesson.embedding),
        _facts(preparation, history, seconds, seed),
        history,
    )


def _gone_on(
    lesson: Lesson, fold: Split, run: Run, common: Mapping[str, Any]
) -> tuple[Network, History]:
    data = lesson.data
    numbers = fold.held_out if len(fold.held_out) else None
    return resume(
        run, data.X, data.Y, sample_weight=data.weights, validation=numbers, **common
    )


def _with_others(
    first: list[Member],
    lesson: Lesson,
    places: Mask,
    divided: list[Split],
    seed: int,
    common: Mapping[str, Any],
    history: History,
) -> list[Member]:
    """Train the networks after the first; the history is told if Ctrl-C ends it."""
    recipe = lesson.recipe
    count = len(divided) + recipe.tried
    with bar(common["progress"], (count - 1) * recipe.epochs) as shown:
        under = Supervision(common["n_threads"], shown=shown)
        members = train_views(lesson, places, divided, seed, under, first)
    under.require_some(members)
    if under.stopping.is_set():
        history.stopped = "interrupted"
        warnings.warn(
            f"the training was interrupted: {len(members)} of {count} networks are "
            "kept, each with the weights of its best epoch so far",
            RuntimeWarning,
            stacklevel=4,
        )
    return members


def _calibrated(members: list[Member], lesson: Lesson) -> list[Network]:
    """Give the networks, of classes at the temperature found on the rows held out.

    softmax(log(softmax(Z)) / T) = softmax(Z / T), so the last W and b are divided.
    """
    networks = [member.network for member in members]
    rows = np.concatenate([member.held_out for member in members])
    if lesson.aim.activation != "softmax" or not len(rows):
        return networks
    P = np.concatenate([member.outputs for member in members])
    weights = lesson.data.weights
    T = temperature(P, lesson.data.Y[rows], None if weights is None else weights[rows])
    for network in networks:
        last = network.dense_layers[-1]
        last.W[...] /= T
        last.b[...] /= T
    return networks


def _facts(
    preparation: Preparation, history: History, seconds: float, seed: int
) -> Facts:
    return Facts(
        reason=preparation.task.reason,
        rows=preparation.encoder.schema.rows,
        epochs=len(history),
        best_epoch=history.best_epoch or len(history),
        seconds=seconds,
        seed=seed,
        created=facts.now(),
        version=__version__,
    )
