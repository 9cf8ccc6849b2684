"""The error for a training that diverged (NaN, infinity), and the search for where."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.network.layers import DenseLayer, Dropout
from ranvier.training.task import Task

Array = NDArray[Any]

# Inputs beyond this are rarely meant: a network expects columns of about unit scale.
LARGE_INPUT = 1e3


class NonFiniteError(ArithmeticError):
    """The loss or the weights became infinite or not a number.

    The network keeps the weights of the last finished epoch.

    Attributes
    ----------
    layer : int
        Index in ``net.layers`` of the first layer that is not finite.
    epoch : int
        The epoch it happened in, from 1.
    step : int
        The step within that epoch, from 1.
    rows : numpy.ndarray
        Numbers of the rows of X in that step's batch.

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network(1, [rv.Dense(1)], seed=0)
    >>> try:
    ...     rv.train(net, [[1.0]], [1e30], optimizer=rv.SGD(lr=1e30), progress=False)
    ... except rv.NonFiniteError as error:
    ...     print(error.layer, error.epoch)
    0 1
    """

    def __init__(
        self, message: str, layer: int, epoch: int, step: int, rows: Array
    ) -> None:
        super().__init__(message, layer, epoch, step, rows)
        self.message = message
        self.layer = layer
        self.epoch = epoch
        self.step = step
        self.rows = rows

    def __str__(self) -> str:
        return self.message


def explain(
    task: Task, epoch: int, step: int, rows: Array, rate: float | None
) -> NonFiniteError:
    """Build the error for a step that failed, while the network has its weights.

    `rate` is the learning rate, for optimizers that have one.
    """
    layer, what = locate(task, rows)
    largest = float(np.abs(task.data.X[rows]).max())
    cures = [f"scale X and y to about unit size (X reaches {largest:.3g} there)"]
    if rate is not None:
        steps = [f"lower the learning rate (it was {rate:.3g})", "set clip_norm=1.0"]
        cures = [*cures, *steps] if largest > LARGE_INPUT else [*steps, *cures]
    return NonFiniteError(
        f"training diverged (NaN or infinity) in epoch {epoch}, step {step}, on a "
        f"batch of {_some(rows)}: {what}. The network keeps the weights of the last "
        f"finished epoch. What helps, most likely first: {'; '.join(cures)}",
        layer,
        epoch,
        step,
        rows,
    )


def locate(task: Task, rows: Array) -> tuple[int, str]:
    """Find the first layer that is not finite, and say what of it.

    Weights are looked at before outputs, because they spoil every row. The outputs are
    those without dropout; where all of them are finite, it is the loss that is not.
    """
    layers = list(enumerate(task.net.layers))
    dense = [(i, layer) for i, layer in layers if isinstance(layer, DenseLayer)]
    for i, layer in layers:
        if isinstance(layer, Dropout):
            continue
        for name, values in layer.arrays().items():
            if not np.isfinite(values).all():
                return i, f"{name} of layer {i}, {layer}, is not finite any more"
    batch = np.ascontiguousarray(task.data.X[rows])
    passes = _engine.activations(task.net.engine, task.net.theta, batch, task.workspace)
    for (i, layer), outputs in zip(dense, passes, strict=True):
        for name, values in zip("ZA", outputs, strict=True):
            bad = rows[~np.isfinite(values).all(axis=1)]
            if bad.size:
                where = f"{name} of layer {i}, {layer},"
                return i, f"{where} is not finite for {_some(bad)}"
    i, layer = dense[-1]
    return i, f"the outputs of layer {i}, {layer}, are finite, but their loss is not"


def _some(rows: Array, shown: int = 5) -> str:
    """Name the first few of some rows: "3 rows (4, 17, 2)"."""
    numbers = ", ".join(str(row) for row in rows[:shown].tolist())
    more = ", ..." if len(rows) > shown else ""
    return f"{len(rows)} row{'s' * (len(rows) != 1)} ({numbers}{more})"
