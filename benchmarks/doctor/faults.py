"""Faults to seed into a sound training, each with the findings that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import ranvier as rv
from benchmarks.doctor.setups import CLASSES, NUMBERS, Setup

Rng = np.random.Generator
MIXED = (*CLASSES[:3], *NUMBERS[:2])


class Fault(NamedTuple):
    """What is done to a setup, what should be found first, and on which tables."""

    seed: Callable[[Setup, Rng], None]
    expected: tuple[str, ...]
    tables: tuple[str, ...] = MIXED


def _scale(factor: float, offset: float = 0.0) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        j = rng.integers(s.X.shape[1])
        for X in (s.X, s.X_new):
            X[:, j] = X[:, j] * factor + offset

    return change


def _all_columns(s: Setup, rng: Rng) -> None:
    factors = 10 ** rng.uniform(2.5, 5, s.X.shape[1])
    s.X, s.X_new = s.X * factors, s.X_new * factors


def _add(column: Callable[[Setup, Any, Any, Rng], Any]) -> Callable[[Setup, Rng], None]:
    """Append a column, made of the rows and targets of each part."""

    def change(s: Setup, rng: Rng) -> None:
        old = s.X, s.X_new
        s.X = np.column_stack([old[0], column(s, old[0], s.y, rng)])
        s.X_new = np.column_stack([old[1], column(s, old[1], s.y_new, rng)])

    return change


def _code(value: float) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        j = _varied(s, rng)
        for X in (s.X, s.X_new):
            X[rng.random(len(X)) < 0.06, j] = value

    return change


def _varied(s: Setup, rng: Rng) -> int:
    """Choose a column of many values."""
    many = [j for j, x in enumerate(s.X.T) if len(np.unique(x)) > 20]
    return int(rng.choice(many))


def _outlier(s: Setup, rng: Rng) -> None:
    s.X[rng.integers(len(s.X)), _varied(s, rng)] = 1e4


def _nan(s: Setup, rng: Rng) -> None:
    """Leave it to preflight: `train` refuses missing values itself."""
    s.X[rng.random(s.X.shape) < 0.02] = np.nan


def _copies(s: Setup, rng: Rng) -> None:
    half = rng.permutation(len(s.X_new))[: len(s.X_new) // 2]
    s.X = np.vstack([s.X, s.X_new[half]])
    s.y = np.concatenate([s.y, s.y_new[half]])


def _near(s: Setup, rng: Rng) -> None:
    half = rng.permutation(len(s.X_new))[: len(s.X_new) // 2]
    noise = rng.normal(size=s.X_new[half].shape) * 1e-4
    s.X = np.vstack([s.X, s.X_new[half] + noise])
    s.y = np.concatenate([s.y, s.y_new[half]])


def _drift(s: Setup, rng: Rng) -> None:
    s.X_new[:, _varied(s, rng)] += 5


def _few_validation(s: Setup, rng: Rng) -> None:
    s.X = np.vstack([s.X, s.X_new[12:]])
    s.y = np.concatenate([s.y, s.y_new[12:]])
    s.X_new, s.y_new = s.X_new[:12], s.y_new[:12]


def _codes_as_numbers(s: Setup, rng: Rng) -> None:
    s.has_classes, s.outputs = False, 1
    s.y, s.y_new = s.y.astype(float), s.y_new.astype(float)


def _target(function: Callable[[Any], Any]) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        s.y, s.y_new = function(s.y), function(s.y_new)

    return change


def _rare(s: Setup, rng: Rng) -> None:
    keep = np.flatnonzero(s.y != 0)
    keep = np.concatenate([keep, np.flatnonzero(s.y == 0)[:3]])
    s.X, s.y = s.X[keep], s.y[keep]


def _imbalanced(s: Setup, rng: Rng) -> None:
    common = np.bincount(s.y).argmax()
    for part in ("", "_new"):
        X, y = getattr(s, f"X{part}"), getattr(s, f"y{part}")
        y = (y != common).astype(np.int64)
        ones = np.flatnonzero(y == 1)
        keep = np.concatenate([np.flatnonzero(y == 0), ones[: max(6, len(y) // 80)]])
        setattr(s, f"X{part}", X[keep])
        setattr(s, f"y{part}", y[keep])
    s.outputs = 2


def _shuffled(s: Setup, rng: Rng) -> None:
    s.y, s.y_new = rng.permutation(s.y), rng.permutation(s.y_new)


def _flipped(s: Setup, rng: Rng) -> None:
    wrong = rng.random(len(s.y)) < 0.3
    s.y = np.where(wrong, rng.integers(s.outputs, size=len(s.y)), s.y)


def _setting(**settings: Any) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        s.settings |= settings

    return change


def _output(name: str) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        s.output = name
        s.settings["loss"] = "squared_error"

    return change


def _layout(**layout: Any) -> Callable[[Setup, Rng], None]:
    def change(s: Setup, rng: Rng) -> None:
        for name, value in layout.items():
            setattr(s, name, value)

    return change


def _start(layer: Callable[[Any], None], **layout: Any) -> Callable[[Setup, Rng], None]:
    """Change the weights of each hidden layer before training."""

    def weights(net: rv.Network) -> None:
        for each in net.dense_layers[:-1]:
            layer(each)

    return _layout(weights=weights, **layout)


def _minus_bias(layer: Any) -> None:
    layer.b[...] = -50


def _huge(layer: Any) -> None:
    layer.W[...] *= 200


def _larger(layer: Any) -> None:
    layer.W[...] *= 30


def _constant(net: rv.Network) -> None:
    for layer in net.dense_layers:  # random outputs would part the units at once
        layer.W[...] = 0.1


def _overfit(s: Setup, rng: Rng) -> None:
    s.X, s.y = s.X[:150], s.y[:150]
    s.hidden = [256, 256]
    s.settings |= {"stop": None, "epochs": 300}


def _overconfident(s: Setup, rng: Rng) -> None:
    wrong = rng.random(len(s.y_new)) < 0.25  # labels that nobody could know
    s.y_new = np.where(wrong, rng.integers(s.outputs, size=len(wrong)), s.y_new)
    s.settings |= {"stop": None}


def _xor(s: Setup, rng: Rng) -> None:
    s.X, s.X_new = (rng.normal(size=(len(X), 4)) for X in (s.X, s.X_new))
    s.y, s.y_new = (
        ((X[:, 0] > 0) != (X[:, 1] > 0)).astype(np.int64) for X in (s.X, s.X_new)
    )
    s.outputs, s.hidden = 2, []


def _decay(progress: float) -> float:
    return float(np.exp(-60 * progress))


NO_STOP = {"stop": None}
SGD = rv.SGD
FAULTS: dict[str, Fault] = {
    "column times 1e5": Fault(_scale(1e5), ("unscaled_column",)),
    "column plus 1e6": Fault(_scale(1, 1e6), ("offset_column", "unscaled_column")),
    "raw columns": Fault(_all_columns, ("unscaled_column",)),
    "constant column": Fault(
        _add(lambda s, X, y, rng: np.full(len(X), 3.0)), ("constant_column",)
    ),
    "duplicate column": Fault(
        _add(lambda s, X, y, rng: 2 * X[:, 0] + 1),
        ("redundant_column", "duplicate_column"),
    ),
    "row number": Fault(
        _add(lambda s, X, y, rng: rng.permutation(len(X)) / len(X)),
        ("identifier_column",),
    ),
    "leak": Fault(
        _add(lambda s, X, y, rng: y + 0.001 * rng.normal(size=len(y))),
        ("leaking_column",),
    ),
    "leak of the class": Fault(
        _add(lambda s, X, y, rng: (y * 7 + 3) % 11), ("leaking_column",), CLASSES
    ),
    "missing as -999": Fault(_code(-999.0), ("sentinel_value",)),
    "missing as 99": Fault(_code(99.0), ("sentinel_value",)),
    "outlier": Fault(_outlier, ("outlier",)),
    "rows in both parts": Fault(_copies, ("rows_in_both",)),
    "near copies": Fault(_near, ("rows_in_both",)),
    "drift": Fault(_drift, ("validation_drift",)),
    "12 validation rows": Fault(_few_validation, ("small_validation",)),
    "classes as numbers": Fault(
        _codes_as_numbers, ("target_codes", "loss_mismatch"), CLASSES
    ),
    "raw target": Fault(_target(lambda y: y * 5e4 + 2e5), ("target_scale",), NUMBERS),
    "skewed target": Fault(
        _target(lambda y: np.exp(4 * y)), ("target_skewed",), NUMBERS[:4]
    ),
    "huge target": Fault(_target(lambda y: y * 1e25), ("target_overflow",), NUMBERS),
    "class of 3 rows": Fault(_rare, ("rare_class",), CLASSES[:4]),
    "1 % of a class": Fault(_imbalanced, ("imbalanced_classes",), CLASSES),
    "shuffled labels": Fault(_shuffled, ("no_signal",)),
    "30 % wrong labels": Fault(_flipped, ("label_noise",), CLASSES[:4]),
    "sigmoid for numbers": Fault(_output("sigmoid"), ("output_range",), NUMBERS),
    "relu for numbers": Fault(_output("relu"), ("output_range",), NUMBERS),
    "whole-table batch": Fault(
        _setting(batch_size=100_000, epochs=20), ("batch_too_large",)
    ),
    "rate 1 of Adam": Fault(
        _setting(optimizer=rv.Adam(lr=1.0), **NO_STOP), ("rate_too_high", "diverged")
    ),
    "rate 30 of SGD": Fault(
        _setting(optimizer=SGD(lr=30.0), **NO_STOP), ("rate_too_high", "diverged")
    ),
    "momentum 0.995": Fault(
        _setting(optimizer=SGD(lr=0.05, momentum=0.995), **NO_STOP), ("momentum_rate",)
    ),
    "rate 1e-6 of Adam": Fault(
        _setting(optimizer=rv.Adam(lr=1e-6), **NO_STOP), ("rate_too_low",)
    ),
    "rate 1e-5 of SGD": Fault(
        _setting(optimizer=SGD(lr=1e-5), **NO_STOP), ("rate_too_low",)
    ),
    "schedule to nothing": Fault(
        _setting(schedule=_decay, optimizer=rv.Adam(lr=1e-3), **NO_STOP),
        ("rate_vanished",),
    ),
    "clip_norm 1e-4": Fault(
        _setting(optimizer=SGD(lr=0.01, clip_norm=1e-4), **NO_STOP), ("clipped",)
    ),
    "weight decay 30": Fault(
        _setting(optimizer=rv.AdamW(lr=3e-3, weight_decay=30.0), **NO_STOP),
        ("regularisation_strong",),
    ),
    "L2 of 1": Fault(
        _setting(optimizer=SGD(lr=0.01, l2=1.0), **NO_STOP), ("regularisation_strong",)
    ),
    "dropout 0.95": Fault(_layout(dropout=0.95), ("dropout_high",)),
    "linear activations": Fault(
        _layout(activation="identity", hidden=[32, 32]), ("linear_network",)
    ),
    "one unit in between": Fault(_layout(hidden=[32, 1, 32]), ("bottleneck",)),
    "no hidden layer, XOR": Fault(_xor, ("not_separable",), CLASSES),
    "one hidden unit": Fault(
        _layout(hidden=[1]),
        ("network_too_small", "more_units_help"),
        ("segment", "vehicle", "satimage", "phoneme", "compactiv"),
    ),
    "constant start": Fault(_layout(weights=_constant), ("symmetric_units",)),
    "biases of -50": Fault(_start(_minus_bias), ("dead_units",)),
    "tanh times 200": Fault(_start(_huge, activation="tanh"), ("saturated_units",)),
    "ten sigmoid layers": Fault(
        _layout(hidden=[16] * 10, activation="sigmoid"), ("vanishing_gradient",)
    ),
    "weights times 30": Fault(
        _start(_larger, hidden=[32] * 3), ("exploding_gradient",)
    ),
    "150 rows, 300 epochs": Fault(_overfit, ("overfitting",)),
    "3 epochs": Fault(
        _setting(epochs=3, optimizer=rv.Adam(lr=3e-4)), ("stopped_early",)
    ),
    "too sure": Fault(_overconfident, ("overconfident",), CLASSES[:4]),
}
