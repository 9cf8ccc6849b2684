from pathlib import Path

import pandas as pd
import pytest

import ranvier as rv
from mutants import entry
from ranvier import files


def test_each_kind_of_file_gives_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "it.safetensors"
    net = rv.Network.mlp(2, 3, 1, seed=0)
    net.save(path)
    assert rv.load(path) == net
    trace = net.trace([[1.0, 2.0]])
    trace.save(path)
    assert isinstance(rv.load(path), rv.Trace)
    X, y = [[float(i)] for i in range(50)], [float(i % 7) for i in range(50)]
    settings = {"hidden": (4,), "epochs": 2, "effort": "fast"}
    for kind in (rv.TabularRegressor, rv.TabularClassifier):
        kind(**settings).fit(X, y).save(path)
        loaded = rv.load(path)
        assert type(loaded) is kind
        assert tuple(loaded.hidden) == (4,)


def test_an_onnx_file_predicts(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    X, y = [[float(i)] for i in range(50)], [i % 2 for i in range(50)]
    clf = rv.TabularClassifier(hidden=(4,), epochs=2, effort="fast").fit(X, y)
    rv.export(clf, tmp_path / "clf.onnx")
    table = pd.DataFrame(X, columns=list(clf.model_.encoder.schema.columns))
    loaded = rv.load(tmp_path / "clf.onnx")
    P = clf.model_.predict_proba(table)
    assert loaded.predict_proba(table) == pytest.approx(P, abs=3e-6)


def test_what_is_no_file_of_ours(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello, this is a text")
    with pytest.raises(rv.FileFormatError):
        rv.load(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        rv.load(tmp_path / "gone")


def test_an_estimator_that_does_not_say_its_class(tmp_path: Path) -> None:
    path = tmp_path / "it.safetensors"
    X, y = [[float(i)] for i in range(50)], [i % 2 for i in range(50)]
    rv.TabularClassifier(hidden=(4,), epochs=2, effort="fast").fit(X, y).save(path)
    kind, description, arrays = entry(path)
    del description["estimator"]["class"]
    path.write_bytes(files.pack(description, arrays, kind))
    with pytest.raises(rv.FileFormatError, match="TabularRegressor was expected"):
        rv.load(path)
