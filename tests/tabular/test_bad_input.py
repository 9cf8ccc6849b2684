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


@pytest.mark.filterwarnings("ignore:.*left out")
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
    with pytest.warns(UserWarning, match="'same' is left out: one value only"):
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
    with pytest.warns(UserWarning, match="Column 'rare' is left out: free text"):
        model = fitted(kind, table.drop(columns="day"), number, time_limit=60)
    assert model.columns_["rare"].startswith("left out")
    some = table.drop(columns="day")[known]
    assert model.score(some, answers(kind, number)[known]) > 0.8


NUMBERS = np.random.default_rng(0).normal(size=(60, 2))
KINDS = (NUMBERS[:, 0] > 0).astype(int)
TEXTS = np.array(["a", "b"] * 30, object)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_weight", {0: -1, 1: 1}),
        ("class_weight", {0: 0, 1: 1}),
        ("class_weight", {0: 0, 1: 0}),
        ("class_weight", {0: np.nan, 1: 1}),
        ("class_weight", {0: np.inf, 1: 1}),
        ("class_weight", {0: "1", 1: 1}),
        ("class_weight", "abc"),
        *[("epochs", value) for value in (0, -1, 1.5, "3", True, np.nan)],
        *[("hidden", value) for value in (5, "44", (0,), (4.5,), ["4"], (-1,))],
        *[("validation", value) for value in (0, 1, 2, -0.5, np.nan, "0.2", True)],
        *[("time_limit", value) for value in (0, -1, np.nan, "5", True)],
        *[("time_ordered", value) for value in ("yes", None, 1)],
        *[("categories", value) for value in ("x0", 5)],
    ],
)
def test_wrong_parameters_are_named(name: str, value: Any) -> None:
    settings = {"effort": "fast", "epochs": 2, "hidden": (4,)} | {name: value}
    with pytest.raises((TypeError, ValueError), match=name):
        rv.TabularClassifier(**settings).fit(NUMBERS, KINDS)


@pytest.mark.parametrize(
    "groups",
    [np.arange(5), np.zeros((60, 2)), 3, "abc", [None, *range(59)], np.zeros(60)],
)
def test_wrong_groups(groups: Any) -> None:
    with pytest.raises(ValueError, match="groups"):
        rv.TabularClassifier(effort="fast").fit(NUMBERS, KINDS, groups=groups)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.where(np.arange(60) == 3, None, TEXTS), "missing in row 3"),
        (np.where(np.arange(60) == 3, np.nan, TEXTS), "missing in row 3"),
        (pd.cut(NUMBERS[:, 0], 3), "type Interval"),
        (pd.to_timedelta(KINDS, unit="s"), "numbers, for example seconds"),
        (np.ma.masked_array(KINDS, mask=NUMBERS[:, 0] > 1), "masked"),
    ],
)
def test_wrong_targets(y: Any, message: str) -> None:
    for kind in (rv.TabularClassifier, rv.TabularRegressor):
        with pytest.raises(ValueError, match=message):
            kind(effort="fast").fit(NUMBERS, y)


def test_classes_that_are_objects_of_whole_numbers() -> None:
    settings: dict[str, Any] = {
        "effort": "fast", "epochs": np.int64(2), "hidden": np.array([4]),
    }  # fmt: skip
    clf = rv.TabularClassifier(**settings).fit(NUMBERS, KINDS.astype(object))
    assert clf.classes_.tolist() == [0, 1]


def test_masked_cells_are_missing() -> None:
    masked = np.ma.masked_array(NUMBERS, mask=NUMBERS > 1)
    plain = np.where(NUMBERS > 1, np.nan, NUMBERS)
    P, Q = (
        rv.TabularClassifier(effort="fast", epochs=2).fit(X, KINDS).predict_proba(X)
        for X in (masked, plain)
    )
    np.testing.assert_array_equal(P, Q)
