"""Descriptions, and predictions by them: engine/network.h, engine/prediction.h."""

from typing import Any

import numpy as np
import pytest

import cases
import doors
import reference
from ranvier import _engine

MIXED = reference.Network(
    7,
    [
        ("dropout", 0.5), cases.dense(33, "gelu"), cases.dense(16, "elu"),
        ("dropout", 0.1), cases.dense(5, "softmax"),
    ],
)  # fmt: skip


def test_description() -> None:
    network = doors.network_of(MIXED)
    assert (network.inputs, network.outputs) == (7, 5)
    # 7 33 + 33 = 264, 33 16 + 16 = 544, 16 5 + 5 = 85
    assert network.parameters == 264 + 544 + 85 == reference.parameters(MIXED)


def test_description_is_frozen() -> None:
    network = doors.network_of(MIXED)
    for name in ("inputs", "outputs", "parameters"):
        with pytest.raises(AttributeError):
            setattr(network, name, 1)


@pytest.mark.parametrize(
    ("inputs", "layers", "words"),
    [
        (0, [cases.dense(1)], "between 1 and .* inputs, but got 0"),
        (-3, [cases.dense(1)], "inputs, but got -3"),
        (2**25, [cases.dense(1)], "inputs, but got 33554432"),
        (2, [], "must end with a dense layer"),
        (2, [cases.dense(3), ("dropout", 0.5)], "must end with a dense layer"),
        (2, [cases.dense(0)], "between 1 and .* units, but got 0"),
        (2, [cases.dense(-1)], "units, but got -1"),
        (2, [cases.dense(2**24), cases.dense(2**24)], "more than 2.40 parameters"),
        (2, [("dropout", 1.0), cases.dense(1)], r"rate .* \[0, 1\), but got 1.0"),
        (2, [("dropout", -0.1), cases.dense(1)], "rate .* but got -0.1"),
        (2, [("dropout", np.nan), cases.dense(1)], "rate .* but got nan"),
        (2, [("dense", 1, "rleu", 0.0)], "unknown activation 'rleu'"),
        (2, [("dense", 2, "softmax", 0.0), cases.dense(1)], "no layer can follow it"),
        (2, [("dense", 2, "softmax", 0.0), ("dropout", 0.1)], "no layer can follow it"),
        (2, [("dense", 1)], "must be .*'dense', units, activation, parameter"),
        (2, [("conv", 1, "relu", 0.0)], "must be .*'dropout', rate"),
        (2, [()], "layer"),
    ],
)
def test_impossible_networks(inputs: int, layers: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _engine.Network(inputs, layers)


@pytest.mark.parametrize("layer", ["dense", 3, ["dense", 1, "relu", 0.0], (1, 2, 3, 4)])
def test_layers_of_another_kind(layer: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        _engine.Network(2, [layer])
    with pytest.raises((TypeError, ValueError)):
        _engine.Network(2, [("dense", "five", "relu", 0.0)])


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("rows", [1, 2, 11, 12, 13, 95, 96, 97, 200])
def test_witness(rows: int, dtype: type, rng: np.random.Generator) -> None:
    case = cases.random_case(rng, MIXED, "cross_entropy", rows).cast(dtype)
    A = doors.predict(*case[:3])
    expected = reference.forward(*case.cast(np.float64)[:3])[-1][2]
    np.testing.assert_allclose(A, expected, rtol=200 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_rows_do_not_depend_on_each_other(dtype, rng: np.random.Generator) -> None:
    for units in (1, 5, 7, 8, 15, 16, 17, 31, 33):
        layers = [cases.dense(units, "mish"), ("dense", units, "softmax", 0.0)]
        network = reference.Network(9, layers)
        theta = cases.random_theta(rng, network).astype(dtype)
        X = rng.normal(size=(150, 9)).astype(dtype)
        whole = doors.predict(network, theta, X)
        for size in [*range(1, 16), 29, 47, 95, 96, 97, 149]:
            rows = rng.permutation(150)[:size]
            np.testing.assert_array_equal(
                doors.predict(network, theta, X[rows]), whole[rows]
            )
        for n_threads in (2, 3, 4):
            again = doors.predict(network, theta, X, _engine.Workspace(n_threads))
            np.testing.assert_array_equal(again, whole)


@pytest.mark.parametrize("name", [*cases.SINGLE, "step"])
def test_each_row_alone_for_each_activation(name, rng: np.random.Generator) -> None:
    network = reference.Network(3, [cases.dense(18, name), cases.dense(2, name)])
    for dtype in doors.DTYPES:
        theta = cases.random_theta(rng, network).astype(dtype)
        X = rng.normal(size=(30, 3)).astype(dtype)
        whole = doors.predict(network, theta, X)
        alone = [doors.predict(network, theta, X[i : i + 1])[0] for i in range(30)]
        np.testing.assert_array_equal(alone, whole)


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("rows", [1, 11, 12, 100])
def test_activations_end_in_the_prediction(rows, dtype, rng) -> None:
    case = cases.random_case(rng, MIXED, "cross_entropy", rows).cast(dtype)
    tape = doors.forward(*case[:3])
    assert [Z.shape for Z, _ in tape] == [(rows, 33), (rows, 16), (rows, 5)]
    assert {array.dtype for pair in tape for array in pair} == {np.dtype(dtype)}
    np.testing.assert_array_equal(tape[-1][1], doors.predict(*case[:3]))


def test_no_rows() -> None:
    theta = np.zeros(reference.parameters(MIXED))
    assert doors.predict(MIXED, theta, np.zeros((0, 7))).shape == (0, 5)
    assert doors.forward(MIXED, theta, np.zeros((0, 7)))[0][0].shape == (0, 33)


def test_step_predicts() -> None:
    # "and" of two inputs: fires where x1 + x2 - 1.5 >= 0 (McCulloch and Pitts 1943)
    network = reference.Network(2, [("dense", 1, "step", 0.0)])
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]])
    A = doors.predict(network, np.array([1, 1, -1.5]), X)
    np.testing.assert_array_equal(A.ravel(), [0, 0, 0, 1])


SMALL = reference.Network(3, [cases.dense(4, "tanh"), cases.dense(2)])
THETA, X5, OUT = np.zeros(26), np.zeros((5, 3)), np.zeros((5, 2))


@pytest.mark.parametrize(
    ("theta", "X", "out", "words"),
    [
        (np.zeros(25), X5, OUT, "theta must be 26 long, but it is 25 long"),
        (np.zeros(0), X5, OUT, "theta must be 26 long, but it is 0 long"),
        (THETA, np.zeros((5, 2)), OUT, "X must be 3 columns wide, but it is 2"),
        (THETA, np.zeros((5, 0)), OUT, "X must be 3 columns wide, but it is 0"),
        (THETA, X5, np.zeros((4, 2)), "out must be 5 x 2, but it is 4 x 2"),
        (THETA, X5, np.zeros((5, 3)), "out must be 5 x 2, but it is 5 x 3"),
    ],
)
def test_shapes_that_do_not_fit(theta, X, out, words: str) -> None:
    workspace = _engine.Workspace(1)
    with pytest.raises(ValueError, match=words):
        _engine.predict(doors.network_of(SMALL), theta, X, out, workspace)
    if out.shape == (5, 2):
        with pytest.raises(ValueError, match=words):
            _engine.activations(doors.network_of(SMALL), theta, X, workspace)


READ_ONLY = np.zeros((5, 2))
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("theta", "X", "out"),
    [
        (THETA.astype(np.float32), X5, OUT),
        (THETA, X5.astype(np.float32), OUT),
        (THETA, X5, OUT.astype(np.float32)),
        (THETA, X5.astype(int), OUT),
        (THETA, X5[0], OUT),
        (THETA, np.zeros((3, 5)).T, OUT),
        (THETA, np.zeros((10, 3))[::2], OUT),
        (THETA, X5, np.zeros((5, 4))[:, ::2]),
        (THETA, X5, READ_ONLY),
        (THETA.reshape(2, 13), X5, OUT),
        (THETA.tolist(), X5, OUT),
        (THETA, X5.tolist(), OUT),
        (None, X5, OUT),
        (THETA.astype(">f8"), X5, OUT),
        (THETA.astype(complex), X5, OUT),
    ],
)
def test_arrays_of_another_kind(theta: Any, X: Any, out: Any) -> None:
    with pytest.raises(TypeError):
        _engine.predict(doors.network_of(SMALL), theta, X, out, _engine.Workspace(1))


def test_read_only_inputs_are_welcome() -> None:
    theta, X = THETA.copy(), X5.copy()
    theta.flags.writeable = X.flags.writeable = False
    assert doors.predict(SMALL, theta, X).shape == (5, 2)
