import numpy as np
import pandas as pd

from ranvier.contest.own import tabular
from ranvier.contest.setting import Setting


def test_the_defaults_with_a_seed_and_threads() -> None:
    given = tabular(Setting(True, 3, 1)).get_params()
    default = type(tabular(Setting(True, 3, 1)))().get_params()
    changed = {key for key in given if given[key] != default[key]}
    assert changed <= {"random_state", "n_threads"}


def test_it_takes_a_raw_table() -> None:
    table = pd.DataFrame({"x": np.arange(60.0), "kind": ["a", "b", "c"] * 20})
    model = tabular(Setting(False, 0, 1)).fit(table, np.arange(60.0))
    assert model.predict(table).shape == (60,)
