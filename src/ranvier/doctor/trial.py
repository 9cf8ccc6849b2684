"""A short training with one thing changed, scored on held-out rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.network_checks import FOR_CLASSES
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup
from ranvier.metrics import log_loss, rmse
from ranvier.network.layers import Dense, Dropout
from ranvier.network.network import Network
from ranvier.splits import split_rows
from ranvier.training.config import TrainConfig
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.optimizers import LBFGS, Adam, Optimizer
from ranvier.training.schedules import constant
from ranvier.training.stopping import EarlyStopping
from ranvier.training.train import train_with

Array = NDArray[Any]
Change = Mapping[str, Any]

MOST_ROWS: Final = 5000
MOST_EPOCHS: Final = 200
EPOCHS: Final = 60
HELD_OUT: Final = 0.25
LEAST_HELD_OUT: Final = 20
PATIENCE: Final = 20
OF_OPTIMIZER: Final = ("lr", "momentum", "l2", "weight_decay", "clip_norm")
# Changes that make a score of another kind.
OF_TARGET: Final = ("loss", "classes")


@dataclass(frozen=True)
class Trials:
    """Trainings of the same rows, scored on the same held-out rows.

    Parameters
    ----------
    train, held_out
        The rows of both parts.
    setup
        The network, whose layout and settings each training has, but for its change.
    """

    train: Rows
    held_out: Rows
    setup: Setup

    @classmethod
    def of(cls, rows: Rows, held_out: Rows | None, setup: Setup) -> Trials | None:
        """Return trials; None where there are too few rows, or no network is known."""
        if setup.network is None or not rows.is_matrix:
            return None
        if held_out is None or len(held_out) < LEAST_HELD_OUT:
            if len(rows) < 3 * LEAST_HELD_OUT:
                return None
            labels = rows.y if rows.classes is not None else None
            parts = split_rows(len(rows), HELD_OUT, seed=0, labels=labels)
            rows, held_out = rows.take(parts.train), rows.take(parts.held_out)
        if len(rows) > MOST_ROWS:
            rows = rows.take(np.linspace(0, len(rows) - 1, MOST_ROWS).astype(np.int64))
        return cls(rows, held_out, setup)

    @property
    def learns_classes(self) -> bool:
        """Whether the loss is one for classes."""
        return self.setup.loss in FOR_CLASSES

    def metric(self, change: Change) -> str:
        """Name the score with which a change is judged."""
        if any(name in change for name in OF_TARGET):
            return "error_rate"
        return "log_loss" if self.learns_classes else "rmse"

    def epochs(self, change: Change) -> int:
        """Return the epochs of a training."""
        return min(int(change.get("epochs", self.setup.epochs or EPOCHS)), MOST_EPOCHS)

    def score(
        self, change: Change, metric: str, *, fresh: bool = True, seed: int = 0
    ) -> float:
        """Train with a change, and score; infinite if training fails or diverges.

        Parameters
        ----------
        change
            As in `Finding.change`; {} for none.
        metric
            One that `metric` named.
        fresh
            Whether to start from new weights; False: from those the network has.
        seed
            Of new weights and of the order of the rows.
        """
        classes = change.get("classes") or "loss" in change or self.learns_classes
        inputs, target = _Inputs(self.train, change), _Target(self.train, change)
        net = _network(self.setup, self.train, len(inputs.used), change, seed)
        if not fresh and self.setup.network is not None:
            net = self.setup.network.copy()
        keep = np.setdiff1d(np.arange(len(self.train)), change.get("drop_rows", ()))
        y = self._codes(self.train) if classes else target.forward(_numbers(self.train))
        config = _config(self.setup, net, change, self.epochs(change), seed)
        held_out = 0.2 if stops_early(self.setup, change) else None
        X = inputs(self.train)[keep]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                train_with(net, X, y[keep], config, validation=held_out, progress=False)
                A = np.asarray(net(inputs(self.held_out)), np.float64)
            except (NonFiniteError, ValueError):
                return float("inf")
        if not np.isfinite(A).all():
            return float("inf")
        return self._scored(A if classes else target.back(A), metric, bool(classes))

    def _codes(self, rows: Rows) -> Array:
        """Return classes as the network counts them."""
        if self.learns_classes and rows.given is not None:
            return np.asarray(rows.given.reshape(len(rows), -1).squeeze(), np.int64)
        return np.asarray(rows.y, np.int64)

    def _scored(self, A: Array, metric: str, classes: bool) -> float:
        rows = self.held_out
        if metric == "rmse":
            return rmse(_numbers(rows), A)
        if classes:
            P = np.column_stack([1 - A[:, 0], A[:, 0]]) if A.shape[1] == 1 else A
            codes = self._codes(rows)
            if metric == "log_loss":
                return log_loss(codes, np.clip(P, 1e-7, 1))
            return float((P.argmax(axis=1) != codes).mean())
        return float((np.rint(A[:, 0]) != _numbers(rows)[:, 0]).mean())


def _numbers(rows: Rows) -> Array:
    """Return targets as numbers (n, k)."""
    given = rows.y if rows.given is None else rows.given
    return np.asarray(given, np.float64).reshape(len(rows), -1)


def stops_early(setup: Setup, change: Change) -> bool:
    """Say whether a training ends with the weights of its best epoch."""
    own = setup.config is not None and setup.config.stop is not None
    return bool(change.get("stop_early") or own)


class _Inputs:
    """How a change treats the columns, learned from the training rows."""

    def __init__(self, rows: Rows, change: Change) -> None:
        dropped = set(change.get("drop", ()))
        self.used = [name for name in rows.names if name not in dropped]
        self.marks = change.get("missing")
        self.bounds = dict(change.get("clip", {}))
        self.fills = bool(change.get("fill") or self.marks)
        self.scales = bool(change.get("scale") or self.fills or self.bounds)
        X = self._marked(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.fill = np.nan_to_num(np.nanmedian(X, axis=0))
        X = np.where(np.isnan(X), self.fill, X) if self.fills else X
        self.mean, self.sd = X.mean(axis=0), X.std(axis=0)
        self.sd = np.where(self.sd > 0, self.sd, 1)

    def _marked(self, rows: Rows) -> Array:
        columns = {name: rows.columns[name].copy() for name in self.used}
        if self.marks:
            x = columns[self.marks["column"]]
            x[x == self.marks["value"]] = np.nan
        for name, (low, high) in self.bounds.items():
            columns[name] = columns[name].clip(low, high)
        X = np.column_stack([*columns.values()])
        return np.where(np.isinf(X), np.nan, X) if self.fills else X

    def __call__(self, rows: Rows) -> Array:
        X = self._marked(rows)
        X = np.where(np.isnan(X), self.fill, X) if self.fills else X
        return (X - self.mean) / self.sd if self.scales else X


class _Target:
    """How a change treats a target of numbers."""

    def __init__(self, rows: Rows, change: Change) -> None:
        self.log = bool(change.get("log_target"))
        self.bounds = change.get("clip_target")
        self.mean, self.sd = 0.0, 1.0
        if self.log or self.bounds or change.get("scale_target"):
            y = self._shaped(_numbers(rows))
            self.mean, self.sd = float(np.mean(y)), float(np.std(y)) or 1.0

    def _shaped(self, Y: Array) -> Array:
        Y = Y.clip(*self.bounds) if self.bounds else Y
        return np.log1p(Y) if self.log else Y

    def forward(self, Y: Array) -> Array:
        """Return what the network learns."""
        return np.asarray((self._shaped(Y) - self.mean) / self.sd)

    def back(self, A: Array) -> Array:
        """Return what outputs mean in the target's own unit."""
        A = A * self.sd + self.mean
        return np.expm1(np.minimum(A, 700)) if self.log else A


def _network(
    setup: Setup, rows: Rows, inputs: int, change: Change, seed: int
) -> Network:
    """Build a new network of the same layout, but for what a change says."""
    old = setup.network
    assert old is not None
    dense = old.dense_layers
    hidden = change.get("hidden", setup.hidden)
    own = [layer.activation for layer in dense[:-1]]
    rate = change.get("dropout", max((r for _, r in setup.dropout), default=0.0))
    layers: list[Dense | Dropout] = []
    for i, units in enumerate(hidden):
        f = change.get("activation") or (own[min(i, len(own) - 1)] if own else "relu")
        layers += [Dense(units, f), *[Dropout(rate)] * bool(rate)]
    outputs, last = old.outputs, change.get("output_activation", old.activation)
    if change.get("classes"):
        outputs, last = len(rows.classes or ()), "softmax"
    layers.append(Dense(outputs, last))
    return Network(inputs, layers, dtype=old.dtype, seed=seed)


def _config(
    setup: Setup, net: Network, change: Change, epochs: int, seed: int
) -> TrainConfig:
    """Return the settings of a training, but for what a change says."""
    optimizer: Optimizer = setup.optimizer or Adam()
    known = {
        name: change[name]
        for name in OF_OPTIMIZER
        if name in change and hasattr(optimizer, name)
    }
    if not isinstance(optimizer, LBFGS):
        optimizer = replace(optimizer, layer_rates=None, layer_decays=None, **known)
    of_target = any(name in change for name in OF_TARGET)
    loss = None if of_target or "output_activation" in change else setup.loss
    config = TrainConfig.of(
        net, {"optimizer": optimizer, "seed": seed, "loss": loss, "epochs": epochs}
    )
    old = setup.config
    if old is not None:
        kept = "schedule", "shuffle", "drop_last", "ema_decay", "dropout_schedule"
        config = replace(config, **{name: getattr(old, name) for name in kept})
        if loss is not None:
            config = replace(config, loss=old.loss)
    if "schedule" in change or not hasattr(optimizer, "lr"):
        config = replace(config, schedule=constant)
    if stops_early(setup, change):
        config = replace(config, stop=EarlyStopping(patience=PATIENCE), ema_decay=0.0)
    return replace(config, batch_size=change.get("batch_size", setup.batch_size))
