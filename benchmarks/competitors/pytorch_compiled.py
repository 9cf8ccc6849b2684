"""PyTorch with torch.compile: network and loss, forward and backward, as a program."""

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.competitors import pytorch
from benchmarks.problems import Problem
from benchmarks.workloads import Workload


class Trainer(pytorch.Trainer):
    """The loop of PyTorch, its network and loss compiled; Adam is the fused one."""

    def __init__(self, workload: Workload, problem: Problem, threads: int) -> None:
        torch._dynamo.reset()
        super().__init__(workload, problem, threads, adam="fused")

    def loss_function(self) -> Callable[[Any, Any], Any]:
        """Return the compiled loss of a batch (X, Y)."""
        compiled: Callable[[Any, Any], Any] = torch.compile(super().loss_function())
        return compiled
