"""Members that share their weights: three witnesses of the fold, and the start."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import ranvier as rv
import reference
from ranvier import _engine
from ranvier.network.columns import Periodic, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss
from ranvier.training.batch_ensemble import (
    BatchEnsemble,
    Gradients,
    GradientSums,
    add_up,
)

Array = NDArray[Any]
LOSS = Loss("squared_error")


def made(
    sizes: list[int], k: int, seed: int = 0
) -> tuple[rv.Network, BatchEnsemble, Any]:
    """Return a tanh network, members with random parameters, and rows for each."""
    inputs, *hidden, outputs = sizes
    net = rv.Network.mlp(inputs, hidden, outputs, "tanh", dtype="float64", seed=seed)
    shared, rng = BatchEnsemble(net, k), np.random.default_rng(seed)
    shared.theta[...] = rng.normal(size=shared.theta.size)
    X, Y = rng.normal(size=(k, 6, inputs)), rng.normal(size=(k, 6, outputs))
    return net, shared, (X, Y)


def folded(
    net: rv.Network, shared: BatchEnsemble, rows: Any, parts: int = 1
) -> tuple[float, BatchEnsemble]:
    """Compute the sum of the members' losses, and its gradient by engine and `fold`."""
    total, gradient = BatchEnsemble(net, shared.members), Gradients(net)
    sums = [GradientSums(total) for _ in range(parts)]
    loss = 0.0
    for m, (X, Y) in enumerate(zip(*rows, strict=True)):
        shared.unfold(m, net)
        loss += _engine.loss_and_gradient(
            net.engine, net.theta, X, Y, None, LOSS.engine, gradient.theta,
            _engine.Workspace(1),
        )  # fmt: skip
        shared.fold(m, gradient, sums[m % parts])
    add_up(sums, total)
    return loss, total


def witness(shared: BatchEnsemble, rows: Any) -> tuple[float, Array]:
    """Return the same from the layers as BatchEnsemble has them, in NumPy."""
    hidden = [tuple(layer) for layer in shared.hidden]
    loss, (d_hidden, d_last) = reference.batch_ensemble(hidden, shared.last, *rows)
    weights = [values.ravel() for layer in d_hidden for values in layer[:3]]
    biases = [layer[3].ravel() for layer in d_hidden]
    parts = [*weights, d_last[0].ravel(), *biases, d_last[1].ravel()]
    return loss, np.concatenate(parts)


@given(
    st.lists(st.integers(1, 7), min_size=2, max_size=5),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_the_gradient_is_that_of_the_shared_layers(
    sizes: list[int], k: int, parts: int, seed: int
) -> None:
    net, shared, rows = made(sizes, k, seed)
    loss, total = folded(net, shared, rows, parts)
    expected_loss, expected = witness(shared, rows)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(total.theta, expected, rtol=1e-9, atol=1e-10)


def test_finite_differences() -> None:
    net, shared, rows = made([3, 4, 3, 2], 3)
    _, total = folded(net, shared, rows)
    step, found = 1e-6, []
    for i in range(shared.theta.size):
        ends = []
        for sign in (1, -1):
            moved = BatchEnsemble(net, 3, shared.theta.copy())
            moved.theta[i] += sign * step
            ends.append(witness(moved, rows)[0])
        found.append((ends[0] - ends[1]) / (2 * step))
    np.testing.assert_allclose(total.theta, found, rtol=1e-6, atol=1e-7)


def test_by_hand() -> None:
    # One unit between, f(z) = z. Two members at x = 1 with target 0 in one row each:
    # W = 3, r = (1, 2), s = (1, -1), b = 0; last W = (1, 2), b = 0.
    #   P = r W      = 3, 6
    #   Z = P s      = 3, -6
    #   answer a     = 3, -12      loss a^2 = 9 + 144
    #   da           = 6, -24      dZ = da W_last = 6, -48
    #   dW  = sum r dZ s = 6 + 96  dr = W dZ s = 18, 144   ds = P dZ = 18, -288
    net = rv.Network(1, [rv.Dense(1), rv.Dense(1)], dtype="float64")
    shared = BatchEnsemble(net, 2)
    layer, last = shared.hidden[0], shared.last
    layer.W[...] = 3
    layer.r[:, 0] = 1, 2
    layer.s[:, 0] = 1, -1
    last.W[:, 0, 0] = 1, 2
    rows = np.ones((2, 1, 1)), np.zeros((2, 1, 1))
    loss, total = folded(net, shared, rows)
    assert loss == 153
    d, d_last = total.hidden[0], total.last
    assert d.W.item() == 102
    assert d.r[:, 0].tolist() == [18, 144]
    assert d.s[:, 0].tolist() == [18, -288]
    assert d.b[:, 0].tolist() == [6, -48]
    assert d_last.W[:, 0, 0].tolist() == [18, 144]
    assert d_last.b[:, 0].tolist() == [6, -24]


def test_theta_holds_what_decays_before_every_bias() -> None:
    net = rv.Network.mlp(3, [5, 4], 2, seed=0)
    shared = BatchEnsemble(net, 2)
    for layer in (*shared.hidden, shared.last):
        layer.b[...] = 1
    assert shared.theta[: shared.decayed].sum() == 0
    assert (shared.theta[shared.decayed :] == 1).all()
    assert shared.theta.size == 3 * 5 + 5 * 4 + 2 * (3 + 5 + 5 + 4 + 4 * 2 + 5 + 4 + 2)


def test_an_embedding_is_shared_as_it_is() -> None:
    layers = [Embedding([Periodic(2, 3), Plain()]), rv.Dense(4, "tanh"), rv.Dense(1)]
    net = rv.Network(2, layers, dtype="float64", seed=1)
    start = net.theta.copy()
    shared = BatchEnsemble(net, 2)
    shared.start(net, ["a", "b"], seed=3)
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 5, 1))
    _, total = folded(net, shared, rows)
    values = total.common.size
    assert values > 0
    shared.unfold(1, net)
    np.testing.assert_array_equal(net.theta[:values], start[:values])
    signs = shared.hidden[0].r
    assert (signs[:, :4] == signs[:, [0]]).all()  # of all that column a becomes
    step, found = 1e-6, np.zeros(values)
    for i in range(values):
        for sign in (1, -1):
            shared.common[i] += sign * step
            found[i] += sign * folded(net, shared, rows)[0] / (2 * step)
            shared.common[i] -= sign * step
    np.testing.assert_allclose(total.common, found, rtol=1e-5, atol=1e-8)


def test_members_start_apart_by_the_signs_of_their_columns() -> None:
    net = rv.Network.mlp(4, [50, 50], 2, seed=0)
    shared = BatchEnsemble(net, 32)
    shared.start(net, ["a", "b", "b", "b"], seed=7)
    first, second = shared.hidden
    assert set(np.unique(first.r).tolist()) == {-1, 1}
    assert (first.r[:, 1:] == first.r[:, [1]]).all()
    assert len(np.unique(first.r, axis=0)) == 4
    for ones in (first.s, second.r, second.s):
        assert (ones == 1).all()
    for layer, most in ((first, 4**-0.5), (second, 50**-0.5)):
        assert (layer.b == layer.b[0]).all()
        for values in (layer.W, layer.b):
            assert 0.8 * most < np.abs(values).max() <= most
    assert len(np.unique(shared.last.W)) == shared.last.W.size
    again = BatchEnsemble(net, 32)
    again.start(net, ["a", "b", "b", "b"], seed=7)
    np.testing.assert_array_equal(again.theta, shared.theta)


def test_parametric_activations_are_refused() -> None:
    net = rv.Network(1, [rv.Dense(2, "mish", parametric=True), rv.Dense(1)])
    with pytest.raises(ValueError, match="without parametric=True"):
        BatchEnsemble(net, 2)
