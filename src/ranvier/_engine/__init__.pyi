"""Ranvier's engine: networks over one flat block of parameters."""

from typing import Annotated, overload

import numpy
from numpy.typing import NDArray
from typing_extensions import CapsuleType

from ranvier._engine import test_kernels as test_kernels


class Network:
    """
    A frozen description: layers, their sizes and their place in the flat block.
    """

    def __init__(self, inputs: int, layers: list) -> None: ...

    @property
    def inputs(self) -> int: ...

    @property
    def outputs(self) -> int: ...

    @property
    def embedded(self) -> int: ...

    @property
    def parameters(self) -> int: ...

class Loss:
    """What to minimise: a name and its parameter."""

    def __init__(self, name: str, parameter: float = 0.0) -> None: ...

class Update:
    """How parameters move: the rule and its constants."""

    def __init__(self, kind: str, *, momentum: float = 0.0, nesterov: bool = False, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-08, corrected_epsilon: bool = True, l2: float = 0.0, l2_by_weight: bool = False, weight_decay: float = 0.0, clip_norm: float = float('inf'), rate_factors: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None = None, decay_factors: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None = None, averaging: float = 0.0) -> None:
        """
        corrected_epsilon: Adam's epsilon beside sqrt(v_hat), else beside sqrt(v). l2_by_weight: l2 is divided by the sum of a batch's weights. rate_factors: a row (of W, of b, of alpha) for each layer with parameters, of an embedding (of its values, of its scale, of its categories' values); None for all 1. decay_factors: the same for l2 and weight_decay; None for 1 of W and of values, else 0. averaging: beta of a running mean of theta, which the last slot keeps.
        """

    @property
    def slots(self) -> int: ...

class Workspace:
    """Memory and threads that one call after the other uses."""

    def __init__(self, n_threads: int = 1) -> None: ...

    @property
    def n_threads(self) -> int: ...

def show_config() -> dict:
    """
    The instruction set in use, those that RANVIER_LEVEL may name, and the compiler of all this.
    """

class Epoch:
    """What an epoch reports."""

    @property
    def loss(self) -> float: ...

    @property
    def gradient_norm(self) -> float: ...

    @property
    def failed_step(self) -> int: ...

    @property
    def step_losses(self) -> object:
        """
        (steps,) mean loss of each batch, not set after a failed step; None unless step_records was asked for.
        """

    @property
    def step_squares(self) -> object:
        """(steps,) sum of squares of every W as the step met it; as above."""

def shuffled(rows: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], seed: int, epoch: int) -> Annotated[NDArray[numpy.int64], dict(shape=(None,))]:
    """The rows in another order, which is a function of (seed, epoch)."""

def shuffle_by(rows: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu')], generator: CapsuleType) -> None:
    """
    Shuffles the rows as numpy.random.RandomState does; generator: the capsule of its bit generator, locked.
    """

class SparseFloat32:
    """Rows most of whose cells are empty: the arrays of a CSR matrix."""

    def __init__(self, values: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], columns: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], starts: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], width: int) -> None: ...

@overload
def all_finite(values: Annotated[NDArray[numpy.float32], dict(order='C', device='cpu', writable=False)]) -> bool: ...

@overload
def all_finite(values: Annotated[NDArray[numpy.float64], dict(order='C', device='cpu', writable=False)]) -> bool:
    """Whether there is no NaN and no infinity."""

@overload
def embed(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None))]: ...

@overload
def embed(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """What the embedding makes of X: the inputs of the first dense layer."""

@overload
def activations(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace) -> list: ...

@overload
def activations(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace) -> list:
    """(Z, A) of each dense layer; dropout is off."""

@overload
def predict(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], out: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace) -> None: ...

@overload
def predict(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat32, out: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace) -> None: ...

@overload
def predict(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], out: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace) -> None: ...

@overload
def predict(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat64, out: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace) -> None:
    """out <- the network's outputs for X; dropout is off."""

@overload
def loss_and_gradient(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, gradient: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')] | None, workspace: Workspace, *, dropout: float = 0.0, seed: int = 0, number: int = 0) -> float: ...

@overload
def loss_and_gradient(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat32, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, gradient: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')] | None, workspace: Workspace, *, dropout: float = 0.0, seed: int = 0, number: int = 0) -> float: ...

@overload
def loss_and_gradient(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, gradient: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')] | None, workspace: Workspace, *, dropout: float = 0.0, seed: int = 0, number: int = 0) -> float: ...

@overload
def loss_and_gradient(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat64, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, gradient: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')] | None, workspace: Workspace, *, dropout: float = 0.0, seed: int = 0, number: int = 0) -> float:
    """
    The mean loss over the rows; gradient, where it is not None, <- its gradient. dropout: a factor of its rates, by which the masks of (seed, number) and of each row's place take part; 0: it is off.
    """

@overload
def loss(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, workspace: Workspace) -> float: ...

@overload
def loss(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat32, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, workspace: Workspace) -> float: ...

@overload
def loss(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, workspace: Workspace) -> float: ...

@overload
def loss(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], X: SparseFloat64, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, loss: Loss, workspace: Workspace) -> float:
    """The mean loss over the rows."""

@overload
def train_epoch(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')], state: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], X: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, order: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], batch_size: int, loss: Loss, update: Update, rates: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], steps_before: int, seed: int, epoch: int, workspace: Workspace, step_records: bool = False, *, decays: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, dropouts: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> Epoch: ...

@overload
def train_epoch(network: Network, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')], state: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], X: SparseFloat32, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, order: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], batch_size: int, loss: Loss, update: Update, rates: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], steps_before: int, seed: int, epoch: int, workspace: Workspace, step_records: bool = False, *, decays: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, dropouts: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> Epoch: ...

@overload
def train_epoch(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')], state: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')], X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, order: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], batch_size: int, loss: Loss, update: Update, rates: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], steps_before: int, seed: int, epoch: int, workspace: Workspace, step_records: bool = False, *, decays: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, dropouts: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> Epoch: ...

@overload
def train_epoch(network: Network, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')], state: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')], X: SparseFloat64, Y: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)] | Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, order: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], batch_size: int, loss: Loss, update: Update, rates: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], steps_before: int, seed: int, epoch: int, workspace: Workspace, step_records: bool = False, *, decays: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None, dropouts: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None = None) -> Epoch:
    """
    One step for each batch of `order`; theta and state change in place. Of each step: its learning rate and, where given, factors of the weight decay and of the rates of dropout.
    """

class SparseFloat64:
    """Rows most of whose cells are empty: the arrays of a CSR matrix."""

    def __init__(self, values: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], columns: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], starts: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], width: int) -> None: ...

@overload
def elementary(name: str, x: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None,))]: ...

@overload
def elementary(name: str, x: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None,))]:
    """
    y = name(x), element by element, for the functions of engine/equations/elementary.h.
    """

@overload
def activation(name: str, parameter: float, z: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], workspace: Workspace | None = None) -> tuple: ...

@overload
def activation(name: str, parameter: float, z: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], workspace: Workspace | None = None) -> tuple:
    """(f(z), f'(z)), element by element."""

@overload
def multiply(A: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], B: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None))]: ...

@overload
def multiply(A: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], B: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], workspace: Workspace | None = None) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None))]:
    """A B."""

@overload
def output_loss(loss: Loss, output_activation: str, Z: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, workspace: Workspace | None = None) -> tuple: ...

@overload
def output_loss(loss: Loss, output_activation: str, Z: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], Y: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, workspace: Workspace | None = None) -> tuple:
    """(L, dL/dZ) of the output layer, L the mean loss over the rows."""

@overload
def optimizer_step(update: Update, steps_before: int, learning_rate: float, theta: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu')], gradient: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace | None = None) -> None: ...

@overload
def optimizer_step(update: Update, steps_before: int, learning_rate: float, theta: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu')], gradient: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu')], workspace: Workspace | None = None) -> None:
    """One step of weights theta; theta and state change in place."""
