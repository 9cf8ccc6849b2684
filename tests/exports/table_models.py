"""Table models to export: all kinds of columns, and tables of the real world."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

import ranvier as rv

TABLES = [
    "adult", "auto_mpg", "bike_sharing", "car", "chess_krkp", "chicago_ridership",
    "compas", "deliveries", "diamonds", "german_credit", "gss_happiness", "insurance",
    "letter", "movielens100k", "mushroom", "nlswork", "nursery", "sacramento",
    "telco_churn", "yacht",
]  # fmt: skip


HOSTILE = [
    "int", "", "*/", '"', "a\nb", "몸무게", "몸 무게", "x" * 300, "row", "net1", "code",
    "Code", "1st", "??/", "%d", "\\", "NULL", "INT64_MIN", "EOF", "stdin", "linux",
    "int64_t", "SEEK_SET",
]  # fmt: skip


def fitted(table: pd.DataFrame, target: str, **settings: Any) -> rv.TableModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return rv.fit_table(table, target, **({"effort": "fast"} | settings))


def mixed(rows: int = 300) -> pd.DataFrame:
    """Return numbers with gaps, truths, dates, codes of many values, Korean texts."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "when": pd.date_range("1965-01-01", periods=rows, freq="37h"),
            "도시": rng.choice(["서울", "부산", "대구"], rows),
            "code": [f"c{k}" for k in rng.integers(0, 40, rows)],
            "level": rng.choice(["1", "2.50", "-3"], rows),
            "flag": rng.random(rows) < 0.5,
            "x": rng.normal(size=rows),
        }
    )
    table["skewed"] = np.exp(table.x + table.flag + (table["도시"] == "서울"))
    table.loc[::7, "x"] = np.nan
    table.loc[::11, "도시"] = None
    table["kind"] = np.where(table.flag, "a", table.level)
    return table


def with_codes(rows: int = 3000) -> pd.DataFrame:
    """Return whole numbers whose order says nothing, with gaps and without."""
    rng = np.random.default_rng(0)
    effects = rng.normal(size=(2, 150))
    shop, gaps = rng.integers(0, 150, (2, rows))
    y = effects[0][shop] + effects[1][gaps] + 0.1 * rng.normal(size=rows)
    table = pd.DataFrame({"shop": shop - 5, "gaps": gaps * 100.0, "y": y})
    table.loc[::9, "gaps"] = np.nan
    return table
