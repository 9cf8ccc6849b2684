"""An ONNX file predicts for tables of any library as the model does."""

import builtins
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from networks import with_activation
from table_models import fitted, mixed

import ranvier as rv
from ranvier.exports import onnx_predictor as module
from ranvier.exports.onnx_predictor import OnnxPredictor
from ranvier.files import FileFormatError

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[rv.TableModel, Path]:
    path = tmp_path_factory.mktemp("onnx") / "m.onnx"
    model = fitted(mixed(), "skewed", epochs=4)
    rv.export(model, path, interval=0.8)
    return model, path


def test_the_same_predictions_and_scores(pair: tuple[rv.TableModel, Path]) -> None:
    model, path = pair
    onnx = OnnxPredictor.load(path)
    table = mixed()
    for made in (table, pl.from_pandas(table), table.astype({"level": float})):
        found, expected = onnx.predict(made, 0.8), model.predict(made, 0.8)
        np.testing.assert_allclose(found, expected, rtol=3e-6, atol=3e-6)
    np.testing.assert_array_equal(onnx.predict(table), onnx.predict(table, 0.8)[0])
    for name, score in model.evaluate(table).items():
        assert onnx.evaluate(table)[name] == pytest.approx(score, rel=1e-5)


def test_rows_in_blocks_and_none(
    pair: tuple[rv.TableModel, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx = OnnxPredictor.load(pair[1])
    whole = onnx.predict(mixed(), 0.8)
    monkeypatch.setattr(module, "BLOCK", 77)
    np.testing.assert_allclose(onnx.predict(mixed(), 0.8), whole, rtol=1e-5)
    assert onnx.predict(mixed()[:0]).shape == (0,)


def test_classes(tmp_path: Path) -> None:
    model = fitted(mixed(), "flag", epochs=4)
    rv.export(model, tmp_path / "m.onnx")
    onnx = OnnxPredictor.load(tmp_path / "m.onnx")
    P = model.predict_proba(mixed())
    np.testing.assert_allclose(onnx.predict_proba(mixed()), P, atol=3e-6)
    assert onnx.predict(mixed()).tolist() == model.predict(mixed()).tolist()
    with pytest.raises(ValueError, match="no intervals for classes"):
        onnx.predict(mixed(), 0.9)


def test_the_same_warnings(pair: tuple[rv.TableModel, Path]) -> None:
    model, path = pair
    strange = mixed(200).assign(x=1e6, more=1, **{"도시": "제주"})

    def said(predictor: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            predictor.predict(strange)
        return [str(one.message) for one in caught]

    assert said(OnnxPredictor.load(path)) == said(model)
    assert len(said(model)) == 2


def test_what_a_file_does_not_have_is_refused(
    pair: tuple[rv.TableModel, Path],
) -> None:
    onnx = OnnxPredictor.load(pair[1])
    with pytest.raises(ValueError, match=r"has those of 0\.8, not of interval=0\.9"):
        onnx.predict(mixed(), 0.9)
    with pytest.raises(ValueError, match="which have no probabilities"):
        onnx.predict_proba(mixed())
    with pytest.raises(ValueError, match="lacks the column"):
        onnx.predict(pd.DataFrame({"x": [1.0]}))


def test_other_files_are_refused(tmp_path: Path) -> None:
    rv.export(with_activation("tanh", "float32"), tmp_path / "net.onnx")
    with pytest.raises(FileFormatError, match="holds no table model of Ranvier's"):
        OnnxPredictor.load(tmp_path / "net.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(FileFormatError, match="no ONNX file that ONNX Runtime can run"):
        OnnxPredictor.load(tmp_path / "bad.onnx")
    with pytest.raises(FileNotFoundError):
        OnnxPredictor.load(tmp_path / "none.onnx")


def test_a_damaged_description_is_refused(pair: tuple[rv.TableModel, Path]) -> None:
    metadata = {"ranvier": "{}", "names": "{}"}
    with pytest.raises(FileFormatError, match="holds no usable model"):
        OnnxPredictor(None, metadata)


def test_the_package_is_named(
    pair: tuple[rv.TableModel, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'", name=name)
        return own(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match="needs the package onnxruntime: pip"):
        OnnxPredictor.load(pair[1])
