"""A fit as a run: its epochs, its networks by age, and the rows where they are few.

The folder is that of `rv.train(..., run=...)`, and the page shows it the same. What it
lacks is a checkpoint: to continue as scikit-learn would, the random state, the order of
the rows and the scores so far would have to be in it, and they belong to the estimator.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.estimators.engine_rows import Rows, dense, is_sparse
from ranvier.estimators.fit_callbacks import FitCallbacks
from ranvier.estimators.objective import Objective
from ranvier.network.network import Network
from ranvier.run.folder import Recording
from ranvier.run.statistics import SAMPLE_ROWS
from ranvier.table.targets import ClassTarget
from ranvier.training.history import EpochRecord
from ranvier.training.run_creation import (
    NoRoomError,
    as_recording,
    create,
    needing_room,
    warn_stopped,
)
from ranvier.training.run_writer import RunWriter
from ranvier.training.task import Data, Task

Array = NDArray[Any]

# Parameters that say nothing of what is computed, or stand elsewhere on the first page.
_LEFT_OUT = frozenset({
    "loss", "hidden_layer_sizes", "activation", "dropout", "solver", "max_iter",
    "verbose", "callbacks", "progress", "run",
})  # fmt: skip


@contextmanager
def record_fit(
    mlp: Any, theta: Array, rows: Rows, chosen: Array | None, scored: Rows | None,
    objective: Objective, watchers: FitCallbacks,
) -> Iterator[None]:  # fmt: skip
    """Have the watchers write a run while an estimator is fitted, if it has `run`.

    Parameters
    ----------
    mlp
        The estimator.
    theta
        Its parameters, which the fit changes in place.
    rows, chosen
        The table, and the numbers of the rows to learn from; None for all.
    scored
        Rows of their own to score on, where they were given.
    objective
        What is minimised.
    watchers
        Those who see each epoch.
    """
    mlp.__dict__.pop("run_", None)
    if mlp.run is None:
        yield
        return
    rows = rows.astype(theta.dtype)
    net, before = mlp.network_, len(getattr(mlp, "loss_curve_", ()))
    fraction = as_recording(mlp.run, None).time_fraction
    task = _sample(net, rows, chosen, objective)
    try:
        with needing_room():
            path = _folder(mlp, net, rows, chosen, scored, objective)
            writer = RunWriter(path, task, None, seed=0, time_fraction=fraction)
    except NoRoomError as error:
        warn_stopped(error)
        yield
        return
    with writer as recorder:

        def record(seen: EpochRecord) -> None:
            net.theta[...] = theta
            recorder.see(seen, None)

        mlp.run_, watchers.record = path, record
        yield
        net.theta[...] = theta
        if np.isfinite(theta).all():
            recorder.end(watchers.ended, _best_epoch(mlp, before))
        else:
            recorder.end_not_finite()


def _best_epoch(mlp: Any, before: int) -> int | None:
    """Return the best epoch of this fit, which may continue another."""
    best: int | None = mlp.best_epoch_
    if best is None or best <= before:
        return None
    return best - before if mlp.solver != "lbfgs" else best


def _folder(
    mlp: Any, net: Network, rows: Rows, chosen: Array | None, scored: Rows | None,
    objective: Objective,
) -> Any:  # fmt: skip
    recording = as_recording(mlp.run, getattr(mlp, "feature_names_in_", None))
    if (target := _target(mlp)) is not None:
        about = {"target": target.name, "target_description": target.description()}
        recording = replace(recording, about=about | dict(recording.about or {}))
    held_out = 0 if chosen is None else len(rows) - len(chosen)
    data = {
        "rows": len(rows),
        "training_rows": len(rows) - held_out,
        "validation_rows": held_out if scored is None else len(scored),
        "validation": "rows" if scored is not None else held_out / len(rows) or None,
    }
    arrays = _arrays(recording, rows, chosen, scored)
    return create(recording, net, _asked(mlp, objective), data, arrays)


def _target(mlp: Any) -> ClassTarget | None:
    """Name the classes, where each row has one; rows of each are not counted."""
    classes = getattr(mlp, "classes_", None)
    if classes is None or mlp.n_outputs_ not in (1, len(classes)):
        return None
    if mlp.out_activation_ == "logistic" and mlp.n_outputs_ > 1:
        return None
    return ClassTarget.of_classes(classes)


def _asked(mlp: Any, objective: Objective) -> dict[str, Any]:
    """Say what the fit was asked for, in what JSON can hold."""
    named: Mapping[str, Any] = mlp.get_params(deep=False)
    seed = mlp.random_state if isinstance(mlp.random_state, Integral) else None
    return {
        "estimator": type(mlp).__name__,
        "loss": asdict(objective.loss),
        "optimizer": mlp.solver,
        "epochs": mlp.max_iter,
        **{name: _plain(named[name]) for name in named if name not in _LEFT_OUT},
        "seed": None if seed is None else int(seed),
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and isfinite(value):
        return float(value)
    return getattr(value, "__name__", None) or str(value)


def _arrays(
    recording: Recording, rows: Rows, chosen: Array | None, scored: Rows | None
) -> dict[str, Array] | None:
    """Return dense rows for the page; None if they are too many."""
    tables = [rows] if scored is None else [rows, scored]
    cells = sum(part.X.shape[0] * part.X.shape[1] for part in tables)
    if cells * rows.X.dtype.itemsize > recording.largest_data:
        return None
    arrays = {
        "X": dense(rows.X),
        "Y": rows.Y,
        "rows": np.arange(len(rows)) if chosen is None else chosen,
    }
    if rows.weights is not None:
        arrays["weights"] = rows.weights
    if scored is not None:
        arrays |= {"validation_X": dense(scored.X), "validation_Y": scored.Y}
        if scored.weights is not None:
            arrays["validation_weights"] = scored.weights
    return arrays


def _sample(
    net: Network, rows: Rows, chosen: Array | None, objective: Objective
) -> Task:
    """Return evenly spaced rows for the statistics of the layers."""
    numbers = np.arange(len(rows)) if chosen is None else chosen
    count = min(SAMPLE_ROWS, len(numbers))
    few = rows.take(numbers[np.linspace(0, len(numbers) - 1, count).astype(np.int64)])
    X = dense(few.X) if is_sparse(few.X) else few.X
    data = Data(np.ascontiguousarray(X), few.Y, few.weights)
    workspace = _engine.Workspace(1)
    return Task(net, data, np.arange(count), objective.loss, workspace)
