"""From a table to a model: what `ranvier train` and `ranvier.fit_table` do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ranvier.checks import checked_int
from ranvier.run.folder import Recording
from ranvier.run.run import Run
from ranvier.table.row_values import ByColumn
from ranvier.table.task_inference import Task, TaskName
from ranvier.tabular.ensemble import fit_model
from ranvier.tabular.first_member import FirstMember, recorded_dataset
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions, member_seed
from ranvier.tabular.model import TableModel
from ranvier.tabular.time_budget import TimeBudget
from ranvier.tabular.training_table import TrainingTable, prepare_table
from ranvier.training.callbacks import Callback, checked_callbacks
from ranvier.warn import warn_user


def fit_table(
    frame: Any,
    target: Any,
    *,
    task: TaskName | None = None,
    effort: str = "default",
    preset: str | None = None,
    hidden: Sequence[int] | None = None,
    epochs: int | None = None,
    time_limit: float | None = None,
    loss: str = "squared_error",
    quantile: float = 0.5,
    class_weight: Any = None,
    sample_weight: ByColumn = None,
    groups: ByColumn = None,
    time: ByColumn = None,
    stratify: ByColumn = None,
    categories: Sequence[str] | None = None,
    numbers: Sequence[str] | None = None,
    validation: float | None = None,
    time_ordered: bool = False,
    seed: int = 0,
    strict: bool = False,
    n_threads: int | None = None,
    progress: bool | None = None,
    callbacks: Iterable[Callback] = (),
    run: str | os.PathLike[str] | Recording | None = None,
    live: bool = False,
) -> TableModel:
    """Train networks on a table: infer the task, encode, train, keep the best epochs.

    The model is that of `TabularClassifier` or `TabularRegressor`: for the same rows,
    and ``random_state=seed``, it predicts the same to the bit.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table, one row for each example.
    target
        Name of the column to predict; rows without a value there are left out.
    task
        ``"classification"`` or ``"regression"``; None: inferred from the column.
    effort
        ``"fast"``, ``"default"`` or ``"best"``: how many networks, and how long.
    preset
        A published network instead, ``"realmlp-td"`` or ``"tabm"``.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of those chosen
        for the number of rows.
    time_limit
        Seconds within which the fit ends; None: no limit.
    loss, quantile
        For numbers, as for `TabularRegressor`.
    class_weight
        For classes, as for `TabularClassifier`: a dict, ``"balanced"``, or None.
    sample_weight
        Weights of the rows, at least 0: the name of a column, which is then no input,
        or (n,) numbers.
    groups
        Rows of one group are all learned from, or all held out: the name of a column,
        which is then no input, or (n,) values.
    time
        The name of a column of dates or numbers, which stays an input, or (n,) of them:
        the rows are put into its order, as `time_ordered` needs them.
    stratify
        Rows of each value are held out in the same fraction: the name of a column,
        which stays an input, or (n,) values. Classes always are.
    categories
        Names of the columns that hold categories though their values are numbers.
    numbers
        Names of the columns that are numbers alone. None: a column of whole numbers is
        also a category with learnt numbers, where the data show effects of its codes.
    validation
        Fraction of the rows that each network holds out to choose its best epoch, in
        (0, 1). None: each holds out a fold of its own; of ordered rows, the last fifth.
    time_ordered
        Whether the rows are in order of time: then the last ones are held out. With
        `groups`, the groups whose last rows are the latest are.
    seed
        Of the weights, the order of the rows and the held-out rows: an estimator's
        ``random_state``.
    strict
        Refuse a target with missing values instead of leaving those rows out.
    n_threads, progress
        As for `train`; no result depends on them.
    callbacks, run, live
        As for `train`, of the first network, which is then trained before the others. A
        callback that stops its training stops the fit.

    Returns
    -------
    TableModel
        With the ``history`` of the first network. After Ctrl-C, the networks that have
        learned something so far.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used; the message says why.

    Warns
    -----
    UserWarning
        One column alone predicts the target; rows without a target are left out; or a
        class has one row only.
    RuntimeWarning
        Ctrl-C ended the fit; or some networks diverged, and are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": [i / 100 for i in range(200)], "z": [0, 1] * 100})
    >>> table["y"] = table.x**2 + table.z
    >>> model = fit_table(table, "y", effort="fast")
    >>> bool(abs(model.predict(table) - table.y).mean() < 0.1)
    True
    """
    context = FitContext(n_threads, TimeBudget(time_limit))
    options = FitOptions(
        effort=effort,
        preset=preset,
        hidden=hidden,
        epochs=epochs,
        time_limit=time_limit,
        categories=() if categories is None else categories,
        numbers=() if numbers is None else numbers,
        validation=validation,
        time_ordered=time_ordered,
    )
    seed = checked_int("seed", seed, 0, 2**32 - 1, example=0)
    first = FirstMember(run, checked_callbacks(callbacks), live)
    prepared = prepare_table(
        frame, target, options, task=task, loss=loss, quantile=quantile,
        class_weight=class_weight, sample_weight=sample_weight, groups=groups,
        time=time, stratify=stratify, seed=seed, strict=strict,
    )  # fmt: skip
    _warn(prepared)
    return fit_prepared(prepared, context, first, seed=seed, progress=progress)


def _warn(prepared: TrainingTable) -> None:
    for text in prepared.warnings:
        warn_user(text, UserWarning)


def fit_prepared(
    prepared: TrainingTable,
    context: FitContext,
    first: FirstMember | None = None,
    *,
    seed: int = 0,
    progress: bool | None = None,
) -> TableModel:
    """Train the networks of a prepared table.

    Where `first` has a `Run` that was stopped, that is resumed, and then the other
    networks are trained: the model is, bit for bit, that of a fit never interrupted.
    """
    first = FirstMember() if first is None else first
    dataset = prepared.dataset
    if isinstance(first.run, Run):
        dataset = recorded_dataset(first.run, dataset)
    about = {
        "reason": prepared.task.reason,
        "seed": seed,
        "not_inputs": list(prepared.not_inputs),
        **first.about,
    }
    model = fit_model(
        dataset,
        prepared.options,
        context,
        seed=member_seed(seed, "seed"),
        first=replace(first, about=about),
        progress=progress,
        reason=prepared.task.reason,
        given_seed=seed,
    )
    model.not_inputs = prepared.not_inputs
    model.notices[:0] = [n for n in prepared.notices if n not in model.notices]
    return model


def recorded_table(run: Run) -> TrainingTable:
    """Return the prepared table of a run as the run itself holds it.

    Raises
    ------
    FileFormatError
        The run does not describe a table, or not rightly.
    """
    dataset = recorded_dataset(run, None)
    about: Mapping[str, Any] = run.manifest["about"]
    return TrainingTable(
        task=Task(dataset.outputs[0].task, str(about["reason"])),
        dataset=dataset,
        options=FitOptions.read(about["options"]),
        train=None,
        test=None,
        not_inputs=tuple(about["not_inputs"]),
        notices=(),
    )
