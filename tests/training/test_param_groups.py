from math import sqrt
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.training.param_groups import (
    USUAL_DECAYS,
    ParamGroups,
    as_tuple,
    layer_factors,
    matrix,
    parametric_layers,
)


def test_matrix() -> None:
    assert matrix("layer_rates", None, 2, (1, 1, 1)).tolist() == [[1, 1, 1]] * 2
    mixed = matrix("layer_rates", [0.5, (1.0, 0.1)], 2, (1, 1, 1))
    assert mixed.tolist() == [[0.5, 0.5, 0.5], [1.0, 0.1, 1.0]]
    array: Any = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert matrix("d", array, 2, (1, 0, 0)).tolist() == [[1, 2, 0], [3, 4, 0]]
    apart = matrix("d", [(0.5, 6), (1, 2), (1, 2)], 3, (1, 0, 0), embedded=True)
    assert apart.tolist() == [[0.5, 6, 0.5], [1, 2, 0], [1, 2, 0]]
    assert matrix("d", None, 2, (1, 0, 0), embedded=True).tolist()[0] == [1, 0, 1]
    named = matrix("d", [(0.5, 6, 2)], 1, (1, 0, 0), embedded=True)
    assert named.tolist() == [[0.5, 6, 2]]
    with pytest.raises(ValueError, match=r"layer_rates has 1 entries.* 2 layers"):
        matrix("layer_rates", [1.0], 2, (1, 1, 1))
    assert as_tuple(2) == (2.0, 2.0, 2.0)


def test_factors_by_hand() -> None:
    layers = [
        rv.Embedding([rv.columns.Plain(), rv.columns.Category(3, 8)]),
        rv.Dense(4, "mish", parametric=True),
        rv.Dense(1),
    ]
    net = rv.Network(2, layers)
    assert parametric_layers(net) == 3
    rates = ParamGroups(b=0.1, alpha=0.2, values=0.3, scale=6)
    factors = layer_factors(net, rates, ParamGroups(b=0, alpha=0.5), ntk=True)
    assert factors.layer_rates == [(0.3, 6), (1 / 3, 0.1, 0.2), (0.5, 0.1)]
    assert factors.layer_decays == [(1, 1), (3, 0, 0.5), (2, 0)]
    apart = layer_factors(net, ParamGroups(values=0.1, categories=2))
    assert apart.layer_rates[0] == (0.1, 1, 2)
    usual = layer_factors(net)
    assert usual.layer_rates == [(1, 1), (1, 1, 1), (1, 1)]
    assert usual.layer_decays == [(1, 0), (1, 0, 0), (1, 0)]
    assert USUAL_DECAYS.scale == 0


def ntk_network(net: rv.Network, X: Any, Y: Any, steps: int, **adam: float) -> Any:
    """Train Z = X W' / sqrt(d_in) + b in NumPy, with one hidden layer of tanh."""
    hidden, last = net.dense_layers
    theta = [
        hidden.W * sqrt(hidden.inputs), hidden.b.copy(),
        last.W * sqrt(last.inputs), last.b.copy(),
    ]  # fmt: skip
    roots = sqrt(hidden.inputs), sqrt(last.inputs)
    m, v = ([np.zeros_like(p) for p in theta] for _ in range(2))
    beta1, beta2 = 0.9, 0.95
    for t in range(1, steps + 1):
        A = np.tanh(X @ theta[0] / roots[0] + theta[1])
        dZ = 2 * (A @ theta[2] / roots[1] + theta[3] - Y) / len(X)
        dH = dZ @ theta[2].T / roots[1] * (1 - A * A)
        gradient = [X.T @ dH / roots[0], dH.sum(0), A.T @ dZ / roots[1], dZ.sum(0)]
        for k, g in enumerate(gradient):
            is_b = k % 2
            rate = adam["lr"] * (0.1 if is_b else 1)
            m[k] = beta1 * m[k] + (1 - beta1) * g
            v[k] = beta2 * v[k] + (1 - beta2) * g * g
            step = m[k] / (1 - beta1**t) / (np.sqrt(v[k] / (1 - beta2**t)) + 1e-20)
            if not is_b:
                theta[k] = theta[k] * (1 - rate * adam["decay"])
            theta[k] = theta[k] - rate * step
    return theta[0] / roots[0], theta[1], theta[2] / roots[1], theta[3]


def test_ntk_is_a_network_of_other_rates(rng: np.random.Generator) -> None:
    X, Y = rng.normal(size=(40, 5)), rng.normal(size=(40, 1))
    layers = [rv.Dense(9, "tanh", W="lecun_normal"), rv.Dense(1, W="lecun_normal")]
    net = rv.Network(5, layers, dtype="float64", seed=1)
    expected = ntk_network(net, X, Y, 30, lr=0.02, decay=0.3)
    factors = layer_factors(net, ParamGroups(b=0.1), ntk=True)
    adam = rv.AdamW(
        lr=0.02, weight_decay=0.3, beta2=0.95, epsilon=1e-20, **factors._asdict()
    )
    before = net.theta.copy()
    rv.train(net, X, Y, optimizer=adam, epochs=30, batch_size=40, shuffle=False)
    mine = [part for own in net.dense_layers for part in (own.W, own.b)]
    assert np.abs(net.theta - before).max() > 0.1
    for given, wanted in zip(mine, expected, strict=True):
        np.testing.assert_allclose(given, wanted, rtol=1e-8, atol=1e-11)


def test_categories_move_by_a_rate_of_their_own(rng: np.random.Generator) -> None:
    embedding = rv.Embedding([rv.columns.Periodic(4, 2), rv.columns.Category(3, 2)])
    X = np.column_stack([rng.normal(size=60), rng.integers(0, 3, 60)])
    moved = []
    for rates in (
        ParamGroups(),
        ParamGroups(values=0, categories=1),
        ParamGroups(categories=0),
    ):
        net = rv.Network(2, [embedding, rv.Dense(1)], seed=0)
        start = net.theta.copy()
        adam = rv.AdamW(lr=0.01, **layer_factors(net, rates)._asdict())
        rv.train(net, X, X[:, 0], optimizer=adam, epochs=2)
        same = (net.theta == start)[: 4 + 4 + 8 + 2 + 6]
        moved.append((not same[:18].any(), not same[18:].any()))
    assert moved == [(True, True), (False, True), (True, False)]


def test_categories_decay_as_other_values_do(rng: np.random.Generator) -> None:
    X = rng.integers(1, 3, (60, 1)).astype(float)  # code 0 is never seen
    net = rv.Network(
        1, [rv.Embedding([rv.columns.Category(3, 2)]), rv.Dense(1)], seed=0
    )
    start = net.theta[:2].copy()
    adam = rv.AdamW(lr=0.1, weight_decay=0.5)
    rv.train(net, X, X[:, 0], optimizer=adam, epochs=1, batch_size=30)
    np.testing.assert_allclose(net.theta[:2], start * 0.95**2, rtol=1e-6)
