"""The network: a frozen description and one flat array of parameters."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ranvier import _engine, files
from ranvier.network import display, losses, spec
from ranvier.network.activations import Activation
from ranvier.network.array_inputs import (
    as_matrix,
    as_row,
    as_targets,
    as_weights,
    check_has_rows,
    is_ready,
    is_row,
)
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.extensions import Extensions
from ranvier.network.layers import BoundLayer, Dense, DenseLayer, Layer
from ranvier.network.losses import Loss
from ranvier.network.passes import Gradient, LayerValues, Passes

if TYPE_CHECKING:
    pass

Array = NDArray[Any]


@final
class Network(Extensions):
    """A feed-forward network: a frozen description and one flat array `theta`.

    Parameters
    ----------
    inputs
        How many columns X has.
    layers
        `Dense` and `Dropout` layers in order; the last is a `Dense`, the outputs. The
        first may be an `Embedding` of the columns of X.
    dtype
        ``"float32"``, or ``"float64"`` for more digits at half the speed.
    seed
        Draws the weights; the same seed draws the same. None: new ones each time. It
        does not count in ``==``, which compares the rest and every bit of `theta`.

    Attributes
    ----------
    theta : ndarray of shape (parameters,)
        Every parameter: of an embedding its columns' values and its scale, then for
        each dense layer W, row by row, b and alpha, if any. Write into it,
        ``net.theta[...] = values``; it cannot be replaced.
    layers : tuple
        The layers; dense ones have ``W`` (d_in, d_out) and ``b`` (d_out,), which are
        views of `theta`.
    inputs, outputs : int
        Columns of X and of the outputs.

    Raises
    ------
    ValueError
        The layers do not make a network, or a size, name or dtype is not known.

    Examples
    --------
    >>> net = Network(2, [Dense(3, "relu"), Dense(1)], seed=0)
    >>> net([[1.0, 2.0]]).shape
    (1, 1)
    """

    inputs: int
    outputs: int
    layers: tuple[BoundLayer, ...]
    dtype: np.dtype[Any]
    seed: int | None
    theta: Array
    engine: _engine.Network
    _passes: Passes

    def __init__(
        self,
        inputs: int,
        layers: Sequence[Layer],
        *,
        dtype: DTypeLike = "float32",
        seed: int | None = None,
    ) -> None:
        parts = spec.checked(inputs, layers, dtype, seed)
        self._assemble(parts, spec.start(parts))

    @classmethod
    def _of(cls, parts: spec.NetworkSpec, theta: Array) -> "Network":
        net = cls.__new__(cls)
        net._assemble(parts, theta)
        return net

    def _assemble(self, parts: spec.NetworkSpec, theta: Array) -> None:
        """Set every attribute; theta becomes the network's own."""
        bound = spec.bind(parts.inputs, parts.layers, theta)
        engine = _engine.Network(parts.inputs, list(map(spec.engine_spec, bound)))
        self.__dict__.update(
            inputs=parts.inputs,
            outputs=engine.outputs,
            layers=bound,
            dtype=parts.dtype,
            seed=parts.seed,
            theta=theta,
            engine=engine,
            _passes=Passes(engine, theta),
        )

    @classmethod
    def mlp(
        cls,
        inputs: int,
        hidden: int | Sequence[int],
        outputs: int,
        activation: str | Activation = "relu",
        output_activation: str | Activation = "identity",
        dropout: float = 0.0,
        dtype: DTypeLike = "float32",
        seed: int | None = None,
    ) -> "Network":
        """Build a network whose hidden layers are all of one kind.

        Parameters
        ----------
        inputs, outputs
            Columns of X and of the outputs.
        hidden
            Units of each hidden layer; a number for one layer, () for none.
        activation, output_activation
            Of the hidden layers, and of the last one.
        dropout
            Rate of a dropout after each hidden layer; 0 for none.
        dtype, seed
            As for `Network`.

        Examples
        --------
        >>> Network.mlp(4, [100], 3)
        Network(4 -> 100 relu -> 3 identity, float32, 803 parameters)
        """
        layers = spec.mlp(hidden, activation, dropout)
        layers.append(Dense(outputs, output_activation))
        return cls(inputs, layers, dtype=dtype, seed=seed)

    @property
    def dense_layers(self) -> tuple[DenseLayer, ...]:
        """The dense layers alone."""
        return tuple(layer for layer in self.layers if isinstance(layer, DenseLayer))

    @property
    def embedding(self) -> EmbeddingLayer | None:
        """The first layer, if it is an embedding."""
        first = self.layers[0]
        return first if isinstance(first, EmbeddingLayer) else None

    @property
    def activation(self) -> Activation:
        """The activation of the last layer."""
        return self.dense_layers[-1].activation

    def __call__(self, X: Any) -> Array:
        """Predict the outputs for each row of X, dropout off.

        Parameters
        ----------
        X
            Numbers (n, inputs) in an array, a list of rows, or a frame of pandas,
            polars or Arrow; or one row (inputs,).

        Returns
        -------
        ndarray of shape (n, outputs), or (outputs,) for one row
            A of the last layer.

        Raises
        ------
        ValueError
            X holds NaN, infinity or something other than numbers, or has another shape.
        """
        if is_ready(X, self.dtype, self.inputs):  # one row must not wait for the rest
            return self._passes.predict(X)
        if is_row(X):
            X = as_row(X, self.dtype, self.inputs)
            return self._passes.predict(X).reshape(-1)
        return self._passes.predict(as_matrix(X, self.dtype, self.inputs)[0])

    def embed(self, X: Any) -> Array:
        """Give what the embedding makes of X: the inputs of the first dense layer."""
        X = as_matrix(X, self.dtype, self.inputs)[0]
        return X if self.embedding is None else self._passes.embed(X)

    def forward(self, X: Any) -> list[LayerValues]:
        """Give every Z and A on the way to the outputs, dropout off.

        Parameters
        ----------
        X
            A table, as for a prediction, which raises the same errors.

        Returns
        -------
        list of LayerValues
            (Z, A) of each dense layer; the last A is the prediction.

        Examples
        --------
        >>> net = Network(1, [Dense(1, "relu", W=[[2.0]], b=[1.0])])
        >>> Z, A = net.forward([[3.0], [-3.0]])[0]
        >>> Z.tolist(), A.tolist()
        ([[7.0], [-5.0]], [[7.0], [0.0]])
        """
        return self._passes.values(as_matrix(X, self.dtype, self.inputs)[0])

    def loss_and_gradient(
        self,
        X: Any,
        y: Any,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
    ) -> tuple[float, Gradient]:
        """Give the loss on some rows, and its derivative by each parameter.

        Parameters
        ----------
        X
            Inputs (n, inputs), as for a prediction.
        y
            Targets (n, outputs), or (n,) with one output. For cross_entropy: classes
            0 to outputs - 1 (n,), or the probability of each (n, outputs).
        loss
            A name or a `Loss`. None: cross_entropy after softmax, log_loss after
            sigmoid, poisson after exp, else squared_error.
        sample_weight
            Weights of the rows (n,), not negative. None: all the same.

        Returns
        -------
        loss : float
            L = sum_r w_r L_r / sum_r w_r, dropout off, no penalty.
        gradient : Gradient
            dL/dtheta, with dW and db of each layer as its views.

        Raises
        ------
        ValueError
            X or y does not fit or is not finite, or `check_trainable` refuses.

        Examples
        --------
        >>> net = Network(1, [Dense(1, W=[[2.0]])], dtype="float64")
        >>> L, gradient = net.loss_and_gradient([[3.0]], [5.0])
        >>> L, gradient.layers[0].W.tolist()  # (6 - 5)^2, and 2 (6 - 5) 3
        (1.0, [[6.0]])
        """
        chosen = losses.resolve(loss or losses.for_output(self.activation))
        self.check_trainable(chosen)
        matrix, _ = as_matrix(X, self.dtype, self.inputs)
        check_has_rows(matrix, "X")
        Y = as_targets(y, chosen, self.outputs, self.dtype, rows=len(matrix))
        w = sample_weight
        w = None if w is None else as_weights(w, len(matrix), self.dtype)
        L, dtheta = self._passes.loss_and_gradient(matrix, Y, w, chosen)
        return L, Gradient(dtheta, spec.bind(self.inputs, self.layers, dtheta))

    def check_trainable(self, loss: Loss) -> None:
        """Refuse (ValueError) a loss or a layer that it cannot be trained with."""
        spec.check_trainable(self.layers, loss)

    def copy(self) -> "Network":
        """Make an equal network with its own parameters."""
        return Network.from_description(self.description(), self.theta)

    def description(self) -> dict[str, Any]:
        """Describe the network, without its parameters, in what JSON can hold."""
        parts = spec.NetworkSpec(self.inputs, self.layers, self.dtype, self.seed)
        return spec.describe(parts)

    @classmethod
    def from_description(
        cls, description: Mapping[str, Any], theta: ArrayLike
    ) -> "Network":
        """Build what `description` described, theta copied; ValueError of others."""
        parts = spec.from_description(description)
        return cls._of(parts, spec.checked_theta(parts, theta))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a safetensors file; an old one is replaced at the end.

        Raises OSError if it cannot be written; an old file is then as it was.
        """
        files.save(path, self.description(), spec.tensors(self.layers))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Network":
        """Read a network that `save` wrote. Nothing in the file is executed.

        Raises OSError, or FileFormatError of what is damaged, newer, or no network.
        """
        parts, theta = spec.load(path)
        return cls._of(parts, theta)

    def summary(self) -> str:
        """Give a table of the layers: shapes, parameters, memory, FLOPs a row."""
        return display.summary(self.inputs, self.layers, self.dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        ours, theirs = ({**net.description(), "seed": 0} for net in (self, other))
        return ours == theirs and self.theta.tobytes() == other.theta.tobytes()

    __hash__ = None  # type: ignore[assignment]  # its parameters change

    def __reduce__(self) -> tuple[Any, ...]:
        return Network.from_description, (self.description(), self.theta)

    def __setattr__(self, name: str, value: object) -> None:
        if value is getattr(self, name, None):
            return  # `net.theta *= 2` has written in place and now assigns the same
        raise AttributeError(
            f"a network is frozen, so {name!r} cannot be set: write into what it has, "
            "net.theta[...] = values, or build a new Network"
        )

    def __repr__(self) -> str:
        return display.line(self.inputs, self.layers, self.dtype)

    def _repr_html_(self) -> str:
        return display.html(self.inputs, self.layers, self.dtype)
