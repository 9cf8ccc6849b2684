"""Single pieces of the engine, for tests."""

from typing import Annotated, overload

import numpy
from numpy.typing import NDArray

import ranvier._engine


@overload
def elementary(name: str, x: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None,))]: ...

@overload
def elementary(name: str, x: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None,))]:
    """y = name(x), element by element."""

@overload
def activation(name: str, parameter: float, z: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> tuple: ...

@overload
def activation(name: str, parameter: float, z: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> tuple:
    """(f(z), f'(z))."""

@overload
def multiply(A: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], B: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None))]: ...

@overload
def multiply(A: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], B: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """A B by the engine's product."""

@overload
def loss(loss: ranvier._engine.Loss, output_activation: str, Z: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> tuple: ...

@overload
def loss(loss: ranvier._engine.Loss, output_activation: str, Z: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> tuple:
    """(L, dL/dZ) of the output layer."""

@overload
def update(update: ranvier._engine.Update, steps_before: int, learning_rate: float, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')], gradient: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')]) -> None: ...

@overload
def update(update: ranvier._engine.Update, steps_before: int, learning_rate: float, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')], gradient: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')]) -> None:
    """One step of weights theta, in place."""

@overload
def panel_round_trip(A: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None))]: ...

@overload
def panel_round_trip(A: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """A, by way of panels."""

def dropout_mask(rate: float, seed: int, epoch: int, layer: int, rows: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], units: int) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """0 where a unit falls, 1 / (1 - rate) where it stays."""

class Pace:
    """Whether a team or its caller alone does loops sooner."""

    def __init__(self) -> None: ...

    def alone(self, body: int, count: int, now: int) -> bool:
        """
        Whether the caller is to do the loop that begins now, in nanoseconds, alone.
        """

    def interrupt(self) -> None:
        """Forget what is being measured."""
