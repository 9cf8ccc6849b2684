"""What the views look at: a network, its rows, and what they are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.inspectable import dense_part
from ranvier.live import axes
from ranvier.live.axes import Axis
from ranvier.live.column_units import ColumnUnits
from ranvier.network.columns import Category
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.table.encoder import TableEncoder
from ranvier.table.targets import ClassTarget, NumberTarget, target_from_description
from ranvier.training.epoch_metrics import to_predictions

Array = NDArray[Any]
MOST_LOOKED_AT: Final = 8000  # rows, for what is usual


class NoRowsError(LookupError):
    """The run has not kept its rows."""


@dataclass(frozen=True, eq=False)
class Inspection:
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
    units: ColumnUnits | None = None
    scale: NumberTarget | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.X)

    def outputs(self, X: Array) -> Array:
        """Predict in the units of Y: (m, k), probabilities for classes."""
        A = self.network(np.ascontiguousarray(X, self.network.dtype))
        units = to_predictions(A, self.loss.name, self.network.activation.name)
        return np.asarray(units, np.float64).reshape(len(X), self.network.outputs)

    def probabilities(self, X: Array) -> Array:
        """Return the probability of each class, (m, C), also for a single output."""
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
    def is_embedded(self) -> bool:
        """Whether an embedding stands between the columns and the first dense layer."""
        return self.network.embedding is not None

    @cached_property
    def dense(self) -> "Inspection":
        """The same from the first dense layer on: its columns are what that one takes.

        Behind an embedding these are what it makes of the rows, "age: e1".
        """
        layer = self.network.embedding
        if layer is None:
            return self
        return replace(
            self,
            network=dense_part(self.network),
            X=np.asarray(self.network.embed(self.X)),
            columns=tuple(layer.names(self.columns)),
        )

    def holds_codes(self, column: int) -> bool:
        """Say whether a column holds codes of categories, between which nothing is."""
        layer = self.network.embedding
        return layer is not None and isinstance(layer.columns[column], Category)

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The columns that pictures are drawn over: those of the user's table."""
        if self.units is not None:
            return axes.of_table(self.units.encoder, self.X)
        codes = [self.holds_codes(i) for i in range(len(self.columns))]
        return axes.of_inputs(self.columns, self.X, codes)

    @cached_property
    def chosen_axes(self) -> tuple[Axis, Axis]:
        """The two columns to look over without a choice, as they stand in the table.

        They say most about the target, so that they are the same at all ages.
        """
        some = slice(MOST_LOOKED_AT)
        if self.is_classes:
            Y = np.eye(max(len(self.classes), 1))[self.labels[some]]
        else:
            Y = self.Y[some].reshape(len(self.Y[some]), -1).astype(np.float64)
        looked_at = [replace(axis, places=axis.places[some]) for axis in self.axes]
        order = np.argsort([-axis.relevance(Y) for axis in looked_at], kind="stable")
        both = sorted(order[:2].tolist())
        return self.axes[both[0]], self.axes[both[-1]]

    def axis(self, name: str | None, usual: Axis) -> Axis:
        """Find a column by its name; the usual one where there is none of that name."""
        return next((axis for axis in self.axes if axis.name == name), usual)

    @cached_property
    def usual(self) -> Array:
        """A possible row, (d,): medians of numbers, the commonest categories."""
        row = np.empty(len(self.columns), np.float64)
        for axis in self.axes:
            row[axis.inputs] = axis.encode(np.array([axis.usual]))[0]
        return row

    @property
    def derived_from(self) -> NDArray[np.int64]:
        """The input that each follows from, (d,): bins from their number."""
        if self.units is None:
            return np.arange(len(self.columns))
        return self.units.derived_from

    @property
    def shown(self) -> NDArray[np.int64]:
        """The inputs that are drawn: those that stand for themselves."""
        return np.unique(self.derived_from)

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each output is: a class, P(the second class), or the target."""
        if self.is_classes and self.network.outputs == 1:
            return (f"P({self.classes[1]})",)
        if self.is_classes:
            return self.classes
        return (self.target,) * self.network.outputs

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
        """Return each row's error: 1 - p of its class, or |error| in user units."""
        if self.is_classes:
            P = self.probabilities(self.X)
            return np.asarray(1 - P[np.arange(len(P)), self.labels])
        A = self.in_user_units(self.outputs(self.X)[:, 0])
        Y = self.Y if self.Y.ndim == 1 else self.Y[:, 0]
        return np.asarray(np.abs(A - self.in_user_units(Y)))

    def raw(self, rows: Array) -> tuple[list[str], list[list[Any]]]:
        """Return rows as the user knows them: names, and values for each row."""
        X = self.X[rows]
        if self.units is None:
            return list(self.columns), [[float(f"{x:.6g}") for x in row] for row in X]
        table = self.units.table(X)
        values = [
            [_plain(column[i]) for column in table.values()] for i in range(len(X))
        ]
        return list(table), values


def of_run(run: Run, epoch: int | None) -> Inspection:
    """Return the network of a run at an age, with the rows of the run.

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
    if "encoding" in about:
        units = ColumnUnits(TableEncoder.read(about["encoding"]))
    if "target_description" in about:
        target = target_from_description(about["target_description"])
    columns = about.get("columns") or [f"x{i + 1}" for i in range(network.inputs)]
    return Inspection(
        network=network,
        X=data["X"],
        Y=data["Y"],
        loss=Loss(loss["name"], loss["parameter"]),
        training=training,
        columns=tuple(map(str, columns)),
        target=str(about.get("target") or "y"),
        classes=_classes(target, loss["name"], network.outputs),
        units=units,
        scale=target if isinstance(target, NumberTarget) else None,
    )


def _classes(target: Any, loss: str, outputs: int) -> tuple[str, ...]:
    if isinstance(target, ClassTarget):
        return target.labels
    if loss == "cross_entropy":
        return tuple(map(str, range(outputs)))
    if loss == "log_loss" and outputs == 1:
        return ("0", "1")
    return ()


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)[:19]
    return value if value is None or isinstance(value, int | bool) else str(value)
