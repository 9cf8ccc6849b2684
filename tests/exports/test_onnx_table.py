"""A table model in ONNX predicts what Python predicts, raw rows in."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from table_models import HOSTILE, TABLES, fitted, mixed, with_codes

import ranvier as rv
import real_tables
from ranvier.exports.onnx_inputs import feeds_of, raw_feeds, representable
from ranvier.exports.table_verification import (
    predicted,
    predicted_bounds,
    probe_table,
    table_gap,
)
from ranvier.table.column_types import Category
from ranvier.table.values import values_of
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")

Array = NDArray[Any]

# Python's networks and those of a runtime add float32 in different orders: here and
# there that makes a little more than 1e-6.
MOST, USUAL = 3e-6, 1e-6


def check(
    model: rv.TableModel, rows: int, *, reference: bool = False, usual: float = USUAL
) -> Any:
    """Compare on usual and strange rows; return the ONNX model."""
    from onnx.reference import ReferenceEvaluator

    from ranvier.exports.onnx_table import TableGraph

    graph = TableGraph(model)
    built = graph.build()
    table = representable(model.encoder, probe_table(model, rows))
    expected, feeds = predicted(model, table), raw_feeds(model.encoder, table)
    programs = [ort.InferenceSession(built.SerializeToString())]
    if reference:
        programs.append(ReferenceEvaluator(built))
    for program in programs:
        with np.errstate(all="ignore"):
            found = program.run(list(graph.names.values()), feeds)
        values = dict(zip(graph.names, found, strict=True))
        numeric = isinstance(model.outputs, NumberOutputs)
        main = values["prediction" if numeric else "probabilities"]
        gaps = [
            table_gap(model, own[None], true[None])
            for own, true in zip(main.reshape(expected.shape), expected, strict=True)
        ]
        assert max(gaps) <= MOST
        assert np.quantile(gaps, 0.95) <= usual
        if not numeric:
            check_labels(model, values["label"], expected)
        if graph.interval is not None:
            bounds = predicted_bounds(model, table, graph.interval)
            assert table_gap(model, values["low"], bounds[0]) <= MOST
            assert table_gap(model, values["high"], bounds[1]) <= MOST
        if "unseen" in values:
            check_unseen(model, table, values["unseen"], graph.unseen_columns)
    return built


def check_unseen(
    model: rv.TableModel, table: dict[str, Array], unseen: Array, names: list[str]
) -> None:
    columns = {column.name: column for column in model.encoder.schema.used}
    for name, found in zip(names, unseen.T, strict=True):
        column, values = columns[name], values_of(table[name])
        assert isinstance(column, Category)
        counts = column.unseen(values)
        expected = np.isin(table[name].astype(str), list(counts))
        np.testing.assert_array_equal(found, expected)


def check_labels(model: rv.TableModel, label: Array, P: Array) -> None:
    if isinstance(model.outputs, ClassOutputs):
        first, second = np.sort(P, axis=1)[:, -1], np.sort(P, axis=1)[:, -2]
        sure = first - second > 1e-5
        expected = model.outputs.target.inverse(P.argmax(axis=1))
        assert label[sure].tolist() == expected[sure].tolist()
    else:
        sure = np.abs(P - 0.5) > 1e-5
        np.testing.assert_array_equal(label[sure], (P > 0.5)[sure])


@pytest.mark.parametrize("target", ["skewed", "kind", "flag", "x"])
def test_every_kind_of_column(target: str) -> None:
    table = mixed()
    model = fitted(table[table[target].notna()], target)
    built = check(model, 300, reference=True)
    assert {(o.domain, o.version) for o in built.opset_import} in (
        {("", 17), ("ai.onnx.ml", 3)},
        {("", 21), ("ai.onnx.ml", 4)},
    )


def test_whole_numbers_that_are_codes() -> None:
    model = fitted(with_codes(), "y", hidden=(8,), epochs=3)
    assert set(model.encoder.codes) == {"shop", "gaps"}
    check(model, 300, reference=True)


def test_opset_17_where_no_key_is_double() -> None:
    model = fitted(mixed()[["x", "도시", "when", "flag"]], "flag", epochs=2)
    built = check(model, 50)
    assert built.opset_import[0].version == 17
    assert built.ir_version == 8


def test_types_of_classes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=90)
    for classes in ([3, 7], [0.5, 1.5], [True, False], ["가", "나"]):
        table = pd.DataFrame({"x": x, "y": np.where(x > 0, *classes)})
        model = fitted(table, "y", task="classification", epochs=2, hidden=(4,))
        check(model, 40)


def test_labels_and_several_numbers() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=90), "b": rng.choice(["u", "v"], 90)})
    Y = np.column_stack([X.a > 0, X.b == "u"]).astype(int)
    settings: Any = {"effort": "fast", "epochs": 2, "hidden": (4,)}
    labels = rv.TabularClassifier(**settings).fit(X, Y).model_
    check(labels, 60)
    y = np.exp(3 * Y) + X[["a"]].to_numpy()
    check(rv.TabularRegressor(**settings).fit(X, y).model_, 60)


def test_hostile_names_of_columns_and_classes() -> None:
    rng = np.random.default_rng(0)
    names = [*HOSTILE[2:], "ranvier_v1", "label", "probabilities", "probabilities_"]
    table = pd.DataFrame({name: rng.normal(size=80) for name in names})
    table["int"] = rng.choice(HOSTILE[2:], 80)
    table["target"] = rng.choice(["yes", "*/", 'no"'], 80)
    model = fitted(table, "target", hidden=(4,), epochs=2)
    built = check(model, 50)
    assert {i.name for i in built.graph.input} == {*names, "int"}
    assert [o.name for o in built.graph.output] == [
        "label_",
        "probabilities__",
        "unseen",
    ]


def test_bounds_of_several_levels() -> None:
    from ranvier.exports.onnx_table import TableGraph

    model = fitted(mixed(), "skewed", epochs=3)
    table = representable(model.encoder, probe_table(model, 100))
    feeds = raw_feeds(model.encoder, table)
    for interval in (0.5, 0.95):
        built = TableGraph(model, interval).build()
        session = ort.InferenceSession(built.SerializeToString())
        found = session.run(["low", "high"], feeds)
        for mine, true in zip(
            found, predicted_bounds(model, table, interval), strict=True
        ):
            assert table_gap(model, mine, true) <= MOST
        assert session.get_modelmeta().custom_metadata_map["interval"] == str(interval)


def test_no_bounds_without_rows_held_out() -> None:
    from ranvier.exports.onnx_table import TableGraph

    table = pd.DataFrame({"x": [1.0, 2, 3, 5, 8, 13], "y": [1.0, 2, 3, 5, 8, 13.5]})
    model = fitted(table, "y", task="regression", epochs=2)
    assert "low" not in TableGraph(model).names
    with pytest.raises(ValueError, match="there are no intervals"):
        TableGraph(fitted(mixed(60), "flag", epochs=2), 0.9)


def test_metadata_says_what_a_program_needs() -> None:
    from ranvier.exports.onnx_table import TableGraph

    model = fitted(mixed()[["x", "when", "flag"]], "flag", epochs=2)
    said = {p.key: p.value for p in TableGraph(model).build().metadata_props}
    assert said["version"] == rv.__version__
    assert said["target"] == "flag"
    assert said["task"] == "classification"
    assert json.loads(said["names"]) == {
        "label": "label",
        "probabilities": "probabilities",
    }
    assert json.loads(said["unseen"]) == []
    assert [c["name"] for c in json.loads(said["columns"])] == ["x", "when"]


def test_a_table_is_fed_as_it_is() -> None:
    from ranvier.exports.onnx_table import TableGraph

    table = pd.read_csv("examples/penguins.csv")
    model = fitted(table, "species", epochs=5)
    graph = TableGraph(model)
    session = ort.InferenceSession(graph.build().SerializeToString())
    feeds = {i.name: table[i.name].to_numpy() for i in session.get_inputs()}
    label, P = session.run(["label", "probabilities"], feeds)
    rows = table.drop(columns="species")
    np.testing.assert_allclose(P, model.predict_proba(rows), atol=USUAL)
    assert label.tolist() == model.predict(rows).tolist()
    again = session.run(["probabilities"], feeds_of(model.encoder, rows))[0]
    np.testing.assert_array_equal(again, P)


@pytest.mark.parametrize("target", ["x", "kind"])
def test_preset_with_periodic_embeddings(target: str) -> None:
    table = mixed()
    table = table[table[target].notna()]
    model = fitted(table, target, preset="realmlp-td", effort="default", epochs=2)
    # One deep network: no mean of several evens out what rounding does.
    check(model, 200, reference=True, usual=MOST)


def test_preset_that_scales_by_quantiles() -> None:
    model = fitted(mixed(120), "kind", preset="tabm", effort="default", time_limit=1)
    assert model.encoder.numeric == "quantile"
    check(model, 60, reference=True)


@real_tables.needed
@pytest.mark.slow
@pytest.mark.parametrize("name", real_tables.NAMES)
def test_all_real_tables(name: str) -> None:
    table = pd.read_parquet(real_tables.path_of(name))
    table = table.sample(min(len(table), 2000), random_state=0)
    check(fitted(table, "target"), 10_000)


@real_tables.needed
@pytest.mark.parametrize("name", [*TABLES, "california_housing"])
def test_real_tables(name: str) -> None:
    table = pd.read_parquet(real_tables.path_of(name))
    table = table.sample(min(len(table), 400), random_state=0)
    check(fitted(table, "target"), 500, reference=name in {"nlswork", "bike_sharing"})
