import importlib.util
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from benchmarks.accuracy.contenders import CONTENDERS, Filled
from benchmarks.accuracy.trial import Trial

from benchmarks.accuracy import tables, trial

HEAVY = [c for c in CONTENDERS if c.name in {"realmlp-td", "tabm-d", "catboost"}]


def test_all_that_are_named() -> None:
    names = "ranvier linear svm mlp forest histgb lightgbm xgboost catboost"
    assert [c.name for c in CONTENDERS] == [*names.split(), "realmlp-td", "tabm-d"]


class Looker:
    """Gives back what it is given."""

    def fit(self, frame: pd.DataFrame, y: Any) -> None:
        self.fitted = frame

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame


def test_gaps_are_filled_and_marked() -> None:
    frame = pd.DataFrame(
        {"x": [1.0, None, 5.0, 3.0], "kind": pd.Categorical(["a"] * 4)}
    )
    frame["whole"] = [1, 2, 3, 4]
    model = Filled(Looker()).fit(frame, [0] * 4)
    new = model.predict(pd.DataFrame({"x": [None], "kind": ["a"], "whole": [1]}))
    assert model.model.fitted["x is missing"].tolist() == [0, 1, 0, 0]
    assert list(new.columns) == ["x", "kind", "whole", "x is missing"]
    assert new["x"].tolist() == [3.0]
    assert new["x is missing"].tolist() == [1.0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("contender", HEAVY, ids=lambda c: c.name)
def test_the_heavy_ones(folder: Path, contender: Any) -> None:
    if any(importlib.util.find_spec(name) is None for name in contender.packages):
        pytest.skip(f"{contender.packages[0]} is not installed")
    for table in tables.tables(folder):
        told = trial.run(Trial(contender.name, table, 0, 1, str(folder)))
        assert told["error"] < 0.9
