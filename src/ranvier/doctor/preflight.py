"""`ranvier.preflight`: what is wrong before any training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ranvier.doctor.arguments import (
    checked_batch_size,
    checked_task,
    checked_validation,
)
from ranvier.doctor.column_checks import column_findings
from ranvier.doctor.finding import Diagnosis, Finding, Language
from ranvier.doctor.network_checks import network_findings
from ranvier.doctor.rows import MOST_CHECKED, Rows
from ranvier.doctor.setup import Setup
from ranvier.doctor.split_checks import split_findings
from ranvier.doctor.target_checks import target_findings
from ranvier.table.task_inference import TaskName


def preflight(
    X: Any,
    y: Any,
    model: Any = None,
    *,
    validation: Any = None,
    task: TaskName | None = None,
    loss: Any = None,
    optimizer: Any = None,
    batch_size: int | None = None,
    language: Language = "en",
) -> Diagnosis:
    """Check rows, target and settings before training.

    Parameters
    ----------
    X
        Inputs (n, d): a matrix of numbers, or a table of any library.
    y
        Targets (n,), or (n, k).
    model
        What is to be trained: a `Network`, an estimator, or None. A tabular estimator
        scales columns itself, so scales are not checked for it, nor for a table with
        texts.
    validation
        Rows to score on, (X, y), a fraction or numbers of rows, as for `train`.
    task
        ``"classification"`` or ``"regression"``; None: inferred from y.
    loss, optimizer, batch_size
        As for `train`, if they are known.
    language
        ``"en"`` or ``"ko"``.

    Returns
    -------
    Diagnosis
        What was found, the most likely cause first.

    Raises
    ------
    ValueError
        X is no table, or X and y have different numbers of rows.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.random.default_rng(0).normal(size=(500, 5))
    >>> y = X[:, 0] > 0.3 * X[:, 1]
    >>> X[:, 4] *= 1e5
    >>> print(rv.preflight(X, y)[0].verdict)
    Column(s) 'x4' are on another scale: 1.006e+05, where 1.002 is usual.
    """
    rows = Rows.of(X, y, checked_task(task))
    setup = Setup.of(model, len(rows.columns), _outputs(rows)).given(
        loss=loss, optimizer=optimizer, batch_size=checked_batch_size(batch_size)
    )
    findings = list(rows_findings(rows, setup, validation, task))
    return Diagnosis(findings, language=language)


def rows_findings(
    rows: Rows, setup: Setup, validation: Any, task: TaskName | None = None
) -> Iterator[Finding]:
    """Yield what is wrong with rows for a setup; see `preflight`."""
    train, held_out = _split(rows, validation, task)
    encodes = setup.encodes or not rows.is_matrix
    rows = rows.take(np.arange(MOST_CHECKED)) if len(rows) > MOST_CHECKED else rows
    with np.errstate(all="ignore"):
        yield from network_findings(train, setup)
        if held_out is not None:
            yield from split_findings(train, held_out)
        yield from column_findings(rows, encodes=encodes)
        yield from target_findings(rows, encodes=encodes)


def _outputs(rows: Rows) -> int:
    if rows.classes is not None:
        return len(rows.classes)
    return 1 if rows.given is None else rows.given.shape[1]


def _split(
    rows: Rows, validation: Any, task: TaskName | None
) -> tuple[Rows, Rows | None]:
    """Return training rows, and validation rows if there are any."""
    labels = rows.y if rows.classes is not None else None
    found = checked_validation(validation, len(rows), labels)
    if found is None:
        return rows, None
    if found.rows is not None:
        classes: TaskName | None = None if rows.classes is None else "classification"
        X, y = found.rows
        return rows, Rows.of(X, y, task or classes, what="validation ")
    assert found.train is not None
    assert found.held_out is not None
    return rows.take(found.train), rows.take(found.held_out)
