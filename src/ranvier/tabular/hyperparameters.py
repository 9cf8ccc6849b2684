"""How the networks for a table are built and trained, by its size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import check_known
from ranvier.network.columns import Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense, Dropout
from ranvier.network.network import Network
from ranvier.training.optimizers import AdamW
from ranvier.training.param_groups import ParamGroups, layer_factors

Effort = Literal["fast", "default", "best"]

# Of fewer rows, none are held out where numbers are predicted, or by a preset.
ROWS_TO_HOLD_OUT = 40
# Of fewer, classes are learned with the hyperparameters of `_few_rows`.
FEW_ROWS = 100
ONE_HOT_LIMIT = 8  # one-hot columns of a category; one that needs more is a code
MOST_CATEGORIES = 10_000  # of a column, the most that are kept apart


@dataclass(frozen=True)
class Hyperparameters:
    """How to build and train the members of an ensemble.

    Parameters
    ----------
    members
        Number of networks whose predictions are averaged.
    hidden
        Units of each hidden layer.
    activation
        Of the hidden layers.
    dropout
        Fraction of the hidden units that a step leaves out.
    learning_rate, weight_decay, beta2
        Of AdamW.
    schedule
        Name of the schedule of the learning rate.
    label_smoothing
        Of the class labels.
    batch_size
        Rows in a step.
    epochs
        Passes over the rows.
    numeric_encoding
        What is added to each numeric column: ``"bins"``, a piecewise-linear encoding;
        ``"piecewise"``, a learned one; ``"periodic"``, learned frequencies; or
        ``"plain"``, nothing.
    embedding_dim
        Learned numbers for a column with a piecewise encoding.
    bins
        Bins between quantiles of a numeric column.
    frequency_scale
        Standard deviation of the frequencies at the start.
    parametric
        Whether each unit learns how much of its activation it uses.
    ntk
        Whether layers use the NTK parametrisation.
    data_dependent_init
        Whether the initial weights depend on the rows.
    bias_rate, alpha_rate, values_rate, scale_rate
        Factors of the learning rate for biases, parametric activations, embeddings and
        scales; without a rate there is no scale.
    values_decay
        Factor of the weight decay of embeddings.
    holds_out
        Whether members hold rows out to choose their best epoch.
    selection_folds
        Number of folds on which members with and without bins are compared.
    decay_schedule, dropout_schedule
        Names of the schedules of the weight decay and of the dropout.
    drop_last
        Whether an epoch leaves out the rows that fill no whole step.
    scale_one_hot
        Whether one-hot columns are scaled like numbers; of two categories, only one has
        a column.
    alpha_decay, scale_decay
        Factors of the weight decay of parametric activations and scales.
    categories_rate, categories_decay
        Factors for embeddings of categories; None: as of the other embeddings.
    best_by
        For classes, what the best epoch is chosen by: ``"calibrated_log_loss"``,
        ``"accuracy"`` or the ``"loss"`` itself.
    deduplicate
        Whether equal rows become one with their weight.
    calibrates
        Whether a temperature calibrates the probabilities.
    few_rows
        Whether equal rows are divided among the folds, members keep their last epoch,
        and calibration shrinks the probabilities towards the class frequencies.
    batch_ensemble_size
        Members that share their weights and are trained as one, for each of `members`;
        0: none do.
    patience
        Epochs without a better one after which members that share weights stop.
    quantile_scaling
        Whether numbers are scaled by their quantiles.
    one_hot
        The most one-hot columns of a category; one with more is encoded by its code.
        None: no limit.
    integer_codes
        Whether columns of whole numbers are categories too where the data show it.
    """

    members: int
    hidden: tuple[int, ...] = (256, 256)
    activation: str = "silu"
    dropout: float = 0.1
    learning_rate: float = 4e-3
    weight_decay: float = 0.1
    beta2: float = 0.95
    schedule: str = "coslog4"
    label_smoothing: float = 0.0
    batch_size: int = 256
    epochs: int = 50
    numeric_encoding: str = "bins"
    embedding_dim: int = 8
    bins: int = 16
    frequency_scale: float = 0.1
    parametric: bool = False
    ntk: bool = False
    data_dependent_init: bool = True
    bias_rate: float = 1.0
    alpha_rate: float = 0.1
    values_rate: float = 1.0
    scale_rate: float = 1.0
    values_decay: float = 1.0
    holds_out: bool = True
    selection_folds: int = 0
    decay_schedule: str = "constant"
    dropout_schedule: str = "constant"
    drop_last: bool = False
    scale_one_hot: bool = False
    alpha_decay: float = 0.0
    scale_decay: float = 0.0
    categories_rate: float | None = None
    categories_decay: float | None = None
    best_by: Literal["calibrated_log_loss", "accuracy", "loss"] = "calibrated_log_loss"
    deduplicate: bool = True
    calibrates: bool = True
    few_rows: bool = False
    batch_ensemble_size: int = 0
    patience: int = 16
    quantile_scaling: bool = False
    one_hot: int | None = ONE_HOT_LIMIT
    integer_codes: bool = True

    def without_selection(self, is_bin: NDArray[np.bool_]) -> Hyperparameters:
        """Compare no encodings where no input belongs to a bin."""
        return self if is_bin.any() else replace(self, selection_folds=0)

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
        robust = "bins" if self.numeric_encoding == "bins" else "robust"
        return {
            "most_categories": MOST_CATEGORIES,
            "numeric": "quantile" if self.quantile_scaling else robust,
            "n_bins": self.bins,
            "scale_one_hot": self.scale_one_hot,
            "one_hot_limit": self.one_hot,
        }

    def number(self, edges: tuple[float, ...]) -> Column:
        """Say what a column of numbers becomes."""
        if self.numeric_encoding == "piecewise" and len(edges) > 2:
            return Piecewise(edges, self.embedding_dim)
        if self.numeric_encoding == "periodic":
            return Periodic(16, 3, self.frequency_scale)
        return Plain()

    def optimizer(self, net: Network) -> AdamW:
        """Return the optimizer of a network built so."""
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


def choose_hyperparameters(
    rows: int, effort: str = "default", *, classification: bool = False
) -> Hyperparameters:
    """Choose the hyperparameters for a table of so many different rows."""
    check_known("effort", effort, get_args(Effort))
    batch = 32 if rows < 1000 else 64 if rows < 3000 else 128 if rows < 10000 else 256
    held_out = rows >= ROWS_TO_HOLD_OUT
    common = Hyperparameters(
        members=8 if rows < 20_000 else 4,
        batch_size=batch,
        epochs=int(min(50, max(8, 500_000 / max(rows, 1)))),
        bins=min(48, max(12, rows // 200)),
        holds_out=held_out,
        selection_folds=0 if not held_out else 4 if rows < 3000 else 2,
    )
    hyperparameters = _rates(common)
    if classification and rows < FEW_ROWS:
        return _few_rows(hyperparameters, effort)
    if effort == "fast":
        return replace(
            hyperparameters,
            members=max(2, hyperparameters.members // 4),
            epochs=max(4, hyperparameters.epochs // 2),
            selection_folds=0,
        )
    if effort == "best":
        return replace(
            hyperparameters,
            members=2 * hyperparameters.members,
            epochs=2 * hyperparameters.epochs,
            selection_folds=2 * hyperparameters.selection_folds,
        )
    return hyperparameters


def _few_rows(hyperparameters: Hyperparameters, effort: str) -> Hyperparameters:
    """Set what keeps probabilities moderate where a few rows say little.

    A best epoch chosen on one or two held-out rows would be chosen by noise, and the
    temperature found on the same rows would be too low. So all members keep their last
    epoch, after a training with strong weight decay and without bins.
    """
    return replace(
        hyperparameters,
        members=16 if effort == "best" else 8,
        epochs=30,
        learning_rate=0.01,
        weight_decay=1.0,
        dropout=0.2,
        numeric_encoding="plain",
        bins=0,
        selection_folds=0,
        holds_out=True,
        few_rows=True,
    )


def _rates(hyperparameters: Hyperparameters) -> Hyperparameters:
    """Set RealMLP's rates, starts and activations.

    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024; with bins between
    quantiles instead of frequencies, and a learning rate for both.
    """
    return replace(
        hyperparameters,
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
