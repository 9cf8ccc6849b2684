"""Rows of a table, encoded once, with what the networks learn of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.reading.decisions import Reading
from ranvier.splits import (
    AT_RANDOM,
    Split,
    SplitBy,
    ensemble_splits,
    joint_labels,
    without_validation,
)
from ranvier.table.encoder import TableEncoder
from ranvier.table.table import Table
from ranvier.tabular.code_columns import code_columns
from ranvier.tabular.column_summary import few_integers, few_integers_notice
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.hyperparameters import FEW_ROWS, ROWS_TO_HOLD_OUT, Hyperparameters
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.members import MemberSpec, fewer_rows
from ranvier.tabular.outputs import ClassOutputs, LabelOutputs, NumberOutputs, Outputs
from ranvier.tabular.split_structure import structure_of
from ranvier.tabular.target_leakage import (
    leakage_notice,
    leaking_columns,
    ordered_columns,
)
from ranvier.training.task import Data

Array = NDArray[Any]


@dataclass(frozen=True)
class EncodedDataset:
    """Encoded rows with their targets and weights, each distinct row once.

    Parameters
    ----------
    encoder
        How columns of the table become inputs; learned from these rows.
    X
        Inputs (n, d), float32.
    outputs, Y
        The forms in which the target can be learned, the plain one first, and the
        targets in each: codes (n,) int32, or numbers (n, k) float32.
    weights
        Weights (n,) float32; None: all 1.
    hyperparameters
        How networks for that many rows are built and trained.
    split_by
        Groups of rows that a split keeps together, and strata that it divides evenly.
    copies
        (n,) how often each distinct row occurs in the table; None: once.
    rows
        Rows of the table before equal ones became one.
    rows_per_member
        Rows that each network learns from under a time limit; None: all of its fold.
    notices, warnings
        What was decided about the columns; and those of the notices that a fit warns
        of: columns that alone predict the target, classes of one row.
    reading
        How the columns of the table were read; new rows are read by it.
    """

    encoder: TableEncoder
    X: Array
    outputs: tuple[Outputs, ...]
    Y: tuple[Array, ...]
    weights: Array | None
    hyperparameters: Hyperparameters
    split_by: SplitBy = AT_RANDOM
    copies: Array | None = None
    rows: int = 0
    rows_per_member: int | None = None
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)

    @classmethod
    def of(
        cls,
        table: Any,
        targets: Sequence[tuple[Outputs, Array]],
        weights: Array | None,
        options: FitOptions,
        *,
        split_by: SplitBy = AT_RANDOM,
        not_inputs: Sequence[str] = (),
        reading: Reading | None = None,
    ) -> EncodedDataset:
        """Encode a table.

        Parameters
        ----------
        table
            The training rows without the target: a frame, or `Columns`.
        targets
            Each form of the target, with what the networks learn in it: (n,) codes, or
            (n, k) numbers.
        weights, options
            Weights (n,) above 0, None: all 1; how the networks are fitted.
        split_by
            Groups that a split keeps together, and strata that it divides evenly.
        not_inputs
            Columns of the table that are no inputs.
        reading
            How the table was read; None: it is read here.
        """
        outputs, forms = zip(*targets, strict=True)
        n = len(Y := forms[0])
        if n < 2:
            raise ValueError(f"the table has n_samples = {n}: give two rows or more")
        classes = {"classification": outputs[0].task == "classification"}
        # Equal rows are found before it is known that few are left: as for many.
        hyperparameters = options.hyperparameters(max(n, FEW_ROWS), **classes)
        if reading is None:
            reading, table = read_as_training(table, as_texts=options.categories)
        table = Table.of(table)
        fit_encoder = partial(
            TableEncoder.fit, table, weights, exclude=not_inputs,
            categories=options.categories, numbers=options.numbers,
        )  # fmt: skip
        encoder = fit_encoder(**hyperparameters.encoding())
        values = encoder.column_values(table)
        encoder, X, unique, of_codes = _with_codes(
            encoder, table, values, Y, weights, options, split_by, hyperparameters
        )
        notices, warnings = _notices(encoder, values, Y, outputs[0], options.numbers)
        hidden = _hidden(table, Y, unique, options, split_by, not_inputs)
        kept, copies = np.arange(n), None
        if unique is not None:
            kept, weights, copies = unique.rows, unique.weights, unique.copies
            X = X[kept]
        hyperparameters = options.hyperparameters(len(kept), **classes)
        if hyperparameters.few_rows:
            encoder = fit_encoder(**hyperparameters.encoding())
            if unique is not None:
                kept, weights = in_parts(kept, weights, hyperparameters.members)
            X = encoder.transform(table)[kept]
        return cls(
            encoder=encoder, X=X, outputs=outputs, Y=tuple(own[kept] for own in forms),
            weights=None if weights is None else weights.astype(np.float32),
            hyperparameters=hyperparameters.without_selection(encoder.is_bin),
            copies=None if hyperparameters.few_rows else copies, rows=n,
            notices=(*reading.notices, *of_codes, *notices, *hidden),
            split_by=split_by.take(kept), warnings=warnings, reading=reading,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.X)

    def spec(self, form: int = 0) -> MemberSpec:
        """Return what all networks that learn a form of the target share."""
        hyperparameters = self.hyperparameters
        return MemberSpec(
            Data(self.X, self.Y[form], self.weights),
            self.outputs[form].output_spec(hyperparameters),
            hyperparameters,
            input_embedding(self.encoder, hyperparameters),
            self.encoder.sources,
        )

    def folds(self, options: FitOptions, seed: int) -> list[Split]:
        """Choose the rows each network learns from, and those it holds out."""
        hyperparameters, n = self.hyperparameters, len(self)
        if not hyperparameters.holds_out:
            return without_validation(n, hyperparameters.members)
        classes = isinstance(self.outputs[0], ClassOutputs)
        chosen = ensemble_splits(
            n,
            hyperparameters.members,
            seed=seed,
            labels=joint_labels(self.Y[0] if classes else None, self.split_by.strata),
            groups=self.split_by.groups,
            time_ordered=options.time_ordered,
            fraction=options.validation,
        )
        if self.rows_per_member is None:
            return chosen
        return fewer_rows(chosen, self.rows_per_member, seed)

    def only(self, form: int) -> EncodedDataset:
        """Return the same rows with one form of the target."""
        return replace(self, outputs=(self.outputs[form],), Y=(self.Y[form],))


def read_as_training(frame: Any, **named: Any) -> tuple[Reading, Table]:
    """Decide how a table is read, and read it; see `Reading.fit`."""
    reading, read = Reading.fit(Table.of(frame).frame, **named)
    return reading, Table.of(read)


class Unique(NamedTuple):
    """Indices of unique rows, sorted by content and so independent of their order.

    ``weights`` of those rows, None where all are 1; ``place`` of each row of the table
    among them.
    """

    rows: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    place: NDArray[np.int64]

    @property
    def copied(self) -> int:
        """How many rows of the table are equal to another one."""
        return len(self.place) - len(self.rows)

    @property
    def copies(self) -> NDArray[np.int64]:
        """How many rows of the table each row stands for."""
        return np.bincount(self.place, minlength=len(self.rows))


def deduplicate(X: Array, Y: Array, weights: Array | None) -> Unique:
    """Find the rows of (X, Y) that are equal in every bit.

    So a row of weight 2 counts exactly as two equal rows do, equal rows are never on
    both sides of a split, and a fit does not depend on the order of the rows.
    """
    n = len(X)
    Y = Y.reshape(n, -1)
    parts = [
        np.ascontiguousarray(part).view(np.uint8).reshape(n, -1) for part in (X, Y)
    ]
    table = np.ascontiguousarray(np.hstack(parts))
    keys = table.view([("", np.void, table.shape[1])]).reshape(n)
    _, rows, index = np.unique(keys, return_index=True, return_inverse=True)
    given = np.ones(n) if weights is None else weights
    total = np.bincount(index, given, minlength=len(rows)).astype(np.float64)
    return Unique(rows, None if (total == 1).all() else total, index.reshape(n))


def _with_codes(
    encoder: TableEncoder, table: Any, values: dict[str, Array], Y: Array,
    weights: Array | None, options: FitOptions, by: SplitBy,
    hyperparameters: Hyperparameters,
) -> tuple[TableEncoder, Array, Unique | None, tuple[str, ...]]:  # fmt: skip
    """Encode a table, with the codes that are found among its whole numbers."""
    separate = by.groups is not None or options.time_ordered
    merged = hyperparameters.deduplicate and not separate
    X, unique = _distinct(encoder, table, Y, weights, merged)
    if not hyperparameters.integer_codes:
        return encoder, X, unique, ()
    rows = np.arange(len(Y)) if unique is None else unique.rows
    codes, notices = code_columns(encoder, values, rows, Y, options, by.groups)
    if codes:
        encoder = replace(encoder, codes=codes)
        X, unique = _distinct(encoder, table, Y, weights, merged)
    return encoder, X, unique, notices


def _distinct(
    encoder: TableEncoder, table: Any, Y: Array, weights: Array | None, merged: bool
) -> tuple[Array, Unique | None]:
    """Encode a table, and find its unique rows if equal ones are merged."""
    X = encoder.transform(table)
    return X, deduplicate(X, Y, weights) if merged else None


def in_parts(
    rows: NDArray[np.int64], weights: Array | None, most: int
) -> tuple[NDArray[np.int64], Array | None]:
    """Take rows of weight 2 or more several times, at most `most`, with equal parts.

    So a fold that holds one part out leaves the others to learn from.
    """
    if weights is None:
        return rows, None
    parts = np.clip(np.rint(weights), 1, most).astype(int)
    return np.repeat(rows, parts), np.repeat(weights / parts, parts)


def with_targets(outputs: Sequence[Outputs], y: Array) -> list[tuple[Outputs, Array]]:
    """Pair each form of a target with what the networks learn in it."""
    pairs: list[tuple[Outputs, Array]] = []
    for form in outputs:
        if isinstance(form, NumberOutputs):
            pairs.append((form, form.transform.transform(y).astype(np.float32)))
        else:
            Y = y.astype(np.float32) if isinstance(form, LabelOutputs) else y
            pairs.append((form, Y))
    return pairs


def _hidden(
    table: Table, Y: Array, unique: Unique | None, options: FitOptions, by: SplitBy,
    not_inputs: Sequence[str],
) -> tuple[str, ...]:  # fmt: skip
    """Say what a random split of the rows would hide."""
    found = structure_of(
        table, Y, exclude=not_inputs, copied=0 if unique is None else unique.copied,
        grouped=by.groups is not None, time_ordered=options.time_ordered,
    )  # fmt: skip
    return tuple(found.notices)


def _notices(
    encoder: TableEncoder, values: dict[str, Array], Y: Array, outputs: Outputs,
    numbers: Sequence[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """Say what was decided about the columns; and what a fit warns of."""
    notices, warnings = [], list(encoder.schema.left_out)
    notices += [n for n in encoder.schema.notices if n not in warnings]
    decided = {*numbers, *encoder.codes}
    if names := [n for n in few_integers(encoder, values) if n not in decided]:
        notices.append(few_integers_notice(names))
    first = Y if Y.ndim == 1 else Y[:, 0]
    leaking = leaking_columns(values, first)
    if leaking:
        warnings.append(leakage_notice(leaking))
    if names := [n for n in ordered_columns(values, first) if n not in leaking]:
        warnings.append(leakage_notice(names))
    if isinstance(outputs, ClassOutputs) and len(Y) >= ROWS_TO_HOLD_OUT:
        counts = outputs.target.counts
        if single := [c for c, n in zip(outputs.names, counts, strict=True) if n == 1]:
            warnings.append(
                f"Class(es) {listed(single)} of {outputs.name!r} have one row each: "
                "nothing tells how well they are predicted. Correct or leave those "
                "rows out, or give more."
            )
    return (*notices, *warnings), tuple(warnings)
