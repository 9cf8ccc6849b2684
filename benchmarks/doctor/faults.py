"""Faults to seed into a sound training, each with the findings that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import ranvier as rv
from benchmarks.doctor.changes import (
    add,
    all_columns,
    broken,
    cells,
    code,
    codes_as_numbers,
    constant,
    contradicting,
    copies,
    decay,
    drift,
    few_validation,
    fewer_outputs,
    flipped,
    huge,
    imbalanced,
    inverted,
    larger,
    layout,
    minus_bias,
    near,
    no_target,
    outlier,
    output,
    overconfident,
    overfit,
    rare,
    scale,
    setting,
    shuffled,
    start,
    target,
    target_outlier,
    too_large,
    unseen_class,
    xor,
)
from benchmarks.doctor.setups import CLASSES, NUMBERS, Setup

Rng = np.random.Generator
MIXED = (*CLASSES[:3], *NUMBERS[:2])


class Fault(NamedTuple):
    """What is done to a setup, what should be found first, and on which tables."""

    seed: Callable[[Setup, Rng], None]
    expected: tuple[str, ...]
    tables: tuple[str, ...] = MIXED


NO_STOP = {"stop": None}
SGD = rv.SGD
FAULTS: dict[str, Fault] = {
    "column times 1e5": Fault(scale(1e5), ("unscaled_column",)),
    "column plus 1e6": Fault(scale(1, 1e6), ("offset_column", "unscaled_column")),
    "raw columns": Fault(all_columns, ("unscaled_column",)),
    "constant column": Fault(
        add(lambda s, X, y, rng: np.full(len(X), 3.0)), ("constant_column",)
    ),
    "duplicate column": Fault(
        add(lambda s, X, y, rng: 2 * X[:, 0] + 1),
        ("redundant_column", "duplicate_column"),
    ),
    "row number": Fault(
        add(lambda s, X, y, rng: rng.permutation(len(X)) / len(X)),
        ("identifier_column",),
    ),
    "leak": Fault(
        add(lambda s, X, y, rng: y + 0.001 * rng.normal(size=len(y))),
        ("leaking_column",),
    ),
    "leak of the class": Fault(
        add(lambda s, X, y, rng: (y * 7 + 3) % 11), ("leaking_column",), CLASSES
    ),
    "missing as -999": Fault(code(-999.0), ("sentinel_value",)),
    "missing as 99": Fault(code(99.0), ("sentinel_value",)),
    "outlier": Fault(outlier, ("outlier",)),
    "rows in both parts": Fault(copies, ("rows_in_both",)),
    "near copies": Fault(near, ("rows_in_both",)),
    "drift": Fault(drift, ("validation_drift",)),
    "12 validation rows": Fault(few_validation, ("small_validation",)),
    "classes as numbers": Fault(
        codes_as_numbers, ("target_codes", "loss_mismatch"), CLASSES
    ),
    "raw target": Fault(target(lambda y: y * 5e4 + 2e5), ("target_scale",), NUMBERS),
    "skewed target": Fault(
        target(lambda y: np.exp(4 * y)), ("target_skewed",), NUMBERS[:4]
    ),
    "huge target": Fault(target(lambda y: y * 1e25), ("target_overflow",), NUMBERS),
    "class of 3 rows": Fault(rare, ("rare_class",), CLASSES[:4]),
    "1 % of a class": Fault(imbalanced, ("imbalanced_classes",), CLASSES),
    "shuffled labels": Fault(shuffled, ("no_signal",)),
    "30 % wrong labels": Fault(flipped, ("label_noise",), CLASSES[:4]),
    "sigmoid for numbers": Fault(output("sigmoid"), ("output_range",), NUMBERS),
    "relu for numbers": Fault(output("relu"), ("output_range",), NUMBERS),
    "whole-table batch": Fault(
        setting(batch_size=100_000, epochs=20), ("batch_too_large",)
    ),
    "rate 1 of Adam": Fault(
        setting(optimizer=rv.Adam(lr=1.0), **NO_STOP), ("rate_too_high", "diverged")
    ),
    "rate 30 of SGD": Fault(
        setting(optimizer=SGD(lr=30.0), **NO_STOP), ("rate_too_high", "diverged")
    ),
    "momentum 0.995": Fault(
        setting(optimizer=SGD(lr=0.05, momentum=0.995), **NO_STOP), ("momentum_rate",)
    ),
    "rate 1e-6 of Adam": Fault(
        setting(optimizer=rv.Adam(lr=1e-6), **NO_STOP), ("rate_too_low",)
    ),
    "rate 1e-5 of SGD": Fault(
        setting(optimizer=SGD(lr=1e-5), **NO_STOP), ("rate_too_low",)
    ),
    "schedule to nothing": Fault(
        setting(schedule=decay, optimizer=rv.Adam(lr=1e-3), **NO_STOP),
        ("rate_vanished",),
    ),
    "clip_norm 1e-4": Fault(
        setting(optimizer=SGD(lr=0.01, clip_norm=1e-4), **NO_STOP), ("clipped",)
    ),
    "weight decay 30": Fault(
        setting(optimizer=rv.AdamW(lr=3e-3, weight_decay=30.0), **NO_STOP),
        ("regularisation_strong",),
    ),
    "L2 of 1": Fault(
        setting(optimizer=SGD(lr=0.01, l2=1.0), **NO_STOP), ("regularisation_strong",)
    ),
    "dropout 0.95": Fault(layout(dropout=0.95), ("dropout_high",)),
    "linear activations": Fault(
        layout(activation="identity", hidden=[32, 32]), ("linear_network",)
    ),
    "one unit in between": Fault(layout(hidden=[32, 1, 32]), ("bottleneck",)),
    "no hidden layer, XOR": Fault(xor, ("not_separable",), CLASSES),
    "one hidden unit": Fault(
        layout(hidden=[1]),
        ("network_too_small", "more_units_help"),
        ("segment", "vehicle", "satimage", "phoneme", "compactiv"),
    ),
    "constant start": Fault(layout(weights=constant), ("symmetric_units",)),
    "biases of -50": Fault(start(minus_bias), ("dead_units",)),
    "tanh times 200": Fault(start(huge, activation="tanh"), ("saturated_units",)),
    "ten sigmoid layers": Fault(
        layout(hidden=[16] * 10, activation="sigmoid"), ("vanishing_gradient",)
    ),
    "weights times 30": Fault(start(larger, hidden=[32] * 3), ("exploding_gradient",)),
    "150 rows, 300 epochs": Fault(overfit, ("overfitting",)),
    "3 epochs": Fault(
        setting(epochs=3, optimizer=rv.Adam(lr=3e-4)), ("stopped_early",)
    ),
    "missing cells": Fault(cells(np.nan), ("missing_values",)),
    "infinite cells": Fault(cells(np.inf), ("infinite_values",)),
    "rows without a target": Fault(no_target, ("missing_target",), NUMBERS),
    "one wrong target": Fault(target_outlier, ("target_outlier",), NUMBERS),
    "column times 1e39": Fault(too_large, ("float32_overflow",)),
    "class in validation only": Fault(
        unseen_class, ("class_missing",), ("segment", "vehicle", "satimage")
    ),
    "codes reversed": Fault(
        inverted, ("inverted_labels",), ("phoneme", "segment", "vehicle", "pima")
    ),
    "contradicting copies": Fault(
        contradicting,
        ("contradicting_rows",),
        ("phoneme", "segment", "vehicle", "pima"),
    ),
    "too few outputs": Fault(
        fewer_outputs, ("too_few_outputs",), ("segment", "vehicle", "satimage")
    ),
    "NaN in the weights": Fault(layout(weights=broken), ("nonfinite_weights",)),
    "too sure": Fault(overconfident, ("overconfident",), CLASSES[:4]),
}
