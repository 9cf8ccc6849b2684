"""A table model as an ONNX graph: raw rows in, predictions out. Imports onnx."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from ranvier.exports.onnx_columns import TableInputs
from ranvier.exports.onnx_graph import Graph, Tensor
from ranvier.exports.onnx_inputs import check_columns, described_inputs
from ranvier.exports.onnx_network import add_network
from ranvier.exports.onnx_predictor import DESCRIPTION, described
from ranvier.exports.table_parts import UNSEEN, check_model, supported_interval
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.conformal import conformal_quantile
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.training.calibration import LEAST_PROBABILITY
from ranvier.version import __version__

Array = NDArray[Any]

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
    interval
        The fraction of true numbers that ``low`` and ``high`` should hold; None: 0.9,
        or none where too few rows were held out for that.

    Attributes
    ----------
    names : dict of str to str
        The name of each output by what it is: ``"label"`` and ``"probabilities"`` of
        classes and labels; ``"prediction"`` of numbers, with ``"low"`` and ``"high"``
        where errors on held-out rows are known; ``"unseen"`` where there are columns of
        categories. A name that is a column's gets underscores behind it.

    Raises
    ------
    TypeError
        The model has columns or scalers that ONNX files do not have.
    """

    def __init__(self, model: TableModel, interval: float | None = None) -> None:
        check_model(model)
        check_columns(model.encoder)
        self.model, self.interval = model, supported_interval(model, interval)
        self.columns = {column.name for column in model.encoder.schema.used}
        prefix = "ranvier_"
        while any(name.startswith(prefix) for name in self.columns):
            prefix += "_"
        self.graph = Graph("ranvier table model", prefix)
        self.names: dict[str, str] = {}
        inputs = TableInputs(self.graph, model.encoder)
        y = self._mean(
            self._decoded(add_network(self.graph, net, inputs.X))
            for net in model.members
        )
        if isinstance(model.outputs, NumberOutputs):
            self._add_numbers(model.outputs, y)
        else:
            self._add_classes(y)
        self.unseen_columns = list(inputs.codes)
        self._add_unseen(list(inputs.codes.values()))

    @property
    def main_output(self) -> str:
        """The output of numbers: probabilities or predictions."""
        numeric = isinstance(self.model.outputs, NumberOutputs)
        return self.names["prediction" if numeric else "probabilities"]

    def build(self) -> onnx.ModelProto:
        """Build the model, with its metadata, and check it."""
        model = self.model
        metadata = {
            "version": __version__,
            "model": repr(model),
            "task": model.task,
            "target": model.target,
            "names": _json(self.names),
            "columns": _json(described_inputs(model.encoder)),
            "unseen": _json(self.unseen_columns),
            DESCRIPTION: _json(described(model)),
        }
        if self.interval is not None:
            metadata["interval"] = repr(self.interval)
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
        t, residuals = outputs.transform, self.model.residuals
        y = self._bounded(t, y)
        self._numbers("prediction", y)
        if residuals is None or self.interval is None:
            return
        error = self._constant(conformal_quantile(residuals, self.interval))
        Z = self._transformed(t, y)
        a, b = self._inverse(t, Z - error), self._inverse(t, Z + error)
        self._numbers("low", a.apply("Min", b))
        self._numbers("high", a.apply("Max", b))

    def _transformed(self, t: TargetTransform, y: Tensor) -> Tensor:
        """Return Z of targets y, as `TargetTransform.transform`."""
        f = y
        if t.sign.any():
            away = ((y - self._constant(t.edge)) * self._constant(t.sign)).apply(
                "Max", 0
            )
            bent = (away / self._constant(t.distance) + 1).apply("Log")
            which = self.graph.constant(t.sign != 0)
            f = Tensor(self.graph, which, np.dtype(bool)).where(bent, y)
        return (f - self._constant(t.center)) / self._constant(t.scale)

    def _add_unseen(self, codes: list[str]) -> None:
        """Add for each column of categories whether training had not seen its value."""
        if not codes:
            return
        axis = self.graph.constant(np.array([1]))
        columns = [self.graph.add("Unsqueeze", code, axis) for code in codes]
        table = self.graph.add("Concat", *columns, axis=1)
        unseen = self.graph.add("Equal", table, self.graph.constant(np.array(UNSEEN)))
        self._output("unseen", unseen, "bool", len(codes))

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
        self.graph.output(self._free(what), value, kind, ["rows", *width])

    def _free(self, what: str) -> str:
        """Name an output so that it is no column."""
        name = what
        while name in self.columns:
            name += "_"
        self.names[what] = name
        return name


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
