"""Single pieces of the engine that nothing but the tests calls."""

from typing import Annotated, overload

import numpy
from numpy.typing import NDArray


@overload
def panel_round_trip(A: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None))]: ...

@overload
def panel_round_trip(A: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """A, by way of panels."""

def dropout_mask(rate: float, seed: int, epoch: int, layer: int, rows: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], units: int) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """0 where a unit falls, 1 / (1 - rate) where it stays."""

def counts_after_skip(n_threads: int, loops: int) -> list[int]:
    """
    How often each index of a loop is done, after as many loops as if they had been run.
    """

class AdaptiveThreading:
    """Whether a team or its caller alone does loops sooner."""

    def __init__(self) -> None: ...

    def alone(self, body: int, count: int, now: int) -> bool:
        """
        Whether the caller is to do the loop that begins now, in nanoseconds, alone.
        """

    def interrupt(self) -> None:
        """Forget what is being measured."""
