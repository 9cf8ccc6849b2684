import numpy as np
import pytest

import ranvier as rv
from ranvier.estimators.architecture import (
    HIDDEN,
    activation_of,
    describe,
    engine_of,
    hidden_sizes,
    name_of,
    one_for_each,
)
from tables import numbers


def test_description() -> None:
    X, y = numbers(40)
    reg = rv.MLPRegressor("poisson", (4, 3), ["tanh", "logistic"], dropout=[0.1, 0])
    reg.set_params(max_iter=300, tol=0.1).fit(X, abs(y))
    description = describe(reg)
    assert description.all_units == (5, 4, 3, 1)
    assert description.dropout == (0.0, 0.0)
    described = [repr(layer) for layer in description.layers()]
    expected = ["Dense(4, 'tanh')", "Dense(3, 'sigmoid')", "Dense(1, 'exp')"]
    assert described == expected
    assert "Dropout(rate=0.1)" in map(repr, describe(reg, dropout=True).layers())
    assert engine_of(description) is engine_of(describe(reg))
    assert engine_of(description).parameters == 5 * 4 + 4 + 4 * 3 + 3 + 3 + 1


def test_hidden_sizes() -> None:
    assert hidden_sizes(rv.MLPClassifier(7)) == [7]
    assert hidden_sizes(rv.MLPClassifier(np.array([3, 4]))) == [3, 4]
    assert hidden_sizes(rv.MLPClassifier(())) == []


def test_one_for_each() -> None:
    assert one_for_each("activation", "relu", 2) == ("relu", "relu")
    assert one_for_each("dropout", [0.1, 0.2], 2) == (0.1, 0.2)
    assert one_for_each("activation", rv.activations.elu(0.5), 1) == (
        rv.activations.elu(0.5),
    )
    with pytest.raises(ValueError, match=r"1 entries, but there are 2 hidden layers"):
        one_for_each("activation", ["relu"], 2)


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_names_go_both_ways(name: str) -> None:
    assert name_of(activation_of(name)) in {name, "logistic"}


def test_parameter_is_kept() -> None:
    assert name_of(rv.activations.leaky_relu(0.2)) == rv.activations.leaky_relu(0.2)
