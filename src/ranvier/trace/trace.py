"""Trace: rows through a network, forward and backward, with every value kept."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self, final

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.checks import checked_layer
from ranvier.inspectable import EncodedRows
from ranvier.network import losses, spec
from ranvier.network.array_inputs import as_targets, as_weights, check_has_rows
from ranvier.network.layers import Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.network.passes import Gradient
from ranvier.trace import addresses, storage, table_values
from ranvier.trace.explain import explain_unit, explain_weight
from ranvier.trace.explanation import Explanation
from ranvier.trace.frames import What, to_frame
from ranvier.trace.layers import (
    Array,
    backward_pass,
    forward_pass,
    row_shares,
)
from ranvier.trace.product import MatrixProduct
from ranvier.trace.rows import refuse_too_many, taken_rows

if TYPE_CHECKING:
    import pandas as pd

WITHOUT_DROPOUT: Final = (
    "The network has dropout. The trace is without it, as predictions are; a step of "
    "training drops units at random, so its numbers differ."
)
EMBEDDED: Final = (
    "The network has an embedding. The trace begins behind it: its inputs are the "
    "numbers that the embedding makes of each column."
)


@final
class Trace:
    """Rows through a network, forward and backward, with every number kept.

    ``net.trace(X, y)`` makes one; `Trace.of` makes one of any fitted object. It is a
    snapshot: further training does not change it.

    Attributes
    ----------
    layers : tuple of LayerTrace
        The dense layers from the inputs up: X, W, b, Z, A, slope, dA, dZ, dW, db, dX,
        float64. ``layers[0]`` is layer 1, whose weights are W1.
    L : float
        The loss; NaN without targets.
    loss : Loss or None
        What L is; None without targets.
    X : ndarray of shape (n, inputs)
        The rows as the network sees them.
    Y : ndarray of shape (n, outputs), or None
        Their targets; of classes, 1 for the true one.
    weights : ndarray of shape (n,), or None
        Weights of the rows in L.
    rows : tuple of int
        Which row of the table given each row of the trace is.
    columns, sources : tuple of str
        The inputs by name, and the column of the table that each was made from.
    outputs : tuple of str
        The outputs by name.
    given : dict of str to tuple of str
        What the user's table holds in the traced rows, in words, by its columns; empty
        where that is X.
    notes : tuple of str
        What to know about the numbers.
    network : Network
        A copy of the network, in float64. Of one with an embedding, the dense part: the
        inputs are then what the embedding makes of the columns, "age: e1".

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network(2, [rv.Dense(1, W=[[2.0], [1.0]])], dtype="float64")
    >>> trace = net.trace([[3.0, 4.0]], [8.0])
    >>> trace.L, trace["dW1"].tolist()  # (10 - 8)^2, and 2 (10 - 8) times 3 and 4
    (4.0, [[12.0], [16.0]])
    """

    def __init__(
        self,
        network: Network,
        encoded: EncodedRows,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        rows: Sequence[int] | None = None,
    ) -> None:
        told = network.description() | {"dtype": "float64"}
        network = Network.from_description(told, network.theta)
        self.notes = (WITHOUT_DROPOUT,) * any(
            isinstance(layer, Dropout) for layer in network.layers
        )
        self.notes += (EMBEDDED,) * (network.embedding is not None)
        self.network, encoded = inspectable.past_embedding(network, encoded)
        self.columns, self.sources = encoded.names, encoded.sources
        self.outputs = encoded.outputs
        table = encoded.X
        check_has_rows(table, "X")
        taken = taken_rows(rows, len(table))
        refuse_too_many(network, len(taken), derivatives=encoded.Y is not None)
        self.rows = tuple(map(int, taken))
        self.given = table_values.values_of(encoded, taken)
        self.X = table[taken]
        self.layers = tuple(forward_pass(self.network, self.X))
        self.L, self.loss = float("nan"), None
        self.Y: Array | None = None
        self.weights: Array | None = None
        if encoded.Y is not None:
            self.loss = losses.resolve(loss or losses.for_output(network.activation))
            self._trace_back(encoded.Y, sample_weight, len(table), taken)

    @classmethod
    def of(
        cls,
        fitted: Any,
        X: Any,
        y: Any = None,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        rows: Sequence[int] | None = None,
    ) -> Self:
        """Trace rows through the network of a fitted object.

        Parameters
        ----------
        fitted
            A `Network`, a `Model`, or a fitted estimator, which encodes rows first.
        X
            A table as its predict takes it, or one row.
        y
            Targets, as its fit takes them; None: the forward pass only.
        loss
            None: what goes with the last activation.
        sample_weight
            Weights of the rows (n,), not negative. None: all the same.
        rows
            Numbers of the rows of X to trace, counted from 0. None: all.

        Raises
        ------
        ValueError
            X or y does not fit, the loss does not go with the outputs, there is no such
            row, or the trace would take too much memory.
        TypeError
            The object has no network.
        """
        network = inspectable.network_of(fitted)
        encoded = inspectable.encode(fitted, X, y)
        settings = {"loss": loss, "sample_weight": sample_weight, "rows": rows}
        return cls(network, inspectable.named(encoded, network), **settings)

    def _trace_back(self, y: Any, w: Any, size: int, taken: NDArray[np.intp]) -> None:
        """Check the targets and add the derivatives to the layers."""
        assert self.loss is not None
        self.network.check_trainable(self.loss)
        outputs = self.network.outputs
        Y = as_targets(y, self.loss, outputs, np.float64, rows=size)
        if Y.ndim == 1:  # classes: 1 for the true one
            Y = np.eye(outputs)[Y]
        self.Y = np.ascontiguousarray(Y[taken])
        if w is not None:
            self.weights = as_weights(np.asarray(w)[taken], len(taken))
        self.L, traced = backward_pass(self.layers, self.Y, self.weights, self.loss)
        self.layers = tuple(traced)

    @property
    def Y_hat(self) -> Array:
        """The outputs (n, outputs): A of the last layer."""
        return self.layers[-1].A

    @property
    def dY_hat(self) -> Array:
        """dL/dY_hat (n, outputs): dA of the last layer."""
        return self.layers[-1].dA

    @property
    def dX(self) -> Array:
        """The input gradients dL/dX (n, inputs): dX of the first layer."""
        return self.layers[0].dX

    @property
    def gradient(self) -> Gradient:
        """dL/dtheta, laid out like the network's parameters."""
        parts = [part.reshape(-1) for own in self.layers for part in own.gradients()]
        dtheta = np.concatenate(parts)
        bound = spec.bind(self.network.inputs, self.network.layers, dtheta)
        return Gradient(dtheta, bound)

    def __getitem__(self, name: str) -> Any:
        """Give an array by its name, "dZ2", or one of its numbers, "W2[1,0]"."""
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
            There is no such unit or row, or the trace has no targets.
        """
        return explain_unit(self, layer, unit, row)

    def to_frame(self, what: What = "units") -> "pd.DataFrame":
        """Give the numbers as a pandas data frame.

        Parameters
        ----------
        what
            "units": a line for each row, layer and unit, with Z, A, slope (of softmax,
            the diagonal), dA and dZ. "weights": a line for each weight and bias, with
            its value and gradient.

        Raises
        ------
        ValueError
            `what` is neither.
        ImportError
            pandas is not installed.
        """
        return to_frame(self.layers, self.rows, self.columns, self.outputs, what)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write every array to a safetensors file; an old one is replaced at the end.

        Raises
        ------
        OSError
            It cannot be written; an old file is as it was.
        """
        storage.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Trace":
        """Read a trace that `save` wrote. Nothing in the file is executed.

        Raises
        ------
        OSError
            It cannot be read.
        FileFormatError
            The file is damaged, no trace, or of a newer format.
        """
        return storage.load(cls, path)

    def shares(self) -> Array:
        """Return the weight of each row in L (n,)."""
        return row_shares(self.weights, len(self.X))

    def __repr__(self) -> str:
        sizes = [self.network.inputs, *(layer.Z.shape[1] for layer in self.layers)]
        loss = "" if self.loss is None else f", {self.loss} {self.L:.6g}"
        count = f"{len(self.X):,} row{'s' * (len(self.X) != 1)}"
        return f"Trace({count} through {'-'.join(map(str, sizes))}{loss})"
