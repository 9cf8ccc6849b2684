"""A table model that an ONNX file computes, for tables of any library."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.disk import read_regular
from ranvier.exports.onnx_inputs import feeds_of
from ranvier.files import UNUSABLE, FileFormatError
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder
from ranvier.table.json_fields import JsonFields
from ranvier.tabular.conformal import Interval
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import NumberOutputs, read_outputs
from ranvier.tabular.prediction import TablePredictor

Array = NDArray[Any]

# The entry of the file's metadata that an `OnnxPredictor` is made from.
DESCRIPTION: Final = "ranvier"
BLOCK: Final = 10_000  # rows
PARTS: Final = ("encoder", "outputs", "reading", "not_inputs")


def described(model: TableModel) -> dict[str, Any]:
    """Describe what a file needs beside its graph, as plain JSON."""
    return {
        "encoder": model.encoder.describe(),
        "outputs": model.outputs.describe(),
        "reading": model.reading.describe(),
        "not_inputs": list(model.not_inputs),
    }


class OnnxPredictor(TablePredictor):
    """The predictions of an ONNX file that `export` wrote of a table model.

    Tables are read and checked as by the model; the file computes the rest.

    Parameters
    ----------
    session
        An ``onnxruntime.InferenceSession`` of the file.
    metadata
        The file's metadata.

    Raises
    ------
    FileFormatError
        No table model of Ranvier's was exported to the file.
    """

    def __init__(self, session: Any, metadata: Mapping[str, str]) -> None:
        if DESCRIPTION not in metadata:
            raise FileFormatError(
                "the ONNX file holds no table model of Ranvier's: give one that "
                "`ranvier export` wrote of a table model"
            )
        try:
            fields = JsonFields(json.loads(metadata[DESCRIPTION]), "the model", PARTS)
            self.encoder = TableEncoder.read(fields.item("encoder"))
            self.outputs = read_outputs(fields.item("outputs"))
            self.reading = Reading.read(fields.item("reading"))
            self.not_inputs = fields.texts("not_inputs")
            self._names: dict[str, str] = json.loads(metadata["names"])
        except UNUSABLE as error:
            raise FileFormatError(
                f"the ONNX file holds no usable model: {error}"
            ) from error
        self._interval = float(metadata["interval"]) if "interval" in metadata else None
        self._session = session

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> OnnxPredictor:
        """Read an ONNX file; it needs the package onnxruntime.

        Raises
        ------
        OSError
            The file cannot be read.
        FileFormatError
            It is no ONNX file, or none of a table model.
        ModuleNotFoundError
            onnxruntime is not installed.
        """
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "predicting with an ONNX file needs the package onnxruntime: pip "
                "install 'ranvier[onnx]', or give the model file itself",
                name=error.name,
            ) from None
        data = read_regular(path)
        try:
            session = onnxruntime.InferenceSession(data)
        except Exception as error:  # of classes that onnxruntime does not export
            raise FileFormatError(
                f"{os.fspath(path)!r} is no ONNX file that ONNX Runtime can run: "
                f"{str(error)[:200]}"
            ) from error
        return cls(session, session.get_modelmeta().custom_metadata_map)

    def predict(self, X: Any, interval: float | None = None) -> Any:
        """Predict the target of each row; see `TablePredictor.predict`.

        Raises
        ------
        ValueError
            The file has no bounds, or those of another `interval`; or as there.
        """
        outputs = self.outputs
        if not isinstance(outputs, NumberOutputs):
            return super().predict(X, interval)
        if interval is None:
            return self._run(X, "prediction")[0]
        if interval != self._interval:
            held = (
                "no bounds" if self._interval is None else f"those of {self._interval}"
            )
            raise ValueError(
                f"the ONNX file has {held}, not of interval={interval!r}: export it "
                "with that interval, or predict with the model file"
            )
        return Interval(*self._run(X, "prediction", "low", "high"))

    def predict_proba(self, X: Any) -> Array:
        """Compute the probabilities; see `TablePredictor.predict_proba`."""
        if isinstance(self.outputs, NumberOutputs):
            return super().predict_proba(X)
        return np.asarray(self._run(X, "probabilities")[0])

    def _run(self, X: Any, *what: str) -> list[Array]:
        feeds = feeds_of(self.encoder, self._read_rows(X))
        names = [self._names[name] for name in what]
        rows = len(next(iter(feeds.values())))
        # In blocks, since a runtime keeps the units of all layers for all its rows.
        found = [
            self._session.run(names, {k: v[i : i + BLOCK] for k, v in feeds.items()})
            for i in range(0, max(rows, 1), BLOCK)
        ]
        return [np.concatenate(parts) for parts in zip(*found, strict=True)]
