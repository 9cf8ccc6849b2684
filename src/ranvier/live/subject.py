"""What the views look at: a network, its rows, and what they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.fitted import dense_part, input_names
from ranvier.live.units import Embedded, Units
from ranvier.network.layers import DenseLayer, Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.table.targets import ClassTarget, NumberTarget, target_from_description
from ranvier.tabular.encoding import Encoding
from ranvier.training.metrics import in_units_of_y

Array = NDArray[Any]


class NoRowsError(LookupError):
    """The run has not kept its rows."""


class UnknownLayerError(LookupError):
    """The network has a layer of a kind whose numbers cannot be shown."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A network with its rows.

    Parameters
    ----------
    network
        The network at one age.
    X, Y
        Inputs as the network sees them, (n, d); targets, (n, k) or labels (n,).
    loss
        What was minimised.
    training
        (n,) whether a row was trained on.
    columns
        Name of each input.
    target
        Name of what is predicted.
    classes
        Names of the classes; () for numbers.
    units, scale
        How rows were encoded and targets standardised, where they were.
    """

    network: Network
    X: Array
    Y: Array
    loss: Loss
    training: NDArray[np.bool_]
    columns: tuple[str, ...]
    target: str = "y"
    classes: tuple[str, ...] = ()
    units: Units | None = None
    scale: NumberTarget | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.X)

    def outputs(self, X: Array) -> Array:
        """Predict in the units of Y: (m, k), probabilities for classes."""
        A = self.network(np.ascontiguousarray(X, self.network.dtype))
        units = in_units_of_y(A, self.loss.name, self.network.activation.name)
        return np.asarray(units, np.float64).reshape(len(X), self.network.outputs)

    def probabilities(self, X: Array) -> Array:
        """Give the probability of each class, (m, C), also with one output for two."""
        outputs = self.outputs(X)
        if outputs.shape[1] == 1:
            p = np.clip(outputs[:, 0], 0, 1)
            return np.stack([1 - p, p], axis=1)
        return outputs

    @property
    def labels(self) -> NDArray[np.int64]:
        """The class of each row, (n,)."""
        if self.Y.ndim == 1:
            return self.Y.astype(np.int64)
        if self.Y.shape[1] == 1:
            return (self.Y[:, 0] > 0.5).astype(np.int64)
        return np.asarray(self.Y.argmax(axis=1), np.int64)

    @property
    def first_layers(self) -> tuple[str, ...]:
        """The kinds of layers before the first dense one that are none of ours."""
        return tuple(
            type(layer).__name__.removesuffix("Layer").lower()
            for layer in self.network.layers
            if not _is_known(layer)
        )

    @cached_property
    def dense(self) -> "Subject":
        """The same from the first dense layer on: its columns are what that one takes.

        Of a network that begins with another kind of layer, such as an embedding of
        the columns, these are what the layer makes of the rows.

        Raises
        ------
        UnknownLayerError
            The layer does not say what it makes of them.
        """
        if not self.first_layers:
            return self
        embed = getattr(self.network, "embed", None)
        if embed is None:
            raise UnknownLayerError(", ".join(self.first_layers))
        X = np.asarray(embed(self.X))
        layers: list[Any] = list(filter(_is_known, self.network.layers))
        network = Network(X.shape[1], layers, dtype=self.network.dtype, seed=0)
        network.theta[...] = self.network.theta[-network.theta.size :]
        names = getattr(self.network.layers[0], "names", None)
        columns = names(self.columns) if names else [f"e{i}" for i in range(X.shape[1])]
        return replace(self, network=network, X=X, columns=tuple(columns))

    @property
    def shown(self) -> NDArray[np.int64]:
        """The columns that can be looked over."""
        return np.arange(len(self.columns)) if self.units is None else self.units.shown

    @property
    def is_classes(self) -> bool:
        """Whether classes are predicted."""
        return bool(self.classes)

    def in_user_units(self, values: Array) -> Array:
        """Turn standardised targets into the user's units, (m,)."""
        flat = np.asarray(values, np.float64).reshape(-1)
        if self.scale is None:
            return flat
        return np.asarray(self.scale.inverse(flat[:, None]), np.float64).reshape(-1)

    def errors(self) -> Array:
        """Give how wrong each row is: 1 - p of its class, or |error| in user units."""
        if self.is_classes:
            P = self.probabilities(self.X)
            return np.asarray(1 - P[np.arange(len(P)), self.labels])
        A = self.in_user_units(self.outputs(self.X)[:, 0])
        Y = self.Y if self.Y.ndim == 1 else self.Y[:, 0]
        return np.asarray(np.abs(A - self.in_user_units(Y)))

    def raw(self, rows: Array) -> tuple[list[str], list[list[Any]]]:
        """Give rows as the user knows them: names, and values for each row."""
        if self.units is None:
            X = self.X[rows]
            return list(self.columns), [[float(f"{x:.6g}") for x in row] for row in X]
        table = self.units.table(rows)
        values = [
            [_plain(column[i]) for column in table.values()] for i in range(len(rows))
        ]
        return list(table), values


def of_run(run: Run, epoch: int | None) -> Subject:
    """Give the network of a run at an age, with the rows of the run.

    Raises
    ------
    NoRowsError
        The rows were too many to be kept.
    ValueError
        There is no network of that age.
    """
    data = run.data
    if data is None:
        raise NoRowsError
    network = run.network(epoch)
    about, loss = run.manifest.get("about", {}), run.manifest["training"]["loss"]
    training = np.zeros(len(data["X"]), bool)
    training[data["rows"]] = True
    units = target = None
    if "target_description" in about:
        target = target_from_description(about["target_description"])
    columns = about.get("columns") or [f"x{i + 1}" for i in range(network.inputs)]
    X = data["X"]
    if network.embedding is not None:  # shown from its first dense layer on
        network = without_scale(network)
        if "encoding" in about:
            units = Embedded(Encoding.read(about["encoding"]), network, X)
        columns, X = input_names(network, columns), network.embed(X)
        network = dense_part(network)
    return Subject(
        network=network,
        X=X,
        Y=data["Y"],
        loss=Loss(loss["name"], loss["parameter"]),
        training=training,
        columns=tuple(map(str, columns)),
        target=str(about.get("target") or "y"),
        classes=_classes(target, loss["name"], network.outputs),
        units=units,
        scale=target if isinstance(target, NumberTarget) else None,
    )


def without_scale(network: Network) -> Network:
    """Give the same network with the scale of its embedding taken into the first W.

    So its inputs are told in the units of the columns, and W says what counts.
    """
    network = network.copy()
    layer = network.embedding
    if layer is not None and layer.scale is not None:
        network.dense_layers[0].W[...] *= layer.scale[:, None]
        layer.scale[...] = 1
    return network


def _classes(target: Any, loss: str, outputs: int) -> tuple[str, ...]:
    if isinstance(target, ClassTarget):
        return target.labels
    if loss == "cross_entropy":
        return tuple(map(str, range(outputs)))
    if loss == "log_loss" and outputs == 1:
        return ("0", "1")
    return ()


def column_index(columns: Sequence[str], name: str | None, usual: int) -> int:
    """Find a column by its name; the usual one where there is none of that name."""
    if name is not None and name in columns:
        return columns.index(name)
    return min(usual, len(columns) - 1)


def _is_known(layer: object) -> bool:
    return isinstance(layer, DenseLayer | Dropout)


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)[:19]
    return value if value is None or isinstance(value, int | bool) else str(value)
