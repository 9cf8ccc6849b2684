"""Steps over a sparse table whose first layer is computed beside the engine.

The update is the engine's (`engine/equations/update.h`) in NumPy, in place and in
blocks that stay in the cache: a wide first layer is most of the parameters, and every
step moves all of them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine
from ranvier.estimators import sparse
from ranvier.estimators.layers import Description
from ranvier.estimators.optimizer import Optimizer
from ranvier.estimators.parameters import bind
from ranvier.estimators.rows import Rows
from ranvier.network.losses import Loss

Array = NDArray[Any]

BLOCK = 1 << 13  # numbers of theta that are moved at a time


class Step(NamedTuple):
    """What a step reports: the mean loss, and the squares of every W before it."""

    loss: float
    squares: float


class WideSteps:
    """Takes steps; l2 and the optimizer's constants are in the engine's scale."""

    def __init__(
        self, description: Description, theta: Array, optimizer: Optimizer, loss: Loss
    ) -> None:
        self.description, self.loss = description, loss
        self.theta, self.optimizer = theta, optimizer
        self.W = theta[: description.inputs * description.units[0]]
        self.after = theta[self.W.size :]
        # Which of what comes after W is penalised: the later W, and no b.
        mask = np.zeros(theta.size, bool)
        for W in bind(mask, description.all_units).coefs:
            W[...] = True
        self.penalised = mask[self.W.size :]

    def take(
        self, rows: Rows, rate: float, l2: float, slope_factor: float,
        workspace: _engine.Workspace,
    ) -> Step:  # fmt: skip
        """Take one step on the rows of a batch, in place."""
        after = self.after[self.penalised]
        squares = float(self.W @ self.W) + float(after @ after)
        loss, gradient = sparse.loss_and_gradient(
            self.description, self.theta, rows, self.loss, workspace
        )
        if not np.isfinite(loss):
            return Step(loss, squares)
        constants = self.optimizer.scaled(slope_factor)
        clip = 1.0
        if np.isfinite(constants["clip_norm"]):
            parts = (float(g @ g) for _, g in self._gradient(gradient, l2))
            norm = np.sqrt(sum(parts))
            clip = min(1.0, constants["clip_norm"] / norm) if norm > 0 else 1.0
        for place, g in self._gradient(gradient, l2):
            g *= clip
            self._move(place, g, rate, constants)
        return Step(loss, squares)

    def _gradient(
        self, gradient: sparse.SparseGradient, l2: float
    ) -> Iterator[tuple[slice, Array]]:
        """Go through the gradient with its penalty, block by block of theta."""
        h = self.description.units[0]
        count = max(BLOCK // h, 1)
        for first in range(0, self.description.inputs, count):
            last = min(first + count, self.description.inputs)
            place = slice(first * h, last * h)
            g = l2 * self.theta[place]
            if gradient.inputs is None:
                g += gradient.dW[first:last].reshape(-1)
            else:
                begin, end = np.searchsorted(gradient.inputs, (first, last))
                filled = gradient.inputs[begin:end] - first
                g.reshape(-1, h)[filled] += gradient.dW[begin:end]
            yield place, g
        g = gradient.rest + l2 * self.penalised * self.after
        yield slice(self.W.size, self.theta.size), g

    def _move(
        self, place: slice, g: Array, rate: float, constants: dict[str, Any]
    ) -> None:
        theta, slots = self.theta[place], self.optimizer.slots[:, place]
        if self.optimizer.solver == "sgd":
            g *= -rate
            if len(slots):
                v, momentum = slots[0], constants["momentum"]
                v *= momentum
                v += g
                g = momentum * v + g if constants["nesterov"] else v
            theta += g
            return
        (m, v), beta1, beta2 = slots, constants["beta1"], constants["beta2"]
        t = self.optimizer.steps + 1
        decay = rate * constants.get("weight_decay", 0.0)
        if decay:
            theta *= 1 - decay * self._decays(place)
        m *= beta1
        m += (1 - beta1) * g
        g *= g
        g *= 1 - beta2
        v *= beta2
        v += g
        np.sqrt(v, out=g)
        g += constants["epsilon"]
        np.divide(m, g, out=g)
        g *= rate * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        theta -= g

    def _decays(self, place: slice) -> Any:
        return 1.0 if place.start < self.W.size else self.penalised
