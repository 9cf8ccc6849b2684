"""One artificial neuron: inputs, weights, a sum, an activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier.checks import checked_float, checked_names
from ranvier.inspectable import EncodedRows, encode
from ranvier.messages import plain
from ranvier.network.activations import Activation, resolve
from ranvier.network.layers import Dense, DenseLayer
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.pictures.neuron_plot import draw_neuron
from ranvier.trace.formulas import number
from ranvier.trace.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Neuron:
    """One artificial neuron: a = f(w . x + b).

    Parameters
    ----------
    weights
        w, (inputs,).
    bias
        b.
    activation
        The function f: a name, or an `Activation`.
    names
        Of the inputs; x0, x1, ... if left out.

    Attributes
    ----------
    network : Network
        The neuron as a network of one unit, in float64.

    Raises
    ------
    ValueError
        There is no weight, one is no finite number, or the activation is unknown.

    Examples
    --------
    >>> neuron = Neuron([2.0, -1.0], bias=0.5, activation="relu")
    >>> neuron([1.0, 1.0])
    1.5
    >>> neuron
    Neuron: relu(2 x0 - x1 + 0.5)
    """

    def __init__(
        self,
        weights: ArrayLike,
        bias: float = 0.0,
        activation: str | Activation = "sigmoid",
        *,
        names: Sequence[str] | None = None,
    ) -> None:
        w = _weights(weights)
        bias = checked_float("bias", bias, example=0.5)
        f = resolve(activation)
        if f.name == "softmax":
            raise ValueError(
                "softmax shares 1 out among several units, so one neuron cannot have "
                "it: use 'sigmoid', which is softmax of two"
            )
        self.names = (
            tuple(f"x{i}" for i in range(len(w)))
            if names is None
            else checked_names("names", names, len(w))
        )
        self._named = names is not None
        unit = Dense(1, f, W=w[:, None], b=[float(bias)])
        self.network = Network(len(w), [unit], dtype="float64")

    @property
    def _layer(self) -> DenseLayer:
        return self.network.dense_layers[0]

    @property
    def weights(self) -> NDArray[Any]:
        """w, (inputs,): a view, so that writing into it changes the neuron."""
        return self._layer.W[:, 0]

    @property
    def bias(self) -> float:
        """B."""
        return float(self._layer.b[0])

    @property
    def activation(self) -> Activation:
        """F."""
        return self._layer.activation

    def __call__(self, x: Any) -> Any:
        """Return a for one row, or for each row of a table.

        Parameters
        ----------
        x
            Numbers (inputs,) or (n, inputs): a list, an array, or a frame of pandas,
            polars or Arrow.

        Returns
        -------
        float, or ndarray of shape (n,) for a table

        Raises
        ------
        ValueError
            As for `Network`.
        """
        a = self.network(x)
        return float(a[0]) if a.ndim == 1 else a[:, 0]

    def trace(self, x: Any, y: Any = None, loss: str | Loss | None = None) -> Trace:
        """Keep every number of both passes for some rows.

        Parameters
        ----------
        x
            One row (inputs,), or a table (n, inputs).
        y
            Targets (n,). None: the forward pass only.
        loss
            A name or a `Loss`. None: the one that goes with the activation.

        Returns
        -------
        Trace
            With Z, A and, given targets, dZ, dW and db.

        Raises
        ------
        ValueError
            x or y does not fit, or the loss does not go with the activation.

        Examples
        --------
        >>> Neuron([2.0, -1.0], 0.5, "relu").trace([1.0, 1.0])["A1[0,0]"]
        1.5
        """
        rows = encode(self.network, x, y)
        names = self.names if self._named else rows.names
        told = EncodedRows(rows.X, names, names, rows.Y, outputs=("a",))
        return Trace(self.network, told, loss=loss)

    def plot(self, x: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
        """Draw inputs, weights, sum and activation; with a row x, its numbers too.

        Parameters
        ----------
        x
            One row, (inputs,); None: no numbers but the weights.
        ax
            Where to draw; None: on a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.

        Raises
        ------
        ValueError
            x does not fit.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> ax = Neuron([2.0, -1.0], names=["size", "age"]).plot([1.0, 3.0])
        >>> any("size" in text.get_text() for text in ax.texts)
        True
        """
        row = None if x is None else self.trace(x)
        numbers = None if row is None else (row.X[0], row["Z1[0,0]"], row["A1[0,0]"])
        return draw_neuron(
            self.names, self.weights, self.bias, str(self.activation), numbers, ax=ax
        )

    def __repr__(self) -> str:
        terms = [
            _term(float(w), plain(name))
            for w, name in zip(self.weights, self.names, strict=True)
        ]
        terms += [_term(self.bias, "")] * (self.bias != 0)
        total = " ".join(terms).removeprefix("+ ")
        total = f"-{total[2:]}" if total.startswith("- ") else total
        return f"Neuron: {self.activation}({total})"


def _weights(weights: ArrayLike) -> NDArray[np.float64]:
    """Return the weights (inputs,) as finite floats."""
    try:
        given = np.array(weights)
    except ValueError:  # rows of unequal length
        given = np.zeros(0)
    w = given.astype(np.float64) if given.dtype.kind in "iuf" else np.zeros(0)
    if w.ndim != 1 or not w.size or not np.isfinite(w).all():
        raise ValueError(
            f"weights must be finite numbers, one for each input, but got {weights!r}: "
            "give for example Neuron([2.0, -1.0], bias=0.5)"
        )
    return w


def _term(weight: float, name: str) -> str:
    size = number(abs(weight))
    size = name if size == "1" and name else f"{size} {name}".strip()
    return f"{'-' if weight < 0 else '+'} {size}"
