"""Equality with PyTorch, float64: of the engine, and of the witness beside it."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import cases
import doors
import reference
from cases import Array, Case, gap
from ranvier import _engine
from reference import Update

pytestmark = pytest.mark.peers
SIDES = pytest.mark.parametrize("side", [doors, reference], ids=["engine", "witness"])


@pytest.fixture(scope="module")
def torch() -> Any:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # more only wait for each other on networks this small
    return torch


def activation_of(torch: Any, name: str, p: float, Z: Any) -> Any:
    F = torch.nn.functional
    return {
        "identity": lambda: Z,
        "relu": lambda: F.relu(Z),
        "leaky_relu": lambda: F.leaky_relu(Z, p),
        "relu6": lambda: F.relu6(Z),
        "elu": lambda: F.elu(Z, p),
        "selu": lambda: F.selu(Z),
        "gelu": lambda: F.gelu(Z),
        "gelu_tanh": lambda: F.gelu(Z, approximate="tanh"),
        "silu": lambda: F.silu(Z),
        "mish": lambda: F.mish(Z),
        "sigmoid": lambda: torch.sigmoid(Z),
        "tanh": lambda: torch.tanh(Z),
        # Beyond the threshold torch takes the line; nothing is missed at 40.
        "softplus": lambda: F.softplus(Z, threshold=40),
        "softsign": lambda: F.softsign(Z),
        # F.hardsigmoid's slope is a sixth in single precision; this one's is exact.
        "hard_sigmoid": lambda: (F.hardtanh(Z / 3) + 1) / 2,
        "hard_tanh": lambda: F.hardtanh(Z),
        "exp": lambda: torch.exp(Z),
        "softmax": lambda: torch.softmax(Z, dim=1),
    }[name]()


def loss_of(torch: Any, case: Case, Z: Any, A: Any) -> Any:
    """Return L, the rows weighted by hand."""
    F, (name, p) = torch.nn.functional, case.loss
    Y = torch.tensor(case.Y.astype(int) if case.Y.ndim == 1 else case.Y)
    L = {
        "squared_error": lambda: F.mse_loss(A, Y, reduction="none"),
        "absolute_error": lambda: F.l1_loss(A, Y, reduction="none"),
        "huber": lambda: F.huber_loss(A, Y, reduction="none", delta=p),
        "quantile": lambda: torch.maximum(p * (Y - A), (p - 1) * (Y - A)),
        "poisson": lambda: F.poisson_nll_loss(Z, Y, reduction="none"),
        "log_loss": lambda: F.binary_cross_entropy_with_logits(Z, Y, reduction="none"),
        "cross_entropy": lambda: F.cross_entropy(
            Z, Y, reduction="none", label_smoothing=p
        )[:, None],
    }[name]().mean(dim=1)
    w = torch.ones(len(L)) if case.w is None else torch.tensor(case.w)
    return (w * L).sum() / w.sum()


class Peer:
    """A case's network in PyTorch."""

    def __init__(self, torch: Any, case: Case) -> None:
        self.torch, self.case = torch, case
        pairs = filter(None, reference.views(case.network, case.theta))
        self.pairs = [
            tuple(torch.tensor(array.copy(), requires_grad=True) for array in pair)
            for pair in pairs
        ]

    def forward(self, X: Array) -> list[tuple[Any, Any]]:
        A, tape = self.torch.tensor(X), []
        for (_, _, name, p), (W, b) in zip(
            self.case.network.layers, self.pairs, strict=True
        ):
            Z = A @ W + b
            A = activation_of(self.torch, name, p, Z)
            tape.append((Z, A))
        return tape

    def loss(self) -> Any:
        return loss_of(self.torch, self.case, *self.forward(self.case.X)[-1])

    @property
    def parameters(self) -> list[Any]:
        return [array for pair in self.pairs for array in pair]

    def theta(self) -> Array:
        flat = [array.detach().numpy().ravel() for array in self.parameters]
        return np.concatenate(flat)

    def gradient(self) -> Array:
        return np.concatenate([x.grad.numpy().ravel() for x in self.parameters])


@pytest.mark.parametrize(("name", "p"), cases.SINGLE.items())
def test_activations(torch: Any, name: str, p: float) -> None:
    z = np.concatenate([np.linspace(-20, 20, 2001), np.linspace(-3, 3, 1201)])
    Z = torch.tensor(z, requires_grad=True)
    A = activation_of(torch, name, p, Z)
    A.sum().backward()
    f, df = reference.ACTIVATIONS[name]
    for a, slope in (_engine.activation(name, p, z), (f(z, p), df(z, p))):
        np.testing.assert_allclose(a, A.detach().numpy(), rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(slope, Z.grad.numpy(), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("entry", cases.grid(), ids="-".join)
def test_gradients(torch: Any, entry: tuple) -> None:
    case = cases.grid_case(*entry)
    peer = Peer(torch, case)
    L = peer.loss()
    L.backward()
    for side in (doors, reference):
        found, gradient = side.loss_and_gradient(*case)
        assert abs(found - L.item()) <= 1e-10 * abs(L.item())
        assert gap(gradient, peer.gradient()) < 1e-10


@SIDES
def test_kinks_as_in_torch(torch: Any, side: ModuleType) -> None:
    # Zero weights put every z of the hidden layer on the kink at zero, and every error.
    for name in cases.KINKS:
        for loss in ("absolute_error", "huber"):
            layers = [cases.dense(3, name), cases.dense(2)]
            network = reference.Network(2, layers)
            rng = np.random.default_rng(0)
            case = cases.random_case(rng, network, loss, 4)
            (W, b), _ = reference.views(network, case.theta)
            W[:], b[:] = 0, 0
            case.Y[:, 0] = reference.forward(*case[:3])[-1][2][:, 0]
            peer = Peer(torch, case)
            peer.loss().backward()
            _, gradient = side.loss_and_gradient(*case)
            np.testing.assert_allclose(
                gradient, peer.gradient(), rtol=1e-12, atol=1e-15
            )


@SIDES
@pytest.mark.parametrize("output", ["identity", "softmax", "exp"])
def test_forward_of_a_deep_network(torch: Any, side: ModuleType, output: str) -> None:
    rng = np.random.default_rng(0)
    layers = [cases.dense(int(rng.integers(2, 40)), name) for name in cases.HIDDEN]
    network = reference.Network(11, [*layers, cases.dense(5, output)])
    loss = "cross_entropy" if output == "softmax" else "squared_error"
    case = cases.random_case(rng, network, loss, 70)
    tape = [pair[-2:] for pair in side.forward(*case[:3])]
    for found, expected in zip(tape, Peer(torch, case).forward(case.X), strict=True):
        for mine, theirs in zip(found, expected, strict=True):
            theirs = theirs.detach().numpy()
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)


@SIDES
def test_safe_losses(torch: Any, side: ModuleType) -> None:
    network = reference.Network(3, [cases.dense(3)])
    theta = np.concatenate([np.eye(3).ravel(), np.zeros(3)])  # Z = X
    X = np.ascontiguousarray(
        1e4 * np.array(np.meshgrid(*[[-1.0, 0, 1]] * 3)).reshape(3, -1).T
    )
    for loss in ("cross_entropy", "log_loss"):
        rng = np.random.default_rng(0)
        Y = cases.random_targets(rng, loss, len(X), 3, labels=False)
        case = Case(network, theta, X, Y, None, (loss, 0.0))
        peer = Peer(torch, case)
        L = peer.loss()
        L.backward()
        found, gradient = side.loss_and_gradient(*case)
        assert abs(found / L.item() - 1) < 1e-10
        assert gap(gradient, peer.gradient()) < 1e-10


OPTIMIZERS = {
    "SGD": (Update(), {}),
    "SGD momentum": (Update(momentum=0.9), {"momentum": 0.9}),
    "SGD nesterov": (
        Update(momentum=0.9, nesterov=True), {"momentum": 0.9, "nesterov": True},
    ),
    "SGD l2": (Update(momentum=0.8, l2=0.05), {"momentum": 0.8, "weight_decay": 0.05}),
    "Adam": (Update("adam"), {}),
    "Adam constants": (
        Update("adam", beta1=0.8, beta2=0.95, epsilon=1e-4),
        {"betas": (0.8, 0.95), "eps": 1e-4},
    ),
    "Adam l2": (Update("adam", l2=0.05), {"weight_decay": 0.05}),
    "AdamW": (Update("adam", weight_decay=0.1), {"weight_decay": 0.1}),
}  # fmt: skip


def train_peer(peer: Peer, name: str, clip: Any = None, factors: Any = None) -> list:
    """Take 100 steps on batches of 16 rows; return theta after each."""
    torch, case, settings = peer.torch, peer.case, dict(OPTIMIZERS[name][1])
    factors = np.ones((len(peer.pairs), 2)) if factors is None else factors
    groups = []
    for (W, b), (of_W, of_b) in zip(peer.pairs, factors, strict=True):
        groups.append({"params": [W], "lr": RATE * of_W, **settings})
        groups.append({"params": [b], "lr": RATE * of_b, **settings, "weight_decay": 0})
    optimizer = getattr(torch.optim, name.split()[0])(groups, lr=RATE)
    found = []
    for rows in batches(case):
        Y, w = case.Y[rows], None if case.w is None else case.w[rows]
        peer.case = case._replace(X=case.X[rows], Y=Y, w=w)
        optimizer.zero_grad()
        peer.loss().backward()
        if clip is not None:
            clip(peer.parameters)
        optimizer.step()
        found.append(peer.theta())
    return found


RATE = 0.01


def batches(case: Case) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.permutation(len(case.X))[:16] for _ in range(100)]


def train_side(side: ModuleType, case: Case, update: Update) -> list[Array]:
    theta, state = case.theta.copy(), np.zeros((update.slots, len(case.theta)))
    found = []
    for step, rows in enumerate(batches(case)):
        side.train_epoch(
            case.network, theta, state, *case[2:5], rows, 16, case.loss, update,
            np.array([RATE]), steps_before=step,
        )  # fmt: skip
        found.append(theta.copy())
    return found


def training_case() -> Case:
    rng = np.random.default_rng(0)
    layers = [cases.dense(19, "tanh"), cases.dense(7, "gelu"), cases.dense(3)]
    network = reference.Network(6, layers)
    return cases.random_case(rng, network, "squared_error", 60, "weighted")


@SIDES
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_step_by_step(torch: Any, side: ModuleType, name: str) -> None:
    case = training_case()
    expected = train_peer(Peer(torch, case), name)
    found = train_side(side, case, OPTIMIZERS[name][0])
    assert gap(expected[-1], case.theta) > 1e-2
    for mine, theirs in zip(found, expected, strict=True):
        assert gap(mine, theirs) < 1e-9


@SIDES
@pytest.mark.parametrize("name", ["SGD nesterov", "AdamW"])
def test_rates_of_layers(torch: Any, side: ModuleType, name: str) -> None:
    factors = np.array([[1.0, 2.0], [0.5, 0.0], [3.0, 1.0]])
    case = training_case()
    expected = train_peer(Peer(torch, case), name, factors=factors)
    update = OPTIMIZERS[name][0]._replace(rate_factors=factors)
    for mine, theirs in zip(train_side(side, case, update), expected, strict=True):
        assert gap(mine, theirs) < 1e-9


@SIDES
@pytest.mark.parametrize("name", ["SGD", "SGD momentum", "Adam"])
def test_clipping(torch: Any, side: ModuleType, name: str) -> None:
    case, limit = training_case(), 0.3

    def clip_exactly(parameters: list[Any]) -> None:
        norm = torch.sqrt(sum((x.grad**2).sum() for x in parameters))
        for x in parameters:
            x.grad *= min(1, limit / norm)

    def clip_as_torch(parameters: list[Any]) -> None:
        torch.nn.utils.clip_grad_norm_(parameters, limit)  # divides by norm + 1e-6

    update = OPTIMIZERS[name][0]._replace(clip_norm=limit)
    found = train_side(side, case, update)
    assert gap(found[-1], train_side(side, case, OPTIMIZERS[name][0])[-1]) > 1e-4
    for clip, tolerance in ((clip_exactly, 1e-9), (clip_as_torch, 1e-5)):
        expected = train_peer(Peer(torch, case), name, clip)
        for mine, theirs in zip(found, expected, strict=True):
            assert gap(mine, theirs) < tolerance
