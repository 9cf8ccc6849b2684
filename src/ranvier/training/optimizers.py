"""The optimizers: frozen descriptions of how a gradient becomes a step.

The equations are the engine's (`engine/equations/update.h`); here are their parameters.
L-BFGS is scipy's.
"""

from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np

from ranvier import _engine
from ranvier.checks import checked_int
from ranvier.messages import unknown
from ranvier.training.argument_checks import check_layer_factors, check_number
from ranvier.training.param_groups import LayerFactors, matrix

LARGEST_HISTORY: Final = 1000  # steps of L-BFGS, each of two vectors of parameters


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, with momentum if asked for.

    v = momentum v - lr dW and W = W + v; with Nesterov's look-ahead
    W = W + momentum v - lr dW with the new v. The same for b.

    Parameters
    ----------
    lr
        Learning rate.
    momentum
        Share of the last step that the next one keeps, in [0, 1).
    nesterov
        Step as if the momentum had already been followed (Sutskever et al., 2013).
    l2
        Penalty: adds l2 W to dW, for weights and not for biases.
    weight_decay
        Decoupled decay: takes lr weight_decay W from W, not from b.
    clip_norm
        Largest norm of the whole gradient, which is scaled down to it; None: no limit.
    layer_rates
        Factors of lr, one for each layer with parameters: a number, or one for (W, b),
        for (W, b, alpha), or for (values, scale) of an embedding; see `layer_factors`.
    layer_decays
        Factors of the penalty and of the decay, in the same way. None: 1 for W and for
        the values of an embedding, 0 for the others.

    Raises
    ------
    ValueError
        A value is outside its range.

    Examples
    --------
    >>> SGD(lr=0.1, momentum=0.9, nesterov=True).momentum
    0.9
    """

    lr: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    l2: float = 0.0
    weight_decay: float = 0.0
    clip_norm: float | None = None
    layer_rates: LayerFactors | None = None
    layer_decays: LayerFactors | None = None

    def __post_init__(self) -> None:
        _check_common(self)
        check_number(self, "momentum", lambda v: 0 <= v < 1, "in [0, 1)", 0.9)
        if not isinstance(self.nesterov, bool | np.bool_):
            raise TypeError(
                f"nesterov must be True or False, but got {self.nesterov!r}"
            )
        if self.nesterov and self.momentum == 0:
            raise ValueError(
                "nesterov=True looks ahead along the momentum, but momentum is 0: set "
                "momentum, for example 0.9, or leave nesterov out"
            )


@dataclass(frozen=True)
class Adam:
    """Adam: steps scaled by running means of the gradient and of its square.

    m = beta1 m + (1 - beta1) dW, v = beta2 v + (1 - beta2) dW^2, and
    W = W - lr m^ / (sqrt(v^) + epsilon), where m^ = m / (1 - beta1^t) and
    v^ = v / (1 - beta2^t) at step t = 1, 2, ... Kingma & Ba, 2015.

    Parameters
    ----------
    lr
        Learning rate.
    beta1, beta2
        How much of the running means a step keeps, in [0, 1).
    epsilon
        Added to the square root, above 0.
    l2
        Penalty: adds l2 W to dW, for weights and not for biases.
    clip_norm
        Largest norm of the whole gradient, which is scaled down to it; None: no limit.
    layer_rates
        Factors of lr, one for each layer with parameters: a number, or one for (W, b),
        for (W, b, alpha), or for (values, scale) of an embedding; see `layer_factors`.
    layer_decays
        Factors of the penalty and of the decay, in the same way. None: 1 for W and for
        the values of an embedding, 0 for the others.

    Raises
    ------
    ValueError
        A value is outside its range.

    Examples
    --------
    >>> Adam(lr=0.004).lr
    0.004
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    l2: float = 0.0
    clip_norm: float | None = None
    layer_rates: LayerFactors | None = None
    layer_decays: LayerFactors | None = None

    def __post_init__(self) -> None:
        _check_common(self)
        _check_adam(self)


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay: W = W - lr weight_decay W beside Adam's step.

    Loshchilov & Hutter, "Decoupled weight decay regularization", 2019. Biases do not
    decay.

    Parameters
    ----------
    lr
        Learning rate.
    weight_decay
        Share of W that a step at rate 1 would take.
    beta1, beta2, epsilon, clip_norm, layer_rates, layer_decays
        As in `Adam`.

    Raises
    ------
    ValueError
        A value is outside its range.

    Examples
    --------
    >>> AdamW(weight_decay=0.02).weight_decay
    0.02
    """

    lr: float = 1e-3
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip_norm: float | None = None
    layer_rates: LayerFactors | None = None
    layer_decays: LayerFactors | None = None

    def __post_init__(self) -> None:
        _check_common(self)
        _check_adam(self)


@dataclass(frozen=True)
class LBFGS:
    """L-BFGS: full-batch quasi-Newton steps by scipy, for small and smooth problems.

    Liu & Nocedal, "On the limited memory BFGS method", 1989.

    Parameters
    ----------
    max_iterations
        Most iterations, each one epoch record; ``epochs`` of `train` goes before it.
    tolerance
        Converged when no entry of the gradient is larger than this.
    history
        Steps remembered for the curvature.
    l2
        Penalty: l2 / 2 times the sum of the squared weights, biases left out.

    Raises
    ------
    ValueError
        A value is outside its range.

    Examples
    --------
    >>> LBFGS(max_iterations=500).history
    10
    """

    max_iterations: int = 200
    tolerance: float = 1e-5
    history: int = 10
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, high, example in (
            ("max_iterations", None, 200), ("history", LARGEST_HISTORY, 10),
        ):  # fmt: skip
            count = checked_int(name, getattr(self, name), 1, high, example=example)
            object.__setattr__(self, name, count)
        check_number(self, "tolerance", lambda v: 0 <= v < inf, "at least 0", 1e-5)
        check_number(self, "l2", lambda v: 0 <= v < inf, "at least 0", 1e-4)


StepOptimizer = SGD | Adam | AdamW
Optimizer = StepOptimizer | LBFGS

NAMED: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "lbfgs": LBFGS,
}


def resolve(optimizer: str | Optimizer) -> Optimizer:
    """Turn what a user gives for an optimizer into its description.

    Parameters
    ----------
    optimizer
        One of the names ``"sgd"``, ``"adam"``, ``"adamw"``, ``"lbfgs"`` (with their
        default parameters), or a description.

    Returns
    -------
    Optimizer
        The description.

    Raises
    ------
    ValueError
        The name is unknown.
    TypeError
        It is neither a name nor a description.

    Examples
    --------
    >>> resolve("adam")
    Adam(lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, l2=0.0, clip_norm=None, \
layer_rates=None, layer_decays=None)
    """
    if isinstance(optimizer, str):
        if optimizer.lower() in NAMED:
            return NAMED[optimizer.lower()]()
        raise unknown("optimizer", optimizer, NAMED)
    if isinstance(optimizer, SGD | Adam | AdamW | LBFGS):
        return optimizer
    raise TypeError(
        f"optimizer must be a name or a description, but got {optimizer!r}: give for "
        "example 'adam' or Adam(lr=0.001)"
    )


def engine_update(
    optimizer: StepOptimizer,
    layers: int,
    averaging: float = 0.0,
    embedded: bool = False,
) -> _engine.Update:
    """Return the engine's update for a network, so many of whose layers are learned.

    `embedded`: whether the first of them is an embedding.
    """
    common: dict[str, Any] = {
        "clip_norm": inf if optimizer.clip_norm is None else optimizer.clip_norm,
        "rate_factors": matrix(
            "layer_rates", optimizer.layer_rates, layers, (1, 1, 1), embedded
        ),
        "decay_factors": matrix(
            "layer_decays", optimizer.layer_decays, layers, (1, 0, 0), embedded
        ),
        "averaging": averaging,
    }
    if isinstance(optimizer, SGD):
        return _engine.Update(
            "sgd",
            momentum=optimizer.momentum,
            nesterov=optimizer.nesterov,
            l2=optimizer.l2,
            weight_decay=optimizer.weight_decay,
            **common,
        )
    return _engine.Update(
        "adam",
        beta1=optimizer.beta1,
        beta2=optimizer.beta2,
        epsilon=optimizer.epsilon,
        l2=optimizer.l2 if isinstance(optimizer, Adam) else 0.0,
        weight_decay=optimizer.weight_decay if isinstance(optimizer, AdamW) else 0.0,
        **common,
    )


def _check_common(optimizer: StepOptimizer) -> None:
    """Refuse values that no step could be taken with."""
    positive, at_least_0 = "above 0 and finite", "at least 0 and finite"
    check_number(optimizer, "lr", lambda v: 0 < v < inf, positive, type(optimizer).lr)
    for name in ("l2", "weight_decay"):
        if hasattr(optimizer, name):
            check_number(optimizer, name, lambda v: 0 <= v < inf, at_least_0, 1e-4)
    if optimizer.clip_norm is not None:
        wanted = "above 0, or None for no limit"
        check_number(optimizer, "clip_norm", lambda v: v > 0, wanted, 1.0)
    for name in ("layer_rates", "layer_decays"):
        check_layer_factors(name, getattr(optimizer, name))


def _check_adam(optimizer: Adam | AdamW) -> None:
    """Refuse averages that forget nothing, and a denominator that could be 0."""
    for name, example in (("beta1", 0.9), ("beta2", 0.999)):
        check_number(optimizer, name, lambda v: 0 <= v < 1, "in [0, 1)", example)
    check_number(optimizer, "epsilon", lambda v: 0 < v < inf, "above 0", 1e-8)
