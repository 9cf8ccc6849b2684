"""Between an estimator and what others know: a Network, and skl2onnx."""

from importlib import import_module
from typing import Any

import numpy as np

from ranvier.estimators.architecture import activation_of, describe, name_of
from ranvier.estimators.parameter_views import adopt_parameters
from ranvier.network.layers import DenseLayer, Dropout
from ranvier.network.network import Network


def estimator(
    cls: Any, network: Network, parameters: dict[str, Any], outputs: tuple[str, ...]
) -> Any:
    """Return an estimator of a class as if it had been fitted to the network's weights.

    Parameters
    ----------
    cls
        The class.
    network
        The network.
    parameters
        Parameters of the class that layers do not say.
    outputs
        The activations that its last layer may have.

    Raises
    ------
    ValueError
        The network is not one of this class's.
    """
    if network.activation.name not in outputs:
        raise ValueError(
            f"the last layer of the network has {network.activation}, but "
            f"{cls.__name__} needs {' or '.join(map(repr, outputs))}: build the "
            "network with that last activation"
        )
    if network.embedding is not None or any(
        layer.parametric for layer in network.dense_layers
    ):
        raise ValueError(
            f"the network has an embedding or a parametric activation, which "
            f"{cls.__name__} has not: use the network as it is, or build it without"
        )
    *hidden, last = network.dense_layers
    names = [name_of(layer.activation) for layer in hidden]
    rates = _dropout(network)
    mlp = cls(
        **{
            "hidden_layer_sizes": tuple(layer.units for layer in hidden),
            "activation": names[0] if len(set(names)) == 1 else names or "relu",
            "dropout": rates[0] if len(set(rates)) == 1 else rates or 0.0,
            **parameters,
        }
    )
    mlp.out_activation_ = name_of(last.activation)
    mlp.n_features_in_, mlp.n_outputs_ = network.inputs, network.outputs
    mlp.n_layers_ = len(hidden) + 2
    mlp.n_iter_ = mlp.t_ = 0
    mlp.validation_losses_, mlp.best_epoch_ = [], None
    mlp._start_curves()
    mlp.coefs_ = [layer.W for layer in network.dense_layers]
    mlp.intercepts_ = [layer.b for layer in network.dense_layers]
    adopt_parameters(mlp, network.theta.copy())
    return mlp


def set_classes(mlp: Any, network: Network, classes: Any, binarizer: Any) -> None:
    """Set the classes of a classifier, in the order of the network's outputs."""
    outputs = network.outputs
    labels = network.activation.name == "sigmoid" and outputs > 1
    count = 2 if outputs == 1 else outputs
    known = np.arange(count) if classes is None else np.asarray(classes)
    if len(known) != count or (network.activation.name == "softmax" and count < 3):
        raise ValueError(
            f"the network has {outputs} outputs with {network.activation}, which does "
            f"not go with {len(known)} classes: give a softmax unit for each of three "
            "or more classes, or one sigmoid unit for two"
        )
    if (np.sort(known) != known).any():
        raise ValueError(
            f"classes must be sorted, as scikit-learn has them, but got {known}: sort "
            "them, and the units of the last layer with them"
        )
    binarizer.fit(np.eye(count, dtype=int) if labels else known)
    mlp._label_binarizer = binarizer
    mlp.classes_ = known if not labels else binarizer.classes_


def onnx(mlp: Any, parent: str, part: str) -> Any:
    """Return a part of what skl2onnx knows about scikit-learn's class.

    Parameters
    ----------
    mlp
        The estimator; its class is made known to skl2onnx under a name of its own.
    parent
        skl2onnx's name for scikit-learn's class.
    part
        ``"converter"`` or ``"shape_calculator"``.

    Raises
    ------
    NotImplementedError
        The network has what scikit-learn's has not.
    """
    names = {name_of(activation_of(name)) for name in describe(mlp).activations[:-1]}
    if len(names) > 1 or not names <= {"identity", "logistic", "tanh", "relu"}:
        raise NotImplementedError(
            "skl2onnx converts networks with one of identity, logistic, tanh and relu "
            f"in all hidden layers, but this one has activation={mlp.activation!r}"
        )
    # By its own table of names skl2onnx finds the options that go with them.
    names_of_classes = import_module("skl2onnx._supported_operators")
    names_of_classes.sklearn_operator_name_map[type(mlp)] = parent
    registration = import_module("skl2onnx.common._registration")
    return getattr(registration, f"get_{part}")(parent)


def _dropout(network: Network) -> list[float]:
    """Return the rate after each hidden layer."""
    rates: list[float] = []
    for layer in network.layers:
        if isinstance(layer, DenseLayer):
            rates.append(0.0)
        elif isinstance(layer, Dropout):
            if not rates:
                raise ValueError(
                    "the network drops inputs out, which an estimator does not: build "
                    "it without Dropout before the first Dense"
                )
            rates[-1] = layer.rate
    return rates[:-1]
