import json

import numpy as np
import pandas as pd
from raw_tables import mixed

from ranvier.tabular.encoding import MOST_PLACES, Encoding, is_coded
from ranvier.tabular.recipe import Recipe


def test_every_input_has_a_name_and_a_source() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    X = encoding.transform(table)
    assert X.shape == (200, len(encoding.names)) == (200, len(encoding.sources))
    assert np.isfinite(X).all()
    assert set(encoding.sources) == set(table.columns)
    assert encoding.embedding(Recipe(1)).inputs == X.shape[1]


def test_many_categories_are_codes_and_unseen_ones_are_none() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    assert is_coded(encoding.table.columns["code"])
    row = table.iloc[:1].assign(code="never")
    at = encoding.names.index("code")
    assert encoding.transform(row)[0, at] == 0
    assert set(encoding.transform(table)[:, at]) <= set(range(1, 13))


def test_described_and_read() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table, places=False)
    described = json.loads(json.dumps(encoding.describe()))
    again = Encoding.read(described)
    assert (again.transform(table) == encoding.transform(table)).all()


def test_each_column_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "k": ["a", "b", "a"]})
    single = Encoding.fit(frame).single(frame)
    assert np.array_equal(single["x"], [1, np.nan, 3], equal_nan=True)
    assert single["k"].tolist() == [0, 1, 0]


def test_which_inputs_are_places() -> None:
    table, _ = mixed()
    encoding = Encoding.fit(table)
    told = [": bin " in name for name in encoding.names]
    assert any(told)
    assert encoding.is_place.tolist() == told
    assert not Encoding.fit(table, places=False).is_place.any()


def test_of_many_columns_each_has_fewer_places() -> None:
    X = np.random.default_rng(0).normal(size=(100, 90))
    table = pd.DataFrame({f"x{k}": x for k, x in enumerate(X.T)})
    encoding = Encoding.fit(table, bins=16)
    assert encoding.is_place.sum() == MOST_PLACES // 90 * 90
