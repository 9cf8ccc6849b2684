"""What is measured: a network, its rows and how it is trained, and what that costs.

A step costs, for each row of its batch and each layer of d_in x d_out weights,
2 d_in d_out operations forward (Z = X W) and 4 d_in d_out backward (dW = X' dZ and
dX = dZ W'); the first layer has no dX. Everything else is linear in d_in + d_out and is
not counted.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

LOSSES = ("squared_error", "absolute_error", "cross_entropy")
ACTIVATIONS = ("relu", "tanh", "gelu")
LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Workload:
    """A network, its rows, and how it is trained on them: Adam at rate 0.001.

    Parameters
    ----------
    name
        As tables call it.
    layers
        Inputs, hidden units, outputs.
    batch, rows
        Rows of a step and of an epoch; the last step takes those that are left.
    loss, activation
        Of the outputs (after a softmax for cross_entropy), and of the hidden units.
    dropout
        Rate after each hidden layer.
    weight_decay
        Of AdamW; 0: plain Adam.
    dtype
        ``"float32"`` or ``"float64"``.
    table
        A real table to take the rows from; empty: random ones.
    shuffle
        Whether each epoch has an order of its own, instead of the rows' own.
    seed
        Of random rows, of the first weights and of the orders.
    """

    name: str
    layers: tuple[int, ...]
    batch: int
    rows: int
    loss: str = "squared_error"
    activation: str = "relu"
    dropout: float = 0.0
    weight_decay: float = 0.0
    dtype: str = "float32"
    table: str = ""
    shuffle: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.layers) < 2 or min(self.layers) < 1:
            raise ValueError(
                f"layers must be at least inputs and outputs, each at least 1, but got "
                f"{self.layers}: write for example 20-64-64-1"
            )
        if not 1 <= self.batch <= self.rows:
            raise ValueError(
                f"a batch must have between 1 and all {self.rows} rows, but got "
                f"{self.batch}"
            )
        for what, given, known in (
            ("loss", self.loss, LOSSES),
            ("activation", self.activation, ACTIVATIONS),
            ("dtype", self.dtype, ("float32", "float64")),
        ):
            if given not in known:
                raise ValueError(f"{what} must be one of {known}, but got {given!r}")

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return -(-self.rows // self.batch)

    @property
    def row_flops_forward(self) -> int:
        """Operations of a prediction, a row."""
        return sum(2 * d_in * d_out for d_in, d_out in pairwise(self.layers))

    @property
    def row_flops(self) -> int:
        """Operations of forward and backward pass, a row."""
        return 3 * self.row_flops_forward - 2 * self.layers[0] * self.layers[1]

    @property
    def step_flops(self) -> float:
        """Operations of a step, the mean over an epoch."""
        return self.row_flops * self.rows / self.steps

    @property
    def shape(self) -> str:
        """The sizes of its layers: ``"20-64-64-1"``."""
        return "-".join(map(str, self.layers))

    def __str__(self) -> str:
        extras = [self.activation] * (self.activation != "relu")
        extras += [f"dropout {self.dropout:g}"] * (self.dropout > 0)
        extras += ["AdamW"] * (self.weight_decay > 0)
        extras += [self.dtype] * (self.dtype != "float32")
        loss = self.loss.replace("_", " ")
        parts = [self.shape, f"batch {self.batch:,}", f"{self.rows:,} rows", loss]
        return "; ".join([*parts, *extras])


def _workload(name: str, layers: str, batch: int, rows: int, **more: Any) -> Workload:
    return Workload(name, sizes(layers), batch, rows, **more)


def sizes(text: str) -> tuple[int, ...]:
    """Read the sizes of layers from ``"20-64-64-1"``.

    Raises
    ------
    ValueError
        They are no whole numbers between hyphens.
    """
    try:
        return tuple(int(part) for part in text.split("-"))
    except ValueError:
        raise ValueError(
            f"a network is written as its sizes, for example 20-64-64-1, or as one of "
            f"{', '.join(by_name())}; but got {text!r}"
        ) from None


# Those of the geometric means.
NUMBERED = (
    _workload("W1", "1-100-10-6-1", 1000, 1000, loss="absolute_error"),
    _workload("W2", "20-64-64-1", 128, 12_800),
    _workload("W3", "64-100-10", 200, 2000, loss="cross_entropy"),
    _workload("W4", "784-256-128-10", 128, 12_800, loss="cross_entropy"),
    _workload("W5", "100-1024-1024-1", 512, 5120),
    _workload("W6", "50-256-256-256-1", 256, 25_600),
    # The published case of SimpleChains.jl.
    _workload("W7", "4-32-16-4", 10_000, 10_000),
    _workload(
        "W8", "30-512-512-512-2", 256, 50_000,
        loss="cross_entropy", dropout=0.1, weight_decay=0.01,
    ),
    _workload("W9", "50-256-256-256-1", 256, 25_600, dtype="float64"),
)  # fmt: skip
# Other activations, beside them.
FURTHER = (
    _workload("tanh", "20-64-64-1", 128, 12_800, activation="tanh"),
    _workload("GELU", "20-64-64-1", 128, 12_800, activation="gelu"),
)


def by_name() -> dict[str, Workload]:
    """Return the workloads that have a name."""
    return {workload.name: workload for workload in NUMBERED + FURTHER}


def named(text: str, **settings: Any) -> Workload:
    """Return the workload of a name, or that of a shape, with other settings.

    Settings that are None are left as they are; a shape has batches of 128, and 100 of
    them an epoch.

    Examples
    --------
    >>> str(named("20-64-64-1", batch=32, loss="absolute_error"))
    '20-64-64-1; batch 32; 3,200 rows; absolute error'
    """
    given = {name: value for name, value in settings.items() if value is not None}
    if text in by_name():
        values = {**vars(by_name()[text]), **given}
        values["name"] = text if not given else f"{text}, changed"
        return Workload(**values)
    batch = given.setdefault("batch", 128)
    given.setdefault("rows", 100 * batch)
    return Workload(text, sizes(text), **given)
