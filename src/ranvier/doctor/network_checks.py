"""Checks of a network and its settings against the rows, before training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup
from ranvier.training.config import LARGEST_BATCH, default_batch
from ranvier.training.optimizers import LBFGS, SGD

Array = NDArray[Any]

FOR_CLASSES: Final = ("cross_entropy", "log_loss")
# What the last activation can reach.
RANGES: Final = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "softplus": (0.0, np.inf),
    "exp": (0.0, np.inf),
}
OUTSIDE: Final = 0.02  # of the targets
MOST_CODES: Final = 10
MOST_WEIGHTS: Final = 200  # for each row
MOST_DROPOUT: Final = 0.7
MOMENTUM_RATE: Final = 0.5  # lr / (1 - momentum)


def network_findings(rows: Rows, setup: Setup) -> Iterator[Finding]:
    """Yield what does not fit between the rows, the network and the settings."""
    yield from _batch(len(rows), setup)
    yield from setting_findings(setup)
    if setup.network is None or not len(rows):
        return
    yield from _outputs(rows, setup)
    weights = setup.network.theta.size
    if weights > MOST_WEIGHTS * len(rows) and setup.hidden:
        proposed = max(4, min(64, len(rows) // max(setup.network.inputs, 1)))
        evidence: dict[str, Any] = {
            "weights": weights,
            "rows": len(rows),
            "proposed": proposed,
        }
        change = {"hidden": [proposed]}
        yield Finding("too_many_weights", evidence, "likely", change)


def setting_findings(setup: Setup) -> Iterator[Finding]:
    """Yield settings that no rows would make good."""
    optimizer = setup.optimizer
    if isinstance(optimizer, SGD) and optimizer.momentum >= 0.9:
        effective = optimizer.lr / (1 - optimizer.momentum)
        if effective > MOMENTUM_RATE:
            proposed = float(f"{0.1 * (1 - optimizer.momentum):.1g}")
            evidence: dict[str, Any] = {
                "momentum": optimizer.momentum,
                "rate": optimizer.lr,
            }
            evidence |= {"effective": effective, "proposed": proposed}
            yield Finding("momentum_rate", evidence, "likely", {"lr": proposed})
    yield from _linear(setup)
    for layer, rate in setup.dropout:
        if rate > MOST_DROPOUT:
            evidence = {"layer": layer - 1, "percent": 100 * rate}
            yield Finding("dropout_high", evidence, "likely", {"dropout": 0.2})
            break


def _linear(setup: Setup) -> Iterator[Finding]:
    """Yield that hidden layers without an activation are worth one layer."""
    if setup.network is None:
        return
    hidden = setup.network.dense_layers[:-1]
    if hidden and all(layer.activation.name == "identity" for layer in hidden):
        evidence = {"layers": len(hidden) + 1}
        yield Finding("linear_network", evidence, change={"activation": "relu"})


def _batch(rows: int, setup: Setup) -> Iterator[Finding]:
    size = setup.batch_size
    whole = rows > LARGEST_BATCH and not isinstance(setup.optimizer, LBFGS)
    if size is not None and (size > rows or (size == rows and whole)):
        proposed = default_batch(rows)
        evidence: dict[str, Any] = {
            "batch_size": size,
            "rows": rows,
            "proposed": proposed,
        }
        yield Finding("batch_too_large", evidence, change={"batch_size": proposed})


def _outputs(rows: Rows, setup: Setup) -> Iterator[Finding]:
    net, loss = setup.network, setup.loss
    assert net is not None
    if loss in FOR_CLASSES:
        if loss == "cross_entropy" and rows.classes is not None:
            classes = len(rows.classes)
            if net.outputs < classes:
                evidence: dict[str, Any] = {"outputs": net.outputs, "classes": classes}
                yield Finding("too_few_outputs", evidence)
        if loss == "log_loss" and rows.given is not None:
            yield from _range(rows.given, net.activation.name or "sigmoid", 0.0, 1.0)
        return
    single = net.outputs == 1 and rows.given is not None
    if single and rows.classes is not None and rows.classes != (True, False):
        yield from _classes_as_numbers(rows, setup)
        if len(rows.classes) == 2:
            return
    if rows.given is None:
        return
    name = net.activation.name
    low, high = RANGES.get(name, (-np.inf, np.inf))
    yield from _range(rows.given, name, low, high)


def _range(given: Array, name: str, low: float, high: float) -> Iterator[Finding]:
    """Yield that an activation cannot reach the targets."""
    given = given[np.isfinite(given).all(axis=1)]
    outside = int(((given < low) | (given > high)).any(axis=1).sum())
    if outside > OUTSIDE * len(given):
        evidence = {"activation": name, "count": outside}
        evidence |= {"low": float(given.min()), "high": float(given.max())}
        yield Finding(
            "output_range", evidence, change={"output_activation": "identity"}
        )


def _classes_as_numbers(rows: Rows, setup: Setup) -> Iterator[Finding]:
    """Yield that classes are learned as numbers."""
    assert rows.classes is not None
    codes = [c for c in rows.classes if isinstance(c, int | float)]
    if len(rows.classes) == 2:
        loss, last = "log_loss", "sigmoid"
        evidence: dict[str, Any] = {**setup.shape, "classes": 2, "given": setup.loss}
        evidence |= {"loss": loss, "activation": last}
        change = {"loss": loss, "output_activation": last}
        yield Finding("loss_mismatch", evidence, "likely", change)
    elif len(codes) <= MOST_CODES:
        evidence = {**setup.shape, "values": codes, "count": len(codes)}
        yield Finding("target_codes", evidence, "possible", {"classes": len(codes)})
