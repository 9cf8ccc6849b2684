"""An ONNX graph under construction. Imports onnx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ranvier.version import __version__

OPSET: Final = 17
OPSET_NEWER: Final = 21  # for a LabelEncoder with keys of type double, RegexFullMatch
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

    Parameters
    ----------
    name
        What the graph is.
    prefix
        What the names of values and constants begin with, so that none is that of an
        input or an output.

    Examples
    --------
    >>> graph = Graph("twice")
    >>> x = graph.input("x", "float32", ["n"])
    >>> two = graph.constant(np.float32(2))
    >>> graph.output("y", graph.add("Mul", x, two), "float32", ["n"])
    >>> [node.op_type for node in graph.model().graph.node]
    ['Mul', 'Identity']
    """

    def __init__(self, name: str, prefix: str = "") -> None:
        self.name, self.prefix = name, prefix
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[tuple[str, tuple[int, ...], Any], str] = {}
        self.tensors: list[onnx.TensorProto] = []
        self.newer = False  # whether OPSET_NEWER is needed
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
        texts = array.dtype == object
        content = tuple(array.ravel()) if texts else array.tobytes()
        key = (array.dtype.str, array.shape, content)
        if key not in self.constants:
            name = f"{self.prefix}constant_{len(self.constants) + 1}"
            self.constants[key] = name
            self.tensors.append(numpy_helper.from_array(array, name))
        return self.constants[key]

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one output, and return that."""
        name = f"{self.prefix}v{next(self._names)}"
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
        opset = OPSET_NEWER if self.newer else OPSET
        imports = [
            helper.make_opsetid("", opset),
            helper.make_opsetid("ai.onnx.ml", 4 if self.newer else 3),
        ]
        model = helper.make_model(
            graph,
            opset_imports=imports,
            producer_name="ranvier",
            producer_version=__version__,
            ir_version=10 if self.newer else IR_VERSION,
        )
        helper.set_model_props(model, metadata or {})
        onnx.checker.check_model(model, full_check=True)
        return model


@dataclass(frozen=True)
class Tensor:
    """A value of a graph, to write formulas with."""

    graph: Graph
    name: str
    dtype: np.dtype[Any]

    def apply(
        self, operation: str, *others: Tensor | float, **attributes: Any
    ) -> Tensor:
        """Add an operation on this value and others."""
        names = [self._of(other) for other in others]
        added = self.graph.add(operation, self.name, *names, **attributes)
        return Tensor(self.graph, added, self.dtype)

    def _of(self, other: Tensor | float) -> str:
        if isinstance(other, Tensor):
            return other.name
        return self.graph.constant(np.asarray(other, self.dtype))

    def __add__(self, other: Tensor | float) -> Tensor:
        return self.apply("Add", other)

    def __mul__(self, other: Tensor | float) -> Tensor:
        return self.apply("Mul", other)

    def __sub__(self, other: Tensor | float) -> Tensor:
        return self.apply("Sub", other)

    def __truediv__(self, other: Tensor | float) -> Tensor:
        return self.apply("Div", other)

    def __mod__(self, other: int) -> Tensor:
        return self.apply("Mod", other)

    def __floordiv__(self, other: int) -> Tensor:  # Div cuts off towards 0
        return (self - self % other) / other

    def clip(self, low: float, high: float) -> Tensor:
        """Cut off below `low` and above `high`."""
        return self.apply("Clip", low, high)

    def where(self, above: Tensor, below: Tensor) -> Tensor:
        """Take `above` where this, a condition, holds, else `below`."""
        name = self.graph.add("Where", self.name, above.name, below.name)
        return Tensor(self.graph, name, above.dtype)

    def where_positive(self, above: Tensor, below: Tensor) -> Tensor:
        """Take `above` where this is positive, else `below`."""
        return self.apply("Greater", 0).where(above, below)

    def cast(self, kind: str) -> Tensor:
        """Convert to another type."""
        return Tensor(self.graph, self.graph.cast(self.name, kind), np.dtype(kind))
