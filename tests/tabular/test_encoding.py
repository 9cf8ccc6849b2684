import json

import numpy as np
import pandas as pd
from raw_tables import mixed

from ranvier.tabular.encoding import Encoding, is_coded
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


def test_marks_are_scaled_and_one_of_two_is_enough() -> None:
    frame = pd.DataFrame(
        {"two": ["a", "b"] * 10, "rare": ["x"] * 18 + ["y", "z"], "n": range(20)}
    )
    encoding = Encoding.fit(frame, places=False, marks=True)
    assert encoding.names[:4] == ("two=a", "rare=x", "rare=y", "rare=z")
    X = encoding.transform(frame)
    # Half of the rows are "a": the median is 0 and the quartiles lie 1 apart, u = 1.
    one = 1 / np.sqrt(1 + 1 / 9)
    np.testing.assert_allclose(np.unique(X[:, 0]), [0, one], rtol=1e-6)
    # Of rare marks the whole range is told as 2: u = 2 where they are, or -2.
    two = 2 / np.sqrt(1 + 4 / 9)
    np.testing.assert_allclose(X[:, 1], [0.0] * 18 + [-two] * 2, rtol=1e-6)
    np.testing.assert_allclose(X[:, 2], [0.0] * 18 + [two, 0], rtol=1e-6)
    again = Encoding.read(json.loads(json.dumps(encoding.describe())))
    np.testing.assert_array_equal(again.transform(frame), X)
    assert encoding.embedding(Recipe(1)).inputs == X.shape[1] == 5


def test_each_column_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0], "k": ["a", "b", "a"]})
    single = Encoding.fit(frame).single(frame)
    assert np.array_equal(single["x"], [1, np.nan, 3], equal_nan=True)
    assert single["k"].tolist() == [0, 1, 0]
