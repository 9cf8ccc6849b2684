"""How the networks for a table are built and trained, by its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from ranvier.choices import unknown
from ranvier.training.optimizers import AdamW

Effort = Literal["fast", "default", "best"]

# Fewer rows than this are all learnt from: none are held out.
ROWS_TO_HOLD_OUT = 40


@dataclass(frozen=True)
class Recipe:
    """How to build and train the members of an ensemble.

    Parameters
    ----------
    members
        Networks whose answers are averaged.
    hidden
        Units of each hidden layer.
    activation
        Of the hidden layers.
    dropout
        Share of the hidden units left out in each step.
    learning_rate, weight_decay, beta2
        Of AdamW.
    schedule
        Name of the schedule of the learning rate.
    smoothing
        Of the class labels.
    batch_size
        Rows in a step.
    epochs
        How often training goes through the rows.
    bins
        Bins in which a column of numbers is told a second time.
    held_out
        Whether members hold rows out to tell their best epoch.
    """

    members: int
    hidden: tuple[int, ...] = (256, 256)
    activation: str = "silu"
    dropout: float = 0.1
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    beta2: float = 0.95
    schedule: str = "coslog4"
    smoothing: float = 0.0
    batch_size: int = 256
    epochs: int = 50
    bins: int = 16
    held_out: bool = True

    @property
    def optimizer(self) -> AdamW:
        """The optimizer of the recipe."""
        return AdamW(
            lr=self.learning_rate, weight_decay=self.weight_decay, beta2=self.beta2
        )


def choose_recipe(rows: int, effort: str = "default") -> Recipe:
    """Choose the recipe for a table of so many different rows."""
    if effort not in get_args(Effort):
        raise unknown("effort", effort, get_args(Effort))
    batch = 32 if rows < 1000 else 64 if rows < 3000 else 128 if rows < 10000 else 256
    recipe = Recipe(
        members=8 if rows < 20_000 else 4,
        batch_size=batch,
        epochs=int(min(100, max(8, 500_000 / max(rows, 1)))),
        held_out=rows >= ROWS_TO_HOLD_OUT,
    )
    if effort == "fast":
        return replace(
            recipe, members=max(2, recipe.members // 4), epochs=max(4, recipe.epochs // 2)
        )
    if effort == "best":
        return replace(recipe, members=2 * recipe.members, epochs=2 * recipe.epochs)
    return recipe
