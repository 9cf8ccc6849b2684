"""A layer's product written out: Z = X W + b, its shapes, any entry as its sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from ranvier.checks import checked_index
from ranvier.trace.formulas import MATHML, number
from ranvier.trace.layer_trace import Array, LayerTrace

MOST: Final = 8  # rows and columns of a matrix that are written out
# Drawn, since few machines have a font whose brackets grow with a matrix.
BRACKETS: Final = (
    "border:solid currentColor;border-width:0 1px;border-radius:.6em;margin:0 .3em"
)
ENDS: Final = 3  # rows or columns shown at each end of a larger one


@dataclass(frozen=True)
class Entry:
    """One entry of Z, as the sum that it is.

    Attributes
    ----------
    name : str
        "z[3,2]": row 3, unit 2.
    x, w : ndarray of shape (d_in,)
        The row of X and the column of W.
    b : float
        The bias of the unit.
    value : float
        x . w + b.
    """

    name: str
    x: Array
    w: Array
    b: float
    value: float
    row: int
    unit: int

    @property
    def terms(self) -> Array:
        """The products x w, (d_in,)."""
        return self.x * self.w

    def __str__(self) -> str:
        row, unit = self.row, self.unit
        symbols = [f"x[{row},{i}] w[{i},{unit}]" for i in range(len(self.x))]
        pairs = zip(self.x, self.w, strict=True)
        values = [f"{number(x)} x {number(w)}" for x, w in pairs]
        return (
            f"{self.name} = {' + '.join(_some(symbols))} + b[{unit}]\n"
            f"{'':{len(self.name)}} = {' + '.join(_some(values))} + {number(self.b)}\n"
            f"{'':{len(self.name)}} = {number(self.value)}"
        )

    __repr__ = __str__

    def to_latex(self) -> str:
        """Return the sum in LaTeX (math mode)."""
        row, unit = self.row, self.unit
        symbols = _some(
            [f"x_{{{row},{i}}} w_{{{i},{unit}}}" for i in range(len(self.x))]
        )
        pairs = zip(self.x, self.w, strict=True)
        values = _some([rf"{number(x)} \cdot {number(w)}" for x, w in pairs])
        sums = [
            " + ".join([*symbols, f"b_{{{unit}}}"]),
            " + ".join([*values, number(self.b)]),
        ]
        joined = " = ".join([f"z_{{{row},{unit}}}", *sums, number(self.value)])
        return joined.replace(" ... ", r" \dots ")


@dataclass(frozen=True, eq=False)
class MatrixProduct:
    """Z = X W + b of one layer, written out.

    ``product[3, 2]`` gives the entry of row 3 and unit 2 as its sum.

    Attributes
    ----------
    layer : int
        Counted from 1.
    X, W, b, Z : ndarray
        (n, d_in), (d_in, d_out), (d_out,) and (n, d_out).
    """

    layer: int
    X: Array
    W: Array
    b: Array
    Z: Array

    @classmethod
    def of(cls, layer: LayerTrace) -> "MatrixProduct":
        """Write out the product of a traced layer."""
        return cls(layer.number, layer.X, layer.W, layer.b, layer.Z)

    @property
    def shapes(self) -> str:
        """The shapes: "[8, 3] x [3, 4] + [4] -> [8, 4]"."""
        (n, d_in), d_out = self.X.shape, len(self.b)
        return f"[{n}, {d_in}] x [{d_in}, {d_out}] + [{d_out}] -> [{n}, {d_out}]"

    def entry(self, row: int, unit: int) -> Entry:
        """Return z of one row and one unit as its sum.

        Raises
        ------
        ValueError
            There is no such row or unit.
        """
        r = checked_index("row", row, len(self.Z))
        u = checked_index("unit", unit, len(self.b))
        b, z = float(self.b[u]), float(self.Z[r, u])
        return Entry(f"z[{r},{u}]", self.X[r], self.W[:, u], b, z, r, u)

    def __getitem__(self, at: tuple[int, int]) -> Entry:
        return self.entry(*at)

    def __str__(self) -> str:
        k = self.layer
        head = f"Z{k} = X{k} W{k} + b{k}    {self.shapes}"
        blocks = [
            f"{name}{k} [{', '.join(map(str, matrix.shape))}]\n{_text(matrix)}"
            for name, matrix in self._matrices()
        ]
        return "\n\n".join([head, *blocks])

    __repr__ = __str__

    def _matrices(self) -> list[tuple[str, Array]]:
        return [("X", self.X), ("W", self.W), ("b", self.b), ("Z", self.Z)]

    def to_latex(self) -> str:
        """Return the product with its matrices in LaTeX (math mode)."""
        X, W, b, Z = (_latex(matrix) for _, matrix in self._matrices())
        return rf"{X} {W} + {b} = {Z}"

    def to_mathml(self) -> str:
        """Return the product with its matrices as one MathML element."""
        X, W, b, Z = (_mathml(matrix) for _, matrix in self._matrices())
        body = f"{X}{W}<mo>+</mo>{b}<mo>=</mo>{Z}"
        return f'<math xmlns="{MATHML}" display="block"><mrow>{body}</mrow></math>'

    def _repr_html_(self) -> str:
        k, shapes = self.layer, escape(self.shapes)
        formula = f'<div style="overflow-x:auto">{self.to_mathml()}</div>'
        return f"<p>Z{k} = X{k} W{k} + b{k}: {shapes}</p>{formula}"


def _cells(matrix: Array, digits: int = 6) -> list[list[str]]:
    """Return the numbers of a matrix as texts, a large one with its middle left out."""
    table = np.atleast_2d(matrix) + 0.0  # which makes 0 of -0
    rows = [_some([f"{x:.{digits}g}" for x in row]) for row in table]
    if len(rows) <= MOST:
        return rows
    return [*rows[:ENDS], ["..."] * len(rows[0]), *rows[-ENDS:]]


def _some(texts: Sequence[str]) -> list[str]:
    if len(texts) <= MOST:
        return list(texts)
    return [*texts[:ENDS], "...", *texts[-ENDS:]]


def _text(matrix: Array) -> str:
    cells = _cells(matrix)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        for row in cells
    )


def _latex(matrix: Array) -> str:
    rows = r" \\ ".join(" & ".join(row) for row in _cells(matrix, digits=4))
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}".replace("...", r"\dots")


def _mathml(matrix: Array) -> str:
    rows = "".join(
        "<mtr>"
        + "".join(f"<mtd><mtext>{cell}</mtext></mtd>" for cell in row)
        + "</mtr>"
        for row in _cells(matrix, digits=4)  # beside each other on one line
    )
    return f'<mtable style="{BRACKETS}">{rows}</mtable>'
