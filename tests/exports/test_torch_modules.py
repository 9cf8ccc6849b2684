"""Networks as PyTorch modules: equal outputs and gradients."""

import warnings

import numpy as np
import pytest
from networks import DTYPES, everything, with_activation, with_embedding

from ranvier.exports.verification import relative_gap
from ranvier.network.network import Network

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


def ordinary_rows(net: Network) -> np.ndarray:
    X = np.random.default_rng(0).normal(size=(200, net.inputs)).astype(net.dtype)
    if net.embedding is not None:
        X[:, 4] = np.random.default_rng(1).integers(0, 6, 200)
    return X


@pytest.mark.parametrize("dtype", DTYPES)
def test_outputs(dtype: str) -> None:
    from ranvier.exports.export import to_torch

    for net in everything(dtype):
        X = ordinary_rows(net)
        with torch.no_grad():
            found = to_torch(net)(torch.from_numpy(X)).numpy()
        assert relative_gap(found, net(X)) <= TOLERANCE[dtype], net


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients(dtype: str) -> None:
    from ranvier.exports.export import to_torch

    net = with_activation("tanh", dtype)
    X, Y = ordinary_rows(net), np.ones((200, 5), dtype)
    _, gradient = net.loss_and_gradient(X, Y, loss="squared_error")
    module = to_torch(net)
    out = module(torch.from_numpy(X))
    ((out - 1) ** 2).mean(0).mean().backward()
    theirs = module[0].weight.grad.numpy().T
    ours = gradient.layers[0].W
    # The two losses may differ by a factor.
    ratio = float((ours * theirs).sum() / (theirs**2).sum())
    gap = np.abs(ours - ratio * theirs).max() / np.abs(ours).max()
    assert gap <= 10 * TOLERANCE[dtype]
    assert ratio in (pytest.approx(1.0, 1e-4), pytest.approx(0.5, 1e-4))


def test_names_are_those_of_a_sequential() -> None:
    from ranvier.exports.export import to_torch

    module = to_torch(Network.mlp(4, [8], 3, "relu", seed=0))
    assert list(module.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert not module.training


def test_compile_export_and_trace() -> None:
    from ranvier.exports.export import to_torch

    net = with_embedding("float32")
    module, X = to_torch(net), torch.from_numpy(ordinary_rows(net))
    program = torch.export.export(module, (X,)).module()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the tracer itself
        traced = torch.jit.trace(module, X)
    for runs in (program, traced):
        assert relative_gap(runs(X).detach().numpy(), net(X.numpy())) <= 1e-6


def test_training_the_module_leaves_the_network() -> None:
    from ranvier.exports.export import to_torch

    net = with_activation("relu", "float32")
    before = net.theta.copy()
    with torch.no_grad():
        to_torch(net)[0].weight += 1
    assert (net.theta == before).all()
