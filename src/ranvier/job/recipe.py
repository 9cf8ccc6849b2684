"""The defaults of the main job: how a network is built and trained for a table."""

from dataclasses import dataclass

from ranvier.training.optimizers import AdamW
from ranvier.training.stopping import EarlyStopping


@dataclass(frozen=True)
class Recipe:
    """How to build and train the network.

    Parameters
    ----------
    hidden
        Units of each hidden layer.
    activation
        Activation of the hidden layers.
    dropout
        Share of the hidden units left out in each step, in [0, 1).
    learning_rate, weight_decay
        Of AdamW.
    schedule
        Name of the schedule of the learning rate.
    batch_size
        Rows in a step.
    epochs
        How often training goes through the rows, at least 1.
    validation
        Share of the rows that training leaves out to tell which epoch was best; None:
        too few rows for that, and the last epoch counts.
    """

    hidden: tuple[int, ...]
    activation: str
    dropout: float
    learning_rate: float
    weight_decay: float
    schedule: str
    batch_size: int
    epochs: int
    validation: float | None

    @property
    def optimizer(self) -> AdamW:
        """The optimizer of the recipe."""
        return AdamW(lr=self.learning_rate, weight_decay=self.weight_decay)

    @property
    def stop(self) -> EarlyStopping | None:
        """All epochs are gone through, and the best one is kept."""
        return None if self.validation is None else EarlyStopping(patience=self.epochs)


def default_recipe(
    rows: int,
    *,
    hidden: tuple[int, ...] | None = None,
    epochs: int | None = None,
) -> Recipe:
    """Choose the recipe for a table of so many training rows."""
    small = rows < 2000
    return Recipe(
        hidden=(256, 256) if hidden is None else hidden,
        activation="relu",
        dropout=0.15,
        learning_rate=1e-3 if small else 2e-3,
        weight_decay=0.1,
        schedule="coslog4",
        batch_size=32 if small else 128,
        epochs=max(20, min(200, 2_000_000 // rows)) if epochs is None else epochs,
        validation=0.15 if rows >= 50 else None,
    )
