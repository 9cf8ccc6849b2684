"""Which columns of whole numbers a model takes as categories too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.column_types import Category, Number
from ranvier.table.encoder import TableEncoder
from ranvier.table.integer_codes import CodeEvidence, find_codes, may_be_code
from ranvier.table.type_inference import choose_category
from ranvier.table.values import Values, number_text
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.hyperparameters import MOST_CATEGORIES

Array = NDArray[Any]


def code_columns(
    encoder: TableEncoder,
    column_values: Mapping[str, Array],
    rows: Array,
    Y: Array,
    options: FitOptions,
    groups: Array | None = None,
) -> tuple[dict[str, Category], tuple[str, ...]]:
    """Find the columns of whole numbers whose codes have effects of their own.

    Parameters
    ----------
    encoder
        Fitted to the table.
    column_values
        What its `column_values` returned for the table.
    rows
        The rows that decide: each distinct one once.
    Y
        The target of all rows: (n,) class codes, or (n, k) numbers.
    options
        Those named in ``numbers`` are no codes; with ``time_ordered`` rows, blocks of
        them are held out.
    groups
        (n,) groups that are held out as a whole.

    Returns
    -------
    codes
        The categories of each such column, by its name.
    notices
        A sentence for each: what its codes explain.
    """
    candidates = {
        category.name: category
        for category in _candidates(encoder, column_values, options.numbers)
    }
    columns = {}
    for name, category in candidates.items():
        numbers = column_values[name][rows]
        columns[name] = numbers, category.codes(Values("number", numbers))
    found = find_codes(
        columns,
        Y[rows],
        None if groups is None else groups[rows],
        ordered=options.time_ordered,
    )
    codes = {name: candidates[name] for name in found}
    return codes, tuple(_notice(codes[name], found[name]) for name in codes)


def _candidates(
    encoder: TableEncoder, column_values: Mapping[str, Array], numbers: Sequence[str]
) -> Iterator[Category]:
    """Yield the categories of each column of whole numbers that come again."""
    for name, column in encoder.schema.columns.items():
        if not isinstance(column, Number) or name not in column_values:
            continue
        x = column_values[name]
        known = x[~np.isnan(x)]
        if name in numbers or (known != np.floor(known)).any():
            continue
        values, counts = np.unique(known, return_counts=True)
        if 2 * len(values) > len(known):
            continue
        texts = map(number_text, values.tolist())
        category = choose_category(
            name,
            Counter(dict(zip(texts, counts.tolist(), strict=True))),
            len(x) - len(known),
            MOST_CATEGORIES,
        )
        if isinstance(category, Category) and may_be_code(category):
            yield category


def _notice(category: Category, evidence: CodeEvidence) -> str:
    return (
        f"Column {category.name!r} is read as a number and as "
        f"{len(category.categories)} codes with learnt numbers: on rows held out, the "
        f"mean of each code removes {evidence.gain:.0%} of the squared error that a "
        "curve through the numbers leaves. If it is only a number, name it in numbers=."
    )
