import numpy as np
import pytest

import ranvier as rv
import reference
from built import network_of, trace_of
from cases import HIDDEN, gap, grid, grid_case, random_theta
from ranvier.trace.layer_trace import memory, row_shares, slope


@pytest.mark.parametrize("kind", grid(), ids=" ".join)
def test_every_number_as_the_witness(kind: tuple[str, str, str, str]) -> None:
    case = grid_case(*kind)
    trace = trace_of(case)
    tape = reference.forward(case.network, case.theta, case.X)
    L, gradient = reference.loss_and_gradient(*case)
    assert pytest.approx(L, rel=1e-12) == trace.L
    pairs = reference.views(case.network, case.theta)
    derivatives = reference.views(case.network, gradient)
    for layer, seen, (W, b), (dW, db) in zip(
        trace.layers, tape, pairs, derivatives, strict=True
    ):
        X, Z, A = seen
        expected = {"X": X, "Z": Z, "A": A, "W": W, "b": b, "dW": dW, "db": db}
        for name, values in expected.items():
            assert gap(getattr(layer, name), values) < 1e-10, name
        assert layer.dX.shape == layer.X.shape
        assert gap(layer.X.T @ layer.dZ, dW) < 1e-10
    np.testing.assert_allclose(trace.gradient.theta, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", grid()[::9], ids=" ".join)
def test_the_engines_numbers_in_single_precision(kind) -> None:
    case = grid_case(*kind)
    net = network_of(case.network, case.theta, "float32")
    loss = rv.Loss(*case.loss)
    trace = net.trace(case.X, case.Y, loss=loss, sample_weight=case.w)
    L, gradient = net.loss_and_gradient(case.X, case.Y, loss=loss, sample_weight=case.w)
    assert pytest.approx(L, abs=1e-6, rel=1e-6) == trace.L
    assert gap(gradient.theta, trace.gradient.theta) < 1e-6
    for layer, (Z, A) in zip(trace.layers, net.forward(case.X), strict=True):
        assert gap(Z, layer.Z) < 1e-6
        assert gap(A, layer.A) < 1e-6


@pytest.mark.parametrize("kind", grid()[::17], ids=" ".join)
def test_every_derivative_against_central_differences(kind) -> None:
    case = grid_case(*kind)
    trace = trace_of(case)
    net, loss = trace.network, rv.Loss(*case.loss)

    def L(X: np.ndarray) -> float:
        return net.loss_and_gradient(X, case.Y, loss=loss, sample_weight=case.w)[0]

    h = 1e-6
    expected = np.empty_like(case.X)
    for at in np.ndindex(case.X.shape):
        up, down = case.X.copy(), case.X.copy()
        up[at] += h
        down[at] -= h
        expected[at] = (L(up) - L(down)) / (2 * h)
    assert gap(trace.dX, expected) < 1e-5


def test_an_example_by_hand() -> None:
    """x = 2 through relu(3 x - 1) = 5 and 0.5 * 5 = 2.5, target 1, squared error."""
    hidden = rv.Dense(1, "relu", W=[[3.0]], b=[-1.0])
    net = rv.Network(1, [hidden, rv.Dense(1, W=[[0.5]])])
    trace = net.trace([[2.0]], [1.0])
    first, last = trace.layers
    assert trace.L == 1.5**2
    assert (last.dA.item(), last.dZ.item(), last.dW.item(), last.db.item()) == (
        (3.0, 3.0, 15.0, 3.0)
    )
    assert (first.dA.item(), first.dZ.item(), first.dW.item()) == (1.5, 1.5, 3.0)
    assert trace.dX.item() == 4.5
    assert first.slope.item() == 1.0
    assert repr(first) == "LayerTrace(1: 1 row, 1 -> 1 relu)"


@pytest.mark.parametrize("f", [*HIDDEN, "exp", "step"])
def test_slopes_as_the_witness(f: str, rng: np.random.Generator) -> None:
    Z = rng.normal(0, 2, (5, 3))
    parameter = HIDDEN.get(f, 0.0)
    activation = rv.Activation(f, parameter)
    expected = reference.ACTIVATIONS[f][1](Z, parameter)
    np.testing.assert_allclose(
        slope(activation, Z, Z), expected, rtol=1e-12, atol=1e-14
    )


def test_the_jacobian_of_softmax(rng: np.random.Generator) -> None:
    net = rv.Network(3, [rv.Dense(4, "softmax")], dtype="float64", seed=0)
    X = rng.normal(size=(5, 3))
    trace = net.trace(X, [0, 1, 2, 3, 0])
    last = trace.layers[-1]
    assert last.slope.shape == (5, 4, 4)
    # dZ_j = sum_i dA_i dA_i/dZ_j, which is A - Y over the rows
    np.testing.assert_allclose(
        np.einsum("ri,rij->rj", last.dA, last.slope), last.dZ, atol=1e-15
    )
    np.testing.assert_allclose(last.dZ, (last.A - trace.Y) / 5, atol=1e-15)


@pytest.mark.parametrize(
    ("f", "loss", "y"),
    [("sigmoid", "log_loss", [[1.0]]), ("softmax", "cross_entropy", [1])],
)
def test_outputs_at_the_end_of_their_range(f: str, loss: str, y: list) -> None:
    units = 2 if f == "softmax" else 1
    W = [[1000.0, -1000.0][:units]] if f == "softmax" else [[-1000.0]]
    net = rv.Network(1, [rv.Dense(units, f, W=W)], dtype="float64")
    trace = net.trace([[1.0]], y, loss=loss)
    last = trace.layers[-1]
    assert last.dA.ravel()[-1] == -np.inf  # the logarithm of 0 falls without bound
    assert last.dZ.ravel()[-1] == -1
    assert np.isfinite(last.dW).all()


def test_without_targets_there_are_no_derivatives() -> None:
    trace = rv.Network(2, [rv.Dense(1)], seed=0).trace([[1.0, 2.0]])
    assert np.isnan(trace.L)
    assert set(trace.layers[0].arrays()) == {"X", "W", "b", "Z", "A", "slope"}
    for name in ("dA", "dZ", "dW", "db", "dX"):
        with pytest.raises(ValueError, match=rf"{name}1 is a derivative.*give y too"):
            getattr(trace.layers[0], name)


def test_shares_of_rows() -> None:
    assert row_shares(None, 4).tolist() == [0.25] * 4
    assert row_shares(np.array([1.0, 3.0]), 2).tolist() == [0.25, 0.75]


@pytest.mark.parametrize("output", ["identity", "softmax"])
def test_memory_is_what_the_arrays_take(output: str, rng: np.random.Generator) -> None:
    net = rv.Network.mlp(3, [4, 5], 2, output_activation=output, seed=0)
    X = rng.normal(size=(6, 3))
    for y, derivatives in ((None, False), (np.zeros((6, 2)) + 0.5, True)):
        trace = net.trace(X, y)
        letters = ["X", "Z", "A", "slope", *["dA", "dZ", "dX"] * derivatives]
        arrays = [getattr(own, letter) for own in trace.layers for letter in letters]
        distinct = {array.__array_interface__["data"][0]: array for array in arrays}
        taken = sum(array.nbytes for array in distinct.values())
        assert memory(net.dense_layers, 6, derivatives=derivatives) == taken


def test_dropout_is_left_out(rng: np.random.Generator) -> None:
    layers = [
        ("dense", 4, "tanh", 0.0),
        ("dropout", 0.5),
        ("dense", 2, "identity", 0.0),
    ]
    witness = reference.Network(3, layers)
    theta = random_theta(rng, witness)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    trace = network_of(witness, theta).trace(X, Y)
    loss = ("squared_error", 0.0)
    expected = reference.loss_and_gradient(witness, theta, X, Y, None, loss)
    assert pytest.approx(expected[0], rel=1e-12) == trace.L
    assert gap(trace.gradient.theta, expected[1]) < 1e-12
    assert "without" in trace.notes[0]
