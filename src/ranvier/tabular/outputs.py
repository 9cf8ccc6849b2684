"""What the outputs of a table's networks stand for: classes, labels, or numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.exact_math import mean_in_order
from ranvier.inspectable import Decoder
from ranvier.messages import check_known
from ranvier.network.losses import Loss, cross_entropy, quantile
from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import StandardScaler
from ranvier.table.target_transform import TargetTransform
from ranvier.table.targets import ClassTarget, NumberTarget, target_from_description
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import Member, OutputSpec
from ranvier.training.task import Data

Array = NDArray[Any]
TaskName = Literal["classification", "regression"]

LOSSES = ("squared_error", "absolute_error", "quantile", "poisson")


class OutOfFold(NamedTuple):
    """Outputs of members on the rows each held out, with Y, weights and row numbers."""

    Z: Array
    Y: Array
    weights: Array | None
    rows: Array

    @classmethod
    def of(cls, members: list[Member], data: Data) -> OutOfFold:
        """Gather the outputs of each member on its held-out rows."""
        rows = np.concatenate([member.held_out for member in members])
        outputs = np.concatenate([member.outputs for member in members])
        weights = None if data.weights is None else data.weights[rows]
        return cls(outputs, data.Y[rows], weights, rows)

    def averaged(self) -> OutOfFold:
        """Average the outputs for rows that several members held out."""
        rows, first, place, times = np.unique(
            self.rows, return_index=True, return_inverse=True, return_counts=True
        )
        Z = np.zeros((len(rows), self.Z.shape[1]))
        np.add.at(Z, place, self.Z)
        weights = None if self.weights is None else self.weights[first]
        return OutOfFold(Z / times[:, None], self.Y[first], weights, rows)


@dataclass(frozen=True)
class ClassOutputs:
    """One probability for each class; the networks learn class codes."""

    target: ClassTarget
    task: TaskName = "classification"

    @property
    def name(self) -> str:
        """Name of the target."""
        return self.target.name

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each output."""
        return self.target.labels

    def output_spec(self, hyperparameters: Hyperparameters) -> OutputSpec:
        """Return the loss and the last layer."""
        loss = cross_entropy(hyperparameters.label_smoothing)
        return OutputSpec(loss, len(self.target.classes), "softmax")

    def encode(self, y: Any) -> Array:
        """Return the codes of classes (n,), for a trace."""
        codes = self.target.transform(y)
        if (codes < 0).any():
            unseen = list(self.target.unseen(y)) or ["a missing value"]
            raise ValueError(
                f"the target {self.name!r} holds {unseen[0]!r}, but the classes are "
                f"{', '.join(self.target.labels)}: give one of those for each row"
            )
        return codes

    @property
    def recorded(self) -> ClassTarget:
        """What a run stores of the target."""
        return self.target

    def describe(self) -> dict[str, Any]:
        """Describe the outputs as plain JSON."""
        return {"kind": "classes", "target": self.target.description()}


@dataclass(frozen=True)
class LabelOutputs:
    """One probability for each of several labels that a row may have."""

    name: str
    count: int
    task: TaskName = "classification"

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each output."""
        return tuple(map(str, range(self.count)))

    def output_spec(self, hyperparameters: Hyperparameters) -> OutputSpec:
        """Return the loss and the last layer."""
        return OutputSpec(Loss("log_loss"), self.count, "sigmoid")

    def encode(self, y: Any) -> Array:
        """Return labels (n, k) as 0 and 1."""
        return np.asarray(y)

    @property
    def recorded(self) -> None:
        """What a run stores of the target: nothing, there is no description of it."""

    def describe(self) -> dict[str, Any]:
        """Describe the outputs as plain JSON."""
        return {"kind": "labels", "name": self.name, "count": self.count}


@dataclass(frozen=True)
class NumberOutputs:
    """One transformed number for each of k targets.

    ``single``: whether predictions are (n,) rather than (n, k).
    """

    name: str
    transform: TargetTransform
    loss: Loss
    single: bool = True
    task: TaskName = "regression"

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each output; of a transformed target, with its transform."""
        return self.transform.output_names(self.name)

    def output_spec(self, hyperparameters: Hyperparameters) -> OutputSpec:
        """Return the loss and the last layer."""
        activation = "exp" if self.loss.name == "poisson" else "identity"
        return OutputSpec(self.loss, len(self.transform.scale), activation)

    def numbers(self, column: Any) -> Array:
        """Read the target column of a table, (n,); NaN where missing."""
        return self._column.numbers(column)

    def encode(self, y: Any) -> Array:
        """Return numbers (n,) or (n, k) as the networks learn them."""
        if self.single and np.ndim(y) == 1:
            y = self.numbers(y)
            if np.isnan(y).any():
                raise ValueError(
                    f"the target {self.name!r} is missing in row "
                    f"{int(np.isnan(y).argmax())} (counted from 0): leave such rows out"
                )
        try:
            numbers = np.asarray(y, np.float64)
            return self.transform.transform(numbers.reshape(len(numbers), -1))
        except (TypeError, ValueError):
            raise ValueError(
                f"y must hold a number for each row, but got {y!r}: give (n,) numbers"
            ) from None

    def decode(self, Z: Array) -> Array:
        """Compute the mean predictions (n, k) of outputs (members, n, k)."""
        y = mean_in_order(self.transform.predictions(Z))
        # The mean of equal numbers can be off by rounding: no prediction leaves them.
        return np.asarray(np.clip(y, self.transform.minimum, self.transform.maximum))

    @property
    def decoder(self) -> Decoder:
        """How outputs (n, k) of a network become its predictions, for attributions."""
        transform, k = self.transform, len(self.transform.scale)
        names = (self.name,) if k == 1 else tuple(f"{self.name}{i}" for i in range(k))
        return Decoder(names, transform.predictions, transform.slopes, bounded=True)

    def shaped(self, y: Array) -> Array:
        """Return (n, k) as the user had it."""
        return np.asarray(y[:, 0] if self.single else y)

    def balanced(self, held: OutOfFold) -> NumberOutputs:
        """Correct the mean of predictions of a transformed target on held-out rows."""
        return replace(self, transform=self.transform.with_smearing(*held[:3]))

    @cached_property
    def _column(self) -> NumberTarget:
        transform = self.transform
        mean, sd = float(transform.center[0]), float(transform.scale[0])
        low, high = float(transform.minimum[0]), float(transform.maximum[0])
        return NumberTarget(self.name, StandardScaler(mean, sd, mean), low, high)

    @property
    def recorded(self) -> NumberTarget | None:
        """What a run stores of the target: a transformed one under its own name."""
        return self.transform.recorded_target(self.name)

    def describe(self) -> dict[str, Any]:
        """Describe the outputs as plain JSON."""
        return {
            "kind": "numbers",
            "name": self.name,
            "transform": self.transform.describe(),
            "loss": [self.loss.name, self.loss.parameter],
            "single": self.single,
        }


Outputs = ClassOutputs | LabelOutputs | NumberOutputs


def read_outputs(value: Any) -> Outputs:
    """Rebuild outputs from what their `describe` returned; ValueError otherwise."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "classes":
        fields = JsonFields(value, "the target", ["kind", "target"])
        return ClassOutputs(_class_target(fields.item("target")))
    if kind == "labels":
        fields = JsonFields(value, "the target", ["kind", "name", "count"])
        return LabelOutputs(fields.text("name"), fields.count("count"))
    parts = ["kind", "name", "transform", "loss", "single"]
    fields = JsonFields(value, "the target", parts)
    fields.choice("kind", ["numbers"])
    loss = fields.items("loss")
    fields.require(len(loss) == 2, "the loss is no name with its parameter")
    return NumberOutputs(
        fields.text("name"),
        TargetTransform.read(fields.item("transform")),
        Loss(*loss),
        bool(fields.item("single")),
    )


def _class_target(value: Any) -> ClassTarget:
    target = target_from_description(value)
    if not isinstance(target, ClassTarget):
        raise TypeError("the target holds no classes")
    return target


def number_outputs(
    y: Array,
    weights: Array | None,
    name: str = "y",
    *,
    loss: str = "squared_error",
    level: float = 0.5,
    single: bool = True,
) -> tuple[NumberOutputs, ...]:
    """Return the forms in which numbers (n, k) can be learned, the plain one first.

    Parameters
    ----------
    y, weights
        The targets (n, k), and the weights of the rows.
    name
        Name of the target.
    loss, level
        One of `LOSSES`, and the quantile that ``"quantile"`` predicts.
    single
        Whether predictions are (n,).
    """
    check_known("loss", loss, LOSSES)
    own = quantile(level) if loss == "quantile" else Loss(loss)
    if loss == "poisson":
        forms = [TargetTransform.for_counts(y, weights)]
    else:
        forms = [TargetTransform.fit(y, weights)]
        bent = (
            TargetTransform.logarithmic(y, weights) if loss == "squared_error" else None
        )
        forms += [bent] if bent else []
    return tuple(NumberOutputs(name, transform, own, single) for transform in forms)


def error_of(outputs: Outputs, held: OutOfFold, spread: Array) -> float:
    """Compute the mean squared error on held-out rows, over each target's variance."""
    assert isinstance(outputs, NumberOutputs)
    transform = outputs.transform.with_smearing(*held[:3])
    errors = (
        transform.predictions(held.Z) - transform.inverse_transform(held.Y)
    ) / spread
    return float(np.average(np.square(errors).mean(axis=1), weights=held.weights))
