from typing import Any

import numpy as np
import pandas as pd
import pytest

from ranvier.comparison.competitors import COMPETITORS, ModelSettings, maker
from ranvier.comparison.pipelines import WithCategories, ranvier

pytestmark = pytest.mark.filterwarnings("ignore")  # of the models themselves

OTHERS = [model for model in COMPETITORS if model.name != "ranvier"]


def table(n: int = 120) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers with gaps and categories with gaps, both of which tell the class."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    frame = pd.DataFrame(
        {
            "size [m]": np.where(
                rng.random(n) < 0.1, np.nan, y + rng.normal(0, 0.3, n)
            ),
            "kind": pd.Categorical(
                [None if i % 9 == 0 else "ab"[label] for i, label in enumerate(y)]
            ),
        }
    )
    return frame, y


@pytest.mark.parametrize("competitor", OTHERS, ids=lambda model: model.name)
@pytest.mark.parametrize("classification", [True, False])
def test_each_learns_in_spite_of_gaps(competitor: Any, classification: bool) -> None:
    if competitor.version is None:
        pytest.skip(f"{competitor.distribution} is not installed")
    frame, y = table()
    model = maker(competitor)(ModelSettings(classification, 0, 1))
    model.fit(frame, y if classification else y + 100.0)
    new = frame.iloc[:40].copy()
    new["kind"] = new["kind"].cat.add_categories(["new"])
    new.loc[0, "kind"] = "new"  # a category that was not there
    prediction = np.asarray(model.predict(new)).reshape(-1)
    assert prediction.shape == (40,)
    wanted = y[:40] if classification else y[:40] + 100.0
    assert np.mean(np.abs(prediction - wanted) < 0.5) > 0.9


class Looker:
    """Keeps what it is given."""

    def fit(self, frame: pd.DataFrame, y: Any) -> None:
        self.fitted = frame

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame


def test_categories_are_those_of_the_training_rows() -> None:
    whole = pd.DataFrame({"kind": pd.Categorical(["a", "b", "c"])})
    model = WithCategories(Looker()).fit(whole.iloc[:2], [0, 1])
    assert model.model.fitted["c0"].cat.categories.tolist() == ["a", "b"]
    assert model.predict(whole)["c0"].isna().tolist() == [False, False, True]


def test_more_categories_than_a_model_takes_become_numbers() -> None:
    whole = pd.DataFrame({"kind": pd.Categorical(list("abca"))})
    seen = WithCategories(Looker(), most=2).fit(whole, [0, 1, 0, 1]).predict(whole)
    assert seen["c0"].tolist() == [0.0, 1.0, 2.0, 0.0]


def test_ranvier_has_its_defaults_with_a_seed_and_threads() -> None:
    given = ranvier(ModelSettings(True, 3, 1)).get_params()
    default = type(ranvier(ModelSettings(True, 3, 1)))().get_params()
    changed = {key for key in given if given[key] != default[key]}
    assert changed <= {"random_state", "n_threads"}


def test_ranvier_takes_a_raw_table() -> None:
    table = pd.DataFrame({"x": np.arange(60.0), "kind": ["a", "b", "c"] * 20})
    model = ranvier(ModelSettings(False, 0, 1)).fit(table, np.arange(60.0))
    assert model.predict(table).shape == (60,)
