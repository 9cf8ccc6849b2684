"""Published networks for tables, value by value: hyperparameters by their names."""

from __future__ import annotations

from typing import Literal, get_args

from ranvier.messages import check_known
from ranvier.tabular.hyperparameters import ROWS_TO_HOLD_OUT, Hyperparameters

Preset = Literal["realmlp-td", "tabm"]


def preset_hyperparameters(
    name: str, rows: int, *, classification: bool
) -> Hyperparameters:
    """Return the hyperparameters of a published network.

    Parameters
    ----------
    name
        ``"realmlp-td"`` or ``"tabm"``.
    rows
        Different rows of the table; of fewer than 40, none are held out.
    classification
        Whether classes are predicted, or numbers.

    Raises
    ------
    ValueError
        There is no such preset.
    """
    check_known("preset", name, get_args(Preset))
    return _tabm(rows) if name == "tabm" else _realmlp_td(rows, classification)


def _realmlp_td(rows: int, classification: bool) -> Hyperparameters:
    """RealMLP with tuned defaults.

    Holzmüller, Grinsztajn & Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", 2024, table A.1. Their code multiplies the decay
    of a group by the factor of its rate once more than the paper says. The results are
    those of the code: hence the decays of alpha, values and scale.
    """
    return Hyperparameters(
        members=1,
        hidden=(256, 256, 256),
        activation="selu" if classification else "mish",
        dropout=0.15,
        dropout_schedule="flat_cos",
        learning_rate=0.04 if classification else 0.2,
        schedule="coslog4",
        beta2=0.95,
        weight_decay=0.02,
        decay_schedule="flat_cos",
        label_smoothing=0.1 if classification else 0.0,
        batch_size=256,
        drop_last=True,
        epochs=256,
        numeric_encoding="periodic",
        bins=0,
        frequency_scale=0.1,
        scale_one_hot=True,
        parametric=True,
        ntk=True,
        data_dependent_init=True,
        bias_rate=0.1,
        alpha_rate=0.1,
        alpha_decay=0.1,
        values_rate=0.1,
        values_decay=0.1,
        categories_rate=1.0,
        categories_decay=1.0,
        scale_rate=6.0,
        scale_decay=6.0,
        holds_out=rows >= ROWS_TO_HOLD_OUT,
        best_by="accuracy",
        deduplicate=False,
        integer_codes=False,
        calibrates=False,
    )


def _tabm(rows: int) -> Hyperparameters:
    """TabM with its defaults.

    Gorishniy, Kotelnikov & Babenko, "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", 2025, with the values of their example as pytabkit
    1.7 has them: no embeddings of numbers, no clipping, rows for each member apart, and
    training until 16 epochs have brought nothing. If no rows are held out, there are 50
    epochs.
    """
    held_out = rows >= ROWS_TO_HOLD_OUT
    return Hyperparameters(
        members=1,
        batch_ensemble_size=32,
        hidden=(512, 512, 512),
        activation="relu",
        dropout=0.1,
        learning_rate=2e-3,
        schedule="constant",
        beta2=0.999,
        weight_decay=0.0,
        batch_size=256,
        epochs=10_000 if held_out else 50,
        patience=16,
        numeric_encoding="plain",
        quantile_scaling=True,
        one_hot=None,
        bins=0,
        parametric=False,
        data_dependent_init=False,
        scale_rate=0.0,
        holds_out=held_out,
        best_by="accuracy",
        deduplicate=False,
        integer_codes=False,
        calibrates=False,
    )
