"""Checks of a network against rows."""

from typing import Any

import pytest
from tests.doctor.rows_and_networks import names, numbers, rows

import ranvier as rv

LABELS = rows()
NUMBERS = numbers()
MLP = rv.Network.mlp


@pytest.mark.parametrize(
    ("name", "data", "net", "settings"),
    [
        ("batch_too_large", LABELS, None, {"batch_size": 5000}),
        (
            "momentum_rate",
            LABELS,
            MLP(5, 8, 1, output_activation="sigmoid"),
            {"optimizer": rv.SGD(lr=0.5, momentum=0.99)},
        ),
        (
            "dropout_high",
            LABELS,
            MLP(5, 8, 1, output_activation="sigmoid", dropout=0.9),
            {},
        ),
        ("loss_mismatch", LABELS, MLP(5, 8, 1), {}),
        (
            "target_codes",
            (LABELS[0], LABELS[1] + (LABELS[0][:, 2] > 0)),
            MLP(5, 8, 1),
            {},
        ),
        ("output_range", NUMBERS, MLP(5, 8, 1, output_activation="tanh"), {}),
        (
            "too_few_outputs",
            (LABELS[0], LABELS[1] + (LABELS[0][:, 2] > 0)),
            MLP(5, 8, 2, output_activation="softmax"),
            {},
        ),
        (
            "too_many_weights",
            LABELS,
            MLP(5, [512, 512], 1, output_activation="sigmoid"),
            {},
        ),
    ],
)
def test_a_misfit_is_found(
    name: str, data: Any, net: Any, settings: dict[str, Any]
) -> None:
    assert names(rv.preflight(*data, net, **settings)) == [name]


@pytest.mark.parametrize(
    ("data", "net"),
    [
        (LABELS, MLP(5, 32, 1, output_activation="sigmoid")),
        (LABELS, MLP(5, 32, 2, output_activation="softmax")),
        (NUMBERS, MLP(5, 32, 1)),
        (LABELS, rv.MLPClassifier()),
        (NUMBERS, rv.MLPRegressor()),
    ],
)
def test_what_fits(data: Any, net: Any) -> None:
    assert names(rv.preflight(*data, net)) == []
