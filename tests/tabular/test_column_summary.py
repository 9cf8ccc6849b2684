import numpy as np
import pandas as pd
import pytest
from raw_tables import mixed

import ranvier as rv
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.column_summary import (
    column_summary,
    few_integers,
    few_integers_notice,
)
from ranvier.tabular.hyperparameters import Hyperparameters


def test_every_column_has_a_summary() -> None:
    table, _ = mixed()
    table = table.assign(
        rooms=np.arange(200) % 5,
        void=None,
        id=np.arange(200),
        rare=["often"] * 100 + [f"r{i // 2}" for i in range(100)],
        half=np.where(np.arange(200) % 2, 3.0, np.nan),
        old=table["size"] > 0,
    )
    summary = column_summary(TableEncoder.fit(table, **Hyperparameters(1).encoding()))
    assert list(summary) == list(table.columns)
    assert summary["size"].startswith("number from -2.")
    assert summary["size"].endswith(", 29 missing")
    assert summary["kind"] == "category of 3 values, an input for each, 18 missing"
    assert summary["code"] == "category of 12 values, 8 learned numbers for each"
    parts = "elapsed days, month, day of month, day of week, day of year"
    assert summary["day"] == f"date by its {parts}"
    assert summary["rooms"] == "integer from 0 to 4"
    assert summary["void"] == "left out: no values"
    assert summary["id"].startswith("left out: every value different")
    assert "50 rare ones together" in summary["rare"]
    assert summary["half"] == "one number, 3, or none, 100 missing"
    assert summary["old"] == "true or false"


def test_integers_of_few_values_may_be_codes() -> None:
    n = np.arange(100)
    table = pd.DataFrame(
        {
            "two": n % 2,
            "few": n % 20,
            "many": n % 21,
            "halves": (n % 5) / 2,
            "gaps": np.where(n % 3, n % 4, np.nan),
        }
    )
    encoder = TableEncoder.fit(table)
    found = few_integers(encoder, encoder.column_values(table))
    assert found == ["few", "gaps"]
    assert "'few' and 'gaps'" in few_integers_notice(found)


def test_the_user_hears_of_it_and_overrules_it() -> None:
    rng = np.random.default_rng(0)
    code = rng.integers(0, 6, 300)
    table = pd.DataFrame({"code": code, "x": rng.normal(size=300)})
    y = np.array([3.0, -2, 5, 0, -4, 1])[code] + rng.normal(size=300)
    plain = rv.TabularRegressor(effort="fast").fit(table, y)
    assert any("'code' are read as numbers" in notice for notice in plain.notices_)
    assert plain.columns_["code"] == "integer from 0 to 5"
    overruled = rv.TabularRegressor(effort="fast", categories=["code"]).fit(table, y)
    assert not overruled.notices_
    assert overruled.columns_["code"] == "category of 6 values, an input for each"
    assert overruled.score(table, y) > 0.8
    with pytest.raises(ValueError, match="no column 'cod': did you mean 'code'"):
        rv.TabularRegressor(categories=["cod"]).fit(table, y)
    bare = rv.TabularRegressor(effort="fast", categories=["x0"])
    bare.fit(table.to_numpy(), y)
    assert bare.columns_["x0"].startswith("category of 6")
