"""The network: a frozen description and one flat array of parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

from numpy.typing import DTypeLike, NDArray

from ranvier import _engine
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
from ranvier.network.layers import Dense, DenseLayer, Layer
from ranvier.network.losses import Loss
from ranvier.network.passes import Gradient, LayerValues, Passes
from ranvier.network.stored import StoredNetwork

if TYPE_CHECKING:
    pass

Array = NDArray[Any]


@final
class Network(Extensions, StoredNetwork):
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

    outputs: int
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

        Raises
        ------
        ValueError
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
        """Return what the embedding makes of X: the inputs of the first dense layer.

        Parameters
        ----------
        X
            A table (n, inputs), as for a prediction.

        Returns
        -------
        ndarray of shape (n, d)
            d numbers for each row; X itself, as an array, without an embedding.

        Raises
        ------
        ValueError
            As for a prediction.

        Examples
        --------
        >>> from ranvier.network import columns
        >>> from ranvier.network.embedding import Embedding
        >>> layers = [Embedding([columns.Plain(), columns.Category(3, 2)]), Dense(1)]
        >>> Network(2, layers, seed=0).embed([[0.5, 1], [0.5, 2]]).shape
        (2, 3)
        """
        X = as_matrix(X, self.dtype, self.inputs)[0]
        return X if self.embedding is None else self._passes.embed(X)

    def forward(self, X: Any) -> list[LayerValues]:
        """Compute every Z and A on the way to the outputs, dropout off.

        Parameters
        ----------
        X
            A table (n, inputs), as for a prediction.

        Returns
        -------
        list of LayerValues
            (Z, A) of each dense layer; the last A is the prediction.

        Raises
        ------
        ValueError
            As for a prediction.

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
        """Compute the loss on some rows, and its derivative by each parameter.

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
        chosen = losses.choose(loss, self.activation)
        self.check_trainable(chosen)
        matrix, _ = as_matrix(X, self.dtype, self.inputs)
        check_has_rows(matrix, "X")
        Y = as_targets(y, chosen, self.outputs, self.dtype, rows=len(matrix))
        w = sample_weight
        w = None if w is None else as_weights(w, len(matrix), self.dtype)
        L, dtheta = self._passes.loss_and_gradient(matrix, Y, w, chosen)
        return L, Gradient(dtheta, spec.bind(self.inputs, self.layers, dtheta))

    def check_trainable(self, loss: Loss) -> None:
        """Refuse a loss or a layer that the network cannot be trained with.

        Parameters
        ----------
        loss
            The `Loss`.

        Raises
        ------
        ValueError
            The loss does not go with the last activation, or a hidden layer has an
            activation without a slope.

        Examples
        --------
        >>> Network.mlp(2, 3, 1).check_trainable(Loss("squared_error"))
        """
        spec.check_trainable(self.layers, loss)

    def summary(self) -> str:
        """Return a table of the layers: shapes, parameters, memory, FLOPs a row.

        Examples
        --------
        >>> print(Network(4, [Dense(1)]).summary())
        Network of 4 inputs, float32
        <BLANKLINE>
        layer              W      parameters  memory  FLOPs a row
        ---------------------------------------------------------
        0  Dense identity  4 x 1           5    20 B            9
        ---------------------------------------------------------
        total                              5    20 B            9
        """
        return display.summary(self.inputs, self.layers, self.dtype)

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
