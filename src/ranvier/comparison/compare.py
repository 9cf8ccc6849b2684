"""`rv.compare`: Ranvier and other models on the same folds of a table."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ranvier import threads
from ranvier.comparison.competitors import OWN, Competitor, ModelSettings, chosen, maker
from ranvier.comparison.plain_frame import plain_frame
from ranvier.comparison.results import Comparison, FoldResult
from ranvier.metrics import score_classifier, score_regressor
from ranvier.reading.decisions import Reading
from ranvier.splits import Split, k_folds
from ranvier.table.frames import column_name, take_rows
from ranvier.table.table import Table
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.table.task_inference import (
    TaskName,
    infer_task,
    rows_with_target,
    with_class_names,
)

LEAST_ROWS = 10

Progress = Callable[[str], None]


def compare(
    frame: Any,
    target: str,
    *,
    models: Sequence[str] | None = None,
    task: TaskName | None = None,
    folds: int = 5,
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
    target = column_name(target)
    reading, frame = Reading.fit(frame, target=target, task=task)
    examples = _examples(frame, target, task, folds, from_file=bool(reading.source))
    settings = ModelSettings(
        examples.labels is not None, seed, n_threads or threads.available()
    )
    results: list[FoldResult] = []
    interrupted = False
    try:
        for result in _results(examples, competitors, settings, folds, progress):
            results.append(result)
    except KeyboardInterrupt:
        interrupted = True
    return Comparison(
        target=target,
        task=examples.task,
        rows=len(examples.y),
        folds=folds,
        titles={model.name: model.title for model in competitors},
        results=tuple(results),
        interrupted=interrupted,
    )


@dataclass(frozen=True)
class Examples:
    """The rows with a target: ``raw`` for Ranvier, ``plain`` for the others.

    ``y`` (n,) holds labels 0 ... C-1 or numbers.
    """

    task: TaskName
    raw: Any
    plain: Any
    y: NDArray[Any]

    @property
    def labels(self) -> NDArray[np.integer] | None:
        """The labels, of a classification."""
        return self.y if self.task == "classification" else None


def _examples(
    frame: Any,
    target: str,
    task: TaskName | None,
    folds: int,
    *,
    from_file: bool = False,
) -> Examples:
    """Read the table; raise ValueError if it is too small."""
    table = Table.of(frame)
    column = table.values(target)
    if len(column) == 0:
        raise ValueError(
            "the table has no rows: give one with rows to learn from, below the header"
        )
    decided = task or infer_task(column, name=target).name
    if decided == "classification" and not from_file:
        column = with_class_names(column)
    known = rows_with_target(column, name=target, task=decided)
    table, column = table.take(known.rows), column.take(known.rows)
    y: NDArray[Any]
    if decided == "classification":
        y = ClassTarget.fit(column, name=target).transform(column)
    else:
        y = NumberTarget.fit(column, name=target).numbers(column)
    _refuse_few(y, folds, decided, target)
    raw = _without(table.frame, target)
    return Examples(decided, raw, plain_frame(table, target), y)


def _refuse_few(y: NDArray[Any], folds: int, task: str, target: str) -> None:
    if folds < 2:
        raise ValueError(
            f"there must be 2 folds or more, one to test and others to fit on, but got "
            f"{folds}: give for example 5"
        )
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


def _without(frame: Any, target: str) -> Any:
    """Return the other columns as a pandas frame, unchanged."""
    table = nw.from_native(frame, eager_only=True)
    names = [name for name in table.columns if name != target]
    return table.select(names).to_pandas()


def _results(
    examples: Examples,
    competitors: Sequence[Competitor],
    settings: ModelSettings,
    folds: int,
    progress: Progress | None,
) -> Iterator[FoldResult]:
    """Fit each model on each fold, fold by fold, so that what is done compares."""
    splits = k_folds(len(examples.y), folds, seed=settings.seed, labels=examples.labels)
    for number, split in enumerate(splits):
        for model in competitors:
            if progress is not None:
                progress(f"Fold {number + 1} of {folds}: {model.title}")
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
