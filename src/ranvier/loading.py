"""`ranvier.load`: whatever a file of Ranvier's holds."""

from __future__ import annotations

import os
from typing import Any

from ranvier import files
from ranvier.checks import checked_path
from ranvier.exports.onnx_predictor import OnnxPredictor
from ranvier.network.network import Network
from ranvier.tabular.classifier import TabularClassifier
from ranvier.tabular.model import TableModel
from ranvier.tabular.regressor import TabularRegressor
from ranvier.trace.trace import Trace


def load(path: str | os.PathLike[str]) -> Any:
    """Read what a file of Ranvier's holds. Nothing in the file is executed.

    Parameters
    ----------
    path
        A file that a ``save`` method or ``ranvier train`` wrote; or one that ends in
        ``.onnx``, which `export` wrote of a table model.

    Returns
    -------
    Network, TableModel, TabularClassifier, TabularRegressor or Trace
        What was saved; of ``ranvier train``, a `TableModel`. It predicts what the saved
        one did, to the bit. Of an ONNX file, an `OnnxPredictor`, which predicts,
        evaluates and compares tables as a `TableModel` does, by ONNX Runtime.

    Raises
    ------
    OSError
        The file cannot be read.
    FileFormatError
        It is damaged, no file of Ranvier's, or newer than this Ranvier.
    ModuleNotFoundError
        It is an ONNX file, and onnxruntime is not installed.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.Network.mlp(2, 3, 1, seed=0).save("small.safetensors")
    >>> rv.load("small.safetensors").inputs
    2
    """
    path = checked_path("path", path)
    if os.fspath(path).endswith(".onnx"):
        return OnnxPredictor.load(path)
    kind = files.kind_of(path)
    if kind == "network":
        return Network.load(path)
    if kind == "trace":
        return Trace.load(path)
    model = TableModel.load(path)
    if model.estimator is None:
        return model
    if model.estimator.get("class") == "TabularClassifier":
        return TabularClassifier.load(path)
    return TabularRegressor.load(path)
