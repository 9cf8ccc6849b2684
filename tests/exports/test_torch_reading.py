"""PyTorch modules as networks: what is taken, folded and refused."""

import numpy as np
import pytest
from networks import DTYPES, everything

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.peers


@pytest.mark.parametrize("dtype", DTYPES)
def test_round_trip_is_bitwise(dtype: str) -> None:
    from ranvier.exports.export import from_torch, to_torch

    for net in everything(dtype):
        assert from_torch(to_torch(net)) == net


def test_nested_and_batch_norm() -> None:
    from ranvier.exports.export import from_torch

    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Flatten(),
        nn.BatchNorm1d(4),
        nn.Sequential(nn.Linear(4, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU()),
        nn.Dropout(0.2),
        nn.BatchNorm1d(8),
        nn.Identity(),
        nn.Linear(8, 3),
    ).double()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
            part.weight.data.normal_()
            part.bias.data.normal_()
    module.eval()
    X = torch.randn(50, 4).double()
    gap = np.abs(module(X).detach().numpy() - from_torch(module)(X.numpy())).max()
    assert gap <= 1e-12


def refused(make: object) -> str:
    from ranvier.exports.export import from_torch

    with pytest.raises((TypeError, ValueError)) as caught:
        from_torch(make)
    return str(caught.value)


def test_what_is_refused_is_named() -> None:
    inner = nn.Sequential(nn.ReLU(), nn.Conv1d(1, 1, 1))
    nested = nn.Sequential(nn.Linear(2, 2), inner)
    assert "module '1.1' is a Conv1d" in refused(nested)
    assert "'1' is a PReLU" in refused(nn.Sequential(nn.Linear(2, 2), nn.PReLU()))
    assert "follows no nn.Linear" in refused(nn.Sequential(nn.ReLU(), nn.Linear(2, 2)))
    twice = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Tanh())
    assert "module '2' is an activation" in refused(twice)
    assert "torch.float16" in refused(nn.Sequential(nn.Linear(2, 2).half()))
    assert "dim=-1" in refused(nn.Sequential(nn.Linear(2, 2), nn.Softmax(0)))
    assert "beta=1" in refused(nn.Sequential(nn.Linear(2, 2), nn.Softplus(2)))
    norm = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.BatchNorm1d(2))
    assert "module '2' is a batch norm" in refused(norm)
    assert "takes a torch.nn.Module" in refused(3)
    assert "no nn.Linear" in refused(nn.Sequential(nn.Dropout(0.1)))
    assert "LSTM" in refused(nn.LSTM(2, 2))
    broken = nn.Linear(2, 2)
    broken.weight.data[0, 0] = float("nan")
    assert "NaN" in refused(broken)


def test_mixed_types_are_refused() -> None:
    mixed = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2).double())
    assert "all float32 or all float64" in refused(mixed)
