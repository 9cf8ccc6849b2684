"""The model files that commands take."""

from __future__ import annotations

from pathlib import Path

from ranvier.tabular.model import TableModel
from ranvier.tabular.prediction import TablePredictor


def load(path: Path) -> TableModel:
    """Read a model file."""
    _require(path)
    return TableModel.load(path)


def load_predictor(path: Path) -> TablePredictor:
    """Read a model file or, by its ending, an ONNX file."""
    _require(path)
    if path.suffix != ".onnx":
        return TableModel.load(path)
    from ranvier.exports.onnx_predictor import OnnxPredictor

    return OnnxPredictor.load(path)


def _require(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(
            f"there is no model file {str(path)!r}: give one that `ranvier train` wrote"
        )
