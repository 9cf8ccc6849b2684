"""What a network is trained on, and how well it does there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ranvier import _engine
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training.epoch_metrics import Metric, to_predictions

Array = NDArray[Any]

# One call to the engine: floating-point operations that take well under a second on a
# slow machine, because Ctrl-C is heard between two calls, and rows enough to be worth
# carrying the parameters into the engine's layout.
CALL_WORK = 1.6e10
CALL_ROWS = 2048


def row_work(parameters: int, per_parameter: float) -> float:
    """Estimate the operations on a row; some are there whatever the network."""
    return per_parameter * parameters + 300


@dataclass(frozen=True)
class Data:
    """Rows with their targets.

    Parameters
    ----------
    X
        Inputs, (n, d).
    Y
        Targets, (n, k) of the dtype of X, or class labels, (n,) int32.
    weights
        Weights of the rows, (n,) of the dtype of X; None: all 1.
    """

    X: Array
    Y: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.X)

    def take(self, rows: Array | slice) -> "Data":
        """Return some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return Data(self.X[rows], self.Y[rows], weights)

    def astype(self, dtype: DTypeLike) -> "Data":
        """Return the rows in another precision; labels stay as they are."""
        Y = self.Y if self.Y.ndim == 1 else self.Y.astype(dtype, copy=False)
        weights = self.weights
        if weights is not None:
            weights = weights.astype(dtype, copy=False)
        return Data(self.X.astype(dtype, copy=False), Y, weights)

    def weight_of(self, rows: Array) -> float:
        """Compute the sum of the weights of some rows, in float64."""
        if self.weights is None:
            return float(len(rows))
        return float(self.weights[rows].sum(dtype=np.float64))

    def scores(self, metrics: Iterable[Metric], A: Array) -> dict[str, float]:
        """Score predictions for the rows; a single column of targets is a vector."""
        y = self.Y[:, 0] if self.Y.ndim == 2 and self.Y.shape[1] == 1 else self.Y
        return {metric.name: metric.score(y, A, self.weights) for metric in metrics}

    def blocks(self, work: float) -> Iterator[tuple["Data", float]]:
        """Cut the rows into blocks for one call each; with their shares of the weight.

        `work` are the operations on a row. The cut depends on nothing else, so sums
        over blocks are the same in every run.
        """
        size = max(CALL_ROWS, int(CALL_WORK / work))
        every = np.arange(len(self))
        whole = self.weight_of(every)
        for first in range(0, len(self), size):
            rows = slice(first, first + size)
            yield self.take(rows), self.weight_of(every[rows]) / whole


@dataclass(frozen=True)
class Task:
    """A network, the data it learns from, the loss it should lower.

    Parameters
    ----------
    net
        The network; its parameters change.
    data
        The rows; some may be left out of training.
    rows
        Numbers of the rows to train on, int64.
    loss
        What to minimise.
    workspace
        The engine's memory and threads.
    validation
        Other rows, to score the network on after each epoch; or None.
    metrics
        Scores besides the loss.
    is_cancelled
        Asked during an epoch: True ends the training as Ctrl-C would; None: never.
    """

    net: Network
    data: Data
    rows: NDArray[np.int64]
    loss: Loss
    workspace: _engine.Workspace
    validation: Data | None = None
    metrics: tuple[Metric, ...] = ()
    is_cancelled: Callable[[], bool] | None = None

    def check_cancel(self) -> None:
        """Raise KeyboardInterrupt if the training was cancelled."""
        if self.is_cancelled is not None and self.is_cancelled():
            raise KeyboardInterrupt

    def scores(self) -> tuple[float | None, dict[str, float]]:
        """Compute the validation loss and the metrics of the network as it is now."""
        data, net = self.validation, self.net
        if data is None:
            return None, {}
        loss = mean_loss(net, data, self.loss, self.workspace)
        if not self.metrics:
            return loss, {}
        parts = data.blocks(row_work(net.theta.size, 2))
        A = np.concatenate([self._predict(part) for part, _ in parts])
        A = to_predictions(A, self.loss.name, net.activation.name)
        return loss, data.scores(self.metrics, A)

    def _predict(self, data: Data) -> Array:
        A = np.empty((len(data), self.net.outputs), self.net.dtype)
        _engine.predict(self.net.engine, self.net.theta, data.X, A, self.workspace)
        return A


def mean_loss(
    net: Network, data: Data, loss: Loss, workspace: _engine.Workspace
) -> float:
    """Compute the mean loss of a network over all rows, weighted, without penalties."""
    total = 0.0
    for part, share in data.blocks(row_work(net.theta.size, 2)):
        total += share * _engine.loss(
            net.engine, net.theta, part.X, part.Y, part.weights, loss.engine, workspace
        )
    return total


def mean_gradient(
    engine: _engine.Network,
    theta: Array,
    data: Data,
    loss: Loss,
    workspace: _engine.Workspace,
) -> tuple[float, Array]:
    """Compute the mean loss at theta over all rows, weighted, and its gradient."""
    total, gradient, part_gradient = 0.0, np.zeros_like(theta), np.empty_like(theta)
    for part, share in data.blocks(row_work(theta.size, 6)):
        total += share * _engine.loss_and_gradient(
            engine,
            theta,
            part.X,
            part.Y,
            part.weights,
            loss.engine,
            part_gradient,
            workspace,
        )
        gradient += share * part_gradient
    return total, gradient
