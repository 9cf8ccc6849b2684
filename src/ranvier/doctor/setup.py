"""How a network is trained, as far as it is known: the network, the loss, the rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ranvier.network import losses
from ranvier.network.layers import Dropout
from ranvier.network.network import Network
from ranvier.training import config_json, optimizers
from ranvier.training.config import TrainConfig
from ranvier.training.optimizers import LBFGS, Adam, AdamW, Optimizer

# Learning rates that are hardly ever right, for scaled columns and targets.
LEAST_ADAM, MOST_ADAM = 3e-6, 0.2
LEAST_SGD, MOST_SGD = 1e-4, 5.0


@dataclass(frozen=True)
class Setup:
    """A network and how it is trained; None where that is not known.

    Parameters
    ----------
    network
        The network, trained or not.
    loss
        Name of the loss.
    optimizer
        How a gradient becomes a step.
    batch_size, epochs
        Rows of a step, and passes over the rows.
    stops_early
        Whether the weights are those of the best epoch.
    encodes
        Whether columns and target are scaled by the model itself.
    config
        All settings of the training.
    names
        Names of the columns.
    """

    network: Network | None = None
    loss: str | None = None
    optimizer: Optimizer | None = None
    batch_size: int | None = None
    epochs: int | None = None
    stops_early: bool = False
    encodes: bool = False
    config: TrainConfig | None = None
    names: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """The learning rate."""
        return getattr(self.optimizer, "lr", None)

    @property
    def weight_decay(self) -> float:
        """The weight decay or the penalty l2, 0 if there is none."""
        names = ("weight_decay", "l2")
        return float(sum(getattr(self.optimizer, name, 0.0) for name in names))

    @property
    def unusual_rate(self) -> tuple[bool, bool]:
        """Whether the rate is far below, or far above, usual ones of its optimizer."""
        rate, optimizer = self.rate, self.optimizer
        if rate is None:
            return False, False
        if isinstance(optimizer, optimizers.SGD):
            rate = rate / max(1 - optimizer.momentum, 1e-3)
            return rate < LEAST_SGD, rate > MOST_SGD
        return rate < LEAST_ADAM, rate > MOST_ADAM

    @property
    def hidden(self) -> list[int]:
        """Units of the hidden layers."""
        layers = () if self.network is None else self.network.dense_layers[:-1]
        return [layer.units for layer in layers]

    @property
    def shape(self) -> dict[str, Any]:
        """Inputs, hidden units and outputs, for the code of cures."""
        net = self.network
        assert net is not None
        return {"inputs": net.inputs, "hidden": self.hidden, "outputs": net.outputs}

    @property
    def dropout(self) -> list[tuple[int, float]]:
        """Index and rate of each dropout layer."""
        layers = () if self.network is None else self.network.layers
        return [(i, o.rate) for i, o in enumerate(layers) if isinstance(o, Dropout)]

    def given(self, **settings: Any) -> Setup:
        """Return a setup with those settings that are not None."""
        found = {name: value for name, value in settings.items() if value is not None}
        if "optimizer" in found:
            found["optimizer"] = optimizers.resolve(found["optimizer"])
        if "loss" in found:
            found["loss"] = losses.resolve(found["loss"]).name
        if "stop" in found:
            found["stops_early"] = found.pop("stop") is not None
        return replace(self, **found)

    @classmethod
    def of(cls, model: Any, inputs: int, outputs: int) -> Setup:
        """Return what is known of a model: a network, or an estimator, fitted or not.

        Parameters
        ----------
        model
            A `Network`, an estimator, a table model, or None.
        inputs, outputs
            Columns of X and of what is predicted, for an estimator that is not fitted.
        """
        if model is None:
            return cls()
        if isinstance(model, Network):
            loss = losses.for_output(model.activation).name
            return cls(model, loss, Adam())
        if hasattr(model, "hidden_layer_sizes"):
            return _of_mlp(model, inputs, outputs)
        return cls(stops_early=True, encodes=True)


def of_training(network: Network | None, training: Mapping[str, Any]) -> Setup:
    """Return the setup that the description of a training holds, as in a run."""
    try:
        return of_config(network, config_json.read(training))
    except (KeyError, ValueError):  # the user's own functions are in no file
        return Setup.of(network, 0, 0)


def of_config(network: Network | None, config: TrainConfig) -> Setup:
    """Return the setup of a network that was trained with some settings."""
    return Setup(
        network,
        config.loss.name,
        config.optimizer,
        config.batch_size,
        config.epochs,
        config.stop is not None,
        config=config,
    )


def _of_mlp(model: Any, inputs: int, outputs: int) -> Setup:
    """Return the setup of an MLPClassifier or MLPRegressor."""
    from sklearn.base import is_classifier

    classes = is_classifier(model)
    network = getattr(model, "network_", None) if hasattr(model, "coefs_") else None
    if network is None:
        network = _planned(model, inputs, outputs, classes)
    loss = losses.for_output(network.activation).name
    rate, alpha = float(model.learning_rate_init), float(model.alpha)
    chosen: Optimizer = LBFGS()
    if model.solver == "adam":
        chosen = AdamW(rate, weight_decay=alpha)
    elif model.solver == "sgd":
        chosen = optimizers.SGD(rate, momentum=model.momentum, weight_decay=alpha)
    return Setup(
        network,
        loss if classes else "squared_error",
        chosen,
        model.batch_size if isinstance(model.batch_size, int) else None,
        model.max_iter,
        bool(model.early_stopping),
    )


def _planned(model: Any, inputs: int, outputs: int, classes: bool) -> Network:
    """Build the network that a fit would start from."""
    from numpy import atleast_1d

    hidden = [int(units) for units in atleast_1d(model.hidden_layer_sizes)]
    names = {"logistic": "sigmoid"}
    given = model.activation if isinstance(model.activation, str) else "relu"
    last = "identity"
    if classes:
        last = "softmax" if outputs > 2 else "sigmoid"
        outputs = outputs if outputs > 2 else 1
    rate = model.dropout if isinstance(model.dropout, float) else 0.0
    return Network.mlp(
        inputs, hidden, outputs, names.get(given, given), last, rate, seed=0
    )
