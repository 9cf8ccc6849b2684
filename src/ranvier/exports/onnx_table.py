"""A table model as an ONNX graph: raw rows in, predictions out. Imports onnx."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx

from ranvier.exports.onnx_columns import TableInputs
from ranvier.exports.onnx_graph import Graph, Tensor
from ranvier.exports.onnx_inputs import check_columns, described_inputs
from ranvier.exports.onnx_network import add_network
from ranvier.exports.table_parts import check_model
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.training.calibration import LEAST_PROBABILITY
from ranvier.version import __version__

DOUBLE = np.dtype(np.float64)
CLASS_TYPES = {
    "text": "string", "integer": "int64", "float": "float64", "boolean": "bool",
}  # fmt: skip


class TableGraph:
    """The graph of a table model.

    Parameters
    ----------
    model
        The model.

    Attributes
    ----------
    outputs : dict of str to str
        The name of each output by what it is: ``"label"`` and ``"probabilities"`` of
        classes and labels, ``"prediction"`` of numbers. A name that is a column's gets
        underscores behind it.

    Raises
    ------
    TypeError
        The model has columns or scalers that ONNX files do not have.
    """

    def __init__(self, model: TableModel) -> None:
        check_model(model)
        check_columns(model.encoder)
        self.model = model
        self.columns = {column.name for column in model.encoder.schema.used}
        prefix = "ranvier_"
        while any(name.startswith(prefix) for name in self.columns):
            prefix += "_"
        self.graph = Graph("ranvier table model", prefix)
        self.outputs: dict[str, str] = {}
        inputs = TableInputs(self.graph, model.encoder)
        y = self._mean(
            self._decoded(add_network(self.graph, net, inputs.X))
            for net in model.members
        )
        if isinstance(model.outputs, NumberOutputs):
            self._add_numbers(model.outputs, y)
        else:
            self._add_classes(y)

    @property
    def main_output(self) -> str:
        """The output of numbers: probabilities or predictions."""
        numeric = isinstance(self.model.outputs, NumberOutputs)
        return self.outputs["prediction" if numeric else "probabilities"]

    def build(self) -> onnx.ModelProto:
        """Build the model, with its metadata, and check it."""
        model = self.model
        metadata = {
            "version": __version__,
            "model": repr(model),
            "task": model.task,
            "target": model.target,
            "outputs": json.dumps(self.outputs, ensure_ascii=False),
            "columns": json.dumps(described_inputs(model.encoder), ensure_ascii=False),
        }
        return self.graph.model(metadata)

    def _constant(self, values: Any) -> Tensor:
        name = self.graph.constant(np.asarray(values, np.float64))
        return Tensor(self.graph, name, DOUBLE)

    def _decoded(self, output: str) -> Tensor:
        """Return what the outputs (n, k) of one network say, in double."""
        outputs, T = self.model.outputs, self.model.temperature
        y = Tensor(self.graph, self.graph.cast(output, "float64"), DOUBLE)
        if isinstance(outputs, NumberOutputs):
            t = outputs.transform
            edge = self._constant(t.edge)
            y = (self._inverse(t, y) - edge) * self._constant(t.smearing) + edge
            return self._bounded(t, y)
        if T is None:
            return y
        logarithm = y.apply("Max", LEAST_PROBABILITY).apply("Log")
        return (logarithm / T).apply("Softmax", axis=-1)

    def _inverse(self, t: TargetTransform, Z: Tensor) -> Tensor:
        """Return the target of outputs Z, as `TargetTransform.inverse_transform`."""
        f = Z * self._constant(t.scale) + self._constant(t.center)
        if not t.sign.any():
            return f
        away = (f.apply("Exp") - 1).apply("Max", 0) * self._constant(t.distance)
        bent = away * self._constant(t.sign) + self._constant(t.edge)
        which = self.graph.constant(t.sign != 0)
        return Tensor(self.graph, which, np.dtype(bool)).where(bent, f)

    def _bounded(self, t: TargetTransform, y: Tensor) -> Tensor:
        """Cut predictions off at the range that training saw."""
        low, high = self._constant(t.minimum), self._constant(t.maximum)
        return y.apply("Max", low).apply("Min", high)

    def _mean(self, members: Iterable[Tensor]) -> Tensor:
        total, *others = members
        for other in others:
            total = total + other
        return total / (1 + len(others))

    def _add_numbers(self, outputs: NumberOutputs, y: Tensor) -> None:
        self._numbers("prediction", self._bounded(outputs.transform, y))

    def _numbers(self, what: str, y: Tensor) -> None:
        """Add an output of numbers: (n,) of a single target, else (n, k)."""
        outputs = self.model.outputs
        if isinstance(outputs, NumberOutputs) and outputs.single:
            axis = self.graph.constant(np.array([1]))
            self._output(what, self.graph.add("Squeeze", y.name, axis), "float64")
        else:
            self._output(what, y.name, "float64", len(outputs.names))

    def _add_classes(self, P: Tensor) -> None:
        outputs, count = self.model.outputs, len(self.model.outputs.names)
        if isinstance(outputs, ClassOutputs):
            best = P.apply("ArgMax", axis=1, keepdims=0)
            kind = CLASS_TYPES[outputs.target.type]
            classes = outputs.target.inverse(range(count))
            if kind == "int64":
                classes = classes.astype(np.int64)
            label = self.graph.add("Gather", self.graph.constant(classes), best.name)
            self._output("label", label, kind)
        else:
            self._output("label", P.apply("Greater", 0.5).name, "bool", count)
        self._output("probabilities", P.name, "float64", count)

    def _output(self, what: str, value: str, kind: str, *width: int) -> None:
        name = what
        while name in self.columns:
            name += "_"
        self.outputs[what] = name
        self.graph.output(name, value, kind, ["rows", *width])
