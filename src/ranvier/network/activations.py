"""The activation functions A = f(Z) by name; f and f' themselves are the engine's.

`engine/equations/activation.h` holds each function beside its derivative.
"""

from dataclasses import dataclass
from math import isnan, nan
from typing import Final

from ranvier.checks import checked_float
from ranvier.messages import check_known

# Every name with the default of its parameter; 0 where it has none.
NAMES: Final[dict[str, float]] = {
    "identity": 0.0,
    "relu": 0.0,
    "leaky_relu": 0.01,
    "relu6": 0.0,
    "elu": 1.0,
    "selu": 0.0,
    "gelu": 0.0,
    "gelu_tanh": 0.0,
    "silu": 0.0,
    "mish": 0.0,
    "sigmoid": 0.0,
    "tanh": 0.0,
    "softplus": 0.0,
    "softsign": 0.0,
    "hard_sigmoid": 0.0,
    "hard_tanh": 0.0,
    "step": 0.0,
    "exp": 0.0,
    "softmax": 0.0,
}

# The functions whose parameter may be set, and what it is called there.
PARAMETERS: Final[dict[str, str]] = {"leaky_relu": "slope", "elu": "alpha"}


@dataclass(frozen=True)
class Activation:
    """An activation function: its name and, for two of them, a parameter.

    Parameters
    ----------
    name
        One of identity, relu, leaky_relu, relu6, elu, selu, gelu, gelu_tanh, silu,
        mish, sigmoid, tanh, softplus, softsign, hard_sigmoid, hard_tanh, step, exp and
        softmax. exp and softmax belong to the last layer; step predicts only.
    parameter
        The slope of leaky_relu (0.01 if left out) or the alpha of elu (1.0); the other
        functions have none.

    Raises
    ------
    ValueError
        The name is unknown, or the parameter is not finite or not this function's.

    Examples
    --------
    >>> Activation("leaky_relu")
    Activation(name='leaky_relu', parameter=0.01)
    """

    name: str
    parameter: float = nan  # not a number: the default of the name

    def __post_init__(self) -> None:
        check_known("activation", self.name, NAMES)
        default = NAMES[self.name]
        what = f"the {PARAMETERS.get(self.name, 'parameter')} of {self.name}"
        given: object = self.parameter
        if isinstance(given, float) and isnan(given):  # left out
            given = default
        parameter = checked_float(what, given, example=default)
        if self.name not in PARAMETERS and parameter != 0:
            raise ValueError(
                f"{self.name} has no parameter, but got {parameter}: leave it out; "
                f"only {' and '.join(PARAMETERS)} have one"
            )
        object.__setattr__(self, "parameter", parameter)

    def __str__(self) -> str:
        if self.parameter == NAMES[self.name]:
            return self.name
        return f"{self.name}({PARAMETERS[self.name]}={self.parameter:g})"


def leaky_relu(slope: float = 0.01) -> Activation:
    """Return the activation z if z > 0, else slope z (Maas, Hannun & Ng, 2013).

    Parameters
    ----------
    slope
        The slope where z is not positive; any finite number.

    Raises
    ------
    ValueError
        The slope is not finite.

    Examples
    --------
    >>> leaky_relu(0.2)
    Activation(name='leaky_relu', parameter=0.2)
    """
    return _with_parameter("leaky_relu", slope)


def elu(alpha: float = 1.0) -> Activation:
    """Return the activation z if z > 0, else alpha (exp(z) - 1) (Clevert et al., 2016).

    Parameters
    ----------
    alpha
        Minus the value that it falls to; any finite number.

    Raises
    ------
    ValueError
        Alpha is not finite.

    Examples
    --------
    >>> elu(0.5)
    Activation(name='elu', parameter=0.5)
    """
    return _with_parameter("elu", alpha)


def resolve(activation: str | Activation) -> Activation:
    """Return the activation that a name stands for, or the one given.

    Raises
    ------
    ValueError
        The name is unknown; the nearest one is offered.

    Examples
    --------
    >>> resolve("relu")
    Activation(name='relu', parameter=0.0)
    """
    return activation if isinstance(activation, Activation) else Activation(activation)


def _with_parameter(name: str, parameter: float) -> Activation:
    """Build an activation whose parameter was given, so that NaN is no default."""
    what = f"the {PARAMETERS[name]} of {name}"
    return Activation(name, checked_float(what, parameter, example=NAMES[name]))
