from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.tabular.model import TableModel

rng = np.random.default_rng(0)
TABLE = pd.DataFrame({"x": rng.normal(size=80), "colour": list("rgb" * 26 + "rg")})
TABLE.loc[3, "x"] = np.nan
TABLE["day"] = pd.date_range("2024-01-01", periods=80)
TABLE["kind"] = np.where(TABLE.x > 0, "yes", "no")
AMOUNTS = TABLE.drop(columns="kind").assign(amount=1000 + 250 * TABLE.x.fillna(0))
TABLES = {"kind": TABLE, "amount": AMOUNTS}


@pytest.fixture(scope="module")
def models() -> dict[str, TableModel]:
    return {
        target: rv.fit_table(table, target, hidden=(8,), epochs=5, progress=False)
        for target, table in TABLES.items()
    }


@pytest.mark.parametrize("target", ["kind", "amount"])
def test_the_trace_predicts_what_the_first_network_does(models, target: str) -> None:
    model = models[target]
    trace = model.trace(TABLES[target])
    X = model.encoder.transform(TABLES[target])
    np.testing.assert_allclose(trace.Y_hat, model.network(X), atol=1e-6)
    assert trace.sources[0] == "x"
    assert "colour=r" in trace.columns
    assert trace.sources[trace.columns.index("colour=r")] == "colour"


def test_targets_come_from_the_table_where_it_has_them(models) -> None:
    trace = models["kind"].trace(TABLE, rows=[0, 5])
    assert trace.outputs == ("no", "yes")
    assert trace.Y[:, 1].tolist() == (TABLE.kind[[0, 5]] == "yes").tolist()
    given = models["kind"].trace(TABLE.drop(columns="kind"), TABLE.kind, rows=[0, 5])
    assert given.L == trace.L
    without = models["kind"].trace(TABLE.drop(columns="kind"))
    assert without.loss is None
    standardised = models["amount"].trace(AMOUNTS).Y
    assert standardised.mean() == pytest.approx(0, abs=1e-6)


def test_a_gap_in_the_target_is_a_row_to_predict(models) -> None:
    frame = TABLE.assign(kind=TABLE.kind.where(TABLE.index > 0))
    assert models["kind"].trace(frame).loss is None


def test_one_row_in_any_form(models) -> None:
    model, row = models["kind"], TABLE.iloc[7]
    expected = model.trace(TABLE, rows=[7])
    for given in (row, row.to_dict(), TABLE.iloc[[7]]):
        trace = model.trace(given)
        np.testing.assert_array_equal(trace.X, expected.X)
        assert pytest.approx(expected.L) == trace.L


def test_a_class_that_training_did_not_know(models) -> None:
    with pytest.raises(ValueError, match=r"holds 'maybe', but the classes are no, yes"):
        models["kind"].trace(TABLE.assign(kind="maybe"))


def test_columns_that_are_missing(models) -> None:
    with pytest.raises(ValueError, match="colour"):
        models["kind"].trace(TABLE[["x", "day"]])


def test_contributions_by_column_in_the_targets_units(models) -> None:
    told = rv.attribute(models["amount"], AMOUNTS)
    assert told.columns == ("x", "colour", "day")
    model = models["amount"]
    np.testing.assert_allclose(told.prediction, model.predict(AMOUNTS), rtol=1e-6)
    sd = float(models["amount"].outputs.transform.scale[0])
    total = told.contributions.sum(axis=1)
    np.testing.assert_allclose(total, told.prediction - told.baseline, atol=1e-5 * sd)


def test_contributions_are_to_the_answer_of_all_networks(models) -> None:
    model = models["kind"]
    assert len(model.networks) > 1
    told = rv.attribute(model, TABLE, output="yes")
    P = model.predict_proba(TABLE)[:, 1]
    np.testing.assert_allclose(told.prediction, P, atol=1e-6)
    total = told.contributions.sum(axis=1)
    np.testing.assert_allclose(total, told.prediction - told.baseline, atol=2e-3)
    one = [
        rv.attribute(
            TableModel([net], model.encoder, model.outputs, model.metadata),
            TABLE,
            output="yes",
        ).contributions
        for net in model.networks
    ]
    np.testing.assert_allclose(told.contributions, np.mean(one, axis=0), atol=1e-12)


def drawn(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw a table, and a number that depends on it."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    table["c"] = rng.choice(list("uvw"), n)
    is_u = (table.c == "u").to_numpy()
    return table, table.a.to_numpy() + is_u + rng.normal(size=n) / 2


@pytest.fixture(scope="module")
def classifier() -> rv.TabularClassifier:
    table, number = drawn(400, 0)
    return rv.TabularClassifier().fit(table, np.where(number > 0.3, "yes", "no"))


def test_a_classifier_is_explained_as_it_predicts(classifier) -> None:
    table, _ = drawn(200, 1)
    P = classifier.predict_proba(table)
    for fitted in (classifier, classifier.model_):
        told = rv.attribute(fitted, table)
        np.testing.assert_array_equal(told.output, P.argmax(axis=1))
        own = P[np.arange(200), told.output]
        np.testing.assert_allclose(told.prediction, own, atol=1e-5)
        total = told.baseline + told.contributions.sum(axis=1)
        np.testing.assert_allclose(total, own, atol=1e-5)


def test_several_labels_are_explained_as_predicted() -> None:
    table, number = drawn(300, 0)
    Y = np.stack([number > 0, table.b > 0.2], axis=1).astype(int)
    clf = rv.TabularClassifier(effort="fast").fit(table, Y)
    P = clf.predict_proba(table[:200])
    for k in range(2):
        told = rv.attribute(clf, table[:200], output=k)
        total = told.baseline + told.contributions.sum(axis=1)
        np.testing.assert_allclose(total, P[:, k], atol=1e-5)


@pytest.mark.parametrize("kind", ["plain", "skewed", "counts", "two"])
def test_a_regressor_is_explained_in_the_units_of_the_target(kind: str) -> None:
    table, number = drawn(400, 0)
    settings: dict[str, Any] = {}
    if kind == "skewed":
        number = np.exp(2 * number)
    if kind == "counts":
        number, settings = np.floor(np.exp(number)), {"loss": "poisson"}
    y = np.stack([number, -number], axis=1) if kind == "two" else number
    reg = rv.TabularRegressor(effort="fast", **settings).fit(table, y)
    assert reg.target_transform_.sign.any() == (kind == "skewed")
    new, _ = drawn(200, 1)
    predicted = reg.predict(new).reshape(200, -1)
    for k in range(predicted.shape[1]):
        told = rv.attribute(reg, new, output=k)
        assert told.outputs == (("y0", "y1") if kind == "two" else ("y",))
        total = told.baseline + told.contributions.sum(axis=1)
        spread = np.ptp(predicted[:, k])
        np.testing.assert_allclose(told.prediction, predicted[:, k], atol=1e-6 * spread)
        np.testing.assert_allclose(total, predicted[:, k], atol=1e-5 * spread)


def test_the_trace_of_an_estimator_is_of_a_calibrated_network(classifier) -> None:
    table, _ = drawn(5, 1)
    trace = classifier.trace(table)
    first = classifier.model_.networks[0]
    X = classifier.encoder_.transform(table)
    np.testing.assert_allclose(trace.Y_hat, first(X), atol=1e-5)
    count = len(classifier.networks_)
    assert f"networks[0] of {count}" in trace.notes[-1]
