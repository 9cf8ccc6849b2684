import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.network.columns import Category, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense
from ranvier.network.network import Network
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.unseen_categories import average_unseen


def network() -> Network:
    net = Network(2, [Embedding([Plain(), Category(4, 2)]), Dense(1)], seed=0)
    net.layers[0].values[1]["table"][...] = [[9, 9], [1, 0], [5, 2], [7, 7]]
    return net


def test_by_hand() -> None:
    net = network()
    X = np.array([[0, 1], [0, 1], [0, 1], [0, 2], [0, 3]], np.float32)
    average_unseen(net, X, np.arange(4))  # three rows of code 1, one of code 2
    table = net.layers[0].values[1]["table"]
    assert table.tolist() == [[2, 0.5], [1, 0], [5, 2], [2, 0.5]]


def test_weights_are_repetitions() -> None:
    one, other = network(), network()
    X, weights = np.array([[0, 1], [0, 2]], np.float32), np.array([1.0, 3.0])
    average_unseen(one, X, np.arange(2), weights)
    average_unseen(other, X[[0, 1, 1, 1]], np.arange(4))
    assert one == other


def test_numbers_alone_and_no_embedding_stay() -> None:
    for first in ([Embedding([Plain()])], []):
        net = Network(1, [*first, Dense(1)], seed=0)
        before = net.theta.copy()
        average_unseen(net, np.zeros((3, 1), np.float32), np.arange(3))
        assert (net.theta == before).all()


@pytest.mark.parametrize("value", ["never", None])
def test_a_value_never_seen_is_the_usual_one(value: str | None) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 20, 600)
    y = rng.normal(size=20)[codes] * 10 + rng.normal(size=600)
    table = pd.DataFrame({"code": [f"c{c}" for c in codes], "x": rng.normal(size=600)})
    reg = rv.TabularRegressor(effort="fast").fit(table, y)
    with pytest.warns(DriftWarning):
        predicted = reg.predict(table.assign(code=value))
    assert abs(predicted.mean() - y.mean()) < 0.35 * y.std()
    assert predicted.std() < 0.2 * y.std()
    for net in reg.networks_:
        table_of_codes = net.layers[0].values[0]["table"]
        assert np.abs(table_of_codes[0]).max() < np.abs(table_of_codes[1:]).max() / 2
