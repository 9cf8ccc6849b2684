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
    X = model.encoder.transform(AMOUNTS)
    # Before what is beyond the training rows is brought back to their range.
    y = [
        model.outputs.transform.inverse_transform(net(X))[:, 0]
        for net in model.networks
    ]
    np.testing.assert_allclose(told.prediction, np.mean(y, axis=0), rtol=1e-5)
    sd = float(models["amount"].outputs.transform.scale[0])
    total = told.contributions.sum(axis=1)
    np.testing.assert_allclose(
        total, told.prediction - told.baseline, atol=1e-3 * sd * 4
    )


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
