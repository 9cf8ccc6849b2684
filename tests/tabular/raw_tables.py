"""Small tables with columns of every kind."""

import numpy as np
import pandas as pd


def mixed(n: int = 200, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Give a table with gaps, and a number that it tells."""
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
