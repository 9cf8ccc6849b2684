"""A first layer over sparse rows: engine/equations/sparse.h and engine/sparse.h.

The witness is given the same rows with their empty cells.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import cases
import doors
import reference
from cases import Array, Case, gap
from ranvier import _engine
from reference import Update

KINDS = {
    np.dtype(np.float32): _engine.SparseFloat32,
    np.dtype(np.float64): _engine.SparseFloat64,
}
UPDATES = {
    "sgd": Update(),
    "nesterov": Update(momentum=0.9, nesterov=True, l2=0.1),
    "adam": Update("adam", l2=0.1),
    "adamw": Update("adam", weight_decay=0.1),
    "plain epsilon": Update("adam", epsilon=0.03, corrected_epsilon=False),
    "l2 by weight, clipped": Update(l2=0.5, l2_by_weight=True, clip_norm=0.3),
    "clipped adam": Update("adam", l2=0.05, weight_decay=0.05, clip_norm=0.2),
}
HIDDEN = {
    "wide": [cases.dense(100, "relu"), cases.dense(3)],
    "narrow": [cases.dense(1, "tanh"), cases.dense(1)],
    "one panel": [cases.dense(16, "silu"), cases.dense(5, "tanh"), cases.dense(2)],
    "and a bit": [cases.dense(17, "gelu"), cases.dense(9, "relu"), cases.dense(3)],
    "none": [cases.dense(3)],
    "a single output": [cases.dense(1)],
}  # fmt: skip


def cells(X: Array) -> Any:
    """Return the engine's form of a table."""
    csr = sp.csr_matrix(X)
    return KINDS[X.dtype](
        csr.data, csr.indices.astype(np.int32), csr.indptr.astype(np.int64), X.shape[1]
    )


def case_of(
    name: str, rows: int = 67, inputs: int = 40, loss: str = "squared_error"
) -> Case:
    """Return a case most of whose cells are empty, rows and columns among them."""
    rng = np.random.default_rng([rows, inputs])
    network = reference.Network(inputs, HIDDEN[name])
    case = cases.random_case(rng, network, loss, rows, "weighted")
    case.X[rng.random(case.X.shape) > 0.1] = 0
    case.X[::7] = 0
    case.X[:, ::9] = 0
    return case


def sparse(case: Case) -> Case:
    return case._replace(X=cells(case.X))


# Takes the place of `doors` for an epoch.
SPARSE = SimpleNamespace(
    train_epoch=lambda network, theta, state, X, *given, **settings: doors.train_epoch(
        network, theta, state, cells(X), *given, **settings
    )
)


@pytest.mark.parametrize("rows", [1, 5, 12, 67, 300])
@pytest.mark.parametrize("name", HIDDEN)
def test_prediction(name: str, rows: int) -> None:
    case = case_of(name, rows)
    expected = reference.forward(case.network, case.theta, case.X)[-1][2]
    given = case.network, case.theta, cells(case.X)
    out = np.full((rows, case.network.layers[-1][1]), np.nan)
    _engine.predict(doors.network_of(given[0]), *given[1:], out, _engine.Workspace(2))
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("rows", [1, 5, 67, 4097, 8200])
@pytest.mark.parametrize("name", HIDDEN)
def test_gradient(name: str, rows: int) -> None:
    case = case_of(name, rows)
    L, gradient = doors.loss_and_gradient(*sparse(case))
    expected, slopes = reference.loss_and_gradient(*case)
    assert abs(L / expected - 1) < 1e-12
    assert gap(gradient, slopes) < 1e-12
    assert doors.mean_loss(*sparse(case)) == L
    single = case.cast(np.float32)
    _, gradient = doors.loss_and_gradient(*sparse(single))
    assert gap(gradient, slopes) < 1e-4


def test_gradient_is_the_difference_quotient() -> None:
    case = case_of("and a bit", 8)
    network, theta, *data = sparse(case)
    _, gradient = doors.loss_and_gradient(network, theta, *data)
    quotient = cases.central_differences(
        lambda moved: doors.mean_loss(network, moved, *data), theta
    )
    assert gap(gradient, quotient) < 1e-6


def test_gradient_by_hand() -> None:
    # y = 2 x1 + 3 x2 + 1; rows (0, 5) and (1, 0): outputs 16 and 3, targets 10 and 0.
    # L = (36 + 9) / 2; dZ = 6, 3; dW = (3 1, 6 5), db = 9.
    network = reference.Network(2, [cases.dense(1)])
    X, Y = cells(np.array([[0.0, 5], [1, 0]])), np.array([[10.0], [0]])
    theta = np.array([2.0, 3, 1])
    L, gradient = doors.loss_and_gradient(
        network, theta, X, Y, None, ("squared_error",)
    )
    assert L == 22.5
    np.testing.assert_array_equal(gradient, [3, 30, 9])


@pytest.mark.parametrize("loss", ["cross_entropy", "log_loss", "poisson"])
def test_losses_that_read_logits_of_the_first_layer(loss: str) -> None:
    case = case_of("none", loss=loss)
    _, gradient = doors.loss_and_gradient(*sparse(case))
    assert gap(gradient, reference.loss_and_gradient(*case)[1]) < 1e-12


@pytest.mark.parametrize("batch_size", [1, 13, 67])
@pytest.mark.parametrize("update", UPDATES)
def test_training(update: str, batch_size: int) -> None:
    case, rule = case_of("and a bit"), UPDATES[update]
    settings = {"steps": 60, "batch_size": batch_size, "rate": 0.01}
    expected, expected_state, report = doors.train(reference, case, rule, **settings)
    theta, state, mine = doors.train(SPARSE, case, rule, **settings)
    assert gap(theta, case.theta) > 1e-3
    assert gap(theta, expected) < 1e-10
    assert gap(state, expected_state) < 1e-10
    assert abs(mine.loss / report.loss - 1) < 1e-10
    assert abs(mine.gradient_norm / report.gradient_norm - 1) < 1e-9
    np.testing.assert_allclose(mine.step_losses, report.step_losses, rtol=1e-9)
    np.testing.assert_allclose(mine.step_squares, report.step_squares, rtol=1e-9)


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_shapes(name: str, dtype: type) -> None:
    case = case_of(name).cast(dtype)
    settings = {"steps": 20, "batch_size": 20, "rate": 0.01}
    rule = Update("adam", l2=0.1, epsilon=1e-2, clip_norm=0.5)
    expected, *_ = doors.train(reference, case_of(name), rule, **settings)
    theta, *_ = doors.train(SPARSE, case, rule, **settings)
    assert gap(theta, expected) < (1e-10 if dtype == np.float64 else 1e-4)


def test_rate_factors() -> None:
    factors = np.array([[1.0, 2.0], [0.5, 0.0], [3.0, 1.0]])
    rule = Update("adam", weight_decay=0.1, rate_factors=factors)
    case = case_of("one panel")
    settings = {"steps": 20, "batch_size": 20, "rate": 0.01}
    expected, *_ = doors.train(reference, case, rule, **settings)
    theta, *_ = doors.train(SPARSE, case, rule, **settings)
    assert gap(theta, expected) < 1e-10


@pytest.mark.parametrize("name", ["wide", "and a bit"])
def test_threads_change_nothing(name: str) -> None:
    case = case_of(name, 500, inputs=400)
    results = []
    for threads in (1, 2, 3):
        settings = {"steps": 12, "batch_size": 200, "rate": 0.01}
        workspace = _engine.Workspace(threads)
        theta, state, _ = doors.train(
            SPARSE, case, UPDATES["clipped adam"], **settings, workspace=workspace
        )
        _, gradient = doors.loss_and_gradient(*sparse(case), workspace)
        results.append(np.concatenate([theta, *state, gradient]).tobytes())
    assert results[0] == results[1] == results[2]


def test_cells_in_any_order_and_more_than_once() -> None:
    network = reference.Network(4, [cases.dense(2)])
    theta = np.arange(10.0)
    X = _engine.SparseFloat64(
        np.array([3.0, 1, 4]), np.array([2, 0, 2], np.int32), np.array([0, 3, 3]), 4
    )
    dense = np.array([[1.0, 0, 7, 0], [0, 0, 0, 0]])
    Y = np.ones((2, 2))
    given = Y, None, ("squared_error", 0.0)
    L, gradient = doors.loss_and_gradient(network, theta, X, *given)
    expected, slopes = reference.loss_and_gradient(network, theta, dense, *given)
    assert abs(L / expected - 1) < 1e-14
    assert gap(gradient, slopes) < 1e-14


def test_dropout_after_the_first_layer() -> None:
    layers = [cases.dense(20, "gelu"), ("dropout", 0.3), cases.dense(1)]
    network = reference.Network(40, layers)
    case = case_of("wide")._replace(network=network)
    theta = np.random.default_rng(0).normal(size=doors.network_of(network).parameters)
    case = case._replace(theta=theta, Y=case.Y[:, :1].copy())
    settings = {"steps": 12, "batch_size": 20, "rate": 0.01, "seed": 3}
    expected, *_ = doors.train(doors, case, Update("adam"), **settings)
    theta, *_ = doors.train(SPARSE, case, Update("adam"), **settings)
    assert gap(theta, expected) < 1e-10


def test_a_step_that_is_not_finite_is_not_taken() -> None:
    case = case_of("and a bit")
    case.X[30, 1] = np.inf
    state = np.zeros((0, case.theta.size))
    theta, order = case.theta.copy(), np.arange(67)
    done = doors.train_epoch(
        case.network, theta, state, cells(case.X), case.Y, case.w, order, 10,
        case.loss, Update(), np.full(7, 0.01),
    )  # fmt: skip
    assert done.failed_step == 3
    assert np.isfinite(theta).all()


@pytest.mark.parametrize(
    ("values", "columns", "starts", "message"),
    [
        ([1.0], [4], [0, 1], r"a column of a cell must be in 0\.\.3"),
        ([1.0], [-1], [0, 1], r"a column of a cell must be in 0\.\.3"),
        ([1.0], [0, 1], [0, 1], "the columns must be 1 long"),
        ([1.0], [0], [0, 2], "the starts must be numbers from 0 to"),
        ([1.0], [0], [1, 1], "the starts must be numbers from 0 to"),
        ([1.0], [0], [0, 2, 1], "ascending order, but it is falling at row 1"),
    ],
)  # fmt: skip
def test_what_is_no_table(values: Any, columns: Any, starts: Any, message: str) -> None:
    network = _engine.Network(4, [cases.dense(1)])
    X = _engine.SparseFloat64(
        np.array(values), np.array(columns, np.int32), np.array(starts, np.int64), 4
    )
    rows = len(starts) - 1
    with pytest.raises(ValueError, match=message):
        _engine.predict(
            network, np.zeros(5), X, np.zeros((rows, 1)), _engine.Workspace(1)
        )


def test_what_does_not_fit_the_network() -> None:
    X = cells(np.eye(3))
    network = _engine.Network(4, [cases.dense(1)])
    with pytest.raises(ValueError, match="X must be 4 columns wide, but it is 3"):
        _engine.predict(network, np.zeros(5), X, np.zeros((3, 1)), _engine.Workspace(1))
    dropped = _engine.Network(3, [("dropout", 0.5), cases.dense(1)])
    with pytest.raises(ValueError, match="first layer over sparse rows must be dense"):
        _engine.predict(dropped, np.zeros(4), X, np.zeros((3, 1)), _engine.Workspace(1))
