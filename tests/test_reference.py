"""The witness itself, against central differences, an example by hand, and PyTorch."""

import numpy as np
import pytest

import cases
import reference
from cases import gap

DENSE = reference.Network(2, [("dense", 1, "sigmoid", 0.0), ("dense", 1, "exp", 0.0)])


@pytest.mark.parametrize(("name", "p"), cases.SINGLE.items())
def test_slope_is_the_difference_quotient(name: str, p: float) -> None:
    f, df = reference.ACTIVATIONS[name]
    z, h = np.linspace(-8.05, 8.05, 1001), 1e-5
    z = z[[min(abs(x - k) for k in (*cases.KINKS.get(name, ()), 99)) > h for x in z]]
    quotient = (f(z + h, p) - f(z - h, p)) / (2 * h)
    np.testing.assert_allclose(df(z, p), quotient, rtol=1e-7, atol=1e-9)


def test_grid_is_complete() -> None:
    grid = cases.grid()
    assert len(grid) >= 300
    for loss, (_, outputs) in cases.LOSSES.items():
        for weighting in cases.WEIGHTINGS:
            seen = [entry for entry in grid if entry[2:] == (loss, weighting)]
            assert {entry[0] for entry in seen} == set(cases.HIDDEN)
            assert {entry[1] for entry in seen} == set(outputs)


@pytest.mark.parametrize("entry", cases.grid(), ids="-".join)
def test_gradient_is_the_difference_quotient(entry: tuple[str, str, str, str]) -> None:
    case = cases.grid_case(*entry)
    network, theta, *data = case
    L, gradient = reference.loss_and_gradient(network, theta, *data)
    assert reference.mean_loss(network, theta, *data) == L
    quotient = cases.central_differences(
        lambda moved: reference.mean_loss(network, moved, *data), theta
    )
    assert gap(gradient, quotient) < 1e-6


def test_gradient_through_dropout(rng: np.random.Generator) -> None:
    layers = [("dropout", 0.3), cases.dense(4, "tanh"), ("dropout", 0.5)]
    network = reference.Network(3, [*layers, cases.dense(2)])
    case = cases.random_case(rng, network, "squared_error", 5)
    masks = {i: rng.integers(0, 2, (5, units)) * 2.0 for i, units in ((0, 3), (2, 4))}
    mask = lambda i, units: masks[i]  # noqa: E731
    _, gradient = reference.loss_and_gradient(*case, mask=mask)
    quotient = cases.central_differences(
        lambda theta: reference.loss_and_gradient(network, theta, *case[2:], mask)[0],
        case.theta,
    )
    assert gap(gradient, quotient) < 1e-8


def test_two_layers_by_hand() -> None:
    # x = (1, 2), W = (3, -1)', b = -1:  z = 3 - 2 - 1 = 0,  a = sigmoid(0) = 1/2.
    # v = 4, c = -2:                     z = 2 - 2 = 0,      a = exp(0) = 1.
    # y = 3, L = (1 - 3)^2 = 4.
    # dz = 2 (1 - 3) exp(0) = -4,  dv = a dz = -2,  dc = -4.
    # da = v dz = -16,  dz = -16 1/2 (1 - 1/2) = -4,  dW = x' dz = (-4, -8)',  db = -4.
    theta = np.array([3, -1, -1, 4, -2.0])
    X, Y = np.array([[1, 2.0]]), np.array([[3.0]])
    L, gradient = reference.loss_and_gradient(
        DENSE, theta, X, Y, None, ("squared_error", 0.0)
    )
    assert L == 4
    np.testing.assert_array_equal(gradient, [-4, -8, -4, -2, -4])


def test_update_groups() -> None:
    factors = np.array([[2.0, 3.0], [5.0, 7.0]])
    is_W, rate = reference.groups(DENSE, reference.Update(rate_factors=factors))
    np.testing.assert_array_equal(is_W, [1, 1, 0, 1, 0])
    np.testing.assert_array_equal(rate, [2, 2, 3, 5, 7])


def test_epoch_stops_before_the_step_that_fails() -> None:
    theta, state = np.ones(2), np.zeros((0, 2))
    X, Y = np.array([[1.0], [1.0], [1.0]]), np.array([[0.0], [0.0], [np.inf]])
    line = reference.Network(1, [cases.dense(1)])
    run = lambda order: reference.train_epoch(  # noqa: E731
        line, theta, state, X, Y, None, np.array(order), 1,
        ("squared_error", 0.0), reference.Update(), np.full(len(order), 0.25),
    )  # fmt: skip
    # a = 2, L = 4, dW = db = 4: W = b = 0. Then L = 0, and the third L is infinite.
    with np.errstate(invalid="ignore"):
        assert run([0, 1, 2]) == reference.Epoch(2.0, 0.0, 2, [4, 0], [1, 0])
    np.testing.assert_array_equal(theta, [0, 0])
