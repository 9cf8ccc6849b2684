"""Columns in ONNX: each trap of the format and its runtime."""

import subprocess
import sys
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranvier.exports.onnx_inputs import MISSING_INTEGER, feeds_of, raw_feeds
from ranvier.table.column_types import Category
from ranvier.table.dates import date_parts as parts_in_python
from ranvier.table.encoder import TableEncoder
from ranvier.table.values import values_of

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")

Array = NDArray[Any]
CATEGORIES = ("-3", "0.1", "1", "1000000", "2.50", "A", "a", "true", "한국")


def session_of(encoder: TableEncoder) -> Any:
    from ranvier.exports.onnx_columns import TableInputs
    from ranvier.exports.onnx_graph import Graph

    graph = Graph("columns")
    inputs = TableInputs(graph, encoder)
    graph.output("X", inputs.X, "float32", ["rows", len(encoder.names)])
    for name, code in inputs.codes.items():
        graph.output(f"code of {name}", code, "int64", ["rows"])
    return ort.InferenceSession(graph.model().SerializeToString())


def encoded(encoder: TableEncoder, feeds: dict[str, Array]) -> Array:
    return np.asarray(session_of(encoder).run(["X"], feeds)[0])


def of_categories(*names: str, other: int = 0, missing: int = 3) -> TableEncoder:
    column = Category("c", names, (1,) * len(names), 1 * (other > 0), other, missing)
    fitted = TableEncoder.fit(pd.DataFrame({"c": ["a", "b"]}))
    schema = type(fitted.schema)(10, (column,))
    return TableEncoder(schema, "robust", {}, {})


@pytest.mark.parametrize("numeric", ["robust", "bins"])
def test_all_kinds_equal_python(numeric: Any) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "x": rng.normal(size=200) * 1e3,
            "whole": rng.integers(0, 9, 200),
            "truth": rng.random(200) < 0.3,
            "day": pd.date_range("1958-02-27", periods=200, freq="2399h"),
            "text": rng.choice(["a", "b", "한국"], 200),
        }
    )
    table.loc[::5, ["x", "text", "day"]] = None
    settings: Any = {"numeric": numeric, "n_bins": 8, "scale_one_hot": True}
    encoder = TableEncoder.fit(table, **settings)
    X = encoded(encoder, feeds_of(encoder, table))
    np.testing.assert_array_equal(X, encoder.transform(table))


# Trap 1: ONNX Runtime makes the texts "None" and "nan" of missing Python values.


def test_missing_python_values_are_missing() -> None:
    encoder = of_categories("a", "b")
    texts = np.array([None, np.nan, "", "a"], object)
    X = encoded(encoder, {"c": texts})
    np.testing.assert_array_equal(X[:3], [[0, 0, 1]] * 3)
    np.testing.assert_array_equal(X[3], [1, 0, 0])


def test_a_category_named_none_stays_one() -> None:
    encoder = of_categories("None", "nan")
    X = encoded(encoder, {"c": np.array(["None", "nan", ""], object)})
    np.testing.assert_array_equal(X, np.eye(3))


# Trap 2: a key that is NaN never matches.


@pytest.mark.parametrize("gaps", [False, True])
def test_missing_numbers_that_are_codes_too(gaps: bool) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"shop": rng.integers(-5, 20, 300)})
    if gaps:
        table.loc[::4, "shop"] = np.nan
    plain = TableEncoder.fit(table, numeric="robust")
    category = TableEncoder.fit(table, categories=["shop"]).schema.used[0]
    assert isinstance(category, Category)
    encoder = replace(plain, codes={"shop": category})
    new = pd.DataFrame({"shop": [np.nan, 3, 99, -5, 0]})
    X = encoded(encoder, feeds_of(encoder, new))
    np.testing.assert_array_equal(X, encoder.transform(new))


# Trap 3: LabelEncoder and other operations refuse truths.


def test_truths_are_taken_as_they_are() -> None:
    table = pd.DataFrame({"t": [True, False, False] * 4})
    encoder = TableEncoder.fit(table, numeric="robust")
    X = encoded(encoder, {"t": table["t"].to_numpy()})
    np.testing.assert_array_equal(X, encoder.transform(table))


# Trap 4: texts that are no numbers cannot be cast, and are never tried.

SPELLED = st.from_regex(r"\A ?[+-]?\d{0,7}\.?\d{0,3}(e[+-]?\d{1,4})? ?\Z")
TEXTS = st.one_of(
    st.sampled_from([*CATEGORIES, "NA", "nan", "inf", "TRUE", "True ", "1.0", "01"]),
    st.sampled_from(["1e0", "1e999", "-1e-999", "9" * 400, "+1", ".1", "1.", "-0"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.floats(-1e7, 1e7).map(lambda x: f"{x:.4g}"),
    SPELLED,
)


@pytest.mark.parametrize("other", [0, 2])
def test_texts_are_found_as_in_python(other: int) -> None:
    encoder = of_categories(*CATEGORIES, other=other)
    column, session = encoder.schema.used[0], session_of(encoder)
    assert isinstance(column, Category)

    @settings(max_examples=500)
    @given(TEXTS.filter(lambda text: text not in {"", "None"} and "," not in text))
    def equal(text: str) -> None:
        one = np.array([text, "A"], object)
        (X,) = session.run(["X"], {"c": one})
        out = np.empty_like(X)
        encoder.encodings[0].encode(values_of(one), out)
        np.testing.assert_array_equal(X, out)

    equal()


# Trap 5: Div cuts off towards 0, so that days before 1970 would be off by one.

MOMENTS = [
    "1969-12-31T23:59:59.999999", "1970-01-01", "2000-02-29", "1900-03-01",
    "2100-02-28T12:00", "1600-12-31", "2024-12-30", "0001-01-01", "0000-02-29",
    "9999-12-31",
]  # fmt: skip


def in_onnx(times: Array) -> list[Array]:
    from ranvier.exports.onnx_columns import date_parts
    from ranvier.exports.onnx_graph import Graph, Tensor

    graph = Graph("dates")
    time = Tensor(graph, graph.input("t", "int64", ["n"]), np.dtype(np.int64))
    for k, part in enumerate(date_parts(time)):
        graph.output(f"part {k}", part.name, "float64", ["n"])
    session = ort.InferenceSession(graph.model().SerializeToString())
    return list(session.run(None, {"t": times.astype(np.int64)}))


def test_parts_of_dates() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.integers(-70_000_000, 250_000_000, 3000).astype("M8[h]")
    times = np.concatenate([drawn, np.array(MOMENTS, "M8[us]")]).astype("M8[us]")
    for mine, theirs in zip(parts_in_python(times), in_onnx(times), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_missing_dates() -> None:
    table = pd.DataFrame({"d": pd.date_range("1969-01-01", periods=40, freq="31h")})
    table.loc[3, "d"] = pd.NaT
    encoder = TableEncoder.fit(table, numeric="robust")
    feeds = feeds_of(encoder, table)
    assert feeds["d"][3] == MISSING_INTEGER
    np.testing.assert_array_equal(encoded(encoder, feeds), encoder.transform(table))


# Trap 6: StringNormalizer needs the locale en_US.UTF-8.

PROGRAM = """
import sys, numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
texts = np.array(["한국", " TRUE", "2.5"], object)
print(session.run(["X"], {"c": texts})[0].argmax(1))
"""


def test_texts_need_no_locale(tmp_path: Any) -> None:
    from ranvier.exports.onnx_columns import TableInputs
    from ranvier.exports.onnx_graph import Graph

    graph, encoder = Graph("columns"), of_categories(*CATEGORIES)
    graph.output("X", TableInputs(graph, encoder).X, "float32", ["rows", 10])
    model = graph.model()
    assert {node.domain for node in model.graph.node} == {"", "ai.onnx.ml"}
    assert "StringNormalizer" not in {node.op_type for node in model.graph.node}
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM, str(path)],
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[8 7 4]"


def test_columns_of_one_input_need_no_concatenation() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = pd.DataFrame({"x": [1.5, 2.5, 9.0]})
        encoder = TableEncoder.fit(table, numeric="robust")
        X = encoded(encoder, raw_feeds(encoder, {"x": np.array([np.nan, 2.5, 1e300])}))
    assert X[:, 0].tolist() == [0, 0, pytest.approx(3)]
