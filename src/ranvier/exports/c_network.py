"""A network as C99: its parameters as constant arrays, and one function for a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ranvier.exports.c_text import array, literal
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network

SECTIONS: Final[dict[type[Column], str]] = {
    Periodic: "periodic",
    Piecewise: "piecewise",
    Category: "category",
}


@dataclass(frozen=True)
class NetworkCode:
    """Networks of one shape and type as C: constant arrays and ``forward_NAME``.

    Parameters
    ----------
    net
        The network.
    name
        An identifier that no other network of the file has.
    """

    net: Network
    name: str

    @property
    def real(self) -> str:
        """``"float"`` or ``"double"``, the type of all numbers."""
        return "float" if self.net.dtype == np.float32 else "double"

    @property
    def widest(self) -> int:
        """How many numbers a row has where it has most."""
        widths = [self.net.inputs, *(layer.units for layer in self.net.dense_layers)]
        if self.net.embedding is not None:
            widths.append(self.net.embedding.units)
        return max(widths)

    def sections(self) -> list[str]:
        """Name the sections of C that the network uses."""
        names = [f"activation {layer.activation.name}" for layer in self._dense()]
        if "activation softmax" in names:
            names.append("softmax")
        names += [SECTIONS[type(c)] for c in self._columns() if type(c) in SECTIONS]
        return list(dict.fromkeys([*names, "dense"]))

    def arrays(self) -> str:
        """Write the parameters."""
        parts = []
        if (embedding := self.net.embedding) is not None:
            for place, column in enumerate(embedding.columns):
                parts += self._column_arrays(embedding, place, column)
            if embedding.scale is not None:
                parts.append(self._array("scale", embedding.scale))
        for k, layer in enumerate(self._dense(), 1):
            parts += [
                self._array(f"{letter}{k}", values)
                for letter, values in layer.arrays().items()
            ]
        return "\n".join(parts)

    def function(self) -> str:
        """Write ``forward_NAME``: a row of X becomes A of the last layer, in y."""
        lines = [
            f"/* {self.net!r} */",
            f"static void forward_{self.name}(const real* x, real* y) {{",
            f"    real one[{self.widest}], other[{self.widest}];",
            "    int k;",
        ]
        source, target = "x", "one"
        if self.net.embedding is not None:
            lines += self._embed(self.net.embedding, target)
            source, target = target, "other"
        layers = self._dense()
        for k, layer in enumerate(layers, 1):
            target = "y" if k == len(layers) else target
            lines += self._layer(layer, k, source, target)
            source, target = target, "other" if target == "one" else "one"
        lines += self._silence(lines)
        return "\n".join([*lines, "}", ""])

    def _silence(self, lines: list[str]) -> list[str]:
        """Mark what this network has no use for, since compilers warn of it."""
        body = "\n".join(lines[3:])
        names = [n for n in ("one", "other") if f" {n}" not in body.partition(";")[2]]
        names += [] if "for (k" in body else ["k"]
        return [f"    (void){name};" for name in names]

    def _dense(self) -> tuple[DenseLayer, ...]:
        return self.net.dense_layers

    def _columns(self) -> tuple[Column, ...]:
        return () if self.net.embedding is None else self.net.embedding.columns

    def _array(self, name: str, values: np.ndarray) -> str:
        return array("real", f"{self.name}_{name}", np.asarray(values, self.net.dtype))

    def _column_arrays(
        self, embedding: EmbeddingLayer, place: int, column: Column
    ) -> list[str]:
        if isinstance(column, Plain):
            return []
        values = [v.ravel() for v in embedding.values[place].values()]
        parts = [self._array(f"column{place}", np.concatenate(values))]
        if isinstance(column, Piecewise):
            edges = np.array(column.edges)
            parts.append(self._array(f"edges{place}", edges[:-1]))
            parts.append(self._array(f"per_width{place}", 1 / np.diff(edges)))
        return parts

    def _embed(self, embedding: EmbeddingLayer, target: str) -> list[str]:
        lines, end = [], 0
        for place, column in enumerate(embedding.columns):
            own, to = f"{self.name}_column{place}", f"{target} + {end}"
            match column:
                case Plain():
                    call = f"{target}[{end}] = x[{place}];"
                case Periodic():
                    sizes = f"{column.frequencies}, {column.width}"
                    call = f"periodic({own}, {sizes}, x[{place}], {to});"
                case Piecewise():
                    edges = f"{self.name}_edges{place}, {self.name}_per_width{place}"
                    sizes = f"{column.bins}, {column.width}, {int(column.linear)}"
                    call = f"piecewise({own}, {edges}, {sizes}, x[{place}], {to});"
                case Category():
                    sizes = f"{column.size}, {column.width}"
                    call = f"category({own}, {sizes}, x[{place}], {to});"
            lines.append(f"    {call}")
            end += column.outputs
        if embedding.scale is not None:
            scaled = f"{target}[k] = {self.name}_scale[k] * {target}[k];"
            lines.append(f"    for (k = 0; k < {end}; ++k) {scaled}")
        return lines

    def _layer(self, layer: DenseLayer, k: int, source: str, to: str) -> list[str]:
        own, units, f = self.name, layer.units, layer.activation
        sizes = f"{layer.inputs}, {own}_W{k}, {own}_b{k}"
        lines = [f"    dense({source}, {sizes}, {to}, {units});"]
        if f.name == "softmax":
            return [*lines, f"    softmax({to}, {units});"]
        if f.name == "identity" and layer.alpha is None:
            return lines
        z = f"{to}[k]"
        parameter = ""
        if f.parameter:
            parameter = ", " + literal(np.asarray(f.parameter, self.net.dtype)[()])
        a = z if f.name == "identity" else f"activation_{f.name}({z}{parameter})"
        if layer.alpha is not None:
            a = f"fma1({own}_alpha{k}[k], {a} - {z}, {z})"
        return [*lines, f"    for (k = 0; k < {units}; ++k) {z} = {a};"]
