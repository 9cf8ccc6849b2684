import copy
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ranvier as rv
import reference
from ranvier import files
from ranvier.network import activations, initializers, losses, spec
from ranvier.network.layers import Dense, DenseLayer, Dropout
from ranvier.network.network import Network

NAN, INF = np.nan, np.inf


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Build any small network: every activation, dropout, both precisions."""
    hidden = st.sampled_from([f for f in activations.NAMES if f != "softmax"])
    units = st.integers(1, 5)
    layers: list[Dense | Dropout] = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            layers.append(Dropout(draw(st.floats(0, 0.9))))
        f = draw(hidden)
        slope = draw(st.floats(-2, 2)) if f in activations.PARAMETERS else 0.0
        W = draw(st.sampled_from(initializers.NAMES))
        layers.append(Dense(draw(units), activations.Activation(f, slope), W=W))
    layers.append(Dense(draw(units), draw(st.sampled_from(list(activations.NAMES)))))
    return Network(
        draw(units),
        layers,
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(st.integers(0, 2**64)),
    )


@pytest.fixture
def net() -> Network:
    return Network(3, [Dense(4, "tanh"), Dropout(0.5), Dense(2)], seed=0)


# ---------------------------------------------------------------- parts


def test_parts(net: Network) -> None:
    assert (net.inputs, net.outputs, net.seed, net.dtype) == (3, 2, 0, np.float32)
    assert net.theta.shape == (3 * 4 + 4 + 4 * 2 + 2,)
    assert net.theta.dtype == np.float32
    assert net.theta.flags.owndata
    assert net.theta.flags.c_contiguous
    first, dropout, last = net.layers
    assert dropout == Dropout(0.5)
    assert net.dense_layers == (first, last)
    assert net.activation.name == "identity"
    assert net.engine.parameters == net.theta.size


def test_layers_are_views_of_theta(net: Network) -> None:
    first = net.layers[0]
    assert isinstance(first, DenseLayer)
    first.W[...] = np.arange(12).reshape(3, 4)
    first.b[:] = -1
    assert net.theta[:16].tolist() == [*range(12), -1, -1, -1, -1]
    net.theta[...] = 0
    assert not first.W.any()
    first.W += 2
    net.theta *= 2
    assert net.theta[:12].tolist() == [4] * 12


@pytest.mark.parametrize("name", ["theta", "layers", "inputs", "dtype", "seed", "new"])
def test_nothing_can_be_replaced(net: Network, name: str) -> None:
    text = (
        rf"a network is frozen, so '{name}' cannot be set: write into what it has, "
        r"net\.theta\[\.\.\.\] = values, or build a new Network"
    )
    with pytest.raises(AttributeError, match=text):
        setattr(net, name, np.zeros(26, np.float32))


def test_dropout_has_no_weights(net: Network) -> None:
    with pytest.raises(AttributeError, match="'Dropout' object has no attribute 'W'"):
        net.layers[1].W  # type: ignore[union-attr]  # noqa: B018


def test_same_seed_same_weights() -> None:
    make = [Dense(4, "relu"), Dense(2)]
    assert Network(3, make, seed=5) == Network(3, make, seed=5)
    assert Network(3, make, seed=5) != Network(3, make, seed=6)
    assert Network(3, make) != Network(3, make)
    single, double = (Network(3, make, dtype=d, seed=5) for d in ("float32", "float64"))
    np.testing.assert_array_equal(single.theta, double.theta.astype(np.float32))


def test_mlp() -> None:
    net = Network.mlp(
        3, [5, 4], 2, "gelu", output_activation="softmax", dropout=0.25, seed=1
    )
    assert net.description()["layers"] == [
        {"kind": "dense", "units": 5, "activation": "gelu"},
        {"kind": "dropout", "rate": 0.25},
        {"kind": "dense", "units": 4, "activation": "gelu"},
        {"kind": "dropout", "rate": 0.25},
        {"kind": "dense", "units": 2, "activation": "softmax"},
    ]
    assert len(Network.mlp(3, 5, 2, dtype="float64").layers) == 2
    of_numpy = Network.mlp(np.int64(3), np.int8(5), np.uint16(2), seed=np.int64(0))  # type: ignore[arg-type]
    assert of_numpy == Network.mlp(3, 5, 2, seed=0)
    assert Network.mlp(3, (), 2).theta.size == 8
    with pytest.raises(ValueError, match="rate of Dropout"):
        Network.mlp(3, 5, 2, dropout=1.5)


# ---------------------------------------------------------------- predictions


def by_hand() -> Network:
    """Build XOR as one would draw it: OR and AND, then OR and not AND."""
    return Network(
        2,
        [
            Dense(2, "step", W=[[1, 1], [1, 1]], b=[-0.5, -1.5]),
            Dense(1, "step", W=[[1], [-1]], b=[-0.5]),
        ],
    )


def test_xor_by_hand() -> None:
    assert by_hand()([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == [[0], [1], [1], [0]]


def test_forward_by_hand() -> None:
    net = Network(
        2, [Dense(2, "relu", W=[[1, 2], [3, 4]], b=[0, -20]), Dense(1, W=[[2], [5]])]
    )
    (Z1, A1), (Z2, A2) = net.forward([[1, 2], [3, 4]])
    # Z = X W + b: 1 + 6 and 2 + 8 - 20; 3 + 12 and 6 + 16 - 20.
    assert Z1.tolist() == [[7, -10], [15, 2]]
    assert A1.tolist() == [[7, 0], [15, 2]]
    assert Z2.tolist() == A2.tolist() == [[14], [40]]


@given(networks(), st.integers(0, 20))
def test_predicts_as_the_witness(net: Network, rows: int) -> None:
    X = np.random.default_rng(rows).normal(size=(rows, net.inputs))
    layers = [spec.engine_spec(layer) for layer in net.layers]
    witness = reference.Network(net.inputs, layers)
    theta = net.theta.astype(np.float64)
    if net.dtype == np.float32:
        X = X.astype(np.float32).astype(np.float64)
    Z = reference.forward(witness, theta, X)[-1][1]
    A = net(X)
    assert A.shape == (rows, net.outputs)
    assert A.dtype == net.dtype
    forward = net.forward(X)
    np.testing.assert_array_equal(forward[-1].A, A)
    if not any(layer.activation.name in ("step", "exp") for layer in net.dense_layers):
        tolerance = 1e-4 if net.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(forward[-1].Z, Z, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [0, 1, 2, 5, 6, 7, 15, 16, 17, 100])
def test_a_row_does_not_depend_on_its_company(dtype: str, n: int) -> None:
    net = Network.mlp(5, [17, 3], 2, dtype=dtype, seed=0)
    X = np.random.default_rng(0).normal(size=(100, 5)).astype(dtype)
    np.testing.assert_array_equal(net(X[:n]), net(X)[:n])


def test_every_kind_of_table_gives_the_same(net: Network) -> None:
    X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    expected = net(X)
    columns = {name: X[:, i] for i, name in enumerate("abc")}
    tables: list[Any] = [
        make(columns) for make in (pd.DataFrame, pl.DataFrame, pa.table)
    ]
    tables += [X.tolist(), X.astype(np.float64), np.asfortranarray(X), X.astype(object)]
    tables += [np.repeat(X, 2, axis=0)[::2], np.ma.masked_array(X)]
    X.flags.writeable = False
    for table in [*tables, X]:
        np.testing.assert_array_equal(net(table), expected, strict=True)


def test_one_row(net: Network) -> None:
    x = np.array([1, 2, 3], np.float32)
    expected = net(x[None])[0]
    for row in (x, x.tolist(), tuple(x), pd.Series(x), pl.Series(x)):
        np.testing.assert_array_equal(net(row), expected, strict=True)
    with pytest.raises(
        ValueError, match="x has one dimension and 4 values, but the ne"
    ):
        net([1, 2, 3, 4])


def test_no_rows(net: Network) -> None:
    assert net(np.ones((0, 3))).shape == (0, 2)
    assert [A.shape for _, A in net.forward(np.ones((0, 3)))] == [(0, 4), (0, 2)]


def test_predictions_are_the_caller_s_own(net: Network) -> None:
    X = np.ones((2, 3), np.float32)
    first = net(X)
    kept = first.copy()
    net(2 * X)
    np.testing.assert_array_equal(first, kept)
    first[:] = 0
    np.testing.assert_array_equal(net(X), kept)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_in_x_is_refused_on_every_way(bad: float, dtype: str) -> None:
    net = Network.mlp(3, 4, 1, dtype=dtype, seed=0)
    X = np.ones((5, 3), dtype)
    X[2, 1] = bad
    text = r"X holds NaN or infinity, .*\(column 1: 1 (NaN|infinite), first in row 2"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in (net, net.forward, lambda X: net.loss_and_gradient(X, np.ones(5))):
            with pytest.raises(ValueError, match=text):
                call(X)
            with pytest.raises(ValueError, match="column 'b': 1"):
                call(pd.DataFrame(X, columns=["a", "b", "c"]))
        with pytest.raises(ValueError, match="x holds NaN or infinity"):
            net(X[2])


def test_huge_but_finite_inputs_are_taken() -> None:
    net = Network.mlp(3, 4, 1, seed=0)
    assert net(np.full((2, 3), 1e30, np.float32)).shape == (2, 1)


def test_shapes_that_do_not_fit(net: Network) -> None:
    text = r"X has the shape \(2, 5\), but 3 columns are expected, one for each inp"
    for call in (net, net.forward):
        with pytest.raises(ValueError, match=text):
            call(np.ones((2, 5), np.float32))


# ---------------------------------------------------------------- loss and gradient


def test_loss_and_gradient_by_hand() -> None:
    # One unit: A = 2 x + 1 for x = 1, 3 is 3, 7; Y = 1, 8; errors 2, -1; weights 1, 3.
    net = Network(1, [Dense(1, W=[[2.0]], b=[1.0])], dtype="float64")
    L, gradient = net.loss_and_gradient([[1], [3]], [1, 8], sample_weight=[1, 3])
    assert L == (1 * 4 + 3 * 1) / 4
    # dA = 2 w e / 4: 1 and -1.5; dW = 1 * 1 - 1.5 * 3, db = 1 - 1.5.
    assert gradient.theta.tolist() == [-3.5, -0.5]
    assert gradient.layers[0].W.tolist() == [[-3.5]]
    assert gradient.layers[0].b.tolist() == [-0.5]


@given(networks(), st.sampled_from(list(losses.NAMES)), st.booleans())
def test_loss_and_gradient_as_the_witness(
    net: Network, name: str, weighted: bool
) -> None:
    if net.dtype == np.float32:
        net = Network.from_description(
            net.description() | {"dtype": "float64"}, net.theta
        )
    loss = losses.resolve(name)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, net.inputs))
    y = rng.uniform(size=(6, net.outputs))
    w = rng.uniform(0.5, 2, 6) if weighted else None
    if name == "cross_entropy":
        y = np.arange(6) % net.outputs
    try:
        net.check_trainable(loss)
        blocked = name == "cross_entropy" and net.outputs == 1
    except ValueError:
        blocked = True
    if blocked:
        with pytest.raises(ValueError, match=r"give|use|change"):
            net.loss_and_gradient(X, y, loss=loss, sample_weight=w)
        return
    L, gradient = net.loss_and_gradient(X, y, loss=loss, sample_weight=w)
    layers = [spec.engine_spec(layer) for layer in net.layers]
    Y = np.eye(net.outputs)[y] if name == "cross_entropy" else y
    expected = reference.loss_and_gradient(
        reference.Network(net.inputs, layers),
        net.theta,
        X,
        Y,
        np.ones(6) if w is None else w,
        (name, loss.parameter),
    )
    assert pytest.approx(expected[0], rel=1e-9, abs=1e-9) == L
    scale = np.abs(expected[1]).max() + 1
    np.testing.assert_allclose(gradient.theta / scale, expected[1] / scale, atol=1e-9)


def test_gradient_is_laid_out_like_the_network(net: Network) -> None:
    L, gradient = net.loss_and_gradient(np.ones((4, 3)), np.ones((4, 2)))
    assert type(L) is float
    assert gradient.theta.dtype == net.theta.dtype
    for ours, theirs in zip(gradient.layers, net.layers, strict=True):
        if isinstance(ours, DenseLayer) and isinstance(theirs, DenseLayer):
            assert ours.W.shape == theirs.W.shape
            assert np.shares_memory(ours.W, gradient.theta)
        else:
            assert ours is theirs


def test_loss_follows_the_last_layer() -> None:
    X, classes = np.ones((2, 3)), [0, 1]
    softmax = Network.mlp(3, 4, 2, output_activation="softmax", seed=0)
    for loss in (None, "cross_entropy", rv.losses.cross_entropy()):
        assert softmax.loss_and_gradient(X, classes, loss=loss)[0] == pytest.approx(
            -np.log(softmax(X)[[0, 1], [0, 1]]).mean(), rel=1e-6
        )
    smooth = softmax.loss_and_gradient(X, classes, loss=rv.losses.cross_entropy(0.2))[0]
    assert smooth != softmax.loss_and_gradient(X, classes)[0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"X": np.ones((0, 3)), "y": np.ones((0, 2))},
            r"X has no rows .*: give rows to",
        ),
        (
            {"y": np.ones((3, 2))},
            r"y has the shape \(3, 2\), but X has 4 rows: give one",
        ),
        (
            {"y": np.ones((4, 3))},
            r"y has the shape \(4, 3\), but \(rows, 2\) is expected",
        ),
        (
            {"y": np.full((4, 2), NAN)},
            "y holds NaN or infinity.*column 0: 4 NaN, first i",
        ),
        ({"loss": "hubr"}, "unknown loss 'hubr': did you mean 'huber'"),
        (
            {"loss": "log_loss"},
            r"y is 2 in row 0, column 0 \(.*, but it must be in \[0,",
        ),
        (
            {"sample_weight": [1, 2]},
            r"sample_weight has the shape \(2,\), but X has 4 r",
        ),
    ],
)
def test_arguments_that_do_not_fit(
    net: Network, arguments: dict[str, Any], text: str
) -> None:
    usual = {"X": np.ones((4, 3)), "y": np.full((4, 2), 2.0)}
    with pytest.raises(ValueError, match=text):
        net.loss_and_gradient(**(usual | arguments))


def test_step_predicts_but_is_not_trained() -> None:
    text = (
        "layer 0 has the activation step, whose slope is 0, so that no gradient comes"
    )
    with pytest.raises(ValueError, match=text):
        by_hand().loss_and_gradient([[0, 1]], [1])


# ---------------------------------------------------------------- copies and files


def check_alive(twin: Network, net: Network) -> None:
    """Check that a network equals another, is its own, and that its views work."""
    assert twin == net
    assert not np.shares_memory(twin.theta, net.theta)
    assert twin.theta.flags.owndata
    X = np.ones((2, net.inputs), net.dtype)
    np.testing.assert_array_equal(twin(X), net(X))
    first = twin.dense_layers[0]
    assert np.shares_memory(first.W, twin.theta)
    before = net.theta.copy()
    first.W[...] = 12345
    assert twin.theta[0] == 12345
    assert twin != net
    np.testing.assert_array_equal(net.theta, before)


@given(networks())
def test_copies_pickles_and_descriptions(net: Network) -> None:
    ways = [net.copy(), copy.copy(net), copy.deepcopy(net)]
    ways += [pickle.loads(pickle.dumps(net, protocol)) for protocol in range(6)]
    ways.append(Network.from_description(net.description(), net.theta))
    for twin in ways:
        assert twin.seed == net.seed
        check_alive(twin, net)


def test_pickle_in_another_process(net: Network) -> None:
    code = (
        "import pickle, sys; net = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(net([[1, 2, 3]]).tobytes())"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(
        command, input=pickle.dumps(net), capture_output=True, check=True
    )
    assert run.stdout == net([[1, 2, 3]]).tobytes()


@given(net=networks())
def test_save_and_load(tmp_path_factory: pytest.TempPathFactory, net: Network) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    net.save(path)
    loaded = Network.load(str(path))
    assert loaded.seed == net.seed
    check_alive(loaded, net)


def test_weights_that_are_not_finite_are_kept(net: Network, tmp_path: Path) -> None:
    net.theta[:3] = NAN, INF, -0.0
    net.save(tmp_path / "net")
    assert Network.load(tmp_path / "net").theta.tobytes() == net.theta.tobytes()


def test_other_tools_can_read_the_weights(net: Network, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    net.save(tmp_path / "net.safetensors")
    arrays = load_file(tmp_path / "net.safetensors")
    assert sorted(arrays) == ["layers.0.W", "layers.0.b", "layers.2.W", "layers.2.b"]
    np.testing.assert_array_equal(arrays["layers.0.W"], net.dense_layers[0].W)


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    net = Network(1, [Dense(1, rv.activations.elu(0.25))], seed=3)
    path = tmp_path / "net"
    net.save(path)
    data = path.read_bytes()
    for place in range(len(data)):
        for change in (1, 16, 255):
            damaged = bytearray(data)
            damaged[place] ^= change
            path.write_bytes(damaged)
            try:
                assert Network.load(path) == net
            except files.FileFormatError as error:
                assert repr(str(path)) in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b"x" * 300, "is no file of Ranvier's"),
        (files.pack({}, {}, "model"), "holds a model, but a network was expected"),
        (
            files.pack({}, {}),
            "no network can be built from it: a network is described by",
        ),
    ],
)
def test_files_that_hold_no_network(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "net.bin"
    path.write_bytes(content)
    with pytest.raises(rv.FileFormatError, match=rf"net\.bin' .*{text}"):
        Network.load(path)
    with pytest.raises(FileNotFoundError, match="none"):
        Network.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        Network.load(tmp_path)


# ---------------------------------------------------------------- equality


def test_equality() -> None:
    layers = [Dense(2, "relu", W="zeros"), Dense(1, W="zeros")]
    net = Network(3, layers, seed=0)
    assert net == Network(3, layers, seed=1)  # the seed is where it came from, not what
    assert net != Network(3, layers, dtype="float64")
    assert net != Network(3, [Dense(2, W="zeros"), Dense(1, W="zeros")])
    assert net != Network(
        3, [Dense(2, "relu", W="zeros"), Dropout(0), Dense(1, W="zeros")]
    )
    assert net != "net"
    other = net.copy()
    other.theta[0] = -0.0  # equal as a number, not in its bits
    assert net != other
    net.theta[0] = other.theta[0] = NAN
    assert net == other


def test_networks_are_not_hashed(net: Network) -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Network'"):
        hash(net)


def test_summary_and_pictures(net: Network) -> None:
    assert net.summary().startswith("Network of 3 inputs, float32\n")
    assert repr(net).startswith("Network(3 -> 4 tanh -> dropout 0.5 -> 2 identity")
    assert "<svg" in net._repr_html_()


def test_the_public_face() -> None:
    assert rv.Network is Network
    with pytest.raises(AttributeError, match="module 'ranvier' has no attribute 'Net'"):
        rv.Net  # type: ignore[attr-defined]  # noqa: B018
