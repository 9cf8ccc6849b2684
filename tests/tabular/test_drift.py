"""drift.py: how rows differ from the training rows, and when that is worth a word."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.stats import ks_2samp, nbinom
from tests import real_tables

import ranvier as rv
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.dataset import read_as_training
from ranvier.tabular.drift import DriftWarning, _chance, drift, drift_message

RNG = np.random.default_rng(0)
N = 400
TRAIN = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "k": RNG.choice(["a", "b", "c"], N),
        "when": pd.date_range("2024-01-01", periods=N, freq="D"),
        "z": RNG.integers(0, 9, N),
    }
)
TRAIN["y"] = TRAIN.x + RNG.normal(size=N) > 0


@pytest.fixture(scope="module")
def model() -> rv.TableModel:
    return rv.fit_table(TRAIN, "y", effort="fast")


def changed(**columns: object) -> pd.DataFrame:
    return TRAIN.drop(columns="y").head(20).assign(**columns)


def test_rows_of_training_are_silent(model: rv.TableModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(TRAIN)
        model.predict(TRAIN.head(1))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"k": "zebra"}, r"'k' holds 1 unseen or rare categories in 20 row.*'zebra'"),
        ({"x": 1e6}, r"'x' is outside of its training range, .* in 20 .*up to 1e\+06"),
        ({"when": pd.Timestamp("2031-05-06")}, "'when' is outside .*up to 2031-05-06"),
        ({"z": np.nan}, "'z' has no value in 20 row"),
    ],
)
def test_predicting_warns_once_with_counts(
    model: rv.TableModel, columns: dict[str, object], words: str
) -> None:
    for predict in (model.predict, model.predict_proba):
        with pytest.warns(DriftWarning, match=words) as caught:
            predict(changed(**columns))
        assert len(caught) == 1
        assert "20 of 20 rows (100.0%) are outside" in str(caught[0].message)
        assert caught[0].filename == __file__


def test_one_row_suffices(model: rv.TableModel) -> None:
    for columns in ({"k": "zebra"}, {"x": -1e6}, {"z": np.nan}):
        with pytest.warns(DriftWarning, match="1 of 1 rows"):
            model.predict(changed(**columns).head(1))


def test_a_saved_model_and_an_estimator_compare_alike(
    model: rv.TableModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "m.safetensors")
    X = changed(x=50.0)
    report = model.drift(X)
    # Through text, because NaN differs from itself.
    assert repr(rv.load(tmp_path / "m.safetensors").drift(X)) == repr(report)
    clf = rv.TabularClassifier(effort="fast").fit(TRAIN.drop(columns="y"), TRAIN.y)
    assert repr(clf.drift(X)) == repr(report)
    assert (report.rows, report.training_rows, report.affected) == (20, N, 20)
    assert report.columns[0].above == 20
    assert report.columns[0].farthest == 50.0
    assert repr(report).splitlines()[0].startswith("DriftReport: 20 rows against 400")
    assert len(repr(report).splitlines()) == 2 + len(report.columns)


def test_statistics_are_those_of_the_samples() -> None:
    # With at most 20 different values, the quantiles hold every one of them.
    train, new = RNG.integers(0, 6, 300) / 4, RNG.integers(2, 9, 200) / 4
    kinds, other = RNG.choice(list("ab"), 300), RNG.choice(list("abb"), 200)
    encoder = TableEncoder.fit(pd.DataFrame({"x": train, "k": kinds}))
    x, k = drift(encoder, pd.DataFrame({"x": new, "k": other})).columns
    assert x.statistic == pytest.approx(ks_2samp(train, new).statistic)
    assert k.statistic == pytest.approx(
        abs((kinds == "a").mean() - (other == "a").mean())
    )
    p, q = (np.array([np.sum(s == c) for c in "ab"]) + 0.5 for s in (other, kinds))
    p, q = p / p.sum(), q / q.sum()
    assert k.psi == pytest.approx(((p - q) * np.log(p / q)).sum())


def test_no_rows_have_no_drift() -> None:
    encoder = TableEncoder.fit(TRAIN)
    assert drift_message(encoder, TRAIN.head(0)) is None


def test_chance_is_the_tail_of_a_negative_binomial_distribution() -> None:
    for count, events, n, m in [(1, 1, 99, 1), (7, 1, 50, 50), (9, 4, 80, 20)]:
        expected = nbinom.sf(count - 1, events, n / (n + m))
        assert _chance(count, events, n, m) == pytest.approx(expected)
    assert _chance(1, 1, 99, 1) == pytest.approx(0.01)


@real_tables.needed
@pytest.mark.parametrize("part", range(6))
def test_healthy_tables_split_at_random_are_silent(part: int) -> None:
    for path in sorted(real_tables.FOLDER.glob("*.parquet"))[part::6]:
        table = pq.read_table(path)
        table = table.slice(0, 2_000_000 // table.num_columns)
        _, read = read_as_training(table)
        order = np.random.default_rng(0).permutation(len(table))
        first, second = np.array_split(order, 2)
        encoder = TableEncoder.fit(read.take(np.sort(first)))
        assert drift_message(encoder, read.take(np.sort(second))) is None, path.stem
