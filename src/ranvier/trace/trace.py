"""Trace: rows through a network, forward and backward, with every value kept."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self, final

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.inspectable import EncodedRows
from ranvier.network import losses, spec
from ranvier.network.array_inputs import as_targets, as_weights, check_has_rows
from ranvier.network.layers import Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.network.passes import Gradient
from ranvier.trace import storage, table_values
from ranvier.trace.layer_trace import (
    Array,
    backward_pass,
    forward_pass,
)
from ranvier.trace.readable import ReadableTrace
from ranvier.trace.row_selection import refuse_too_many, taken_rows

if TYPE_CHECKING:
    pass

WITHOUT_DROPOUT: Final = (
    "The network has dropout. The trace is without it, as predictions are; a step of "
    "training drops units at random, so its numbers differ."
)
EMBEDDED: Final = (
    "The network has an embedding. The trace begins behind it: its inputs are the "
    "numbers that the embedding makes of each column."
)


@final
class Trace(ReadableTrace):
    """Rows through a network, forward and backward, with every number kept.

    ``net.trace(X, y)`` makes one; `Trace.of` makes one of any fitted object. It is a
    snapshot: further training does not change it.

    Parameters
    ----------
    network
        The network.
    encoded
        The rows, and their targets if there are any, as the network sees them.
    loss, sample_weight, rows
        As for `Trace.of`.

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
            self.loss = losses.choose(loss, network.activation)
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

        Returns
        -------
        Trace
            Every number of both passes, in float64.

        Raises
        ------
        ValueError
            X or y does not fit, the loss does not go with the outputs, a row does not
            exist, or the trace would take too much memory.
        TypeError
            The object has no network.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(2, [rv.Dense(1, W=[[2.0], [1.0]])], dtype="float64")
        >>> Trace.of(net, [[3.0, 4.0], [0.0, 1.0]], rows=[1]).Y_hat.tolist()
        [[1.0]]
        """
        network = inspectable.network_of(fitted)
        encoded = inspectable.encode(fitted, X, y)
        settings = {"loss": loss, "sample_weight": sample_weight, "rows": rows}
        trace = cls(network, inspectable.named(encoded, network), **settings)
        count = len(inspectable.networks_of(fitted))
        if count > 1:
            trace.notes += (
                f"This is networks[0] of {count}; the prediction is the mean of all.",
            )
        return trace

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
            self.weights = as_weights(w, size)[taken]
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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write every array to a safetensors file.

        Parameters
        ----------
        path
            The file to write; an old one is replaced when the new one is complete.

        Raises
        ------
        OSError
            It cannot be written; an old file is as it was.

        Examples
        --------
        >>> import ranvier as rv
        >>> trace = rv.Network.mlp(2, 3, 1, seed=0).trace([[1.0, 2.0]], [3.0])
        >>> trace.save("trace.safetensors")
        >>> rv.Trace.load("trace.safetensors").L == trace.L
        True
        """
        storage.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Trace":
        """Read a trace that `save` wrote. Nothing in the file is executed.

        Parameters
        ----------
        path
            The file to read.

        Returns
        -------
        Trace
            With every array of the one that was saved.

        Raises
        ------
        OSError
            It cannot be read.
        FileFormatError
            The file is damaged, no trace, or of a newer format.

        Examples
        --------
        >>> import ranvier as rv
        >>> rv.Network.mlp(2, 3, 1, seed=0).trace([[1.0, 2.0]]).save("rows.safetensors")
        >>> rv.Trace.load("rows.safetensors").X.tolist()
        [[1.0, 2.0]]
        """
        return storage.load(cls, path)

    def __repr__(self) -> str:
        sizes = [self.network.inputs, *(layer.Z.shape[1] for layer in self.layers)]
        loss = "" if self.loss is None else f", {self.loss} {self.L:.6g}"
        count = f"{len(self.X):,} row{'s' * (len(self.X) != 1)}"
        return f"Trace({count} through {'-'.join(map(str, sizes))}{loss})"
