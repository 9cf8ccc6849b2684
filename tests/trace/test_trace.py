import numpy as np
import pandas as pd
import pytest

import ranvier as rv


@pytest.fixture
def net() -> rv.Network:
    return rv.Network.mlp(3, [4, 4], 2, "tanh", seed=0)


@pytest.fixture
def X(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(6, 3))


@pytest.fixture
def Y(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(6, 2))


def test_a_trace(net: rv.Network, X: np.ndarray, Y: np.ndarray) -> None:
    trace = net.trace(X, Y)
    assert repr(trace) == f"Trace(6 rows through 3-4-4-2, squared_error {trace.L:.6g})"
    assert [own.number for own in trace.layers] == [1, 2, 3]
    assert trace.Y_hat.shape == trace.dY_hat.shape == (6, 2)
    assert trace.dX.shape == (6, 3)
    np.testing.assert_allclose(trace.dY_hat, (trace.Y_hat - Y) / 6, rtol=1e-12)
    assert all(
        array.dtype == np.float64
        for own in trace.layers
        for array in own.arrays().values()
    )
    np.testing.assert_array_equal(trace.gradient.layers[1].W, trace.layers[1].dW)
    assert repr(net.trace(X[0])) == "Trace(1 row through 3-4-4-2)"


def test_numbers_by_their_names(net: rv.Network, X: np.ndarray, Y: np.ndarray) -> None:
    trace = net.trace(X, Y)
    assert trace["dZ2"] is trace.layers[1].dZ
    assert trace["A1[5,3]"] == trace.layers[0].A[5, 3]
    assert trace["W1[x2,3]"] == trace.layers[0].W[2, 3]
    with pytest.raises(ValueError, match="names no array"):
        trace["theta"]


def test_training_goes_on_without_changing_it(net, X, Y) -> None:
    trace = net.trace(X, Y)
    before = {name: array.copy() for name, array in trace.layers[0].arrays().items()}
    net.theta[...] = 0
    X[...] = 0
    for name, array in trace.layers[0].arrays().items():
        np.testing.assert_array_equal(array, before[name])
    assert trace.explain("W1[0,0]").check.gap < 1e-5


def test_a_step_against_the_gradient_lowers_the_loss(net, X, Y) -> None:
    trace = net.trace(X, Y)
    net.theta[...] -= 0.1 * trace.gradient.theta
    assert net.trace(X, Y).L < trace.L


def test_names_of_a_frame(net: rv.Network, X: np.ndarray) -> None:
    frame = pd.DataFrame(X, columns=["income", "age", "height"])
    trace = net.trace(frame, np.zeros((6, 2)), rows=[2])
    assert trace.columns == ("income", "age", "height")
    assert trace.explain("W1[income,3]").paths[0].text.startswith("income -> unit 3")


def test_some_rows(net: rv.Network, X: np.ndarray, Y: np.ndarray) -> None:
    w = np.arange(1.0, 7.0)
    trace = net.trace(X, Y, rows=[4, 1], sample_weight=w)
    alone = net.trace(X[[4, 1]], Y[[4, 1]], sample_weight=w[[4, 1]])
    assert trace.rows == (4, 1)
    assert trace.L == alone.L
    np.testing.assert_array_equal(trace.shares(), [5 / 7, 2 / 7])
    np.testing.assert_array_equal(trace.dX, alone.dX)
    assert net.trace(X, rows=range(2)).rows == (0, 1)


@pytest.mark.parametrize(
    ("output", "loss", "message"),
    [
        ("relu", "log_loss", "log_loss was given a last layer with relu"),
        ("softmax", "squared_error", "softmax goes with cross_entropy"),
        ("identity", "squared", "did you mean 'squared_error'"),
        ("step", None, "whose slope is 0"),
    ],
)
def test_a_loss_that_does_not_fit(output: str, loss, message: str) -> None:
    net = rv.Network(2, [rv.Dense(2, output)], seed=0)
    with pytest.raises(ValueError, match=message):
        net.trace([[1.0, 2.0]], [[0.0, 1.0]], loss=loss)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, 2.0]], None, "3 columns are expected"),
        ([[1.0, np.nan, 2.0]], None, "NaN or infinity"),
        ([["a", "b", "c"]], None, "numbers are expected"),
        (np.zeros((0, 3)), None, "no rows"),
        ([[1.0, 2.0, 3.0]], [[1.0]], r"\(rows, 2\) is expected"),
        ([[1.0, 2.0, 3.0]], [[1.0, 2.0]] * 2, "X has 1 rows"),
    ],
)
def test_tables_that_do_not_fit(net: rv.Network, X, y, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        net.trace(X, y)


def test_a_network_of_steps_is_traced_forward() -> None:
    net = rv.Network(2, [rv.Dense(1, "step", W=[[1.0], [1.0]], b=[-1.5])])
    assert net.trace([[1, 1], [0, 1]]).Y_hat.ravel().tolist() == [1.0, 0.0]


def test_dropout_is_spoken_of(X: np.ndarray) -> None:
    assert rv.Network.mlp(3, [4], 1, seed=0).trace(X).notes == ()
    (note,) = rv.Network.mlp(3, [4], 1, dropout=0.5, seed=0).trace(X).notes
    assert "The trace is without it" in note
