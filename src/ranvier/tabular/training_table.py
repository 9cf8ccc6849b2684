"""From a table and the name of its target to encoded rows and test rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.reading.bounds import bound_name
from ranvier.splits import Split, SplitBy, ensemble_splits, joint_labels, split_rows
from ranvier.table.frames import column_name
from ranvier.table.row_values import ByColumn, some_rows, time_order, values_by_row
from ranvier.table.table import Table
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.table.task_inference import (
    Task,
    TaskName,
    infer_task,
    rows_with_target,
    task_named,
    with_class_names,
)
from ranvier.table.value_checks import refuse_infinite
from ranvier.table.values import Values
from ranvier.tabular.class_weights import class_weights
from ranvier.tabular.dataset import EncodedDataset, read_as_training, with_targets
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.outputs import ClassOutputs, Outputs, number_outputs

Array = NDArray[Any]


@dataclass(frozen=True)
class TrainingTable:
    """A table made ready for training.

    Parameters
    ----------
    task
        What is predicted, and why.
    dataset
        The training rows, encoded.
    options
        How the networks will be fitted.
    train, test
        The training rows and the test rows, raw, as frames of the table's library; None
        where there are none, or they are not at hand.
    not_inputs
        Columns of the table that are no inputs.
    notices
        Sentences about rows and columns left out, and columns that predict the target.
    """

    task: Task
    dataset: EncodedDataset
    options: FitOptions
    train: Any
    test: Any
    not_inputs: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a fit warns of: rows left out, and the warnings of the dataset."""
        own = (text for text in self.notices if text not in self.dataset.notices)
        return (*own, *self.dataset.warnings)


class LabelledRows(NamedTuple):
    """Rows of a table that have a target: the task, and the target as it was read.

    ``rows`` in ascending order; their ``column`` of targets; ``notice``, a sentence
    with the count of rows left out, None where there are none.
    """

    task: Task
    target: ClassTarget | NumberTarget
    rows: NDArray[np.int64]
    column: Values
    notice: str | None


def prepare_table(
    frame: Any,
    target: str,
    options: FitOptions,
    *,
    task: TaskName | None = None,
    loss: str = "squared_error",
    quantile: float = 0.5,
    class_weight: Any = None,
    sample_weight: ByColumn = None,
    groups: ByColumn = None,
    time: ByColumn = None,
    stratify: ByColumn = None,
    test_fraction: float = 0.0,
    seed: int = 0,
    strict: bool = False,
) -> TrainingTable:
    """Infer the task, hold out test rows, and encode the rest.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table.
    target
        Name of the column to predict.
    options
        How the networks will be fitted.
    task
        None: inferred from the column.
    loss, quantile, class_weight
        As for `TabularRegressor` and `TabularClassifier`.
    sample_weight, groups
        The name of a column, which is then no input, or (n,) values.
    time
        The name of a column of dates or numbers, which stays an input, or (n,) of them:
        the rows are put into its order, and are ``time_ordered``.
    stratify
        The name of a column, which stays an input, or (n,) values.
    test_fraction
        Fraction of the rows to hold out, in [0, 1): evenly within each class and value
        of `stratify`, whole groups, or the last rows where they are in order of time.
    seed
        Decides which rows are held out.
    strict
        Refuse a target with missing values instead of leaving those rows out.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used; the message says why.
    """
    target = column_name("target", target)
    task = None if task is None else task_named(task)
    reading, table = read_as_training(
        frame, target=target, as_texts=options.categories, task=task
    )
    weights = _weights(table, sample_weight)
    whole = labelled_rows(
        table, target, task=task, strict=strict, weights=weights,
        from_file=bool(reading.source),
    )  # fmt: skip
    if time is not None:
        whole = _in_time(whole, table, time)
        options = replace(options, time_ordered=True)
    of_group = values_by_row(table, groups, "groups")
    by = SplitBy(of_group, values_by_row(table, stratify, "stratify"))
    split = _split(whole, by.take(whole.rows), test_fraction, seed, options)
    test = table.take(whole.rows[split.held_out]).frame if test_fraction else None
    rows, column = whole.rows[split.train], whole.column.take(split.train)
    train, fitted = table.take(rows), type(whole.target).fit(column, name=target)
    weights = some_rows(weights, rows)
    pairs, weights = _learned(fitted, column, weights, class_weight, loss, quantile)
    named = [n for n in (target, sample_weight, groups) if isinstance(n, str)]
    named += [mark for mark in [bound_name(target)] if mark in table]
    not_inputs = tuple(dict.fromkeys(named))
    dataset = EncodedDataset.of(
        train, pairs, weights, options,
        split_by=by.take(rows), not_inputs=not_inputs, reading=reading,
    )  # fmt: skip
    notices = (*filter(None, [whole.notice]), *dataset.notices)
    return TrainingTable(
        whole.task, dataset, options, train.frame, test, not_inputs, notices
    )


def _learned(
    target: ClassTarget | NumberTarget,
    column: Values,
    weights: Array | None,
    class_weight: Any,
    loss: str,
    quantile: float,
) -> tuple[list[tuple[Outputs, Array]], Array | None]:
    """Return each form of the target with what is learned in it, and the weights."""
    if isinstance(target, ClassTarget):
        codes = target.transform(column)
        weights = _with_class_weights(class_weight, target, codes, weights)
        return with_targets([ClassOutputs(target)], codes), weights
    y = target.numbers(column)[:, None]
    forms = number_outputs(y, weights, target.name, loss=loss, level=quantile)
    return with_targets(forms, y), weights


def labelled_rows(
    frame: Any,
    name: str,
    *,
    task: TaskName | None = None,
    strict: bool = False,
    weights: Array | None = None,
    from_file: bool = False,
) -> LabelledRows:
    """Decide the task, and find the rows that have a target and a weight above 0.

    In a table from a file, the text "NA" is no class.

    Raises
    ------
    ValueError
        The table holds infinite numbers, or its target cannot be used.
    """
    table = Table.of(frame)
    column = table.values(name)
    # In the whole table, so that the errors count rows as the user does.
    _refuse_infinite(table)
    if len(column) == 0:
        raise ValueError(
            "the table has no rows: give one with rows to learn from, below the header"
        )
    decided = Task(task, "it was asked for") if task else infer_task(column, name=name)
    if decided.name == "classification" and not from_file:
        column = with_class_names(column)
    known = rows_with_target(column, name=name, task=decided.name, strict=strict)
    rows = known.rows if weights is None else known.rows[weights[known.rows] > 0]
    column = column.take(rows)
    kind = ClassTarget if decided.name == "classification" else NumberTarget
    return LabelledRows(
        decided, kind.fit(column, name=name), rows, column, known.notice
    )


def _with_class_weights(
    class_weight: Any, target: ClassTarget, y: Array, weights: Array | None
) -> Array | None:
    """Multiply weights of rows by those of their classes, which are named as text."""
    if isinstance(class_weight, Mapping):
        named = list(class_weight)
        codes = target.transform(named)
        if (codes < 0).any():
            unknown = named[int((codes < 0).argmax())]
            raise ValueError(
                f"class_weight names {unknown!r}, but the classes of {target.name!r} "
                f"are {', '.join(target.labels)}: give weights of those"
            )
        of_class = dict(zip(codes.tolist(), class_weight.values(), strict=True))
        return class_weights(of_class, y, np.arange(len(target.classes)), weights)
    return class_weights(class_weight, y, np.arange(len(target.classes)), weights)


def _weights(table: Table, given: ByColumn) -> Array | None:
    """Read the weights of the rows, numbers from 0."""
    found = values_by_row(table, given, "sample_weight")
    if found is None:
        return None
    if found.dtype.kind not in "biuf":
        raise ValueError(
            f"sample_weight must hold numbers, but row 0 has {found[0]!r}: give a "
            "number of at least 0 for each row"
        )
    weights = found.astype(np.float64)
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            "sample_weight must hold numbers of at least 0, but row "
            f"{row} (counted from 0) has {weights[row]}: correct it, or leave that row "
            "out"
        )
    if not (weights > 0).any():
        raise ValueError(
            "all weights are 0 in sample_weight: give at least one row a weight above 0"
        )
    return weights


def _split(
    whole: LabelledRows,
    by: SplitBy,
    fraction: float,
    seed: int,
    options: FitOptions,
) -> Split:
    """Choose the test rows; ValueError if too few are left on a side."""
    split = _random_or_last(whole, by, fraction, seed, options)
    _check_sizes(len(split.train), len(split.held_out), fraction)
    return split


def _random_or_last(
    whole: LabelledRows, by: SplitBy, fraction: float, seed: int, options: FitOptions
) -> Split:
    n, target = len(whole.rows), whole.target
    if fraction and (options.time_ordered or by.groups is not None):
        (split,) = ensemble_splits(
            n, 1, seed=seed, groups=by.groups, time_ordered=options.time_ordered,
            fraction=fraction,
        )  # fmt: skip
        return split
    classes = None
    if isinstance(target, ClassTarget):
        classes = target.transform(whole.column)
    labels = joint_labels(classes, by.strata)
    return split_rows(n, fraction, seed=seed, labels=labels)


def _in_time(whole: LabelledRows, table: Table, time: ByColumn) -> LabelledRows:
    """Put the rows into the order of a time."""
    order = time_order(table, time, whole.rows)
    return whole._replace(rows=whole.rows[order], column=whole.column.take(order))


def _refuse_infinite(table: Table) -> None:
    for name in table.names:
        values = table.values(name)
        if values.kind == "number":
            refuse_infinite(values.data, name)


def _check_sizes(training: int, test: int, fraction: float) -> None:
    if training < 2:
        raise ValueError(
            f"the table leaves {training} row(s) to learn from, but at least 2 are "
            "needed: give a table with more rows that have a target"
        )
    if fraction and not test:
        raise ValueError(
            f"a fraction of {fraction:g} of {training} rows holds none of them out: "
            "give more rows, a larger fraction, or 0 to hold out none"
        )
