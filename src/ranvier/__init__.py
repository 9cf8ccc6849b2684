"""Feed-forward neural networks for tables: fast, accurate, and open to look into.

Examples
--------
>>> import ranvier as rv
>>> net = rv.Network(2, [rv.Dense(8, "relu"), rv.Dense(1)], seed=0)
>>> net([[1.0, 2.0], [3.0, 4.0]]).shape
(2, 1)
"""

from ranvier import startup as startup  # before anything else is imported

# isort: split

from typing import TYPE_CHECKING, Any

from ranvier.files import FileFormatError
from ranvier.network import columns
from ranvier.network.activations import Activation
from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import Dense, DenseLayer, Dropout
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.network.passes import Gradient, LayerValues
from ranvier.run.folder import Recording
from ranvier.run.lock import RunInUseError
from ranvier.run.run import Run
from ranvier.training import schedules
from ranvier.training.data_dependent_init import data_dependent_init
from ranvier.training.history import EpochRecord, History
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.optimizers import LBFGS, SGD, Adam, AdamW
from ranvier.training.param_groups import ParamGroups, layer_factors
from ranvier.training.stopping import EarlyStopping
from ranvier.training.train import train
from ranvier.version import __version__

if TYPE_CHECKING:
    from ranvier.catalogue.activations import activations
    from ranvier.catalogue.losses import losses
    from ranvier.comparison.compare import compare
    from ranvier.comparison.results import Comparison
    from ranvier.doctor.diagnose import diagnose
    from ranvier.doctor.finding import Diagnosis, Finding
    from ranvier.doctor.preflight import preflight
    from ranvier.environment import show_config
    from ranvier.estimators.classifier import MLPClassifier
    from ranvier.estimators.patch import patch_sklearn, unpatch_sklearn
    from ranvier.estimators.regressor import MLPRegressor
    from ranvier.exports.export import export, from_torch
    from ranvier.loading import load
    from ranvier.neurons import logic
    from ranvier.neurons.neuron import Neuron
    from ranvier.neurons.perceptron import perceptron
    from ranvier.pictures.boundary import plot_boundary
    from ranvier.pictures.drawing import plot_network
    from ranvier.pictures.heatmaps import plot_gradients, plot_weights
    from ranvier.pictures.responses import plot_responses
    from ranvier.reading.reading import read_table
    from ranvier.tabular.classifier import TabularClassifier
    from ranvier.tabular.drift import DriftWarning
    from ranvier.tabular.fit_table import fit_table
    from ranvier.tabular.model import TableModel
    from ranvier.tabular.regressor import TabularRegressor
    from ranvier.trace.gradient_check import check_gradients
    from ranvier.trace.integrated_gradients import attribute
    from ranvier.trace.trace import Trace
    from ranvier.trackers.mlflow import MLflowLogger
    from ranvier.trackers.optuna import OptunaPruning
    from ranvier.trackers.tensorboard import TensorBoardLogger
    from ranvier.trackers.visdom import VisdomLogger
    from ranvier.trackers.wandb import WandbLogger
    from ranvier.training.resume import Resumed, resume
    from ranvier.training.train_many import train_many

# Every public name, and nothing else: `dir` and a star import show this list.
__all__ = [
    "LBFGS",
    "SGD",
    "Activation",
    "Adam",
    "AdamW",
    "Comparison",
    "Dense",
    "DenseLayer",
    "Diagnosis",
    "DriftWarning",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "EmbeddingLayer",
    "EpochRecord",
    "FileFormatError",
    "Finding",
    "Gradient",
    "History",
    "LayerValues",
    "Loss",
    "MLPClassifier",
    "MLPRegressor",
    "MLflowLogger",
    "Network",
    "Neuron",
    "NonFiniteError",
    "OptunaPruning",
    "ParamGroups",
    "Recording",
    "Resumed",
    "Run",
    "RunInUseError",
    "TableModel",
    "TabularClassifier",
    "TabularRegressor",
    "TensorBoardLogger",
    "Trace",
    "VisdomLogger",
    "WandbLogger",
    "__version__",
    "activations",
    "attribute",
    "check_gradients",
    "columns",
    "compare",
    "data_dependent_init",
    "diagnose",
    "export",
    "fit_table",
    "from_torch",
    "layer_factors",
    "load",
    "logic",
    "losses",
    "patch_sklearn",
    "perceptron",
    "plot_boundary",
    "plot_gradients",
    "plot_network",
    "plot_responses",
    "plot_weights",
    "preflight",
    "read_table",
    "resume",
    "schedules",
    "show_config",
    "train",
    "train_many",
    "unpatch_sklearn",
]

# Imported when first used: a network alone does not need them.
_LAZY = {
    "Comparison": "ranvier.comparison.results",
    "Diagnosis": "ranvier.doctor.finding",
    "DriftWarning": "ranvier.tabular.drift",
    "Finding": "ranvier.doctor.finding",
    "MLPClassifier": "ranvier.estimators.classifier",
    "MLPRegressor": "ranvier.estimators.regressor",
    "MLflowLogger": "ranvier.trackers.mlflow",
    "Neuron": "ranvier.neurons.neuron",
    "OptunaPruning": "ranvier.trackers.optuna",
    "Resumed": "ranvier.training.resume",
    "TableModel": "ranvier.tabular.model",
    "TabularClassifier": "ranvier.tabular.classifier",
    "TabularRegressor": "ranvier.tabular.regressor",
    "TensorBoardLogger": "ranvier.trackers.tensorboard",
    "Trace": "ranvier.trace.trace",
    "VisdomLogger": "ranvier.trackers.visdom",
    "WandbLogger": "ranvier.trackers.wandb",
    "activations": "ranvier.catalogue.activations",
    "attribute": "ranvier.trace.integrated_gradients",
    "check_gradients": "ranvier.trace.gradient_check",
    "compare": "ranvier.comparison.compare",
    "diagnose": "ranvier.doctor.diagnose",
    "export": "ranvier.exports.export",
    "fit_table": "ranvier.tabular.fit_table",
    "from_torch": "ranvier.exports.export",
    "load": "ranvier.loading",
    "logic": "ranvier.neurons.logic",
    "losses": "ranvier.catalogue.losses",
    "patch_sklearn": "ranvier.estimators.patch",
    "perceptron": "ranvier.neurons.perceptron",
    "plot_boundary": "ranvier.pictures.boundary",
    "plot_gradients": "ranvier.pictures.heatmaps",
    "plot_network": "ranvier.pictures.drawing",
    "plot_responses": "ranvier.pictures.responses",
    "plot_weights": "ranvier.pictures.heatmaps",
    "preflight": "ranvier.doctor.preflight",
    "read_table": "ranvier.reading.reading",
    "resume": "ranvier.training.resume",
    "show_config": "ranvier.environment",
    "train_many": "ranvier.training.train_many",
    "unpatch_sklearn": "ranvier.estimators.patch",
}


def _trace(*arguments: Any, **named: Any) -> "Trace":
    """Call `Trace.of`, imported at the first call."""
    from ranvier.trace.trace import Trace

    return Trace.of(*arguments, **named)


def _to_torch(net: Network) -> Any:
    """Call `to_torch`, imported at the first call."""
    from ranvier.exports.export import to_torch

    return to_torch(net)


Network._tracer = staticmethod(_trace)
Network._torch_writer = staticmethod(_to_torch)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ranvier' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LAZY[name])
    value = globals()[name] = getattr(module, name, module)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
