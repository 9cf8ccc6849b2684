"""Small tables with columns of every kind."""

from typing import Any

import numpy as np
import pandas as pd

from ranvier.tabular.first_member import FirstMember
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.fit_table import fit_prepared
from ranvier.tabular.model import TableModel
from ranvier.tabular.training_table import TrainingTable, prepare_table


def mixed(n: int = 200, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table with gaps, and a number that depends on it."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=n)
    kind = rng.choice(["a", "b", "c"], n)
    table = pd.DataFrame(
        {
            "size": size,
            "kind": kind,
            "code": pd.Categorical(rng.choice([f"c{i}" for i in range(12)], n)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), "D"),
        }
    )
    y = size + (kind == "b") * 2 + rng.normal(size=n) * 0.1
    table.loc[::7, "size"] = np.nan
    table.loc[3::11, "kind"] = None
    return table, y


def prepared(
    frame: Any,
    target: str,
    *,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
    effort: str = "default",
    **more: Any,
) -> TrainingTable:
    """Prepare a table with some options of the fit."""
    options = FitOptions(effort=effort, hidden=hidden, epochs=epochs)
    return prepare_table(frame, target, options, **more)


def fitted(
    table: TrainingTable, first: FirstMember | None = None, seed: int = 0
) -> TableModel:
    """Train the networks of a prepared table."""
    return fit_prepared(table, FitContext(), first, seed=seed, progress=False)
