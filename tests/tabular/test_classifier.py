import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from raw_tables import mixed
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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
    told = trace.explain(f"W1[{trace.columns.index('size')},0]", row=1).factors[-1]
    assert told.value == trace.X[1, trace.columns.index("size")]  # scaled
    assert told.source == f"the input size, {table['size'][1]:.6g} in the table"
    sources = [part.source for part in trace.explain_unit(1, 0, row=0).incoming]
    assert "size, (missing) in the table" in sources
    assert f"code: e1, {table['code'][0]} in the table" in sources
    assert f"kind={table['kind'][0]}" in sources
    with pytest.raises(ValueError, match="one of those"):
        clf.trace(table.iloc[:1], ["middle"])


def test_weights_that_are_all_zero() -> None:
    table, number = mixed()
    with pytest.raises(ValueError, match=r"non-zero|above 0"):
        rv.TabularClassifier().fit(table, number > 1, np.zeros(200))


def draw_few(
    kind: str, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows of two classes, about which the inputs say little or nothing."""
    X = rng.normal(size=(n, 4))
    if kind == "few distinct rows":
        X = (X[:, :2] > 0).astype(float)
    signal = {"noise": 0.0, "rare class": -1.7}.get(kind, X[:, 0])
    y = (rng.random(n) < 1 / (1 + np.exp(-signal))).astype(int)
    y[:2] = [0, 1]
    return X, y


@pytest.mark.parametrize("n", [10, 20, 39, 60, 400])
@pytest.mark.parametrize(
    "kind", ["noise", "rare class", "weak signal", "few distinct rows"]
)
def test_few_rows_give_moderate_probabilities(kind: str, n: int) -> None:
    """Beside logistic regression on the same rows, as the mean of four tables."""
    if n > 60 and kind != "few distinct rows":
        pytest.skip("these are not few")
    ours, linear = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        (X, y), (X_test, y_test) = draw_few(kind, n, rng), draw_few(kind, 1000, rng)
        for model, losses in (
            (rv.TabularClassifier(random_state=seed), ours),
            (make_pipeline(StandardScaler(), LogisticRegression()), linear),
        ):
            P = model.fit(X, y).predict_proba(X_test)
            losses.append(log_loss(y_test, P))
    assert np.mean(ours) <= 1.15 * np.mean(linear)


def test_few_rows_with_a_clear_signal_give_sure_probabilities() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    clf = rv.TabularClassifier().fit(X, X[:, 0] > 0)
    P = clf.predict_proba([[-2.0, 0.0], [2.0, 0.0]])
    assert P[0, 0] > 0.9
    assert P[1, 1] > 0.9


def test_labels_of_few_rows_are_moderate() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 4)), rng.integers(0, 2, size=(30, 2))
    P = rv.TabularClassifier().fit(X, Y).predict_proba(rng.normal(size=(500, 4)))
    assert ((P > 0.1) & (P < 0.9)).all()
