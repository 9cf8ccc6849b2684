from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier import files
from ranvier.network import spec
from ranvier.network.activations import leaky_relu
from ranvier.network.layers import Dense, DenseLayer, Dropout
from ranvier.network.spec import NetworkSpec, checked

LAYERS = [Dense(3, "relu"), Dropout(0.5), Dense(2, leaky_relu(0.2))]
DESCRIPTION = {
    "inputs": 4,
    "layers": [
        {"kind": "dense", "units": 3, "activation": "relu"},
        {"kind": "dropout", "rate": 0.5},
        {"kind": "dense", "units": 2, "activation": "leaky_relu", "parameter": 0.2},
    ],
    "dtype": "float32",
    "seed": 7,
}


@pytest.fixture
def parts() -> NetworkSpec:
    return checked(4, LAYERS, "float32", 7)


def test_parameters_by_hand() -> None:
    # 4 x 3 weights and 3 biases, then 3 x 2 and 2.
    assert spec.count_parameters(4, LAYERS) == 12 + 3 + 6 + 2


def test_bind_cuts_theta_in_order() -> None:
    theta = np.arange(23.0)
    first, dropout, last = spec.bind(4, LAYERS, theta)
    assert isinstance(first, DenseLayer)
    assert isinstance(last, DenseLayer)
    assert dropout is LAYERS[1]
    assert first.W.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert first.b.tolist() == [12, 13, 14]
    assert last.W.tolist() == [[15, 16], [17, 18], [19, 20]]
    assert last.b.tolist() == [21, 22]
    last.b[1] = -1
    assert theta[-1] == -1


def test_engine_spec_is_what_the_engine_takes() -> None:
    assert [spec.engine_spec(layer) for layer in LAYERS] == [
        ("dense", 3, "relu", 0.0),
        ("dropout", 0.5),
        ("dense", 2, "leaky_relu", 0.2),
    ]


def test_start_draws_the_same_in_both_precisions(parts: NetworkSpec) -> None:
    single = spec.start(parts)
    double = spec.start(checked(4, LAYERS, np.float64, 7))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, double.astype(np.float32))
    again, other = spec.start(parts), spec.start(parts._replace(seed=8))
    np.testing.assert_array_equal(single, again)
    assert not np.array_equal(single, other)
    fresh = [spec.start(parts._replace(seed=None)) for _ in range(2)]
    assert not np.array_equal(*fresh)


def test_start_uses_given_arrays() -> None:
    W, b = [[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]
    parts = checked(
        2, [Dense(2, W=W, b=b), Dense(1, W="zeros", b=[9])], "float64", None
    )
    assert spec.start(parts).tolist() == [1, 2, 3, 4, 5, 6, 0, 0, 9]


def test_start_takes_the_layer_s_own_rule() -> None:
    layers = [Dense(2000, "relu", W="he_normal", b="glorot_normal")]
    first = spec.bind(2000, layers, spec.start(checked(2000, layers, "f8", 0)))
    assert isinstance(first[0], DenseLayer)
    assert first[0].W.var() == pytest.approx(2 / 2000, rel=0.01)
    assert first[0].b.var() == pytest.approx(2 / 4000, rel=0.1)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (
            Dense(2, W=np.ones((3, 3))),
            r"W of Dense\(2, .*the shape \(3, 3\), but \(3, 2\)",
        ),
        (
            Dense(2, W=np.ones((2, 3))),
            r"3 inputs and 2 units: give .* shape \(W\.T\?\)",
        ),
        (
            Dense(2, b=[1, 2, 3]),
            r"b of Dense\(2, .*shape \(3,\), but \(2,\) is expected",
        ),
    ],
)
def test_given_arrays_must_fit(layer: Dense, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        spec.start(checked(3, [layer], "float32", 0))


# ---------------------------------------------------------------- what makes no network


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        (
            [],
            r"must end with a Dense, .* but got \[\]: add Dense\(outputs\) at the end",
        ),
        ([Dense(3), Dropout(0.5)], r"must end with a Dense, .*: add Dense\(outputs\)"),
        (
            [Dense(3, "softmax"), Dense(1)],
            "layer 0 of 2 has softmax, which only the last layer can have.*: use an",
        ),
        (
            [Dense(3, "softmax"), Dropout(0.1), Dense(1)],
            "layer 0 of 3 has softmax, which only the last layer can have",
        ),
        (
            [Dropout(0.5), Dropout(0.2), Dense(1)],
            r"layers 0 and 1 are both Dropout, .*: write Dropout\(0\.6\) for the two",
        ),
    ],
)
def test_sequences_that_make_no_network(layers: list[Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        checked(2, layers, "float32", None)


def test_what_is_no_layer() -> None:
    text = r"layer 1 is 5, but a layer is a Dense, a Dropout or an Embedding: write"
    with pytest.raises(TypeError, match=text):
        checked(2, [Dense(3), 5], "float32", None)  # type: ignore[list-item]


def test_dropout_may_come_first_and_softmax_last() -> None:
    checked(2, [Dropout(0.1), Dense(3, "softmax")], "float32", None)


@pytest.mark.parametrize("bad", [0, -1, 2.5, "3", None])
def test_inputs_are_a_size(bad: Any) -> None:
    with pytest.raises(ValueError, match="inputs must be a whole number from 1 to"):
        checked(bad, LAYERS, "float32", None)


@pytest.mark.parametrize("bad", ["float16", int, None, "abc", "f4,f4", object(), "("])
def test_dtype_is_one_of_two(bad: Any) -> None:
    text = "dtype must be 'float32' or 'float64', but got .*: float32 is faster"
    with pytest.raises(ValueError, match=text):
        checked(2, LAYERS, bad, None)


def test_dtype_in_any_spelling() -> None:
    for given in ("float32", np.float32, "f4", np.dtype(">f4"), np.dtype("<f4")):
        assert checked(2, LAYERS, given, None).dtype == np.dtype("=f4")
    assert checked(2, LAYERS, float, None).dtype == np.float64


@pytest.mark.parametrize("bad", [-1, 0.5, "x", [1]])
def test_seed_is_a_whole_number(bad: Any) -> None:
    text = (
        "seed must be a whole number from 0 on, or None, but got .*: give for example"
    )
    with pytest.raises(ValueError, match=text):
        checked(2, LAYERS, "float32", bad)
    assert checked(2, LAYERS, "float32", np.int64(3)).seed == 3


def test_too_many_parameters_are_refused_before_they_are_made() -> None:
    text = r"would have 281,[\d,]+ parameters, but 1,099,[\d,]+ is the most: make its"
    with pytest.raises(ValueError, match=text):
        checked(1 << 24, [Dense(1 << 24)], "float32", None)


# ---------------------------------------------------------------- descriptions


def test_description_there_and_back(parts: NetworkSpec) -> None:
    assert spec.describe(parts) == DESCRIPTION
    assert spec.from_description(DESCRIPTION) == parts


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"inputs": 10**18}, "inputs must be a whole number"),
        ({"inputs": True}, "inputs must be a whole number"),
        ({"dtype": "object"}, "dtype must be"),
        ({"seed": -1}, "seed must be"),
        ({"layers": {}}, "layers must be a list, but got {}"),
        ({"layers": []}, "must end with a Dense"),
        ({"layers": [3]}, "3 does not describe a layer"),
        ({"layers": [{"kind": "conv", "units": 3}]}, "does not describe a layer"),
        ({"layers": [{"kind": "dense", "units": 3}]}, "does not describe a layer"),
        ({"layers": [{"kind": "dropout", "rate": "x"}]}, "does not describe a layer"),
        ({"layers": [{"kind": "dropout", "rate": 0.5, "x": 1}]}, "unknown entries: x"),
        ({"more": 1}, "described by inputs, layers, dtype and seed, but got .*'more'"),
    ],
)
def test_descriptions_of_nothing(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        spec.from_description(DESCRIPTION | change)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"units": 10**18}, "units must be a whole number"),
        ({"units": "3"}, "does not describe a layer"),
        ({"activation": "eval"}, "unknown activation 'eval'"),
        ({"parameter": 1}, "relu has no parameter, but got 1"),
        ({"parameter": 0}, "unknown entries: parameter"),
        ({"parameter": "x"}, "parameter of relu is 'x'"),
        ({"W": "zeros"}, "unknown entries: W"),
    ],
)
def test_descriptions_of_no_dense_layer(change: dict[str, Any], text: str) -> None:
    entry = {"kind": "dense", "units": 3, "activation": "relu"} | change
    with pytest.raises(ValueError, match=text):
        spec.from_description(DESCRIPTION | {"layers": [entry]})


def test_description_without_an_entry() -> None:
    with pytest.raises(
        ValueError, match=r"but got 'inputs': give what Network.descrip"
    ):
        spec.from_description({"inputs": 3})


# ---------------------------------------------------------------- parameters


def test_tensors_there_and_back(parts: NetworkSpec) -> None:
    theta = spec.start(parts)
    named = spec.tensors(spec.bind(4, LAYERS, theta))
    assert {name: array.shape for name, array in named.items()} == {
        "layers.0.W": (4, 3),
        "layers.0.b": (3,),
        "layers.2.W": (3, 2),
        "layers.2.b": (2,),
    }
    back = spec.flatten(parts, dict(reversed(named.items())))
    np.testing.assert_array_equal(back, theta, strict=True)
    assert not np.shares_memory(back, theta)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"layers.0.W": np.ones((3, 4), "f4")}, r"layers.0.W has the shape \(3, 4\)"),
        ({"layers.0.b": np.ones(3)}, "the type float64, but .* float32 are expected"),
        ({"layers.9.W": np.ones(3)}, r"\[\] missing, \['layers.9.W'\] left over"),
        ({"layers.2.b": None}, r"\['layers.2.b'\] missing, \[\] left over"),
    ],
)
def test_tensors_that_do_not_fit(
    parts: NetworkSpec, change: dict[str, Any], text: str
) -> None:
    named = spec.tensors(spec.bind(4, LAYERS, spec.start(parts)))
    wrong = {k: v for k, v in (named | change).items() if v is not None}
    with pytest.raises(ValueError, match=text):
        spec.flatten(parts, wrong)


def test_checked_theta_copies(parts: NetworkSpec) -> None:
    theta = spec.start(parts)
    copy = spec.checked_theta(parts, theta)
    np.testing.assert_array_equal(copy, theta, strict=True)
    assert not np.shares_memory(copy, theta)
    text = (
        r"theta has the shape \(22,\), but the network has 23 parameters: give an arr"
    )
    with pytest.raises(ValueError, match=text):
        spec.checked_theta(parts, theta[1:])


def test_load_says_what_does_not_fit(tmp_path: Path, parts: NetworkSpec) -> None:
    path = tmp_path / "net"
    arrays = spec.tensors(spec.bind(4, LAYERS, spec.start(parts)))
    files.save(path, DESCRIPTION, arrays)
    loaded, theta = spec.load(path)
    assert loaded == parts
    np.testing.assert_array_equal(theta, spec.start(parts))
    text = (
        r"net' is a file of Ranvier's, but no network can be built from it: .*Save the"
    )
    for description in (
        {},
        DESCRIPTION | {"inputs": 5},
        DESCRIPTION | {"inputs": 10**30},
        DESCRIPTION | {"layers": [{"kind": "dropout", "rate": 10**400}, *LAYERS_JSON]},
    ):
        files.save(path, description, arrays)
        with pytest.raises(files.FileFormatError, match=text):
            spec.load(path)


LAYERS_JSON = [{"kind": "dense", "units": 2, "activation": "relu"}]
