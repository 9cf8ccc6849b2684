"""NumPy's matrix product of 2048^3: what the processor can do, with as many threads."""

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.competitors import AfterEpoch
from benchmarks.problems import Problem, Weights
from benchmarks.workloads import Workload

SIZE = 2048
FLOPS = 2 * SIZE**3


class Trainer:
    """A product in place of an epoch, in the precision of the workload."""

    difference = ""

    def __init__(self, workload: Workload, problem: Problem, threads: int) -> None:
        self.threads = threads
        rng = np.random.default_rng(0)
        self.A, self.B = rng.normal(size=(2, SIZE, SIZE)).astype(workload.dtype)
        self.C = np.empty_like(self.A)

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Multiply so many times."""
        with threadpool_limits(self.threads):
            for _ in range(epochs):
                np.matmul(self.A, self.B, out=self.C)

    def weights(self) -> Weights:
        """Return nothing: a product learns nothing."""
        return []
