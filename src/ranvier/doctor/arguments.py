"""The arguments of the doctor's doors, checked as `train` checks them."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_float, checked_int
from ranvier.messages import check_known
from ranvier.splits import Labels, split_rows
from ranvier.table.task_inference import TaskName

Array = NDArray[Any]


class HeldOut(NamedTuple):
    """Held-out rows: numbers of the rows given, or rows of their own."""

    train: Array | None = None
    held_out: Array | None = None
    rows: tuple[Any, Any] | None = None


def checked_batch_size(batch_size: object) -> int | None:
    """Return a batch size, or None as it is."""
    if batch_size is None:
        return None
    return checked_int("batch_size", batch_size, 1, example=32)


def checked_task(task: object) -> TaskName | None:
    """Return the name of a task, or None as it is."""
    if task is None:
        return None
    if not isinstance(task, str):
        raise TypeError(
            f"task is {type(task).__name__}, but a name was expected: give "
            '"classification", "regression", or None to infer it'
        )
    check_known("task", task, get_args(TaskName))
    return task  # type: ignore[return-value]


def checked_validation(validation: Any, n: int, labels: Labels) -> HeldOut | None:
    """Read ``validation``: (X, y), a fraction, or numbers of rows; None as it is.

    Parameters
    ----------
    validation
        As `train` takes it.
    n
        Rows that are given.
    labels
        (n,) classes, each held out in the same fraction; None for numbers.
    """
    if validation is None:
        return None
    if isinstance(validation, tuple | list):
        if len(validation) not in (2, 3):
            raise ValueError(
                f"validation has {len(validation)} parts, but rows and their targets "
                "were expected: give (X, y)"
            )
        return HeldOut(rows=(validation[0], validation[1]))
    if isinstance(validation, np.ndarray) and validation.ndim:
        return _numbers(validation, n)
    fraction = checked_float("validation", validation, example=0.2)
    if not 0 < fraction < 1:
        raise ValueError(
            f"validation is {fraction:g}, but a fraction in (0, 1) was expected: give "
            "for example 0.2, or rows of their own as (X, y)"
        )
    split = split_rows(n, fraction, seed=0, labels=labels)
    if not len(split.held_out):
        raise ValueError(
            f"validation={fraction:g} holds out none of {n} rows: give a larger one"
        )
    return HeldOut(split.train, split.held_out)


def _numbers(validation: Array, n: int) -> HeldOut:
    whole = validation.ndim == 1 and validation.dtype.kind in "iu" and validation.size
    if not whole or validation.min() < 0 or validation.max() >= n:
        raise ValueError(
            f"validation is an array of {validation.dtype} and shape "
            f"{validation.shape}, but numbers of rows from 0 to {n - 1} were expected: "
            "give some of them, a fraction such as 0.2, or (X, y)"
        )
    rest = np.setdiff1d(np.arange(n), validation)
    if not len(rest):
        raise ValueError("validation holds all rows out: leave some to learn from")
    return HeldOut(rest, validation)
