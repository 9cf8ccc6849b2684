"""What is read off a trace: arrays by name, products, explanations, frames."""

from typing import TYPE_CHECKING, Any

from ranvier.checks import checked_layer
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.trace import addresses
from ranvier.trace.explain import explain_unit, explain_weight
from ranvier.trace.explanation import Explanation
from ranvier.trace.layer_trace import Array, LayerTrace, row_shares
from ranvier.trace.product import MatrixProduct
from ranvier.trace.to_frame import What, to_frame

if TYPE_CHECKING:
    import pandas as pd


class ReadableTrace:
    """What a `Trace` reads off its layers."""

    network: Network
    layers: tuple[LayerTrace, ...]
    L: float
    loss: Loss | None
    X: Array
    Y: Array | None
    weights: Array | None
    rows: tuple[int, ...]
    columns: tuple[str, ...]
    sources: tuple[str, ...]
    outputs: tuple[str, ...]
    given: dict[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> Any:
        """Return an array by its name, "dZ2", or one of its numbers, "W2[1,0]"."""
        letter, number, at = addresses.parse(name, self.layers, self.columns)
        array = getattr(self.layers[number - 1], letter)
        return float(array[at]) if at else array

    def matrix_product(self, layer: int) -> MatrixProduct:
        """Write out Z = X W + b of a layer, with its shapes.

        Parameters
        ----------
        layer
            Its number, from 1.

        Returns
        -------
        MatrixProduct
            It prints its matrices; ``product[row, unit]`` is one entry as its sum.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(2, [rv.Dense(1, W=[[2.0], [1.0]])])
        >>> print(net.trace([[3.0, 4.0]]).matrix_product(1)[0, 0])
        z[0,0] = x[0,0] w[0,0] + x[0,1] w[1,0] + b[0]
               = 3 x 2 + 4 x 1 + 0
               = 10
        """
        number = checked_layer(layer, len(self.layers))
        return MatrixProduct.of(self.layers[number - 1])

    def explain(
        self, weight: str, *, row: int | None = None, paths: int = 5
    ) -> Explanation:
        """Explain the gradient of a weight: the chain rule, factor by factor.

        Parameters
        ----------
        weight
            "W2[1,0]": of layer 2, from unit 1 of layer 1 to unit 0; "b2[0]": a bias. In
            layer 1 the input may be named: "W1[income,3]".
        row
            The row of the trace whose factors are given. None: the row that contributes
            most.
        paths
            How many of the strongest paths to the loss are listed.

        Returns
        -------
        Explanation
            Printed as text, and in a notebook with formulas; ``factors`` is the data.

        Raises
        ------
        ValueError
            There is no such weight or row, or the trace has no targets.

        Examples
        --------
        >>> import ranvier as rv
        >>> hidden, last = rv.Dense(1, "relu", W=[[2.0]]), rv.Dense(1, W=[[3.0]])
        >>> net = rv.Network(1, [hidden, last])
        >>> explained = net.trace([[1.0]], [5.0]).explain("W1[0,0]")
        >>> [(factor.name, factor.value) for factor in explained.factors]
        [('dL/dA1[0]', 6.0), ('dA1[0]/dZ1[0]', 1.0), ('dZ1[0]/dW1[0,0]', 1.0)]
        """
        return explain_weight(self, weight, row, paths)

    def explain_unit(
        self, layer: int, unit: int, *, row: int | None = None
    ) -> Explanation:
        """Explain what a unit does: its sum, its output, and dL/dz factor by factor.

        Parameters
        ----------
        layer
            Its number, from 1.
        unit
            Counted from 0.
        row
            As for `explain`.

        Returns
        -------
        Explanation
            Of z, with ``incoming``: each weight's product and gradient.

        Raises
        ------
        ValueError
            The layer, unit or row does not exist, or the trace has no targets.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(1, [rv.Dense(1, W=[[3.0]])], dtype="float64")
        >>> explained = net.trace([[2.0]], [5.0]).explain_unit(1, 0)
        >>> [(factor.name, factor.value) for factor in explained.factors]
        [('dL/dA1[0]', 2.0), ('dA1[0]/dZ1[0]', 1.0)]
        """
        return explain_unit(self, layer, unit, row)

    def to_frame(self, what: What = "units") -> "pd.DataFrame":
        """Return the numbers as a pandas data frame.

        Parameters
        ----------
        what
            "units": a line for each row, layer and unit, with Z, A, slope (of softmax,
            the diagonal), dA and dZ. "weights": a line for each weight and bias, with
            its value and gradient.

        Returns
        -------
        pandas.DataFrame
            With a column for each of these.

        Raises
        ------
        ValueError
            `what` is neither.
        ImportError
            pandas is not installed.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(2, [rv.Dense(1, W=[[2.0], [1.0]])])
        >>> net.trace([[3.0, 4.0]]).to_frame("weights")["value"].tolist()
        [2.0, 1.0, 0.0]
        """
        return to_frame(self.layers, self.rows, self.columns, self.outputs, what)

    def shares(self) -> Array:
        """Return the weight of each row in L (n,); they add up to 1.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(1, [rv.Dense(1)])
        >>> trace = net.trace([[1.0], [2.0]], [0.0, 0.0], sample_weight=[3, 1])
        >>> trace.shares().tolist()
        [0.75, 0.25]
        """
        return row_shares(self.weights, len(self.X))
