"""Tables that are not as they should be: each has one clear outcome, for both kinds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from raw_tables import mixed
from scipy import sparse

import ranvier as rv
from ranvier.table.encoder import TableEncoder
from ranvier.tabular import input_validation
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.hyperparameters import MOST_CATEGORIES, Hyperparameters

KINDS: list[Any] = [rv.TabularClassifier, rv.TabularRegressor]
both = pytest.mark.parametrize("kind", KINDS, ids=["classes", "numbers"])


def answers(kind: Any, number: np.ndarray) -> np.ndarray:
    return number > 1 if kind is rv.TabularClassifier else number


def fitted(kind: Any, table: Any, number: np.ndarray, **settings: Any) -> Any:
    return kind(effort="fast", **settings).fit(table, answers(kind, number))


@both
def test_columns_that_tell_nothing_are_left_out(kind: Any) -> None:
    table, number = mixed()
    table = table.assign(
        void=np.nan,
        nothing=None,
        same=7,
        id=np.arange(200),
        customer=[f"n{i}" for i in range(200)],
        lists=[[1]] * 200,
    )
    model = fitted(kind, table, number)
    told = " ".join(model.notices_)
    for name in ("void", "nothing", "same", "id", "customer", "lists"):
        assert repr(name) in told
        assert model.columns_[name].startswith("left out: ")
    assert len(model.predict(table)) == 200


@both
def test_no_column_tells_anything(kind: Any) -> None:
    table, number = mixed()
    with pytest.raises(ValueError, match="none of the 2 columns can be used"):
        fitted(kind, table.assign(a=None, b=1)[["a", "b"]], number)


def test_a_category_of_100_000_values() -> None:
    each_twice = [f"v{i // 2}" for i in range(200_000)]
    some = ["often"] * 50_000 + [f"v{i}" for i in range(100_000)]
    many = [f"v{i % 20_000}" for i in range(200_000)]
    x = np.arange(200_000) % 7
    for values, kept in ((each_twice, 0), (some, 1), (many, MOST_CATEGORIES)):
        n = len(values)
        frame = pd.DataFrame({"k": values, "x": x[:n]})
        encoding = TableEncoder.fit(frame, **Hyperparameters(1).encoding())
        column = encoding.schema.columns["k"]
        assert column.kind == ("category" if kept else "dropped")
        if kept:
            assert len(column.categories) == kept
            assert any("rarest categories" in told for told in encoding.schema.notices)


@both
def test_a_leaking_column_is_warned_of(kind: Any) -> None:
    table, number = mixed(2000)
    number = number + np.random.default_rng(1).normal(size=2000)
    table["answer"] = answers(kind, number) * 2.0 + 1
    with pytest.warns(UserWarning, match="'answer' alone predict"):
        model = fitted(kind, table, number, time_limit=5)
    assert any("'answer' alone predict" in told for told in model.notices_)


@both
def test_one_valued_target(kind: Any) -> None:
    table, _ = mixed()
    if kind is rv.TabularRegressor:
        model = kind(effort="fast").fit(table, np.full(200, 7.0))
        told, low, high = model.predict(table, interval=0.9)
        assert (told == 7).all()
        assert ((low <= 7) & (high >= 7)).all()
    else:
        with pytest.raises(ValueError, match="one class only, 'a'"):
            kind().fit(table, ["a"] * 200)


@both
def test_five_rows(kind: Any) -> None:
    table, number = mixed()
    number[:5] = [0, 2, 0, 2, 0]
    model = fitted(kind, table[:5], number[:5])
    with pytest.warns(DriftWarning):
        predicted = model.predict(table)
    assert len(predicted) == 200
    if kind is rv.TabularRegressor:
        assert (predicted <= 2).all()
        with pytest.raises(ValueError, match="no rows were held out: train with 40"):
            model.predict(table[:5], interval=0.9)


@both
def test_one_row_and_none(kind: Any) -> None:
    table, number = mixed()
    told = "n_samples = 1" if kind is rv.TabularRegressor else "one class only, True"
    with pytest.raises(ValueError, match=told):
        fitted(kind, table[:1], number[:1])
    with pytest.raises(ValueError, match="the table has no rows"):
        fitted(kind, table[:0], number[:0])


@both
@pytest.mark.parametrize("wrong", [np.inf, -np.inf])
def test_infinite_values(kind: Any, wrong: float) -> None:
    table, number = mixed()
    model = fitted(kind, table, number)
    broken = table.copy()
    broken.loc[4, "size"] = wrong
    with pytest.raises(ValueError, match=r"'size' holds 1 infinite value.*row 4"):
        fitted(kind, broken, number)
    with pytest.raises(ValueError, match=r"'size' holds 1 infinite value.*row 4"):
        model.predict(broken)
    with pytest.raises(ValueError, match="infinity"):
        kind().fit(table, np.where(np.arange(200) == 3, wrong, number.round()))


@both
def test_a_target_with_gaps(kind: Any) -> None:
    table, number = mixed()
    with pytest.raises(ValueError, match="NaN"):
        kind().fit(table, np.where(np.arange(200) == 3, np.nan, number.round()))


@both
def test_mixed_types_in_a_column(kind: Any) -> None:
    table, number = mixed()
    table["both"] = [1 if i % 2 else "one" for i in range(200)]
    table["nearly"] = ["?" if i == 9 else str(i * 0.5) for i in range(200)]
    model = fitted(kind, table, number)
    assert model.columns_["both"].startswith("category of 2 values")
    assert model.columns_["nearly"] == "number from 0 to 99.5, 1 missing"
    assert any("of 'nearly' are numbers; '?' (1)" in told for told in model.notices_)


@both
def test_another_type_at_prediction(kind: Any) -> None:
    table, number = mixed()
    model = fitted(kind, table, number)
    with pytest.raises(ValueError, match="'size' holds 'large' in row 0"):
        model.predict(table.assign(size="large"))
    as_texts = table.assign(day=table["day"].astype(str))
    assert (model.predict(as_texts) == model.predict(table)).all()


@both
def test_columns_in_another_order_missing_or_new(kind: Any) -> None:
    table, number = mixed()
    model = fitted(kind, table, number)
    expected = model.predict(table)
    reordered = table[["kind", "size", "code", "day"]]
    assert (model.predict(reordered) == expected).all()
    with pytest.raises(ValueError, match=r"lacks the column.* 'code'"):
        model.predict(table[["size", "kind", "day"]])
    with pytest.warns(UserWarning, match="'new' were not in the training table"):
        assert (model.predict(table.assign(new=1)) == expected).all()
    twice = pd.concat([table, table[["size"]]], axis=1)
    with pytest.raises(ValueError, match="size"):
        fitted(kind, twice, number)


@both
def test_an_index_says_nothing(kind: Any) -> None:
    table, number = mixed()
    told = fitted(kind, table, number).predict(table)
    repeated = table.set_axis([0] * 200)
    assert (fitted(kind, repeated, number).predict(repeated) == told).all()
    y = pd.Series(answers(kind, number), index=np.arange(200)[::-1])
    assert (kind(effort="fast").fit(table, y).predict(table) == told).all()


def sparse_table(table: pd.DataFrame) -> Any:
    return sparse.csr_array(np.nan_to_num(table[["size"]].to_numpy()))


@both
@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas], ids=str)
def test_frames_of_other_libraries(kind: Any, make: Callable[[Any], Any]) -> None:
    table, number = mixed()
    model = fitted(kind, table, number)
    other = fitted(kind, make(table), number)
    assert (other.predict(make(table)) == model.predict(table)).all()
    assert other.columns_ == model.columns_


@both
def test_sparse(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table, number = mixed()
    X = sparse_table(table)
    model = fitted(kind, X, number)
    assert (model.predict(X) == model.predict(X.toarray())).all()
    monkeypatch.setattr(input_validation, "MOST_CELLS", 100)
    with pytest.raises(ValueError, match="200 x 1 cells, more than the 100"):
        model.predict(X)


def test_a_thousand_classes() -> None:
    X = np.repeat(np.arange(1000.0), 2)[:, None]
    model = rv.TabularClassifier(effort="fast", time_limit=5).fit(X, X[:, 0])
    assert model.predict_proba(X).shape == (2000, 1000)


def test_several_columns_of_classes() -> None:
    table, _ = mixed()
    Y = np.stack([np.arange(200) % 3, np.arange(200) % 4], axis=1)
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        rv.TabularClassifier().fit(table, Y)


@pytest.mark.slow
@both
def test_300_000_rows(kind: Any) -> None:
    table, number = mixed(300_000)
    table["rare"] = [f"v{i // 3}" for i in range(300_000)]  # 100,000 values
    known = table["size"].notna() & table["kind"].notna()
    model = fitted(kind, table.drop(columns="day"), number, time_limit=60)
    assert model.columns_["rare"].startswith("left out")
    some = table.drop(columns="day")[known]
    assert model.score(some, answers(kind, number)[known]) > 0.8
