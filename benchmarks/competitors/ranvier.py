"""Ranvier itself, through its public door."""

from collections.abc import Callable

import ranvier as rv
from benchmarks.competitors import AfterEpoch
from benchmarks.problems import Array, Problem, Weights
from benchmarks.workloads import LEARNING_RATE, Workload


def network(workload: Workload, weights: Weights) -> rv.Network:
    """Build the network of a workload with the given weights."""
    d, *hidden, k = workload.layers
    net = rv.Network.mlp(
        d,
        hidden,
        k,
        activation=workload.activation,
        output_activation="softmax" if workload.loss == "cross_entropy" else "identity",
        dropout=workload.dropout,
        dtype=workload.dtype,
        seed=0,
    )
    for layer, (W, b) in zip(net.dense_layers, weights, strict=True):
        layer.W[...], layer.b[...] = W, b
    return net


class Trainer:
    """`rv.train`, with its own choice of threads unless a number is passed."""

    difference = ""

    def __init__(
        self, workload: Workload, problem: Problem, threads: int, told: bool = False
    ) -> None:
        self.workload, self.problem = workload, problem
        self.threads = threads if told else None
        self.net = network(workload, problem.start)
        self.theta = self.net.theta.copy()

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train from the first weights."""
        self.net.theta[...] = self.theta
        decay, rate = self.workload.weight_decay, LEARNING_RATE
        rv.train(
            self.net,
            self.problem.X,
            self.problem.Y,
            loss=self.workload.loss,
            optimizer=rv.AdamW(rate, decay) if decay else rv.Adam(rate),
            epochs=epochs,
            batch_size=self.workload.batch,
            shuffle=self.workload.shuffle,
            callbacks=[] if after_epoch is None else [lambda _: after_epoch()],
            n_threads=self.threads,
            seed=self.workload.seed,
            progress=False,
        )

    def weights(self) -> Weights:
        """Return the weights that were reached."""
        return [(layer.W, layer.b) for layer in self.net.dense_layers]


def predictor(
    workload: Workload, weights: Weights, threads: int
) -> Callable[[Array], Array]:
    """Return the network itself: it is called with X."""
    return network(workload, weights)
