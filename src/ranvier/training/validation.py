"""Which rows a network is trained on, and which it is scored on."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.array_inputs import as_matrix, as_targets, as_weights
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.splits import split_rows
from ranvier.training.task import Data

# A fraction of the rows; the numbers of some; or rows of their own, (X, y) or (X, y,
# weights).
Validation = float | NDArray[np.integer] | Sequence[Any] | None


def prepare(
    net: Network, X: Any, y: Any, weights: Any, loss: Loss, what: str = ""
) -> Data:
    """Check rows given by a user and turn them into the engine's arrays.

    Parameters
    ----------
    net
        The network they are for: its inputs, outputs and dtype.
    X, y, weights
        Inputs, targets, and weights of the rows or None; anything `as_matrix` takes.
    loss
        The loss, which says what targets may be.
    what
        Put before the names of the arguments in errors: ``"validation "``.

    Returns
    -------
    Data
        The rows.
    """
    matrix, _ = as_matrix(X, net.dtype, columns=net.inputs, what=f"{what}X")
    rows = len(matrix)
    if rows == 0:
        raise ValueError(
            f"{what}X has no rows, but at least one is needed: give rows to learn from"
        )
    Y = as_targets(y, loss, net.outputs, net.dtype, rows=rows, what=f"{what}y")
    if weights is not None:
        weights = as_weights(weights, rows, net.dtype, what=f"{what}sample_weight")
    return Data(matrix, Y, weights)


def split(
    net: Network, data: Data, validation: Validation, loss: Loss, seed: int
) -> tuple[NDArray[np.int64], Data | None]:
    """Return the numbers of the rows to train on, and the rows to score on.

    Parameters
    ----------
    net
        The network.
    data
        The rows given for training.
    validation
        None; rows of their own, (X, y) or (X, y, weights); an array of the numbers of
        the rows of `data` to hold out; or their fraction, in (0, 1). Classes are
        stratified.
    loss
        The loss; cross_entropy and log_loss with one output have classes.
    seed
        The same seed holds out the same rows.

    Raises
    ------
    ValueError
        The fraction is outside (0, 1) or leaves no rows on one side, a row number does
        not exist, or the tuple has another length.
    TypeError
        It is none of these.
    """
    rows = np.arange(len(data))
    if validation is None:
        return rows, None
    if isinstance(validation, Real):
        return _hold_out(data, float(validation), loss, seed)
    if isinstance(validation, np.ndarray):
        return _without(data, validation)
    if isinstance(validation, tuple | list):
        if len(validation) not in (2, 3):
            raise ValueError(
                f"validation has {len(validation)} entries: give (X, y), (X, y, "
                "weights), or the fraction of the rows to hold out, for example 0.2"
            )
        X, y, weights = (*validation, None)[:3]
        return rows, prepare(net, X, y, weights, loss, what="validation ")
    raise TypeError(
        "validation must be a fraction or a tuple, but got "
        f"{type(validation).__name__}: give for example 0.2, or (X, y) with rows of "
        "their own"
    )


def _without(
    data: Data, numbers: NDArray[Any]
) -> tuple[NDArray[np.int64], Data | None]:
    """Hold out the rows of some numbers; none of them means that none are."""
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"validation is an array of {numbers.dtype} and shape {numbers.shape}: as "
            "an array give the numbers of the rows to hold out, (m,) whole numbers"
        )
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(data):
        raise ValueError(
            f"validation holds the numbers {numbers.min()} to {numbers.max()}, but the "
            f"{len(data)} rows are numbered from 0: give numbers below {len(data)}"
        )
    kept = np.setdiff1d(np.arange(len(data)), numbers)
    if data.weight_of(kept) == 0:
        raise ValueError(
            f"validation holds out {len(numbers)} of {len(data)} rows and leaves none "
            "of a weight above 0 to train on: hold fewer out"
        )
    return kept, data.take(np.unique(numbers)) if len(numbers) else None


def _hold_out(
    data: Data, fraction: float, loss: Loss, seed: int
) -> tuple[NDArray[np.int64], Data]:
    if not 0 < fraction < 1:
        raise ValueError(
            "as a fraction of the rows validation must lie in (0, 1), but got "
            f"{fraction!r}: give for example 0.2, or (X, y) with rows of their own"
        )
    kept, out = split_rows(len(data), fraction, seed=seed, labels=_classes(data, loss))
    if len(out) == 0 or len(kept) == 0:
        raise ValueError(
            f"validation={fraction!r} of {len(data)} rows leaves {len(kept)} to train "
            f"on and {len(out)} to score on: give more rows, another fraction, or "
            "(X, y) with rows of their own"
        )
    if data.weight_of(kept) == 0 or data.weight_of(out) == 0:
        raise ValueError(
            f"validation={fraction!r} leaves rows of weight 0 alone on one side: give "
            "(X, y, weights) with rows of their own, or leave rows of weight 0 out"
        )
    return kept, data.take(out)


def _classes(data: Data, loss: Loss) -> NDArray[np.int64] | None:
    if loss.name == "cross_entropy":
        labels = data.Y if data.Y.ndim == 1 else data.Y.argmax(axis=1)
        return labels.astype(np.int64)
    if loss.name == "log_loss" and data.Y.shape[1] == 1:
        return (data.Y[:, 0] > 0.5).astype(np.int64)
    return None
