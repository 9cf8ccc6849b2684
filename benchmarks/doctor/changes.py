"""Changes that make a sound training faulty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import ranvier as rv
from benchmarks.doctor.setups import CLASSES, NUMBERS, Setup

Rng = np.random.Generator
MIXED = (*CLASSES[:3], *NUMBERS[:2])


def scale(factor: float, offset: float = 0.0) -> Callable[[Setup, Rng], None]:
    """Multiply a column, and add to it."""

    def change(s: Setup, rng: Rng) -> None:
        j = rng.integers(s.X.shape[1])
        for X in (s.X, s.X_new):
            X[:, j] = X[:, j] * factor + offset

    return change


def all_columns(s: Setup, rng: Rng) -> None:
    """Scale each column by a factor of its own."""
    factors = 10 ** rng.uniform(2.5, 5, s.X.shape[1])
    s.X, s.X_new = s.X * factors, s.X_new * factors


def add(column: Callable[[Setup, Any, Any, Rng], Any]) -> Callable[[Setup, Rng], None]:
    """Append a column, made of the rows and targets of each part."""

    def change(s: Setup, rng: Rng) -> None:
        old = s.X, s.X_new
        s.X = np.column_stack([old[0], column(s, old[0], s.y, rng)])
        s.X_new = np.column_stack([old[1], column(s, old[1], s.y_new, rng)])

    return change


def code(value: float) -> Callable[[Setup, Rng], None]:
    """Write a number in place of missing values."""

    def change(s: Setup, rng: Rng) -> None:
        j = varied(s, rng)
        for X in (s.X, s.X_new):
            X[rng.random(len(X)) < 0.06, j] = value

    return change


def varied(s: Setup, rng: Rng) -> int:
    """Choose a column of many values."""
    many = [j for j, x in enumerate(s.X.T) if len(np.unique(x)) > 20]
    return int(rng.choice(many))


def outlier(s: Setup, rng: Rng) -> None:
    """Make one value far too large."""
    s.X[rng.integers(len(s.X)), varied(s, rng)] = 1e4


def cells(value: float) -> Callable[[Setup, Rng], None]:
    """Put a value into some cells, which `train` refuses: the doctor says where."""

    def change(s: Setup, rng: Rng) -> None:
        s.X[rng.random(s.X.shape) < 0.02] = value

    return change


def no_target(s: Setup, rng: Rng) -> None:
    """Take the target from some rows."""
    s.y = s.y.astype(float)
    s.y[rng.random(len(s.y)) < 0.03] = np.nan


def target_outlier(s: Setup, rng: Rng) -> None:
    """Make one target far too large."""
    s.y[rng.integers(len(s.y))] = 2000.0


def too_large(s: Setup, rng: Rng) -> None:
    """Scale a column beyond float32."""
    s.X[:, varied(s, rng)] *= 1e39


def unseen_class(s: Setup, rng: Rng) -> None:
    """Leave a class to validation alone; the others keep their codes."""
    keep = s.y != s.outputs - 1
    s.X, s.y = s.X[keep], s.y[keep]


def inverted(s: Setup, rng: Rng) -> None:
    """Reverse the numbers of the classes in the validation rows."""
    s.y_new = s.outputs - 1 - s.y_new
    s.settings |= {"stop": None}


def contradicting(s: Setup, rng: Rng) -> None:
    """Repeat a fifth of the rows with another class."""
    rows = rng.permutation(len(s.X))[: len(s.X) // 5]
    s.X = np.vstack([s.X, s.X[rows]])
    s.y = np.concatenate([s.y, (s.y[rows] + 1) % s.outputs])


def fewer_outputs(s: Setup, rng: Rng) -> None:
    """Build the network with an output too few."""
    s.outputs -= 1


def broken(net: rv.Network) -> None:
    """Put NaN into the weights."""
    net.dense_layers[0].W[0] = np.nan


def copies(s: Setup, rng: Rng) -> None:
    """Put half of the validation rows into training."""
    half = rng.permutation(len(s.X_new))[: len(s.X_new) // 2]
    s.X = np.vstack([s.X, s.X_new[half]])
    s.y = np.concatenate([s.y, s.y_new[half]])


def near(s: Setup, rng: Rng) -> None:
    """Put half of the validation rows into training, slightly changed."""
    half = rng.permutation(len(s.X_new))[: len(s.X_new) // 2]
    noise = rng.normal(size=s.X_new[half].shape) * 1e-4
    s.X = np.vstack([s.X, s.X_new[half] + noise])
    s.y = np.concatenate([s.y, s.y_new[half]])


def drift(s: Setup, rng: Rng) -> None:
    """Shift a column in validation."""
    s.X_new[:, varied(s, rng)] += 5


def few_validation(s: Setup, rng: Rng) -> None:
    """Leave twelve validation rows."""
    s.X = np.vstack([s.X, s.X_new[12:]])
    s.y = np.concatenate([s.y, s.y_new[12:]])
    s.X_new, s.y_new = s.X_new[:12], s.y_new[:12]


def codes_as_numbers(s: Setup, rng: Rng) -> None:
    """Learn codes of classes as numbers."""
    s.has_classes, s.outputs = False, 1
    s.y, s.y_new = s.y.astype(float), s.y_new.astype(float)


def target(function: Callable[[Any], Any]) -> Callable[[Setup, Rng], None]:
    """Transform the target."""

    def change(s: Setup, rng: Rng) -> None:
        s.y, s.y_new = function(s.y), function(s.y_new)

    return change


def rare(s: Setup, rng: Rng) -> None:
    """Leave three rows of a class."""
    keep = np.flatnonzero(s.y != 0)
    keep = np.concatenate([keep, np.flatnonzero(s.y == 0)[:3]])
    s.X, s.y = s.X[keep], s.y[keep]


def imbalanced(s: Setup, rng: Rng) -> None:
    """Leave about 1 % of the rows in the second of two classes."""
    common = np.bincount(s.y).argmax()
    for part in ("", "_new"):
        X, y = getattr(s, f"X{part}"), getattr(s, f"y{part}")
        y = (y != common).astype(np.int64)
        ones = np.flatnonzero(y == 1)
        keep = np.concatenate([np.flatnonzero(y == 0), ones[: max(6, len(y) // 80)]])
        setattr(s, f"X{part}", X[keep])
        setattr(s, f"y{part}", y[keep])
    s.outputs = 2


def shuffled(s: Setup, rng: Rng) -> None:
    """Shuffle the targets."""
    s.y, s.y_new = rng.permutation(s.y), rng.permutation(s.y_new)


def flipped(s: Setup, rng: Rng) -> None:
    """Draw three tenths of the training labels at random."""
    wrong = rng.random(len(s.y)) < 0.3
    s.y = np.where(wrong, rng.integers(s.outputs, size=len(s.y)), s.y)


def setting(**settings: Any) -> Callable[[Setup, Rng], None]:
    """Change settings of the training."""

    def change(s: Setup, rng: Rng) -> None:
        s.settings |= settings

    return change


def output(name: str) -> Callable[[Setup, Rng], None]:
    """Set the last activation of a network that learns numbers."""

    def change(s: Setup, rng: Rng) -> None:
        s.output = name
        s.settings["loss"] = "squared_error"

    return change


def layout(**layout: Any) -> Callable[[Setup, Rng], None]:
    """Change the layout of the network."""

    def change(s: Setup, rng: Rng) -> None:
        for name, value in layout.items():
            setattr(s, name, value)

    return change


def start(layer: Callable[[Any], None], **others: Any) -> Callable[[Setup, Rng], None]:
    """Change the weights of each hidden layer before training."""

    def weights(net: rv.Network) -> None:
        for each in net.dense_layers[:-1]:
            layer(each)

    return layout(weights=weights, **others)


def minus_bias(layer: Any) -> None:
    """Make the biases so low that relu gives 0."""
    layer.b[...] = -50


def huge(layer: Any) -> None:
    """Make weights so large that tanh saturates."""
    layer.W[...] *= 200


def larger(layer: Any) -> None:
    """Make weights so large that gradients explode."""
    layer.W[...] *= 30


def constant(net: rv.Network) -> None:
    """Make all weights equal."""
    for layer in net.dense_layers:  # random outputs would part the units at once
        layer.W[...] = 0.1


def overfit(s: Setup, rng: Rng) -> None:
    """Train a large network on few rows for long."""
    s.X, s.y = s.X[:150], s.y[:150]
    s.hidden = [256, 256]
    s.settings |= {"stop": None, "epochs": 300}


def overconfident(s: Setup, rng: Rng) -> None:
    """Draw a quarter of the validation labels at random."""
    wrong = rng.random(len(s.y_new)) < 0.25  # labels that nobody could know
    s.y_new = np.where(wrong, rng.integers(s.outputs, size=len(wrong)), s.y_new)
    s.settings |= {"stop": None}


def xor(s: Setup, rng: Rng) -> None:
    """Replace the table by XOR of two signs, without a hidden layer."""
    s.X, s.X_new = (rng.normal(size=(len(X), 4)) for X in (s.X, s.X_new))
    s.y, s.y_new = (
        ((X[:, 0] > 0) != (X[:, 1] > 0)).astype(np.int64) for X in (s.X, s.X_new)
    )
    s.outputs, s.hidden = 2, []


def decay(progress: float) -> float:
    """Return the factor of a schedule that ends after a few epochs."""
    return float(np.exp(-60 * progress))
