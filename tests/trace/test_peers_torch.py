"""Every number of a trace against PyTorch's autograd, in double."""

import numpy as np
import pytest

from built import trace_of
from cases import Case, gap, grid, grid_case

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.peers

ACTIVATIONS = {
    "identity": lambda z, p: z,
    "relu": lambda z, p: F.relu(z),
    "leaky_relu": F.leaky_relu,
    "relu6": lambda z, p: F.relu6(z),
    "elu": F.elu,
    "selu": lambda z, p: F.selu(z),
    "gelu": lambda z, p: F.gelu(z),
    "gelu_tanh": lambda z, p: F.gelu(z, approximate="tanh"),
    "silu": lambda z, p: F.silu(z),
    "mish": lambda z, p: F.mish(z),
    "sigmoid": lambda z, p: torch.sigmoid(z),
    "tanh": lambda z, p: torch.tanh(z),
    "softplus": lambda z, p: F.softplus(z, threshold=1e9),
    "softsign": lambda z, p: F.softsign(z),
    # F.hardsigmoid divides by a 6 in single precision.
    "hard_sigmoid": lambda z, p: torch.clamp(z / 6 + 0.5, 0, 1),
    "hard_tanh": lambda z, p: F.hardtanh(z),
    "exp": lambda z, p: torch.exp(z),
    "softmax": lambda z, p: torch.softmax(z, dim=1),
}


def quantile(A, Y, q):
    return torch.maximum(q * (Y - A), (q - 1) * (Y - A))


def row_losses(case: Case, Z, A, Y):
    """L of each row, from A wherever A has all that is needed."""
    name, p = case.loss
    logits = case.network.layers[-1][2] == "identity"
    if name == "cross_entropy":
        log_p = torch.log_softmax(A, dim=1) if logits else torch.log(A)
        smoothed = (1 - p) * Y + p / Y.shape[1]
        return -(smoothed * log_p).sum(dim=1)
    each = {
        "squared_error": lambda: (A - Y) ** 2,
        "absolute_error": lambda: (A - Y).abs(),
        "huber": lambda: F.huber_loss(A, Y, reduction="none", delta=p),
        "quantile": lambda: quantile(A, Y, p),
        "poisson": lambda: torch.exp(A) - Y * A if logits else A - Y * torch.log(A),
        "log_loss": lambda: (
            F.binary_cross_entropy_with_logits(A, Y, reduction="none")
            if logits
            else -(Y * torch.log(A) + (1 - Y) * torch.log(1 - A))
        ),
    }[name]()
    return each.mean(dim=1)


@pytest.mark.parametrize("kind", grid(), ids=" ".join)
def test_every_number_as_autograd(kind: tuple[str, str, str, str]) -> None:
    case = grid_case(*kind)
    trace = trace_of(case)
    kept = []
    A = torch.tensor(case.X, requires_grad=True)
    for own, (_, _, name, parameter) in zip(
        trace.layers, case.network.layers, strict=True
    ):
        X = A
        W = torch.tensor(own.W, requires_grad=True)
        b = torch.tensor(own.b, requires_grad=True)
        Z = X @ W + b
        A = ACTIVATIONS[name](Z, parameter)
        kept.append({"X": X, "W": W, "b": b, "Z": Z, "A": A})
    losses = row_losses(case, Z, A, torch.tensor(trace.Y))
    L = losses @ torch.tensor(trace.shares())
    for tensors in kept:
        for tensor in tensors.values():
            tensor.retain_grad()
    L.backward()
    assert pytest.approx(L.item(), rel=1e-10, abs=1e-12) == trace.L
    for own, tensors in zip(trace.layers, kept, strict=True):
        for letter, tensor in tensors.items():
            assert gap(getattr(own, letter), tensor.detach().numpy()) < 1e-10, letter
            derivative = getattr(own, f"d{letter}")
            assert gap(derivative, tensor.grad.numpy()) < 1e-10, f"d{letter}"


def test_the_case_is_no_trifle() -> None:
    kinds = grid()
    assert len(kinds) > 300
    assert any(np.abs(grid_case(*kind).theta).max() > 1 for kind in kinds)
