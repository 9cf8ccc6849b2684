"""Networks as PyTorch modules, and PyTorch modules as networks. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from ranvier.network.columns import Category, Periodic, Piecewise, Plain
from ranvier.network.embedding import EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network

# softplus(z) = z above this; PyTorch's own 20 would be wrong by 2e-9.
SOFTPLUS_THRESHOLD: Final = 40.0


class Step(nn.Module):
    """1 where z >= 0, else 0 (McCulloch and Pitts 1943)."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Apply it to each element."""
        return (z >= 0).to(z.dtype)


class Exp(nn.Module):
    """e^z."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Apply it to each element."""
        return z.exp()


class Parametric(nn.Module):
    """z + alpha (f(z) - z), with an alpha of each unit that is learned."""

    def __init__(self, f: nn.Module, alpha: torch.Tensor) -> None:
        super().__init__()
        self.f = f
        self.alpha = nn.Parameter(alpha)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Apply it to (n, units)."""
        mixed: torch.Tensor = z + self.alpha * (self.f(z) - z)
        return mixed


class PeriodicColumn(nn.Module):
    """(cos(2 pi x w + b) V + v, x) of one column x (n,)."""

    def __init__(self, values: dict[str, torch.Tensor]) -> None:
        super().__init__()
        for name, value in values.items():
            self.register_parameter(name, nn.Parameter(value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, width + 1)."""
        waves = torch.cos(2 * torch.pi * x[:, None] * self.w + self.b)
        return torch.cat([waves @ self.V + self.v, x[:, None]], 1)


class PiecewiseColumn(nn.Module):
    """X a + v + p(x) M of one column x (n,), p how far x is through each bin."""

    def __init__(self, values: dict[str, torch.Tensor], edges: torch.Tensor) -> None:
        super().__init__()
        for name, value in values.items():
            self.register_parameter(name, nn.Parameter(value))
        self.register_buffer("edges", edges)
        bins = edges.shape[0] - 1
        low = torch.zeros(bins, dtype=edges.dtype)
        high = torch.ones(bins, dtype=edges.dtype)
        low[0], high[-1] = -torch.inf, torch.inf  # the outer bins have no limit
        self.register_buffer("low", low, persistent=False)
        self.register_buffer("high", high, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, width)."""
        p = (x[:, None] - self.edges[:-1]) / self.edges.diff()
        c = torch.minimum(torch.maximum(p, self.low), self.high) @ self.M + self.v
        return c + x[:, None] * self.a if hasattr(self, "a") else c


class CategoryColumn(nn.Module):
    """The row of a table that a code x (n,) names; row 0 for codes it has not."""

    def __init__(self, table: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Parameter(table)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, width)."""
        code = torch.where((x >= 0) & (x < self.table.shape[0]), x, torch.zeros_like(x))
        return self.table[code.long()]


class PlainColumn(nn.Module):
    """A column that stays as it is."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, 1)."""
        return x[:, None]


class ColumnEmbedding(nn.Module):
    """What each column of X (n, columns) becomes, side by side: (n, units)."""

    def __init__(self, columns: list[nn.Module], scale: torch.Tensor | None) -> None:
        super().__init__()
        self.columns = nn.ModuleList(columns)
        self.scale = None if scale is None else nn.Parameter(scale)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Embed the rows."""
        parts = [column(X[:, k]) for k, column in enumerate(self.columns)]
        A = torch.cat(parts, 1)
        return A if self.scale is None else A * self.scale


ACTIVATIONS: Final[dict[str, Callable[[float], nn.Module]]] = {
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda slope: nn.LeakyReLU(slope),
    "relu6": lambda _: nn.ReLU6(),
    "elu": lambda alpha: nn.ELU(alpha),
    "selu": lambda _: nn.SELU(),
    "gelu": lambda _: nn.GELU(),
    "gelu_tanh": lambda _: nn.GELU("tanh"),
    "silu": lambda _: nn.SiLU(),
    "mish": lambda _: nn.Mish(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "tanh": lambda _: nn.Tanh(),
    "softplus": lambda _: nn.Softplus(threshold=SOFTPLUS_THRESHOLD),
    "softsign": lambda _: nn.Softsign(),
    "hard_sigmoid": lambda _: nn.Hardsigmoid(),
    "hard_tanh": lambda _: nn.Hardtanh(),
    "step": lambda _: Step(),
    "exp": lambda _: Exp(),
    "softmax": lambda _: nn.Softmax(dim=-1),
}

# ---------------------------------------------------------------- to PyTorch


def to_torch(net: Network) -> nn.Sequential:
    """Build the same network of `torch.nn` modules; see `Network.to_torch`."""
    modules: list[nn.Module] = []
    for layer in net.layers:
        if isinstance(layer, EmbeddingLayer):
            modules.append(_embedding_module(layer))
        elif isinstance(layer, DenseLayer):
            modules += _dense_modules(layer)
        else:
            modules.append(nn.Dropout(layer.rate))
    return nn.Sequential(*modules).eval()


def _tensor(values: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(values))  # a copy: training one leaves the other


def _dense_modules(layer: DenseLayer) -> Iterator[nn.Module]:
    W, b = _tensor(layer.W.T), _tensor(layer.b)
    linear = nn.Linear(layer.inputs, layer.units, dtype=W.dtype)
    linear.weight, linear.bias = nn.Parameter(W), nn.Parameter(b)
    yield linear
    f = layer.activation
    module = ACTIVATIONS.get(f.name, lambda _: nn.Identity())(f.parameter)
    if layer.alpha is not None:
        yield Parametric(module, _tensor(layer.alpha))
    elif f.name != "identity":
        yield module


def _embedding_module(layer: EmbeddingLayer) -> ColumnEmbedding:
    columns: list[nn.Module] = []
    for column, arrays in zip(layer.columns, layer.values, strict=True):
        values = {name: _tensor(value) for name, value in arrays.items()}
        match column:
            case Plain():
                columns.append(PlainColumn())
            case Periodic():
                columns.append(PeriodicColumn(values))
            case Piecewise():
                edges = torch.tensor(column.edges, dtype=values["v"].dtype)
                columns.append(PiecewiseColumn(values, edges))
            case Category():
                columns.append(CategoryColumn(values["table"]))
    return ColumnEmbedding(
        columns, None if layer.scale is None else _tensor(layer.scale)
    )
