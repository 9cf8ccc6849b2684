"""A folder of two tiny made-up tables, as the benchmark of accuracy reads them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd


def make(folder: Path) -> Path:
    """Write them: 80 rows of classes "b", "a", and 60 of numbers."""
    rng = np.random.default_rng(0)
    (folder / "parquet").mkdir(parents=True)
    x = rng.normal(size=(80, 2))
    classes = pd.DataFrame({"x": x[:, 0], "z": x[:, 1]})
    classes["kind"] = pd.Categorical(rng.choice(["p", "q"], 80))
    classes.loc[3, "x"] = np.nan
    classes["target"] = np.where(x.sum(axis=1) > 0, "b", "a")
    numbers = pd.DataFrame({"x": rng.normal(size=60)})
    numbers["target"] = 3 * numbers["x"] + 5
    index = []
    for name, task, frame in (
        ("sides", "binary", classes),
        ("slope", "regression", numbers),
    ):
        frame.to_parquet(folder / "parquet" / f"{name}.parquet")
        kinds = int((frame.dtypes == "category").sum())
        entry = {"name": name, "task": task, "n_rows": len(frame)}
        numeric = frame.shape[1] - 1 - kinds
        index.append(entry | {"n_numeric": numeric, "n_categorical": kinds})
    (folder / "index.json").write_text(json.dumps(index))
    return folder
