"""From a table and the name of its target to all that a training needs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.losses import Loss, cross_entropy
from ranvier.splits import Split, ensemble_splits, split_rows, without_validation
from ranvier.table.encoder import TableEncoder
from ranvier.table.infer import TargetRows, Task, TaskName, infer_task, rows_with_target
from ranvier.table.table import Table
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.table.values import Values, refuse_infinite
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.leaks import leaking, notice
from ranvier.tabular.members import Aim, Lesson
from ranvier.tabular.merging import merge
from ranvier.tabular.recipe import Effort, Recipe, choose_recipe
from ranvier.training.task import Data

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
    data
        The encoded training rows, equal ones merged, with their weights: X (n, d)
        float32; Y (n,) int32 labels, or (n, 1) float32 standardised numbers.
    train
        The training rows, raw, as a frame of the same library as the table; None where
        they are not at hand.
    test
        The rows held out, likewise; None if none are.
    recipe
        How the networks will be built and trained.
    notices
        Sentences about rows and columns left out, and columns that tell the target.
    """

    task: Task
    target: Target
    encoder: TableEncoder
    data: Data
    train: Any
    test: Any
    recipe: Recipe
    notices: tuple[str, ...]

    @property
    def lesson(self) -> Lesson:
        """What all networks of the model share."""
        aim = Aim(Loss("squared_error"), 1, "identity")
        if isinstance(self.target, ClassTarget):
            loss = cross_entropy(self.recipe.smoothing)
            aim = Aim(loss, len(self.target.classes), "softmax")
        embedding = input_embedding(self.encoder, self.recipe)
        return Lesson(self.data, aim, self.recipe, embedding)

    def divided(self, seed: int) -> list[Split]:
        """Say which rows each network learns from, and which tell its best epoch."""
        rows, members, Y = len(self.data), self.recipe.members, self.data.Y
        if not self.recipe.held_out:
            return without_validation(rows, members)
        return ensemble_splits(
            rows, members, seed=seed, labels=Y if Y.ndim == 1 else None
        )


def prepare(
    frame: Any,
    target: str,
    *,
    task: TaskName | None = None,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    effort: Effort = "default",
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
    hidden, epochs, effort
        See `choose`.
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
    table = Table.of(frame)
    # In the whole table, so that the errors count rows as the user does.
    _refuse_infinite(table)
    decided, known = _target_rows(table.values(target), target, task, strict)
    column = table.values(target).take(known.rows)
    kind = ClassTarget if decided.name == "classification" else NumberTarget
    whole, labels = kind.fit(column, name=target), None
    if isinstance(whole, ClassTarget):
        labels = whole.transform(column)
    split = split_rows(len(column), test_fraction, seed=seed, labels=labels)
    _check_sizes(len(split.kept), len(split.held_out), test_fraction)
    test = table.take(known.rows[split.held_out]) if test_fraction else None
    table, column = table.take(known.rows[split.kept]), column.take(split.kept)
    fitted = kind.fit(column, name=target)
    asked = {"hidden": hidden, "epochs": epochs, "effort": effort}
    recipe = choose(len(column), **asked)  # type: ignore[arg-type]
    encoder = TableEncoder.fit(table, target=target, **recipe.encoding())
    Y = fitted.transform(column)
    data = merged(encoder.transform(table), Y)
    recipe = choose(len(data), **asked)  # type: ignore[arg-type]
    return Preparation(
        task=decided,
        target=fitted,
        encoder=encoder,
        data=data,
        train=table.frame,
        test=None if test is None else test.frame,
        recipe=recipe.suited(encoder.is_bin),
        notices=_notices(known, encoder, table, Y),
    )


def _notices(
    known: TargetRows, encoder: TableEncoder, table: Table, Y: NDArray[Any]
) -> tuple[str, ...]:
    """Say what was left out, and which columns tell too much."""
    names = leaking(encoder.column_values(table), Y if Y.ndim == 1 else Y[:, 0])
    leaks = [notice(names)] if names else []
    return (*filter(None, [known.notice]), *encoder.schema.notices, *leaks)


def choose(
    rows: int,
    *,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    effort: Effort = "default",
) -> Recipe:
    """Choose the recipe for so many rows: the estimators', but for what is asked for.

    Parameters
    ----------
    rows
        Rows to learn from.
    hidden, epochs
        Units of each hidden layer, and passes over the rows, instead of the recipe's.
    effort
        As for `TabularClassifier`.
    """
    asked = {"hidden": hidden, "epochs": epochs}
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    return replace(choose_recipe(rows, effort), **given)


def merged(X: NDArray[np.float32], Y: NDArray[Any]) -> Data:
    """Make one row with its weight of rows that are equal, in the table's order."""
    Y = Y if Y.ndim == 1 else Y.astype(np.float32)
    found = merge(X, Y, None)
    if found.weights is None:
        return Data(X, Y)
    order = np.argsort(found.rows)
    rows, weights = found.rows[order], found.weights[order]
    return Data(X[rows], Y[rows], weights.astype(np.float32))


def _refuse_infinite(table: Table) -> None:
    for name in table.names:
        values = table.values(name)
        if values.kind == "number":
            refuse_infinite(values.data, name)


def _target_rows(
    column: Values, name: str, task: TaskName | None, strict: bool
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
