"""From a table and the name of its target to all that a training needs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.job.recipe import Recipe, default_recipe
from ranvier.table.frames import columns_of, take_rows, target_column
from ranvier.table.infer import TargetRows, Task, TaskName, infer_task, rows_with_target
from ranvier.table.table import TableEncoder
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.table.values import refuse_infinite, values_of
from ranvier.training.splits import split_rows

Target = ClassTarget | NumberTarget


@dataclass(frozen=True)
class Preparation:
    """A table made ready for training.

    Parameters
    ----------
    task
        What is predicted, and why we think so.
    target, encoder
        How the target and the other columns are encoded; learnt from the training rows.
    X
        (n, d) float32, the encoded training rows.
    Y
        Their targets: (n,) int32 labels, or (n, 1) float32 standardised numbers.
    test
        The rows held out, raw, as a frame of the same library; None if none are.
    recipe
        How the network will be built and trained.
    notices
        Sentences about rows and columns left out.
    """

    task: Task
    target: Target
    encoder: TableEncoder
    X: NDArray[np.float32]
    Y: NDArray[Any]
    test: Any
    recipe: Recipe
    notices: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """Outputs of the network: one for each class, or one number."""
        return len(self.target.classes) if isinstance(self.target, ClassTarget) else 1


def squash(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend the encoded columns smoothly into (-3, 3), which the network then sees.

    x / sqrt(1 + (x/3)^2): about x near 0, and no outlier can outvote the other columns.
    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024, section 3.

    Examples
    --------
    >>> squash(np.float32([[0.0, -1.0, 1e6]])).round(3)
    array([[ 0.   , -0.949,  3.   ]], dtype=float32)
    """
    bent: NDArray[np.float32] = X / np.sqrt(1 + np.square(X / 3))
    return bent


def unsquash(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend columns back as they were before `squash`: x / sqrt(1 - (x/3)^2).

    Examples
    --------
    >>> unsquash(squash(np.float32([[0.5, -2.0]]))).round(3)
    array([[ 0.5, -2. ]], dtype=float32)
    """
    inside = np.clip(np.asarray(X, np.float64) / 3, -1 + 1e-9, 1 - 1e-9)
    return np.asarray(3 * inside / np.sqrt(1 - np.square(inside)), np.float32)


def prepare(
    frame: Any,
    target: str,
    *,
    task: TaskName | None = None,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    test_fraction: float = 0.0,
    seed: int = 0,
    strict: bool = False,
) -> Preparation:
    """Infer the task, hold out a test part, and encode the rest.

    Parameters
    ----------
    frame
        A pandas, polars or Arrow table.
    target
        Name of the column to predict.
    task
        None: inferred from the column.
    hidden, epochs
        Instead of those of the default recipe.
    test_fraction
        Share of the rows to hold out, in [0, 1), evenly within each class.
    seed
        Decides which rows are held out.
    strict
        Refuse a target with missing values instead of leaving those rows out.

    Raises
    ------
    ValueError
        The table, its target or an option cannot be used; the message says why.
    """
    column = target_column(frame, target)
    # In the whole table, so that the errors count rows as the user does.
    _refuse_infinite(frame)
    decided, known = _target_rows(column, target, task, strict)
    column = column[known.rows]
    kind = ClassTarget if decided.name == "classification" else NumberTarget
    whole, labels = kind.fit(column, name=target), None
    if isinstance(whole, ClassTarget):
        labels = whole.transform(column)
    split = split_rows(len(column), test_fraction, seed=seed, labels=labels)
    _check_sizes(len(split.kept), len(split.held_out), test_fraction)
    test = take_rows(frame, known.rows[split.held_out]) if test_fraction else None
    frame, column = take_rows(frame, known.rows[split.kept]), column[split.kept]
    encoder = TableEncoder.fit(frame, target=target)
    fitted = kind.fit(column, name=target)
    Y = fitted.transform(column)
    return Preparation(
        task=decided,
        target=fitted,
        encoder=encoder,
        X=encoder.transform(frame),
        Y=Y if Y.ndim == 1 else Y.astype(np.float32),
        test=test,
        recipe=default_recipe(len(Y), hidden=hidden, epochs=epochs),
        notices=(*filter(None, [known.notice]), *encoder.notices),
    )


def _refuse_infinite(frame: Any) -> None:
    for name, column in columns_of(frame).items():
        if column.dtype.is_float():
            refuse_infinite(values_of(column).data, name)


def _target_rows(
    column: Any, name: str, task: TaskName | None, strict: bool
) -> tuple[Task, TargetRows]:
    """Decide the task, and find the rows that have a target for it."""
    if len(column) == 0:
        raise ValueError(
            "the table has no rows: give one with rows to learn from, below the header"
        )
    asked = Task(task, "it was asked for") if task else infer_task(column, name=name)
    return asked, rows_with_target(column, name=name, task=asked.name, strict=strict)


def _check_sizes(training: int, test: int, fraction: float) -> None:
    if training < 2:
        raise ValueError(
            f"the table leaves {training} row(s) to learn from, but at least 2 are "
            "needed: give a table with more rows that have a target"
        )
    if fraction and not test:
        raise ValueError(
            f"a share of {fraction:g} of {training} rows holds none of them out: give "
            "more rows, a larger share, or 0 to hold out none"
        )
