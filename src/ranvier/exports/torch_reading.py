"""A PyTorch module as a network: `from_torch`. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from ranvier.exports.torch_modules import (
    ACTIVATIONS,
    CategoryColumn,
    ColumnEmbedding,
    Parametric,
    PeriodicColumn,
    PiecewiseColumn,
    PlainColumn,
)
from ranvier.network.activations import Activation
from ranvier.network.columns import Category, Column, Periodic, Piecewise, Plain
from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import Dense, Dropout, Layer
from ranvier.network.network import Network


def from_torch(module: nn.Module) -> Network:
    """Build a network of a module; see `ranvier.from_torch`."""
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"from_torch takes a torch.nn.Module, but got {type(module).__name__}: "
            "give for example an nn.Sequential of nn.Linear and activations"
        )
    reader = _Reader()
    for path, part in _leaves(module, ""):
        reader.take(path, part)
    return reader.network()


def _leaves(module: nn.Module, path: str) -> Iterator[tuple[str, nn.Module]]:
    if type(module) is nn.Sequential:
        for name, part in module.named_children():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    else:
        yield path, module


class _Dense:
    """A Linear on the way to becoming a Dense: float64, W as (d_in, d_out)."""

    def __init__(self, path: str, linear: nn.Linear) -> None:
        self.path = path
        self.W = _doubles(linear.weight).T
        zeros = np.zeros(self.W.shape[1])
        self.b = zeros if linear.bias is None else _doubles(linear.bias)
        self.activation: Activation | None = None
        self.alpha: np.ndarray | None = None


class _Reader:
    """Collects layers from modules in their order."""

    def __init__(self) -> None:
        self.layers: list[_Dense | Dropout | ColumnEmbedding] = []
        self.dtypes: dict[Any, str] = {}
        self.waiting: tuple[str, np.ndarray, np.ndarray] | None = None  # a batch norm

    def take(self, path: str, module: nn.Module) -> None:
        for parameter in [*module.parameters(), *module.buffers()]:
            if parameter.is_floating_point():
                self.dtypes.setdefault(parameter.dtype, path)
        match module:
            case nn.Identity():
                return
            case nn.Flatten():
                if (module.start_dim, module.end_dim) != (1, -1):
                    raise ValueError(
                        f"{_named(path)} flattens dimensions {module.start_dim} to "
                        f"{module.end_dim}, but rows are flat: use nn.Flatten()"
                    )
            case nn.Dropout():
                self.layers.append(Dropout(module.p))
            case nn.BatchNorm1d():
                self._batch_norm(path, module)
            case nn.Linear():
                self._linear(path, module)
            case ColumnEmbedding():
                if self.layers:
                    raise ValueError(f"{_named(path)} embeds, but is not the first")
                self.layers.append(module)
            case Parametric():
                dense = self._activate(path, _activation(path, module.f))
                dense.alpha = _doubles(module.alpha)
            case _:
                self._activate(path, _activation(path, module))

    def _linear(self, path: str, module: nn.Linear) -> None:
        if isinstance(module, nn.LazyLinear):
            raise ValueError(
                f"{_named(path)} is a LazyLinear that has seen no data: run a batch "
                "through the module first"
            )
        dense = _Dense(path, module)
        if self.waiting is not None:  # Z = (s x + t) W + b = x (s W) + (t W + b)
            _, s, t = self.waiting
            dense.b = t @ dense.W + dense.b
            dense.W = s[:, None] * dense.W
            self.waiting = None
        self.layers.append(dense)

    def _activate(self, path: str, activation: Activation) -> _Dense:
        last = self._last_dense()
        if last is None or self.waiting is not None or last.activation is not None:
            raise ValueError(
                f"{_named(path)} is an activation that follows no nn.Linear directly, "
                "but each layer here is A = f(X W + b): put an nn.Linear before it"
            )
        last.activation = activation
        return last

    def _batch_norm(self, path: str, module: nn.BatchNorm1d) -> None:
        """Fold s x + t into the Linear before it, or keep it for the one after."""
        if module.running_mean is None or module.running_var is None:
            raise ValueError(
                f"{_named(path)} keeps no running mean and variance, so that its "
                "result depends on the batch: use track_running_stats=True"
            )
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, weight, bias = (_doubles(getattr(module, n)) for n in names)
        s = 1 / np.sqrt(variance + module.eps)
        s = s if weight is None else s * weight
        t = (0 if bias is None else bias) - mean * s
        last = self.layers[-1] if self.layers else None
        if isinstance(last, _Dense) and last.activation is None:
            last.W, last.b = last.W * s, last.b * s + t
        elif self.waiting is not None:
            _, s0, t0 = self.waiting
            self.waiting = path, s0 * s, t0 * s + t
        else:
            self.waiting = path, s, t

    def _last_dense(self) -> _Dense | None:
        dense = [layer for layer in self.layers if isinstance(layer, _Dense)]
        return dense[-1] if dense else None

    def network(self) -> Network:
        """Build the network of what was collected."""
        last = self._last_dense()
        if last is None:
            raise ValueError(
                "the module has no nn.Linear: a network has at least one, for example "
                "nn.Sequential(nn.Linear(4, 3))"
            )
        if self.waiting is not None:
            raise ValueError(
                f"{_named(self.waiting[0])} is a batch norm with no nn.Linear to "
                "become part of: put one before or after it"
            )
        while not isinstance(self.layers[-1], _Dense):
            self.layers.pop()  # a dropout of the outputs does nothing in eval mode
        first = next(x for x in self.layers if isinstance(x, _Dense))
        embedding = (
            self.layers[0] if isinstance(self.layers[0], ColumnEmbedding) else None
        )
        inputs = len(first.W) if embedding is None else len(embedding.columns)
        net = Network(
            inputs, list(map(_layer, self.layers)), dtype=self._dtype(), seed=0
        )
        if embedding is not None and net.embedding is not None:
            _fill_embedding(net.embedding, embedding)
        dense = [x for x in self.layers if isinstance(x, _Dense)]
        for bound, read in zip(net.dense_layers, dense, strict=True):
            bound.W[...], bound.b[...] = read.W, read.b
            if bound.alpha is not None:
                bound.alpha[...] = read.alpha
        if not np.isfinite(net.theta).all():
            raise ValueError("the module has parameters that are NaN or infinite")
        return net

    def _dtype(self) -> str:
        known = {torch.float32: "float32", torch.float64: "float64"}
        for dtype, path in self.dtypes.items():
            if dtype not in known or len(self.dtypes) > 1:
                raise ValueError(
                    f"the parameters are of {', '.join(map(str, self.dtypes))} "
                    f"({_named(path)}), but a network is all float32 or all float64: "
                    "call module.float() or module.double()"
                )
        return known[next(iter(self.dtypes))]


def _doubles(parameter: Any) -> Any:
    if parameter is None:
        return None
    return parameter.detach().cpu().numpy().astype(np.float64)


def _layer(part: _Dense | Dropout | ColumnEmbedding) -> Layer:
    if isinstance(part, Dropout):
        return part
    if isinstance(part, ColumnEmbedding):
        columns = [_column(module) for module in part.columns]
        return Embedding(columns, scale=part.scale is not None)
    f = part.activation or Activation("identity")
    return Dense(part.W.shape[1], f, parametric=part.alpha is not None)


def _column(module: Any) -> Column:
    match module:
        case PlainColumn():
            return Plain()
        case PeriodicColumn():
            return Periodic(*module.V.shape)
        case PiecewiseColumn():
            edges = module.edges.double().cpu().numpy()
            return Piecewise(edges, len(module.v), linear=hasattr(module, "a"))
        case CategoryColumn():
            return Category(*module.table.shape)
        case _:
            raise TypeError(f"{type(module).__name__} is no column of an embedding")


def _fill_embedding(layer: EmbeddingLayer, module: ColumnEmbedding) -> None:
    for values, column in zip(layer.values, module.columns, strict=True):
        for name, value in values.items():
            value[...] = getattr(column, name).detach().cpu().numpy()
    if layer.scale is not None and module.scale is not None:
        layer.scale[...] = module.scale.detach().cpu().numpy()


def _activation(path: str, module: nn.Module) -> Activation:
    match module:
        case nn.LeakyReLU():
            return Activation("leaky_relu", module.negative_slope)
        case nn.ELU():
            return Activation("elu", module.alpha)
        case nn.GELU():
            tanh = module.approximate == "tanh"
            return Activation("gelu_tanh" if tanh else "gelu")
        case nn.Softplus():
            _require(path, module, module.beta == 1, "beta=1")
            _require(path, module, module.threshold >= 20, "a threshold of 20 or more")
        case nn.Hardtanh() if not isinstance(module, nn.ReLU6):
            usual = (module.min_val, module.max_val) == (-1, 1)
            _require(path, module, usual, "min_val=-1 and max_val=1")
        case nn.Softmax():
            _require(path, module, module.dim in (1, -1), "dim=-1, over the units")
    for name, build in ACTIVATIONS.items():
        if type(build(1.0)) is type(module):
            return Activation(name)
    known = sorted({type(build(1.0)).__name__ for build in ACTIVATIONS.values()})
    raise TypeError(
        f"{_named(path)} is a {type(module).__name__}, which has no counterpart in a "
        "Network: there are Linear, Dropout, Identity, Flatten, BatchNorm1d and the "
        f"activations {', '.join(known)}"
    )


def _require(path: str, module: nn.Module, holds: bool, wanted: str) -> None:
    if not holds:
        raise ValueError(
            f"{_named(path)} is {module}, but a Network has {type(module).__name__} "
            f"only with {wanted}"
        )


def _named(path: str) -> str:
    return f"module {path!r}" if path else "the module"
