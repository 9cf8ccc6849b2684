"""Classifiers and formulas of logic are exported with their classes."""

import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compilers import HERE, STRICT, Compiler

import ranvier as rv
from ranvier.exports.export import export
from ranvier.exports.labels import labels_of

CLASSES = [
    ("가", 'no"'),
    (3, 7),
    (1.0, 2.0),
    (False, True),
    ("a", "b", "c"),
    (1.0, 4.0, 9.0),
]
X = np.random.default_rng(0).normal(size=(90, 3))
FORMULA = "(비 and not wind) xor label"


def classifier(classes: Any) -> Any:
    kind = object if isinstance(classes[0], str) else None
    codes = np.digitize(X[:, 0], np.linspace(-0.5, 0.5, len(classes) - 1))
    y = np.array(classes, kind)[codes]
    return rv.MLPClassifier((4,), solver="lbfgs", random_state=0, max_iter=9).fit(X, y)


def of_labels() -> Any:
    Y = (X[:, :2] > 0).astype(int)
    return rv.MLPClassifier((4,), solver="lbfgs", random_state=0, max_iter=9).fit(X, Y)


pytestmark = pytest.mark.filterwarnings(
    "ignore:.*:sklearn.exceptions.ConvergenceWarning"
)


@pytest.mark.parametrize("classes", CLASSES)
def test_classes_in_onnx(classes: Any, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    clf = classifier(classes)
    done = export(clf, tmp_path / "clf.onnx")
    session = onnxruntime.InferenceSession(done.path)
    rows = X.astype(clf.network_.dtype)
    label, P = session.run(["label", "probabilities"], {"X": rows})
    assert label.tolist() == clf.predict(X).tolist()
    np.testing.assert_allclose(P, clf.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("classes", CLASSES)
def test_classes_in_numpy(classes: Any, tmp_path: Path) -> None:
    clf = classifier(classes)
    scope: dict[str, Any] = {}
    exec(export(clf, tmp_path / "clf.py").path.read_text("utf-8"), scope)
    assert scope["label"](X).tolist() == clf.predict(X).tolist()


MAIN = """
#include <stdio.h>
#include "clf.c"
static const double rows[][3] = {ROWS};
int main(void) {
    int r;
    for (r = 0; r < COUNT; ++r) {
        REAL x[3], y[clf_outputs];
        int k;
        for (k = 0; k < 3; ++k) x[k] = (REAL)rows[r][k];
        if (clf_predict(x, y)) return 1;
        printf("%s\\n", clf_labels[clf_label(y)]);
    }
    return 0;
}
"""


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("compiler", HERE[:1], ids=lambda c: c.name)
def test_classes_in_c(compiler: Compiler, classes: Any, tmp_path: Path) -> None:
    clf = classifier(classes)
    export(clf, tmp_path / "clf.c")
    written = ", ".join("{" + ", ".join(map(repr, row)) + "}" for row in X.tolist())
    real = "float" if clf.network_.dtype == np.float32 else "double"
    text = MAIN.replace("ROWS", written).replace("REAL", real)
    source = tmp_path / "main.c"
    source.write_text(text.replace("COUNT", str(len(X))))
    said = compiler.run(source).stdout.splitlines()
    expected = [str(label) for label in clf.predict(X).tolist()]
    assert said == [e.lower() if e in ("True", "False") else e for e in expected]
    subprocess.run([*compiler.command, *STRICT, "-c", tmp_path / "clf.c"], cwd=tmp_path)


def test_a_wrong_class_fails_the_test_of_the_file(tmp_path: Path) -> None:
    clf = classifier((3, 7))
    path = export(clf, tmp_path / "clf.c").path
    if not HERE:
        pytest.skip("needs a C compiler")
    path.write_text(path.read_text().replace("return y[0] > ", "return y[0] < "))
    assert not HERE[0].run(path, "-DRANVIER_SELFTEST").stdout.startswith("0 of")


@pytest.mark.parametrize("ending", ["c", "onnx", "py"])
def test_several_labels(ending: str, tmp_path: Path) -> None:
    clf = of_labels()
    if ending == "onnx":
        pytest.importorskip("onnx")
    path = export(clf, tmp_path / f"clf.{ending}").path
    expected = clf.predict(X)
    if ending == "onnx":
        session = pytest.importorskip("onnxruntime").InferenceSession(path)
        rows = X.astype(clf.network_.dtype)
        np.testing.assert_array_equal(session.run(["label"], {"X": rows})[0], expected)
    elif ending == "py":
        scope: dict[str, Any] = {}
        exec(path.read_text(), scope)
        np.testing.assert_array_equal(scope["label"](X), expected)
    else:
        assert "Label k holds where y[k] > 0.5" in path.read_text()


def test_a_formula_in_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    circuit = rv.logic.compile(FORMULA)
    path = export(circuit, tmp_path / "rain.onnx").path
    session = onnxruntime.InferenceSession(path)
    assert [i.name for i in session.get_inputs()] == ["비", "wind", "label"]
    assert [o.name for o in session.get_outputs()] == ["label_"]
    rows = np.array(list(product((False, True), repeat=3)))
    feeds = dict(zip(circuit.variables, rows.T, strict=True))
    np.testing.assert_array_equal(session.run(None, feeds)[0], circuit(rows))


@pytest.mark.parametrize("ending", ["c", "py"])
def test_a_formula_as_code(ending: str, tmp_path: Path) -> None:
    circuit = rv.logic.compile(FORMULA)
    path = export(circuit, tmp_path / f"rain.{ending}").path
    text = path.read_text("utf-8")
    rows = np.array(list(product((0, 1), repeat=3)))
    if ending == "py":
        scope: dict[str, Any] = {}
        exec(text, scope)
        assert scope["INPUTS"] == list(circuit.variables)
        np.testing.assert_array_equal(scope["label"](rows), circuit(rows))
    else:
        assert "x, each 0 or 1: 비, wind, label" in text
        assert '"false",\n"true"' in text


def test_only_classes_have_labels() -> None:
    y = X[:, 0]
    reg = rv.MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", random_state=0)
    assert labels_of(reg.fit(X, y)) is None
    assert labels_of(rv.Network.mlp(2, [3], 1, seed=0)) is None
    labels = labels_of(classifier(("a", "b", "c")))
    assert labels is not None
    assert labels.names == ["a", "b", "c"]
    assert labels.codes(np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0]])).tolist() == [2, 0]
