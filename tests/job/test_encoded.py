import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.job.encoded import usual_row
from ranvier.job.model import Model
from ranvier.job.preparation import prepare

rng = np.random.default_rng(0)
TABLE = pd.DataFrame({"x": rng.normal(size=80), "colour": list("rgb" * 26 + "rg")})
TABLE.loc[3, "x"] = np.nan
TABLE["day"] = pd.date_range("2024-01-01", periods=80)
TABLE["kind"] = np.where(TABLE.x > 0, "yes", "no")
TABLE["amount"] = 1000 + 250 * TABLE.x.fillna(0)


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    inputs = ["x", "colour", "day"]
    return {
        target: rv.fit_table(
            TABLE[[*inputs, target]], target, hidden=(8,), epochs=5, progress=False
        )
        for target in ("kind", "amount")
    }


@pytest.mark.parametrize("target", ["kind", "amount"])
def test_the_trace_predicts_what_the_first_network_does(models, target: str) -> None:
    model = models[target]
    trace = model.trace(TABLE)
    first = Model(
        [model.network], model.encoder, model.target, model.usual, model.facts
    )
    np.testing.assert_allclose(trace.Y_hat, first.outputs(TABLE), atol=1e-6)
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
    standardised = models["amount"].trace(TABLE).Y
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
    with pytest.raises(
        ValueError, match=r"holds 'maybe', but training knew .* no, yes"
    ):
        models["kind"].trace(TABLE.assign(kind="maybe"))


def test_columns_that_are_missing(models) -> None:
    with pytest.raises(ValueError, match="colour"):
        models["kind"].trace(TABLE[["x", "day"]])


def test_the_usual_row_is_the_mean_of_the_training_rows() -> None:
    frame = TABLE[["x", "colour", "kind"]].assign(
        code=["a", "b", *"cdefghijkl"] * 6 + list("aaaabbbb")
    )
    frame = pd.concat([frame, frame.iloc[:5], frame.iloc[:5]])
    prepared = prepare(frame, "kind")
    X = prepared.encoder.transform(frame)
    usual = usual_row(prepared.data, prepared.lesson.embedding)
    coded = prepared.encoder.names.index("code")
    plain = np.arange(len(usual)) != coded
    np.testing.assert_allclose(usual[plain], X.mean(axis=0)[plain], atol=1e-6)
    assert frame.code.mode()[0] == "a"
    assert usual[coded] == X[0, coded]


def test_contributions_by_column_in_the_targets_units(models) -> None:
    told = rv.attribute(models["amount"], TABLE)
    assert told.columns == ("x", "colour", "day")
    np.testing.assert_allclose(
        told.prediction, models["amount"].predict(TABLE), rtol=1e-5
    )
    sd = models["amount"].target.scale.sd
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
            Model([net], model.encoder, model.target, model.usual, model.facts),
            TABLE,
            output="yes",
        ).contributions
        for net in model.networks
    ]
    np.testing.assert_allclose(told.contributions, np.mean(one, axis=0), atol=1e-12)
