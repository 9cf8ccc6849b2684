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

# Z = X W + b, each sum from b on in the order of the inputs, as the engine adds.
DENSE: Final = """\
static void dense(const real* x, int inputs, const real* W, const real* b, real* z, int units) {
    int i, j;
    for (j = 0; j < units; ++j) z[j] = b[j];
    for (i = 0; i < inputs; ++i)
        for (j = 0; j < units; ++j) z[j] = fma1(x[i], W[i * units + j], z[j]);
}
"""

# c = h V + v with h = cos(2 pi w x + b); the values lie as w, b, V, v.
PERIODIC: Final = """\
static void periodic(const real* values, int frequencies, int width, real x, real* c) {
    const real *w = values, *b = w + frequencies, *V = b + frequencies, *v = V + frequencies * width;
    int h, k;
    for (k = 0; k < width; ++k) c[k] = v[k];
    for (h = 0; h < frequencies; ++h) {
        const real wave = cos_2pi(fma1(w[h], x, b[h] * R(0.15915494309189535)));
        for (k = 0; k < width; ++k) c[k] = fma1(V[h * width + k], wave, c[k]);
    }
    c[width] = x;
}
"""

# c = x a + v + p(x) M; the values lie as a (if any), v, M.
PIECEWISE: Final = """\
static void piecewise(const real* values, const real* edges, const real* per_width, int bins, int width, int linear,
                      real x, real* c) {
    const real *v = values + (linear ? width : 0), *M = v + width;
    int t, k;
    for (k = 0; k < width; ++k) c[k] = linear ? fma1(values[k], x, v[k]) : v[k];
    for (t = 0; t < bins; ++t) {
        real p = (x - edges[t]) * per_width[t];
        if (t > 0) p = 0 > p ? 0 : p;
        if (t < bins - 1) p = 1 < p ? 1 : p;
        for (k = 0; k < width; ++k) c[k] = fma1(M[t * width + k], p, c[k]);
    }
}
"""

# The row of a table that a code names; row 0 for a code that it has not.
CATEGORY: Final = """\
static void category(const real* table, int size, int width, real x, real* c) {
    const int code = x >= 0 && x < (real)size ? (int)x : 0;
    int k;
    for (k = 0; k < width; ++k) c[k] = table[code * width + k];
}
"""

KINDS: Final[dict[type[Column], str]] = {
    Periodic: PERIODIC,
    Piecewise: PIECEWISE,
    Category: CATEGORY,
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
        """Name the elementary functions that the network uses."""
        names = [f"activation {layer.activation.name}" for layer in self._dense()]
        names += ["softmax"] * any(
            layer.activation.name == "softmax" for layer in self._dense()
        )
        if any(isinstance(column, Periodic) for column in self._columns()):
            names.append("cos_2pi")
        return list(dict.fromkeys(names))

    def helpers(self) -> list[str]:
        """Give the functions that networks share."""
        used = {type(column) for column in self._columns()}
        return [DENSE, *(text for kind, text in KINDS.items() if kind in used)]

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
        lines = [
            f"    dense({source}, {layer.inputs}, {own}_W{k}, {own}_b{k}, {to}, {units});"
        ]
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
