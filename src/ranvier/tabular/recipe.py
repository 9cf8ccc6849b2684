"""How the networks for a table are built and trained, by its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import unknown
from ranvier.network.columns import Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense, Dropout
from ranvier.network.network import Network
from ranvier.training.optimizers import AdamW
from ranvier.training.param_groups import ParamGroups, layer_factors

Effort = Literal["fast", "default", "best"]

# Fewer rows than this are all learnt from: none are held out.
ROWS_TO_HOLD_OUT = 40
ONE_HOT_LIMIT = 8  # one-hot columns of a category; one that needs more is a code
MOST_CATEGORIES = 10_000  # of a column, the most that are kept apart


@dataclass(frozen=True)
class Recipe:
    """How to build and train the members of an ensemble.

    Parameters
    ----------
    members
        Networks whose predictions are averaged.
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
    numbers
        Encoding added to each numeric column: ``"places"`` (piecewise-linear in bins),
        ``"piecewise"`` (learnt), ``"periodic"``, or ``"plain"`` (none).
    width
        Numbers that a piecewise column becomes.
    bins
        Between quantiles of a column of numbers.
    sigma
        Of the frequencies of waves at the start.
    parametric
        Whether each unit learns how much of its activation it takes.
    ntk
        Whether layers are trained as in the NTK parametrisation.
    from_rows
        Whether the rows have a say in how the weights start.
    bias_rate, alpha_rate, values_rate, scale_rate
        Factors of the learning rate for biases, parametric activations, embeddings and
        scales; without a rate there is no scale.
    values_decay
        Factor of the decay of embeddings.
    held_out
        Whether members hold rows out to tell their best epoch.
    tried
        On how many folds members with and without the places are tried.
    decay_schedule, dropout_schedule
        Names of the schedules of the weight decay and of the dropout.
    drop_last
        Whether an epoch leaves out the rows that fill no whole step.
    marks
        Whether the marks of categories are scaled as numbers are, and of two categories
        only one is marked.
    alpha_decay, scale_decay
        Factors of the decay of parametric activations and scales.
    categories_rate, categories_decay
        Factors for embeddings of categories; None: as of the other embeddings.
    best_by
        What of classes says which epoch is best: ``"calibrated_log_loss"``,
        ``"accuracy"`` or the ``"loss"`` itself.
    merged
        Whether equal rows become one of their weight.
    calibrated
        Whether probabilities are set right by a temperature.
    shared
        Members that share their weights and are trained as one, for each of `members`;
        0: none do.
    patience
        After how many more epochs without a better one those that share end.
    normal
        Whether numbers are scaled by their quantiles.
    one_hot
        The most inputs that a category is marked by before it is a code; None: all.
    """

    members: int
    hidden: tuple[int, ...] = (256, 256)
    activation: str = "silu"
    dropout: float = 0.1
    learning_rate: float = 4e-3
    weight_decay: float = 0.1
    beta2: float = 0.95
    schedule: str = "coslog4"
    smoothing: float = 0.0
    batch_size: int = 256
    epochs: int = 50
    numbers: str = "places"
    width: int = 8
    bins: int = 16
    sigma: float = 0.1
    parametric: bool = False
    ntk: bool = False
    from_rows: bool = True
    bias_rate: float = 1.0
    alpha_rate: float = 0.1
    values_rate: float = 1.0
    scale_rate: float = 1.0
    values_decay: float = 1.0
    held_out: bool = True
    tried: int = 0
    decay_schedule: str = "constant"
    dropout_schedule: str = "constant"
    drop_last: bool = False
    marks: bool = False
    alpha_decay: float = 0.0
    scale_decay: float = 0.0
    categories_rate: float | None = None
    categories_decay: float | None = None
    best_by: Literal["calibrated_log_loss", "accuracy", "loss"] = "calibrated_log_loss"
    merged: bool = True
    calibrated: bool = True
    shared: int = 0
    patience: int = 16
    normal: bool = False
    one_hot: int | None = ONE_HOT_LIMIT

    def suited(self, places: NDArray[np.bool_]) -> Recipe:
        """Try no members without places where no input is one."""
        return self if places.any() else replace(self, tried=0)

    def network(self, embedding: Embedding, last: Dense, seed: int) -> Network:
        """Build an untrained network."""
        layers: list[Any] = [embedding]
        for units in self.hidden:
            W = "lecun_normal" if self.ntk else None
            layers.append(
                Dense(units, self.activation, parametric=self.parametric, W=W)
            )
            layers += [Dropout(self.dropout)] if self.dropout else []
        return Network(embedding.inputs, [*layers, last], seed=seed)

    def encoding(self) -> dict[str, Any]:
        """Return the options of `TableEncoder.fit`."""
        robust = "bins" if self.numbers == "places" else "robust"
        return {
            "most_categories": MOST_CATEGORIES,
            "numeric": "quantile" if self.normal else robust,
            "n_bins": self.bins,
            "scale_one_hot": self.marks,
            "one_hot_limit": self.one_hot,
        }

    def number(self, edges: tuple[float, ...]) -> Column:
        """Say what a column of numbers becomes."""
        if self.numbers == "piecewise" and len(edges) > 2:
            return Piecewise(edges, self.width)
        if self.numbers == "periodic":
            return Periodic(16, 3, self.sigma)
        return Plain()

    def optimizer(self, net: Network) -> AdamW:
        """Give the optimizer of a network built so."""
        rates = ParamGroups(
            b=self.bias_rate, alpha=self.alpha_rate,
            values=self.values_rate, scale=self.scale_rate,
            categories=self.categories_rate,
        )  # fmt: skip
        decays = ParamGroups(
            b=0, alpha=self.alpha_decay,
            values=self.values_decay, scale=self.scale_decay,
            categories=self.categories_decay,
        )  # fmt: skip
        factors = layer_factors(net, rates, decays, ntk=self.ntk)
        return AdamW(
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            beta2=self.beta2,
            **factors._asdict(),
        )


def choose_recipe(rows: int, effort: str = "default") -> Recipe:
    """Choose the recipe for a table of so many different rows."""
    if effort not in get_args(Effort):
        raise unknown("effort", effort, get_args(Effort))
    batch = 32 if rows < 1000 else 64 if rows < 3000 else 128 if rows < 10000 else 256
    held_out = rows >= ROWS_TO_HOLD_OUT
    common = Recipe(
        members=8 if rows < 20_000 else 4,
        batch_size=batch,
        epochs=int(min(50, max(8, 500_000 / max(rows, 1)))),
        bins=min(48, max(12, rows // 200)),
        held_out=held_out,
        tried=0 if not held_out else 4 if rows < 3000 else 2,
    )
    recipe = _rates(common)
    if effort == "fast":
        return replace(
            recipe,
            members=max(2, recipe.members // 4),
            epochs=max(4, recipe.epochs // 2),
            tried=0,
        )
    if effort == "best":
        return replace(
            recipe,
            members=2 * recipe.members,
            epochs=2 * recipe.epochs,
            tried=2 * recipe.tried,
        )
    return recipe


def _rates(recipe: Recipe) -> Recipe:
    """Set RealMLP's rates, starts and activations.

    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024; with places among
    quantiles instead of waves, and a rate for both.
    """
    return replace(
        recipe,
        hidden=(128, 128),
        activation="mish",
        dropout=0.05,
        learning_rate=0.07,
        weight_decay=0.02,
        ntk=True,
        bias_rate=0.1,
        values_rate=0.1,
        scale_rate=6.0,
    )
