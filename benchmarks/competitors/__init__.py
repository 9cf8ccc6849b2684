"""The competitors: a module each, with one small interface.

Each module has a class `Trainer`, or a function `predictor`, or both:

    Trainer(workload, problem, threads, **settings)
        train(epochs, after_epoch=None)  from problem.start; after_epoch() may say stop
        weights()                        (W, b) of each layer, as NumPy arrays
    predictor(workload, weights, threads)
        a function from X (n, d) to the outputs (n, k)

`UnsupportedError` is raised where a competitor has no such network. What a competitor
computes otherwise than asked is its `difference`, which the table's notes tell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.problems import Weights

AfterEpoch = Callable[[], bool]


class UnsupportedError(Exception):
    """The competitor has no such network; the message says what it lacks."""


class Trainer(Protocol):
    """What the harness sees of a competitor that trains."""

    difference: str

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train from the first weights; stop where after_epoch() says True."""

    def weights(self) -> Weights:
        """Return the weights that were reached."""


@dataclass(frozen=True)
class Competitor:
    """A competitor and the forms it may take; tables show the best of them.

    Parameters
    ----------
    name
        As tables call it.
    module
        Its module in this folder.
    package
        The distribution that has to be installed.
    forms
        Name of each form, and the settings of its `Trainer`.
    """

    name: str
    module: str
    package: str
    forms: dict[str, dict[str, object]] = field(default_factory=lambda: {"": {}})


RANVIER = Competitor("Ranvier", "ranvier", "ranvier")
# With an explicit number of threads, for the comparison of threads.
RANVIER_TOLD = Competitor("Ranvier", "ranvier", "ranvier", {"": {"told": True}})
MATMUL = Competitor("matrix product", "matmul", "numpy")
PEERS = (
    Competitor(
        "scikit-learn",
        "scikit_learn",
        "scikit-learn",
        {
            "float32": {"dtype": "float32"},
            "float64": {"dtype": "float64"},
        },
    ),
    Competitor(
        "PyTorch",
        "pytorch",
        "torch",
        {"foreach": {"adam": "foreach"}, "fused": {"adam": "fused"}},
    ),
    Competitor("torch.compile", "pytorch_compiled", "torch"),
    Competitor("JAX", "jax", "jax"),
)
ONNX = Competitor("ONNX Runtime", "onnx_runtime", "onnxruntime")
