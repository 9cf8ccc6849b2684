"""Feed-forward neural networks for tables: fast, accurate, and open to look into.

Examples
--------
>>> import ranvier as rv
>>> net = rv.Network(2, [rv.Dense(8, "relu"), rv.Dense(1)], seed=0)
>>> net([[1.0, 2.0], [3.0, 4.0]]).shape
(2, 1)
"""

from typing import TYPE_CHECKING, Any

from ranvier.files import FileFormatError as FileFormatError
from ranvier.network.activations import Activation as Activation
from ranvier.network.activations import elu as elu
from ranvier.network.activations import leaky_relu as leaky_relu
from ranvier.network.columns import Category as Category
from ranvier.network.columns import Periodic as Periodic
from ranvier.network.columns import Piecewise as Piecewise
from ranvier.network.columns import Plain as Plain
from ranvier.network.embedding import Embedding as Embedding
from ranvier.network.embedding import EmbeddingLayer as EmbeddingLayer
from ranvier.network.layers import Dense as Dense
from ranvier.network.layers import DenseLayer as DenseLayer
from ranvier.network.layers import Dropout as Dropout
from ranvier.network.losses import Loss as Loss
from ranvier.network.losses import cross_entropy as cross_entropy
from ranvier.network.losses import huber as huber
from ranvier.network.losses import quantile as quantile
from ranvier.network.network import Network as Network
from ranvier.network.passes import Gradient as Gradient
from ranvier.network.passes import LayerValues as LayerValues
from ranvier.run.folder import Recording as Recording
from ranvier.run.lock import RunInUseError as RunInUseError
from ranvier.run.run import Run as Run
from ranvier.training import schedules as schedules
from ranvier.training.factors import Groups as Groups
from ranvier.training.factors import layer_factors as layer_factors
from ranvier.training.history import EpochRecord as EpochRecord
from ranvier.training.history import History as History
from ranvier.training.nonfinite import NonFiniteError as NonFiniteError
from ranvier.training.optimizers import LBFGS as LBFGS
from ranvier.training.optimizers import SGD as SGD
from ranvier.training.optimizers import Adam as Adam
from ranvier.training.optimizers import AdamW as AdamW
from ranvier.training.starting import start_from_rows as start_from_rows
from ranvier.training.stopping import EarlyStopping as EarlyStopping
from ranvier.training.train import train as train
from ranvier.version import __version__ as __version__

if TYPE_CHECKING:
    from ranvier.catalogue.activations import activations as activations
    from ranvier.catalogue.losses import losses as losses
    from ranvier.configuration import show_config as show_config
    from ranvier.contest.comparison import Comparison as Comparison
    from ranvier.contest.contest import compare as compare
    from ranvier.estimators.classifier import MLPClassifier as MLPClassifier
    from ranvier.estimators.patch import patch_sklearn as patch_sklearn
    from ranvier.estimators.patch import unpatch_sklearn as unpatch_sklearn
    from ranvier.estimators.regressor import MLPRegressor as MLPRegressor
    from ranvier.job.fitting import fit_table as fit_table
    from ranvier.job.model import Model as Model
    from ranvier.neurons import logic as logic
    from ranvier.neurons.neuron import Neuron as Neuron
    from ranvier.neurons.perceptron import perceptron as perceptron
    from ranvier.pictures.boundary import plot_boundary as plot_boundary
    from ranvier.pictures.drawing import plot_network as plot_network
    from ranvier.pictures.heatmaps import plot_gradients as plot_gradients
    from ranvier.pictures.heatmaps import plot_weights as plot_weights
    from ranvier.pictures.responses import plot_responses as plot_responses
    from ranvier.tabular.classifier import TabularClassifier as TabularClassifier
    from ranvier.tabular.regressor import TabularRegressor as TabularRegressor
    from ranvier.trace.attribution import attribute as attribute
    from ranvier.trace.checking import check_gradients as check_gradients
    from ranvier.trace.trace import Trace as Trace
    from ranvier.training.many import train_many as train_many
    from ranvier.training.resume import Resumed as Resumed
    from ranvier.training.resume import resume as resume

# What a network alone does not need is imported when it is asked for.
_LATER = {
    "Comparison": "ranvier.contest.comparison",
    "MLPClassifier": "ranvier.estimators.classifier",
    "MLPRegressor": "ranvier.estimators.regressor",
    "Model": "ranvier.job.model",
    "Neuron": "ranvier.neurons.neuron",
    "Resumed": "ranvier.training.resume",
    "TabularClassifier": "ranvier.tabular.classifier",
    "TabularRegressor": "ranvier.tabular.regressor",
    "Trace": "ranvier.trace.trace",
    "activations": "ranvier.catalogue.activations",
    "attribute": "ranvier.trace.attribution",
    "check_gradients": "ranvier.trace.checking",
    "compare": "ranvier.contest.contest",
    "fit_table": "ranvier.job.fitting",
    "logic": "ranvier.neurons.logic",
    "losses": "ranvier.catalogue.losses",
    "patch_sklearn": "ranvier.estimators.patch",
    "perceptron": "ranvier.neurons.perceptron",
    "plot_boundary": "ranvier.pictures.boundary",
    "plot_gradients": "ranvier.pictures.heatmaps",
    "plot_network": "ranvier.pictures.drawing",
    "plot_responses": "ranvier.pictures.responses",
    "plot_weights": "ranvier.pictures.heatmaps",
    "resume": "ranvier.training.resume",
    "show_config": "ranvier.configuration",
    "train_many": "ranvier.training.many",
    "unpatch_sklearn": "ranvier.estimators.patch",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'ranvier' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LATER[name])
    value = globals()[name] = getattr(module, name, module)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
