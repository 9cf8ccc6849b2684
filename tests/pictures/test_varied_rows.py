import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

import ranvier as rv
from ranvier.pictures.varied_rows import MOST_CATEGORIES, Columns, scores

FRAME = pd.DataFrame(
    {"a": [1.0, 2.0, np.nan, 9.0], "b": ["x", "y", "y", None], "c": [1, 2, 3, 4]}
)


def test_columns_of_a_frame() -> None:
    table = Columns(FRAME)
    assert (len(table), table.names) == (4, ("a", "b", "c"))
    assert table.place("c") == table.place(2) == 2
    assert table.numbers(0).tolist() == [1.0, 2.0, 9.0]
    assert Columns(pl.from_pandas(FRAME)).names == ("a", "b", "c")


def test_the_grid_goes_over_the_range_with_a_margin() -> None:
    grid = Columns(FRAME).grid(0, 5)
    np.testing.assert_allclose([grid[0], grid[-1]], [1 - 0.8, 9 + 0.8])
    constant = Columns(np.ones((3, 1))).grid(0, 3)
    np.testing.assert_allclose(constant, [0.9, 1, 1.1])


def test_what_is_drawn_along_a_column_of_any_kind() -> None:
    numbers = Columns(FRAME).along(0, 5)
    assert numbers.values.tolist() == numbers.at.tolist()
    assert (numbers.names, numbers.are_dates) == ((), False)
    categories = Columns(FRAME).along(1, 5)
    assert categories.values.tolist() == ["x", "y"]
    assert (categories.names, categories.at.tolist()) == (("x", "y"), [0, 1])
    days = pd.DataFrame({"d": pd.to_datetime(["1970-01-03", None, "1970-01-01"])})
    dates = Columns(days).along(0, 3)
    assert dates.at.tolist() == [0, 1, 2]
    assert dates.are_dates
    assert dates.values.tolist() == pd.date_range("1970-01-01", periods=3).tolist()
    many = pd.DataFrame({"k": [f"k{i:02}" for i in range(40)] + ["k39"]})
    drawn = Columns(many).along(0, 5).names
    assert len(drawn) == MOST_CATEGORIES
    assert "k39" in drawn
    gaps = pd.DataFrame({"n": pd.array([1, None, 3], "Int64")})
    assert Columns(gaps).along(0, 3).values.tolist() == pytest.approx([0.8, 2, 3.2])
    with pytest.raises(ValueError, match="'void' has no values"):
        Columns(pd.DataFrame({"void": [None, None]})).along(0, 3)


def test_the_rest_is_usual_or_that_of_a_row() -> None:
    table = Columns(FRAME)
    usual = table.varied({2: np.array([10.0, 20.0])}, None)
    assert usual["a"].tolist() == [2.0, 2.0]
    assert usual["b"].tolist() == ["y", "y"]
    assert usual["c"].tolist() == [10.0, 20.0]
    row = table.varied({2: np.array([10.0])}, 0)
    assert row.iloc[0].tolist() == [1.0, "x", 10.0]
    array = Columns(np.array([[1.0, 5], [2, 6], [3, 70]]))
    assert array.varied({0: np.array([9.0])}, None).tolist() == [[9.0, 6.0]]
    assert array.varied({0: np.array([9.0])}, 2).tolist() == [[9.0, 70.0]]
    assert FRAME["c"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.place("d"), "column 'd' does not exist"),
        (lambda t: t.place(3), "column 3 does not exist: columns are numbered 0 to 2"),
        (lambda t: t.numbers(1), "'b' holds no numbers"),
        (
            lambda t: t.varied({0: np.zeros(2)}, 4),
            "row 4 does not exist",
        ),
    ],
)
def test_what_is_not_there(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Columns(FRAME))


def test_no_table() -> None:
    with pytest.raises(ValueError, match="rows and columns are expected"):
        Columns([1.0, 2.0])


X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def test_scores_of_networks() -> None:
    soft = rv.Network.mlp(2, [3], 3, output_activation="softmax", seed=0)
    given = scores(soft, X)
    np.testing.assert_allclose(given.values, soft(X), rtol=1e-6)
    assert given.classes == ("0", "1", "2")
    one = rv.Network.mlp(2, [3], 1, output_activation="sigmoid", seed=0)
    given = scores(one, X)
    np.testing.assert_allclose(given.values[:, 1], one(X)[:, 0], rtol=1e-6)
    np.testing.assert_allclose(given.values.sum(axis=1), 1)
    assert given.classes == ("0", "1")
    number = rv.Network.mlp(2, [3], 1, seed=0)
    given = scores(number, X)
    assert given.classes == ()
    np.testing.assert_allclose(given.values, number(X)[:, 0], rtol=1e-6)


def test_scores_of_other_objects() -> None:
    y = np.array(["no", "yes", "no"])
    logistic = LogisticRegression().fit(X, y)
    np.testing.assert_array_equal(scores(logistic, X).values, logistic.predict_proba(X))
    svm = SVC().fit(X, y)
    given = scores(svm, X)
    assert given.classes == ("no", "yes")
    assert given.values.argmax(axis=1).tolist() == [0, 1, 0]
    assert scores(lambda X: X.sum(axis=1), X).values.tolist() == [0.0, 1.0, 1.0]
    with pytest.raises(TypeError, match="a int predicts nothing"):
        scores(3, X)
