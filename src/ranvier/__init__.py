"""Feed-forward neural networks for tables: fast, accurate, and open to look into.

Examples
--------
>>> import ranvier as rv
>>> net = rv.Network(2, [rv.Dense(8, "relu"), rv.Dense(1)], seed=0)
>>> net([[1.0, 2.0], [3.0, 4.0]]).shape
(2, 1)
"""

from typing import TYPE_CHECKING, Any

from ranvier import schedules as schedules
from ranvier._engine import show_config as show_config
from ranvier.activations import Activation as Activation
from ranvier.activations import elu as elu
from ranvier.activations import leaky_relu as leaky_relu
from ranvier.files import FileFormatError as FileFormatError
from ranvier.history import EpochRecord as EpochRecord
from ranvier.history import History as History
from ranvier.layers import Dense as Dense
from ranvier.layers import DenseLayer as DenseLayer
from ranvier.layers import Dropout as Dropout
from ranvier.losses import Loss as Loss
from ranvier.losses import cross_entropy as cross_entropy
from ranvier.losses import huber as huber
from ranvier.losses import quantile as quantile
from ranvier.network import Network as Network
from ranvier.nonfinite import NonFiniteError as NonFiniteError
from ranvier.optimizers import LBFGS as LBFGS
from ranvier.optimizers import SGD as SGD
from ranvier.optimizers import Adam as Adam
from ranvier.optimizers import AdamW as AdamW
from ranvier.passes import Gradient as Gradient
from ranvier.passes import LayerValues as LayerValues
from ranvier.stopping import EarlyStopping as EarlyStopping
from ranvier.training import train as train

if TYPE_CHECKING:
    from ranvier.model import Model as Model
    from ranvier.model import fit_table as fit_table

__version__ = "0.1.0"

# What a network alone does not need is imported when it is asked for.
_LATER = {"Model": "ranvier.model", "fit_table": "ranvier.model"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'ranvier' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
