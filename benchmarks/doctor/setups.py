"""A table made ready for a network, and a training of it that is sound."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import ranvier as rv
from benchmarks.accuracy.tables import FOLDER
from ranvier.splits import split_rows

Array = NDArray[Any]

CLASSES = ("phoneme", "segment", "vehicle", "satimage", "pima")
NUMBERS = ("power_plant", "boston", "auto_mpg", "abalone", "compactiv")
# Tables on which no threshold was chosen, in place of those above.
OTHERS = {
    "phoneme": "twonorm",
    "segment": "otto",
    "vehicle": "contraceptive",
    "satimage": "hpc_jobs",
    "pima": "breast_cancer",
    "power_plant": "grid_stability",
    "boston": "insurance",
    "auto_mpg": "puma32h",
    "abalone": "bike_sharing",
    "compactiv": "california_housing",
}
MOST_ROWS = 1600
MOST_VALUES = 8  # of a category
EPOCHS = 60


@dataclass
class Setup:
    """Rows to learn from and to score on, a network's layout, and settings."""

    X: Array
    y: Array
    X_new: Array
    y_new: Array
    has_classes: bool
    hidden: list[int] = field(default_factory=lambda: [32])
    activation: str = "relu"
    output: str = ""
    dropout: float = 0.0
    outputs: int = 1
    settings: dict[str, Any] = field(default_factory=dict)
    weights: Any = None  # changes the fresh network in place

    def network(self, seed: int) -> rv.Network:
        """Return the network, not trained yet."""
        output = self.output or ("softmax" if self.has_classes else "identity")
        net = rv.Network.mlp(
            self.X.shape[1], self.hidden, self.outputs, self.activation, output,
            self.dropout, seed=seed,
        )  # fmt: skip
        if self.weights is not None:
            self.weights(net)
        return net

    def diagnosis(self, seed: int, *, prove: bool = False) -> rv.Diagnosis:
        """Train the network, and let it be diagnosed."""
        net, history, error = self.network(seed), None, None
        validation = self.X_new, self.y_new
        records: list[rv.EpochRecord] = []
        begun: list[Any] = []

        class Watcher:
            def on_train_begin(self, network: rv.Network, config: Any) -> None:
                begun.append(config)

            def on_epoch_end(self, record: rv.EpochRecord) -> None:
                records.append(record)

        settings: dict[str, Any] = {"epochs": EPOCHS, "batch_size": 32, 
                    "optimizer": rv.Adam(lr=3e-3),
                    "stop": rv.EarlyStopping(patience=20)} | self.settings  # fmt: skip
        try:
            with warnings.catch_warnings():  # of what was seeded, the doctor is asked
                warnings.simplefilter("ignore", UserWarning)
                history = rv.train(
                    net, self.X, self.y, validation=validation, callbacks=[Watcher()],
                    progress=False, seed=seed, **settings,
                )  # fmt: skip
        except rv.NonFiniteError as raised:
            error = raised
            history = rv.History(records)
            history.config = begun[0]
        except ValueError:
            history = None  # `train` refuses the rows, and the doctor says why
        return rv.diagnose(
            net, self.X, self.y, history=history, validation=validation, error=error,
            prove=prove,
        )  # fmt: skip


def encoded(name: str, most_rows: int = MOST_ROWS) -> tuple[Array, Array, bool]:
    """Return a table's columns as numbers, not scaled, its target, and its task."""
    frame = pd.read_parquet(FOLDER / "parquet" / f"{name}.parquet")
    if len(frame) > most_rows:
        frame = frame.sample(most_rows, random_state=0)
    frame = frame.dropna(subset=["target"])
    y = frame.pop("target")
    has_classes = not pd.api.types.is_float_dtype(y)
    parts = []
    for column in frame:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values):
            parts.append(values.astype(float).fillna(values.median()))
        elif pd.api.types.is_datetime64_any_dtype(values):
            continue
        else:
            common = values.astype(str)
            kept = common.value_counts().index[:MOST_VALUES]
            parts.append(pd.get_dummies(common.where(common.isin(kept), "other")))
    X = np.column_stack([np.asarray(part, float) for part in parts])
    X = X[:, X.std(axis=0) > 0]
    return X, np.asarray(y), has_classes


def sound(name: str, seed: int) -> Setup:
    """Return a setup without a fault: columns and target scaled, rows split."""
    X, y, has_classes = encoded(name)
    if has_classes:
        y = np.unique(y.astype(str), return_inverse=True)[1].astype(np.int64)
    train, held_out = split_rows(
        len(X), 0.25, seed=seed, labels=y if has_classes else None
    )
    mean, std = X[train].mean(axis=0), X[train].std(axis=0)
    X = (X - mean) / np.where(std > 0, std, 1)
    if not has_classes:
        y = (y - y[train].mean()) / y[train].std()
    outputs = int(y.max()) + 1 if has_classes else 1
    return Setup(
        X[train], y[train], X[held_out], y[held_out], has_classes, outputs=outputs
    )
