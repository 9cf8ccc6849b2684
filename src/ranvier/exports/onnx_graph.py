"""An ONNX graph under construction. Imports onnx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ranvier.version import __version__

OPSET: Final = 17
OPSET_DOUBLE_KEYS: Final = 21  # where a LabelEncoder has keys of type double
IR_VERSION: Final = 8

TYPES: Final = {
    "float32": onnx.TensorProto.FLOAT,
    "float64": onnx.TensorProto.DOUBLE,
    "int64": onnx.TensorProto.INT64,
    "bool": onnx.TensorProto.BOOL,
    "string": onnx.TensorProto.STRING,
}


class Graph:
    """Nodes, constants, inputs and outputs; a value is the name of a tensor.

    Examples
    --------
    >>> graph = Graph("twice")
    >>> x = graph.input("x", "float32", ["n"])
    >>> two = graph.constant(np.float32(2))
    >>> graph.output("y", graph.add("Mul", x, two), "float32", ["n"])
    >>> [node.op_type for node in graph.model().graph.node]
    ['Mul', 'Identity']
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self.tensors: list[onnx.TensorProto] = []
        self.double_keys = False
        self._names = self._counted()

    @staticmethod
    def _counted() -> Iterator[int]:
        count = 0
        while True:
            count += 1
            yield count

    def input(self, name: str, kind: str, shape: Sequence[int | str]) -> str:
        """Add an input of the graph; `kind` is one of `TYPES`."""
        info = helper.make_tensor_value_info(name, TYPES[kind], list(shape))
        self.inputs.append(info)
        return name

    def output(
        self, name: str, value: str, kind: str, shape: Sequence[int | str]
    ) -> None:
        """Name a value as an output of the graph."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        info = helper.make_tensor_value_info(name, TYPES[kind], list(shape))
        self.outputs.append(info)

    def constant(self, values: Any) -> str:
        """Add a constant tensor; equal ones are stored once."""
        array: NDArray[Any] = np.asarray(values)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            name = self.constants[key] = f"constant_{len(self.constants) + 1}"
            self.tensors.append(numpy_helper.from_array(array, name))
        return self.constants[key]

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one output, and return that."""
        name = f"v{next(self._names)}"
        node = helper.make_node(operation, list(inputs), [name], **attributes)
        self.nodes.append(node)
        return name

    def cast(self, value: str, kind: str) -> str:
        """Convert a value to another type."""
        return self.add("Cast", value, to=TYPES[kind])

    def lookup(self, value: str, domain: str = "ai.onnx.ml", **attributes: Any) -> str:
        """Add a LabelEncoder."""
        return self.add("LabelEncoder", value, domain=domain, **attributes)

    def model(self, metadata: dict[str, str] | None = None) -> onnx.ModelProto:
        """Build the model, with metadata, and check it."""
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, self.tensors
        )
        opset = OPSET_DOUBLE_KEYS if self.double_keys else OPSET
        imports = [
            helper.make_opsetid("", opset),
            helper.make_opsetid("ai.onnx.ml", 4 if self.double_keys else 3),
        ]
        model = helper.make_model(
            graph,
            opset_imports=imports,
            producer_name="ranvier",
            producer_version=__version__,
            ir_version=10 if self.double_keys else IR_VERSION,
        )
        helper.set_model_props(model, metadata or {})
        onnx.checker.check_model(model, full_check=True)
        return model
