"""`rv.compare`: Ranvier and other models on the same folds of a table."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier import threads
from ranvier.checks import checked_bool, checked_int
from ranvier.comparison.competitors import OWN, Competitor, ModelSettings, chosen, maker
from ranvier.comparison.plain_frame import plain_frame
from ranvier.comparison.results import Comparison, FoldResult
from ranvier.metrics import score_classifier, score_regressor
from ranvier.reading.decisions import Reading
from ranvier.splits import Split, evaluation_splits, joint_labels
from ranvier.table.frames import Columns, column_name, take_rows
from ranvier.table.row_values import ByColumn, some_rows, time_order, values_by_row
from ranvier.table.table import Table
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.table.task_inference import (
    TaskName,
    infer_task,
    rows_with_target,
    task_named,
    with_class_names,
)
from ranvier.tabular.split_structure import structure_of
from ranvier.training.argument_checks import checked_seed

LEAST_ROWS = 10

Progress = Callable[[str], None]


def compare(
    frame: Any,
    target: str,
    *,
    models: Sequence[str] | None = None,
    task: TaskName | None = None,
    folds: int = 5,
    groups: ByColumn = None,
    time: ByColumn = None,
    time_ordered: bool = False,
    stratify: ByColumn = None,
    seed: int = 0,
    n_threads: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fit Ranvier and other models on the same folds of a table, and score them.

    Each row is tested once, by models that were fitted without it. Preprocessing
    (imputation, one-hot encoding, scaling) is fitted on the training rows of each fold.
    All models have their default settings; nothing is tuned.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table, one row for each example.
    target
        Name of the column to predict; rows without a value there are left out.
    models
        Names out of ``ranvier``, ``linear``, ``svm``, ``mlp``, ``forest``, ``histgb``,
        ``lightgbm``, ``xgboost``, ``catboost``; None: all that are installed.
    task
        ``"classification"`` or ``"regression"``; None: inferred from the column.
    folds
        Number of folds, 2 or more, stratified by class.
    groups
        Rows of one group are tested together, by models that were fitted without any of
        them: the name of a column, which is then no input, or (n,) values.
    time
        The name of a column of dates or numbers, which stays an input, or (n,) of them:
        the rows are put into its order, and are ``time_ordered``.
    time_ordered
        Whether the rows are in order of time. Then they are cut into ``folds + 1``
        blocks, and each but the first is tested by models fitted on all earlier ones
        (forward chaining); with `groups`, without earlier rows of the groups tested.
    stratify
        Each fold has the same fraction of the rows of each value: the name of a column,
        which stays an input, or (n,) values.
    seed
        Random seed of the folds and of the models.
    n_threads
        Threads for each model; None: all that are available.
    progress
        A function that is called with a sentence before each fit.

    Returns
    -------
    Comparison
        Prints as one table. After Ctrl-C it holds what had finished. If a model fails
        on a fold, its error is kept there and the other models continue.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used.
    ImportError
        A requested model, scikit-learn or pandas is not installed.

    Notes
    -----
    The standard deviation is over folds, whose training rows overlap. It shows how much
    a score varies with the rows, and is not a standard error.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": range(60), "large": [i >= 30 for i in range(60)]})
    >>> found = compare(table, "large", models=["linear", "forest"], folds=3)
    >>> sorted(row["model"] for row in found.summary())
    ['forest', 'linear']
    """
    competitors = chosen(models)
    folds, seed = checked_int("folds", folds, 2, example=5), checked_seed(seed)
    time_ordered = checked_bool("time_ordered", time_ordered) or time is not None
    _check_progress(progress)
    by_row = {"groups": groups, "time": time, "stratify": stratify}
    examples = _examples(frame, column_name("target", target), task, folds, by_row)
    settings = ModelSettings(
        examples.labels is not None, seed, threads.choose(n_threads, np.inf),
        time_ordered,
    )  # fmt: skip
    splits = evaluation_splits(
        len(examples.y), folds, seed=seed, groups=examples.groups,
        labels=joint_labels(examples.labels, examples.strata),
        time_ordered=time_ordered,
    )  # fmt: skip
    results: list[FoldResult] = []
    interrupted = False
    try:
        for result in _results(examples, competitors, settings, splits, progress):
            results.append(result)
    except KeyboardInterrupt:
        interrupted = True
    return Comparison(
        target=column_name("target", target),
        task=examples.task,
        rows=len(examples.y),
        folds=folds,
        titles={model.name: model.title for model in competitors},
        results=tuple(results),
        interrupted=interrupted,
        notices=tuple(_structure(examples, target, groups is not None, time_ordered)),
        kept=_kept(groups is not None, time_ordered),
    )


def _kept(grouped: bool, time_ordered: bool) -> str:
    """Say what the folds keep apart."""
    said = ["whole groups"] * grouped + ["in order of time"] * time_ordered
    return ", ".join(said)


def _check_progress(progress: object) -> None:
    if progress is not None and not callable(progress):
        raise TypeError(
            f"progress must be a function that takes a sentence, but got {progress!r}"
        )


def _structure(
    examples: Examples, target: str, grouped: bool, time_ordered: bool
) -> list[str]:
    """Say what the folds hide of the structure of the rows."""
    copied = int(examples.plain.assign(**{target: examples.y}).duplicated().sum())
    return structure_of(
        Table.of(examples.raw), examples.y, exclude=[target], copied=copied,
        grouped=grouped, time_ordered=time_ordered,
    ).notices  # fmt: skip


@dataclass(frozen=True)
class Examples:
    """The rows with a target: ``raw`` for Ranvier, ``plain`` for the others.

    ``y`` (n,) holds labels 0 ... C-1 or numbers; ``groups`` and ``strata`` (n,) are
    None where there are none.
    """

    task: TaskName
    raw: Any
    plain: Any
    y: NDArray[Any]
    groups: NDArray[Any] | None = None
    strata: NDArray[Any] | None = None

    @property
    def labels(self) -> NDArray[np.integer] | None:
        """The labels, of a classification."""
        return self.y if self.task == "classification" else None


def _examples(
    frame: Any,
    target: str,
    task: TaskName | None,
    folds: int,
    by_row: Mapping[str, ByColumn],
) -> Examples:
    """Read the table; raise ValueError if it is too small."""
    task = None if task is None else task_named(task)
    reading, frame = Reading.fit(frame, target=target, task=task)
    table = Table.of(frame)
    column = table.values(target)
    if len(column) == 0:
        raise ValueError(
            "the table has no rows: give one with rows to learn from, below the header"
        )
    decided = task or infer_task(column, name=target).name
    if decided == "classification" and not reading.source:
        column = with_class_names(column)
    rows = rows_with_target(column, name=target, task=decided).rows
    groups, strata = (
        some_rows(values_by_row(table, by_row[name], name), rows)
        for name in ("groups", "stratify")
    )
    if by_row["time"] is not None:
        order = time_order(table, by_row["time"], rows)
        rows = rows[order]
        groups, strata = some_rows(groups, order), some_rows(strata, order)
    table, column = table.take(rows), column.take(rows)
    y: NDArray[Any]
    if decided == "classification":
        y = ClassTarget.fit(column, name=target).transform(column)
    else:
        y = NumberTarget.fit(column, name=target).numbers(column)
    _refuse_few(y, folds, decided, target)
    excluded = [target]
    if isinstance(by_row["groups"], str):
        excluded.append(by_row["groups"])
    if strata is not None:
        strata = np.unique(strata, return_inverse=True)[1]
    raw = _without(table.frame, excluded)
    return Examples(decided, raw, plain_frame(table, excluded), y, groups, strata)


def _refuse_few(y: NDArray[Any], folds: int, task: str, target: str) -> None:
    least = max(LEAST_ROWS, 2 * folds)
    if len(y) < least:
        raise ValueError(
            f"the table has {len(y)} rows with a value in {target!r}, too few for "
            f"{folds} folds: give {least} rows or more, or fewer folds"
        )
    if task == "classification" and np.sort(np.bincount(y))[-2] < 2:
        raise ValueError(
            f"all but one row of {target!r} are of one class, so some folds would have "
            "one class only: give two rows or more of a second class"
        )


def _without(frame: Any, excluded: Sequence[str]) -> Any:
    """Return the other columns as a pandas frame, unchanged."""
    if isinstance(frame, Columns):
        import pandas as pd

        frame = pd.DataFrame(dict(frame.columns))
    table = nw.from_native(frame, eager_only=True)
    names = [name for name in table.columns if str(name) not in excluded]
    return table.select(names).to_pandas()


def _results(
    examples: Examples,
    competitors: Sequence[Competitor],
    settings: ModelSettings,
    splits: Sequence[Split],
    progress: Progress | None,
) -> Iterator[FoldResult]:
    """Fit each model on each fold, fold by fold, so that what is done compares."""
    for number, split in enumerate(splits):
        for model in competitors:
            if progress is not None:
                progress(f"Fold {number + 1} of {len(splits)}: {model.title}")
            try:
                yield _result(examples, model, settings, split, number)
            except Exception as error:  # whatever somebody else's model raises
                why = " ".join(str(error).split()) or type(error).__name__
                yield FoldResult(model.name, number, {}, error=why)


def _result(
    examples: Examples,
    model: Competitor,
    settings: ModelSettings,
    split: Split,
    fold: int,
) -> FoldResult:
    """Fit a model on the kept rows, and score it on the others."""
    table = examples.raw if model is OWN else examples.plain
    X, X_test = (take_rows(table, rows) for rows in split)
    y, y_test = examples.y[split.train], examples.y[split.held_out]
    seen = np.empty(0, np.int64)
    if settings.classification:  # some want the classes of the fitted rows as 0, 1, ...
        seen, y = np.unique(y, return_inverse=True)
    fitted = maker(model)(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Ranvier keeps what it has on Ctrl-C; here that ends the comparison.
        warnings.filterwarnings("error", "the fit was interrupted", RuntimeWarning)
        begun = perf_counter()
        try:
            if model is OWN and examples.groups is not None:
                fitted.fit(X, y, groups=examples.groups[split.train])
            else:
                fitted.fit(X, y)
        except RuntimeWarning:
            raise KeyboardInterrupt from None
        fit_seconds, begun = perf_counter() - begun, perf_counter()
        fitted.predict(X_test)
        predict_seconds = perf_counter() - begun
        if settings.classification:
            scores = score_classifier(fitted, X_test, y_test, seen)
        else:
            scores = score_regressor(fitted, X_test, y_test)
    size = len(pickle.dumps(fitted))
    return FoldResult(model.name, fold, scores, fit_seconds, predict_seconds, size)
