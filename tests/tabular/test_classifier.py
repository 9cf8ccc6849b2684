import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from raw_tables import mixed
from scipy import sparse

import ranvier as rv
from ranvier.files import FileFormatError


def fitted(**settings: Any) -> tuple[rv.TabularClassifier, pd.DataFrame, Any]:
    table, number = mixed()
    y = np.where(number > 1, "high", "low")
    return rv.TabularClassifier(effort="fast", **settings).fit(table, y), table, y


def test_learns_a_raw_table() -> None:
    clf, table, y = fitted()
    assert clf.score(table, y) > 0.85
    P = clf.predict_proba(table)
    assert P.shape == (200, 2)
    assert np.allclose(P.sum(axis=1), 1)


def test_same_bits_for_any_number_of_threads_and_order_of_rows() -> None:
    one, table, y = fitted(n_threads=1)
    two, *_ = fitted(n_threads=2)
    order = np.random.default_rng(1).permutation(len(y))
    other = rv.TabularClassifier(effort="fast").fit(table.iloc[order], y[order])
    P = one.predict_proba(table)
    assert (two.predict_proba(table) == P).all()
    assert (other.predict_proba(table) == P).all()
    assert (fitted(random_state=1)[0].predict_proba(table) != P).any()


def test_a_weight_of_two_is_two_rows() -> None:
    table, number = mixed(80)
    y = number > 1
    twice = np.arange(80) % 2 + 1
    weighted = rv.TabularClassifier(effort="fast").fit(table, y, twice)
    rows = np.repeat(np.arange(80), twice)
    repeated = rv.TabularClassifier(effort="fast").fit(table.iloc[rows], y[rows])
    assert (weighted.predict_proba(table) == repeated.predict_proba(table)).all()


def test_frames_of_all_libraries_are_the_same() -> None:
    clf, table, _ = fitted()
    P = clf.predict_proba(table)
    polars = pl.from_pandas(table)
    assert (clf.predict_proba(polars) == P).all()
    assert (clf.predict_proba(polars.to_arrow()) == P).all()


def test_sparse_as_dense() -> None:
    X = sparse.random(100, 5, 0.5, random_state=0, format="csr")
    y = X.toarray()[:, 0] > 0.2
    clf = rv.TabularClassifier(effort="fast").fit(X, y)
    assert (clf.predict_proba(X) == clf.predict_proba(X.toarray())).all()


def test_several_labels() -> None:
    table, number = mixed()
    Y = np.stack([number > 0, number > 1], axis=1).astype(int)
    clf = rv.TabularClassifier(effort="fast").fit(table, Y)
    assert (clf.predict(table) == Y).mean() > 0.9
    assert clf.predict_proba(table).shape == (200, 2)


def test_class_weights_move_the_line() -> None:
    table, number = mixed()
    y = number > 2.5
    plain = rv.TabularClassifier(effort="fast").fit(table, y)
    even = rv.TabularClassifier(effort="fast", class_weight="balanced").fit(table, y)
    P, Q = plain.predict_proba(table), even.predict_proba(table)
    assert Q[:, 1].mean() > P[:, 1].mean()


def test_saved_and_loaded_it_says_the_same(tmp_path: Path) -> None:
    clf, table, _ = fitted()
    clf.save(tmp_path / "m.safetensors")
    again = rv.TabularClassifier.load(tmp_path / "m.safetensors")
    assert (again.predict_proba(table) == clf.predict_proba(table)).all()
    assert again.get_params() == clf.get_params()
    assert (again.predict(table) == clf.predict(table)).all()
    copy = pickle.loads(pickle.dumps(clf))
    assert (copy.predict_proba(table) == clf.predict_proba(table)).all()
    with pytest.raises(FileFormatError, match=r"TabularClassifier\.load"):
        rv.TabularRegressor.load(tmp_path / "m.safetensors")


def test_a_row_is_traced_in_the_columns_of_the_table() -> None:
    clf, table, y = fitted()
    trace = clf.trace(table.iloc[:2], y[:2])
    assert "size" in trace.columns
    with pytest.raises(ValueError, match="one of those"):
        clf.trace(table.iloc[:1], ["middle"])


class TestBadInput:
    def test_a_column_without_values_is_left_out(self) -> None:
        table, number = mixed()
        table["void"] = np.nan
        clf = rv.TabularClassifier(effort="fast").fit(table, number > 1)
        assert any("'void'" in notice for notice in clf.notices_)

    def test_very_many_categories_and_identifiers_are_left_out(self) -> None:
        table, number = mixed()
        table["customer"] = [f"n{i}" for i in range(200)]
        table["id"] = np.arange(200)
        clf = rv.TabularClassifier(effort="fast").fit(table, number > 1)
        told = " ".join(clf.notices_)
        assert "'customer'" in told
        assert "'id'" in told

    def test_a_leaking_column_is_warned_of(self) -> None:
        table, number = mixed()
        table["answer"] = np.where(number > 1, "yes", "no")
        with pytest.warns(UserWarning, match="'answer' alone predict"):
            rv.TabularClassifier(effort="fast").fit(table, number > 1)

    def test_one_class(self) -> None:
        table, _ = mixed()
        with pytest.raises(ValueError, match="one class only"):
            rv.TabularClassifier().fit(table, np.zeros(200, int))

    def test_five_rows(self) -> None:
        clf = rv.TabularClassifier(effort="fast")
        clf.fit([[0], [1], [2], [3], [4]], [0, 0, 1, 1, 1])
        assert set(clf.predict([[0], [4]])) <= {0, 1}

    def test_a_thousand_classes(self) -> None:
        X = np.repeat(np.arange(1000.0), 2)[:, None]
        clf = rv.TabularClassifier(effort="fast", time_limit=5).fit(X, X[:, 0])
        assert clf.predict_proba(X).shape == (2000, 1000)

    def test_infinite_values(self) -> None:
        table, number = mixed()
        table.loc[4, "size"] = np.inf
        with pytest.raises(ValueError, match="'size' holds 1 infinite"):
            rv.TabularClassifier().fit(table, number > 1)

    def test_mixed_types_are_categories(self) -> None:
        table, number = mixed()
        table["both"] = [1 if i % 2 else "one" for i in range(200)]
        clf = rv.TabularClassifier(effort="fast").fit(table, number > 1)
        assert clf.encoding_.table.columns["both"].kind == "category"

    def test_columns_in_another_order_or_missing(self) -> None:
        clf, table, _ = fitted()
        with pytest.raises(ValueError, match="same order"):
            clf.predict(table[["kind", "size", "code", "day"]])
        with pytest.raises(ValueError, match="missing"):
            clf.predict(table[["size", "kind", "day"]])

    def test_an_index_with_repeats_says_nothing(self) -> None:
        clf, table, y = fitted()
        repeated = table.set_axis([0] * 200)
        other = rv.TabularClassifier(effort="fast").fit(repeated, y)
        assert (other.predict_proba(repeated) == clf.predict_proba(table)).all()

    def test_weights_that_are_all_zero(self) -> None:
        table, number = mixed()
        with pytest.raises(ValueError, match=r"non-zero|above 0"):
            rv.TabularClassifier().fit(table, number > 1, np.zeros(200))
