"""L and dL/dZ: engine/equations/loss.h."""

from math import exp, log

import numpy as np
import pytest

import cases
import doors
import reference
from cases import Array, gap
from ranvier import _engine

# The door has no parameter for the output's activation.
PAIRS = [
    (loss, p, output)
    for loss, (p, outputs) in cases.LOSSES.items()
    for output in outputs
    if cases.SINGLE.get(output, 0) == 0
]


def loss_of(loss, output, Z, Y, w) -> tuple[float, Array]:
    return _engine.output_loss(_engine.Loss(*loss), output, Z, Y, w)


def witness(loss, output, Z, Y, w) -> tuple[float, Array]:
    w = None if w is None else w.astype(float)
    layer = ("dense", Z.shape[1], output, 0.0)
    return reference.output_loss(loss, layer, Z.astype(float), Y.astype(float), w)


# loss, parameter, output, Z, Y, w, L, dZ
BY_HAND = {
    # e = (1, 2), L = (1 + 4) / 2, dZ = 2 e / 2
    "squared_error": ("identity", 0, [[1, 3]], [[0, 1]], None, 2.5, [[1, 2]]),
    # rows 1^2 and 2^2 with shares 3/4 and 1/4: L = 3/4 + 4/4, dZ = (3/4, 1/4) 2 e
    "squared_error of weighted rows": (
        "identity", 0, [[1], [3]], [[0], [1]], [3, 1], 1.75, [[1.5], [1]],
    ),
    # e = (-3, 1), L = (3 + 1) / 2, dZ = sign / 2
    "absolute_error": ("identity", 0, [[1, 2]], [[4, 1]], None, 2, [[-0.5, 0.5]]),
    # delta = 2, e = (1, -3): (1/2 1 + 2 (3 - 1)) / 2, dZ = (1, -2) / 2
    "huber": ("identity", 2, [[1, 0]], [[0, 3]], None, 2.25, [[0.5, -1]]),
    # q = 0.9, Y - A = (2, -2): (1.8 + 0.2) / 2, dZ = (-0.9, 0.1) / 2
    "quantile": ("identity", 0.9, [[0, 4]], [[2, 2]], None, 1, [[-0.45, 0.05]]),
    # e^z = (1, 2), Y = (3, 1): (1 - 0 + 2 - log 2) / 2, dZ = (1 - 3, 2 - 1) / 2
    "poisson": ("exp", 0, [[0, log(2)]], [[3, 1]], None, (3 - log(2)) / 2, [[-1, 0.5]]),
    # p = (1/2, 3/4), Y = (1, 0): (log 2 + log 4) / 2, dZ = (p - Y) / 2
    "log_loss": (
        "sigmoid", 0, [[0, log(3)]], [[1, 0]], None, 1.5 * log(2), [[-0.25, 0.375]],
    ),
    # e^z = (1, 3, 4), p = (1, 3, 4) / 8, Y = second: L = -log 3/8, dZ = p - Y
    "cross_entropy": (
        "softmax", 0, [[0, log(3), log(4)]], [[0, 1, 0]], None, -log(3 / 8),
        [[1 / 8, 3 / 8 - 1, 1 / 2]],
    ),
    # p = (1, 3) / 4; s = 0.2: Y~ = (0.1, 0.9), L = -0.1 log 1/4 - 0.9 log 3/4
    "cross_entropy smoothed": (
        "softmax", 0.2, [[0, log(3)]], [[0, 1]], None,
        0.1 * log(4) - 0.9 * log(0.75), [[0.15, -0.15]],
    ),
    # A = e^0 = 1, e = -1: L = 1, dZ = 2 e f'(0) with f' = e^0
    "squared_error of exp": ("exp", 0, [[0]], [[2]], None, 1, [[-2]]),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_by_hand(name: str, dtype: type) -> None:
    output, p, Z, Y, w, L, dZ = BY_HAND[name]
    Z, Y = np.array(Z, dtype), np.array(Y, dtype)
    w = None if w is None else np.array(w, dtype)
    found = loss_of((name.split()[0], p), output, Z, Y, w)
    np.testing.assert_allclose(found[0], L, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(found[1], dZ, rtol=8 * np.finfo(dtype).eps)


def test_every_loss_is_worked_by_hand() -> None:
    assert {name.split()[0] for name in BY_HAND} == set(cases.LOSSES)


@pytest.mark.parametrize("weighting", cases.WEIGHTINGS)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[2]}")
def test_witness(pair, weighting: str, rng: np.random.Generator) -> None:
    name, p, output = pair
    for rows in (1, 2, 5, 6, 7, 13, 31):
        for units in (1, 2, 7, 8, 9, 15, 16, 17, 33):
            Z = rng.normal(0, 1.5, (rows, units))
            Y = cases.random_targets(rng, name, rows, units, labels=False)
            w = cases.random_weights(rng, rows) if weighting == "weighted" else None
            expected = witness((name, p), output, Z, Y, w)
            L, dZ = loss_of((name, p), output, Z, Y, w)
            assert abs(L - expected[0]) <= 1e-13 * (1 + abs(expected[0]))
            np.testing.assert_allclose(dZ, expected[1], rtol=1e-12, atol=1e-14)

            Z, Y = Z.astype(np.float32), Y.astype(np.float32)
            w = None if w is None else w.astype(np.float32)
            expected = witness((name, float(np.float32(p))), output, Z, Y, w)
            L, dZ = loss_of((name, p), output, Z, Y, w)
            assert abs(L - expected[0]) <= 2e-5 * (1 + abs(expected[0]))
            assert gap(dZ, expected[1]) <= 2e-6


@pytest.mark.parametrize("name", list(cases.LOSSES)[:4])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_no_error_no_pull(name: str, dtype: type) -> None:
    Y = np.array([[0.5, -3, 0]], dtype)
    L, dZ = loss_of((name, cases.LOSSES[name][0]), "identity", Y, Y, None)
    assert L == 0
    np.testing.assert_array_equal(dZ, 0)


@pytest.mark.parametrize("weighting", cases.WEIGHTINGS)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[2]}")
def test_slope_is_the_difference_quotient(pair, weighting: str) -> None:
    name, p, output = pair
    rng = np.random.default_rng(1)
    network = reference.Network(3, [("dense", 3, output, 0.0)])
    case = cases.random_case(rng, network, name, 8, weighting, labels=False)
    eye = np.concatenate([np.eye(3).ravel(), np.zeros(3)])  # Z = X
    case = cases.move_off_kinks(rng, case._replace(theta=eye))
    Z, Y, w = case.X, case.Y, case.w
    quotient = cases.central_differences(
        lambda z: loss_of((name, p), output, z.reshape(Z.shape), Y, w)[0], Z.ravel()
    )
    assert gap(loss_of((name, p), output, Z, Y, w)[1].ravel(), quotient) < 1e-7


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("p", [0.0, 0.1])
def test_cross_entropy_of_any_logits(dtype: type, p: float) -> None:
    signs = np.array(np.meshgrid(*[[-1, 0, 1]] * 4)).reshape(4, -1).T
    Z = np.ascontiguousarray(1e4 * signs, dtype)
    for label in range(4):
        Y = np.tile(np.eye(4, dtype=dtype)[label], (len(Z), 1))
        for rows in [slice(None), *(slice(i, i + 1) for i in range(len(Z)))]:
            L, dZ = loss_of(("cross_entropy", p), "identity", Z[rows], Y[rows], None)
            expected = witness(("cross_entropy", p), "identity", Z[rows], Y[rows], None)
            assert np.isfinite(L)
            np.testing.assert_allclose(L, expected[0], rtol=1e-6)
            np.testing.assert_allclose(dZ, expected[1], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_log_loss_of_any_logits(dtype: type) -> None:
    Z = np.array([[1e4], [1e4], [-1e4], [-1e4], [0], [1e4]], dtype)
    Y = np.array([[1], [0], [1], [0], [1], [0.5]], dtype)
    expected = [0, 1e4, 1e4, 0, log(2), 5e3]
    slopes = [0, 1, -1, 0, -0.5, 0.5]
    for i in range(len(Z)):
        L, dZ = loss_of(("log_loss", 0), "sigmoid", Z[i : i + 1], Y[i : i + 1], None)
        np.testing.assert_allclose(L, expected[i], rtol=1e-6)
        np.testing.assert_allclose(dZ, [[slopes[i]]], rtol=1e-6)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_poisson_of_any_logits(dtype: type) -> None:
    Z, Y = np.array([[-1e4]], dtype), np.array([[3]], dtype)
    L, dZ = loss_of(("poisson", 0), "exp", Z, Y, None)
    assert (L, dZ[0, 0]) == (3e4, -3)
    # e^10000 is beyond every format: the loss says so.
    assert loss_of(("poisson", 0), "exp", -Z, Y, None)[0] == np.inf


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("name", list(cases.LOSSES)[:4])
def test_large_outputs(name: str, dtype: type) -> None:
    loss = (name, cases.LOSSES[name][0])
    Z, Y = np.array([[1e4, -1e4]], dtype), np.array([[-1e4, 3.0]], dtype)
    L, dZ = loss_of(loss, "identity", Z, Y, None)
    expected = witness(loss, "identity", Z, Y, None)
    np.testing.assert_allclose(L, expected[0], rtol=1e-6)
    np.testing.assert_allclose(dZ, expected[1], rtol=1e-6)


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[2]}")
def test_not_a_number_is_not_hidden(pair, dtype: type) -> None:
    name, p, output = pair
    for column in range(3):
        Z, Y = np.ones((1, 3), dtype), np.ones((1, 3), dtype)
        Z[0, column] = np.nan
        assert np.isnan(loss_of((name, p), output, Z, Y, None)[0])


def case_of(loss: str, rows: int, units: int = 3) -> cases.Case:
    rng = np.random.default_rng(5)
    network = reference.Network(2, [cases.dense(4, "tanh"), cases.dense(units)])
    return cases.random_case(rng, network, loss, rows, "weighted", labels=True)


@pytest.mark.parametrize("loss", cases.LOSSES)
def test_weights_count_rows(loss: str) -> None:
    case = case_of(loss, 9)
    times = np.array([1, 0, 2, 3, 0, 1, 1, 2, 4])
    weighted = doors.loss_and_gradient(*case._replace(w=5.0 * times))
    X, Y = np.repeat(case.X, times, axis=0), np.repeat(case.Y, times, axis=0)
    repeated = doors.loss_and_gradient(*case._replace(X=X, Y=Y, w=None))
    np.testing.assert_allclose(weighted[0], repeated[0], rtol=1e-13)
    assert gap(weighted[1], repeated[1]) < 1e-13


@pytest.mark.parametrize("loss", cases.LOSSES)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_all_weights_zero(loss: str, dtype: type) -> None:
    case = case_of(loss, 9).cast(dtype)
    case = case._replace(w=np.zeros(9, dtype))
    L, gradient = doors.loss_and_gradient(*case)
    assert L == 0
    np.testing.assert_array_equal(gradient, 0)


def test_weights_of_rows_that_do_not_count() -> None:
    case = case_of("squared_error", 9)
    w = case.w.copy()
    w[3] = 0
    L, gradient = doors.loss_and_gradient(*case._replace(w=w))
    Y = case.Y.copy()
    Y[3] = 1e6
    other = doors.loss_and_gradient(*case._replace(Y=Y, w=w))
    assert other[0] == L
    np.testing.assert_array_equal(gradient, other[1])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("units", [1, 2, 15, 16, 17, 40])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_labels_are_rows_with_a_single_one(units, smoothing, dtype: type) -> None:
    case = case_of("cross_entropy", 50, units).cast(dtype)
    case = case._replace(loss=("cross_entropy", smoothing))
    L, gradient = doors.loss_and_gradient(*case)
    one_hot = np.eye(units, dtype=dtype)[case.Y]
    other = doors.loss_and_gradient(*case._replace(Y=one_hot))
    assert other[0] == L
    np.testing.assert_array_equal(gradient, other[1])


def test_targets_that_do_not_sum_to_one(rng: np.random.Generator) -> None:
    Z, Y = rng.normal(size=(9, 5)), rng.uniform(0, 2, (9, 5))
    for smoothing in (0.0, 0.2):
        loss = ("cross_entropy", smoothing)
        L, dZ = loss_of(loss, "identity", Z, Y, None)
        expected = witness(loss, "identity", Z, Y, None)
        np.testing.assert_allclose(L, expected[0], rtol=1e-13)
        np.testing.assert_allclose(dZ, expected[1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", cases.LOSSES)
def test_no_rows(loss: str) -> None:
    case = case_of(loss, 2)
    L, gradient = doors.loss_and_gradient(
        *case[:2], case.X[:0], case.Y[:0], None, case.loss
    )
    assert L == 0
    np.testing.assert_array_equal(gradient, 0)


def test_parameters_count() -> None:
    # Y - A = 1: quantile gives q, huber (delta < 1) delta (1 - delta / 2)
    Z, Y = np.zeros((1, 1)), np.ones((1, 1))
    for p in (0.1, 0.5, 0.9):
        assert loss_of(("quantile", p), "identity", Z, Y, None)[0] == p
        L = loss_of(("huber", p), "identity", Z, Y, None)[0]
        np.testing.assert_allclose(L, p * (1 - p / 2), rtol=1e-15)
    assert exp(-loss_of(("cross_entropy", 0.3), "identity", Z, Y, None)[0]) == 1


@pytest.mark.parametrize("name", ["", "mse", "hinge", "Huber"])
def test_unknown_loss(name: str) -> None:
    with pytest.raises(ValueError, match=f"loss.*'{name}'"):
        _engine.Loss(name, 0.0)
