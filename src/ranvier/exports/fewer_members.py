"""A table model with some of its networks: smaller, faster, a little less accurate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_int
from ranvier.exact_math import mean_in_order
from ranvier.metrics import SCORES, classification_scores, regression_scores
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.training.calibration import at_temperature

Array = NDArray[Any]
Scores = Callable[[Sequence[int]], dict[str, float]]

MOST_SETS: Final = (
    1000  # of members that are all tried; of more, one is added at a time
)


def fewer_members(
    model: TableModel, count: int, validation: Any
) -> tuple[TableModel, str]:
    """Keep the members whose mean predicts validation rows best.

    Parameters
    ----------
    model
        The model.
    count
        How many members to keep.
    validation
        A table with the target, of rows that training did not see.

    Returns
    -------
    model : TableModel
        The same with `count` members.
    said : str
        Its scores on the validation rows, beside those of all members.

    Raises
    ------
    ValueError
        There are not so many members, no validation rows, or the model has several
        targets.
    """
    most = len(model.members)
    count = checked_int("members", count, 1, most, example=1)
    if validation is None:
        raise ValueError(
            "validation rows decide which members to keep: give a table with the "
            "target, of rows that training did not see, as validation="
        )
    scores_of = _scores_of(model, validation)
    kept = _best(most, count, scores_of)
    before, after = scores_of(range(most)), scores_of(kept)
    scores = ", ".join(
        f"{SCORES[name].title} {after[name]:.4g} (of all {before[name]:.4g})"
        for name in after
    )
    said = f"{count} of {most} networks, on the validation rows: {scores}"
    return _with(model, [model.members[k] for k in kept]), said


def _with(model: TableModel, members: Sequence[Any]) -> TableModel:
    return TableModel(
        members,
        model.encoder,
        model.outputs,
        model.metadata,
        temperature=model.temperature,
        residuals=model.residuals,
        notices=model.notices,
        reading=model.reading,
        not_inputs=model.not_inputs,
        estimator=model.estimator,
        mean_of_outputs=model.mean_of_outputs,
    )


def _scores_of(model: TableModel, validation: Any) -> Scores:
    """Return the function from members to their scores on the validation rows."""
    rows, column = model.labelled_rows(validation)
    inputs = model.encode(rows)
    Z = np.stack([network(inputs) for network in model.members])
    outputs = model.outputs
    if isinstance(outputs, ClassOutputs):
        codes = outputs.target.transform(column)
        P = Z if model.temperature is None else at_temperature(Z, model.temperature)
        return lambda kept: classification_scores(codes, mean_in_order(P[list(kept)]))
    if not isinstance(outputs, NumberOutputs) or not outputs.single:
        raise ValueError(
            "members= is for models of a single target: leave it out to export all"
        )
    y = outputs.numbers(column)
    return lambda kept: regression_scores(y, outputs.decode(Z[list(kept)])[:, 0])


def _best(most: int, count: int, scores_of: Scores) -> list[int]:
    """Return the members with the least error; of many sets, greedily."""

    def error(kept: list[int]) -> float:
        scores = scores_of(kept)
        return scores["rmse"] if "rmse" in scores else scores["log_loss"]

    if comb(most, count) <= MOST_SETS:
        return min(map(list, combinations(range(most), count)), key=error)
    kept: list[int] = []
    for _ in range(count):
        kept = min(_extended(kept, most), key=error)
    return sorted(kept)


def _extended(kept: list[int], most: int) -> Iterator[list[int]]:
    return ([*kept, k] for k in range(most) if k not in kept)
