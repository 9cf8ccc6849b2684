"""Z = X W + b and A = f(Z), forward and backward: engine/equations/dense.h."""

import numpy as np
import pytest

import cases
import doors
import reference
from cases import gap
from reference import Update

EDGES = [1, 2, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 47, 48, 49, 65]


def network_of(d_in: int, hidden: int, d_out: int) -> reference.Network:
    return reference.Network(d_in, [cases.dense(hidden, "tanh"), cases.dense(d_out)])


def test_by_hand() -> None:
    # Z = X W + b: (1, 2) and (3, 4) times ((1, 0, -1), (2, 1, 0)), plus (10, 20, 30)
    network = reference.Network(2, [cases.dense(3, "relu")])
    theta = np.array([1, 0, -1, 2, 1, 0, 10, 20, -30.0])
    ((Z, A),) = doors.forward(network, theta, np.array([[1, 2], [3, 4.0]]))
    np.testing.assert_array_equal(Z, [[5 + 10, 2 + 20, -1 - 30], [11 + 10, 24, -33]])
    np.testing.assert_array_equal(A, [[15, 22, 0], [21, 24, 0]])


def test_backward_by_hand() -> None:
    # x = (1, 2), W = (3, 4)', b = 0:  a = 11 (identity)
    # V = (2, 5), c = (0, 0):          A = (22, 55);  Y = (20, 55): L = (4 + 0) / 2
    # dZ = 2 (2, 0) / 2 = (2, 0)       dV = 11 (2, 0), dc = (2, 0)
    # da = dZ V' = 4                   dW = (1, 2)' 4,  db = 4
    network = reference.Network(2, [cases.dense(1), cases.dense(2)])
    L, gradient = doors.loss_and_gradient(
        network, np.array([3, 4, 0, 2, 5, 0, 0.0]), np.array([[1, 2.0]]),
        np.array([[20, 55.0]]), None, ("squared_error", 0.0),
    )  # fmt: skip
    assert L == 2
    np.testing.assert_array_equal(gradient, [4, 8, 4, 22, 0, 2, 0])


@pytest.mark.parametrize("place", ["rows", "inputs", "units", "outputs"])
@pytest.mark.parametrize("size", EDGES)
def test_witness_at_the_edges_of_tiles(place: str, size: int) -> None:
    sizes = {"rows": 7, "inputs": 3, "units": 5, "outputs": 2, place: size}
    rng = np.random.default_rng(size)
    network = network_of(sizes["inputs"], sizes["units"], sizes["outputs"])
    case = cases.random_case(rng, network, "squared_error", sizes["rows"], "weighted")
    expected = reference.loss_and_gradient(*case)
    L, gradient = doors.loss_and_gradient(*case)
    assert abs(L / expected[0] - 1) < 1e-13
    assert gap(gradient, expected[1]) < 1e-13
    assert gap(doors.loss_and_gradient(*case.cast(np.float32))[1], expected[1]) < 1e-5
    tape = reference.forward(*case[:3])
    for found, seen in zip(doors.forward(*case[:3]), tape, strict=True):
        for mine, theirs in zip(found, seen[1:], strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
@pytest.mark.parametrize("place", ["rows", "units"])
@pytest.mark.parametrize("size", EDGES)
def test_witness_of_a_single_output(place: str, size: int, loss: str) -> None:
    """Its rows are the lanes of the vectors: edges lie elsewhere."""
    sizes = {"rows": 19, "units": 21, place: size}
    rng = np.random.default_rng(size)
    network = network_of(3, sizes["units"], 1)
    case = cases.random_case(rng, network, loss, sizes["rows"], "weighted")
    expected = reference.loss_and_gradient(*case)
    L, gradient = doors.loss_and_gradient(*case)
    assert abs(L / expected[0] - 1) < 1e-13
    assert gap(gradient, expected[1]) < 1e-13
    assert gap(doors.loss_and_gradient(*case.cast(np.float32))[1], expected[1]) < 1e-5


@pytest.mark.parametrize("rows", [95, 97, 128, 129, 193, 300, 520])
@pytest.mark.parametrize("units", [63, 65, 90, 150])
def test_witness_of_a_gradient_in_runs(rows: int, units: int) -> None:
    """Four panels of units go together, and 128 rows at a time."""
    rng = np.random.default_rng(rows)
    network = network_of(units // 2, units, 5)
    case = cases.random_case(rng, network, "huber", rows, "weighted")
    settings = {"steps": 2, "batch_size": rows, "rate": 0.01}
    expected, _, report = doors.train(reference, case, Update("adam"), **settings)
    theta, _, mine = doors.train(doors, case, Update("adam"), **settings)
    assert gap(theta, case.theta) > 1e-3
    assert gap(theta, expected) < 1e-10
    assert abs(mine.loss / report.loss - 1) < 1e-12


@pytest.mark.parametrize("rows", [1, 100, 1023, 1024, 1025, 3000])
def test_witness_of_many_rows(rows: int, rng: np.random.Generator) -> None:
    case = cases.random_case(rng, network_of(9, 21, 3), "huber", rows, "weighted")
    expected = reference.loss_and_gradient(*case)
    L, gradient = doors.loss_and_gradient(*case)
    assert abs(L / expected[0] - 1) < 1e-13
    assert gap(gradient, expected[1]) < 1e-13
    assert abs(doors.mean_loss(*case) / expected[0] - 1) < 1e-13


def test_witness_of_a_deep_network(rng: np.random.Generator) -> None:
    layers = [cases.dense(int(rng.integers(1, 20)), name) for name in cases.HIDDEN]
    network = reference.Network(5, [*layers, cases.dense(2)])
    case = cases.random_case(rng, network, "squared_error", 40)
    L, gradient = doors.loss_and_gradient(*case)
    expected = reference.loss_and_gradient(*case)
    assert abs(L / expected[0] - 1) < 1e-12
    assert gap(gradient, expected[1]) < 1e-11


def test_gradient_vanishes_at_least_squares(rng: np.random.Generator) -> None:
    network = reference.Network(5, [cases.dense(1)])
    case = cases.random_case(rng, network, "squared_error", 60)
    ones = np.ones((60, 1))
    theta = np.linalg.lstsq(np.hstack([case.X, ones]), case.Y, rcond=None)[0].ravel()
    _, gradient = doors.loss_and_gradient(*case._replace(theta=theta))
    np.testing.assert_allclose(gradient, 0, atol=1e-14)
