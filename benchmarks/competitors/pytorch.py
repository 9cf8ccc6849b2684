"""PyTorch as it is usually written, at its best: tensors, slices as batches."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from benchmarks.competitors import AfterEpoch
from benchmarks.problems import Array, Problem, Weights
from benchmarks.workloads import LEARNING_RATE, Workload

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}
LOSSES = {
    "squared_error": nn.functional.mse_loss,
    "absolute_error": nn.functional.l1_loss,
    "cross_entropy": nn.functional.cross_entropy,
}


def network(workload: Workload, weights: Weights) -> nn.Sequential:
    """Build the network of a workload with the given weights."""
    parts: list[nn.Module] = []
    for d_in, d_out in pairwise(workload.layers):
        parts += [nn.Linear(d_in, d_out), ACTIVATIONS[workload.activation]()]
        parts += [nn.Dropout(workload.dropout)] * (workload.dropout > 0)
    last = max(place for place, part in enumerate(parts) if isinstance(part, nn.Linear))
    net = nn.Sequential(*parts[: last + 1]).to(getattr(torch, workload.dtype))
    set_weights(net, weights)
    return net


def dense_layers(net: nn.Module) -> list[nn.Linear]:
    """Return the layers that have weights."""
    return [part for part in net.modules() if isinstance(part, nn.Linear)]


def set_weights(net: nn.Module, weights: Weights) -> None:
    """Write the weights; PyTorch keeps W'."""
    with torch.no_grad():
        for layer, (W, b) in zip(dense_layers(net), weights, strict=True):
            layer.weight.copy_(torch.from_numpy(W.T.copy()))
            layer.bias.copy_(torch.from_numpy(b.copy()))


class Trainer:
    """The usual loop: zero_grad, forward, loss, backward, step."""

    difference = ""

    def __init__(
        self, workload: Workload, problem: Problem, threads: int, adam: str
    ) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(workload.seed)
        self.workload, self.problem, self.adam = workload, problem, adam
        self.X = torch.from_numpy(problem.X)
        # Labels are int64 for PyTorch, which converts others on each call.
        Y = torch.from_numpy(problem.Y)
        self.Y = Y.long() if workload.loss == "cross_entropy" else Y
        self.net = network(workload, problem.start)
        self.loss = self.loss_function()

    def loss_function(self) -> Callable[[Any, Any], Any]:
        """Compute the loss of a batch (X, Y)."""
        net, loss = self.net, LOSSES[self.workload.loss]
        return lambda X, Y: loss(net(X), Y)

    def optimizer(self) -> torch.optim.Optimizer:
        """Make Adam, or AdamW whose decay leaves the biases alone."""
        form = {"lr": LEARNING_RATE, self.adam: True}
        decay = self.workload.weight_decay
        if not decay:
            return torch.optim.Adam(self.net.parameters(), **form)
        layers = dense_layers(self.net)
        groups = [
            {"params": [layer.weight for layer in layers], "weight_decay": decay},
            {"params": [layer.bias for layer in layers], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, **form)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train from the first weights."""
        set_weights(self.net, self.problem.start)
        optimizer, size = self.optimizer(), self.workload.batch
        self.net.train()
        for _ in range(epochs):
            X, Y = self.X, self.Y
            if self.workload.shuffle:
                order = torch.randperm(len(X))
                X, Y = X[order], Y[order]
            for first in range(0, len(X), size):
                optimizer.zero_grad()
                loss = self.loss(X[first : first + size], Y[first : first + size])
                loss.backward()
                optimizer.step()
            if after_epoch is not None and after_epoch():
                return

    def weights(self) -> Weights:
        """Return the weights that were reached."""
        return [
            (layer.weight.detach().numpy().T, layer.bias.detach().numpy())
            for layer in dense_layers(self.net)
        ]


def predictor(
    workload: Workload, weights: Weights, threads: int
) -> Callable[[Array], Array]:
    """Return the network in inference mode, from NumPy to NumPy without a copy."""
    torch.set_num_threads(threads)
    net = network(workload, weights).eval()

    def predict(X: Array) -> Array:
        with torch.inference_mode():
            return net(torch.from_numpy(X)).numpy()  # type: ignore[no-any-return]

    return predict
