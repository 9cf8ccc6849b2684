"""The losses by name, and which last activation each goes with.

L = sum_r w_r L_r / sum_r w_r over the rows r with weights w. L_r and dL/dZ themselves
are the engine's (`engine/equations/loss.h`).
"""

from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Final

from ranvier import _engine
from ranvier.messages import check_known
from ranvier.network.activations import Activation

# Every name with the default of its parameter; 0 where it has none.
NAMES: Final[dict[str, float]] = {
    "squared_error": 0.0,
    "absolute_error": 0.0,
    "huber": 1.0,
    "quantile": 0.5,
    "poisson": 0.0,
    "log_loss": 0.0,
    "cross_entropy": 0.0,
}


@dataclass(frozen=True)
class _Range:
    """What a parameter is called and where it must lie."""

    name: str
    low: float
    high: float
    open_low: bool = True

    def holds(self, value: float) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        return above and value < self.high

    def __str__(self) -> str:
        if self.high == inf:
            return "positive and finite"
        return f"in {'(' if self.open_low else '['}{self.low:g}, {self.high:g})"


PARAMETERS: Final[dict[str, _Range]] = {
    "huber": _Range("delta", 0.0, inf),
    "quantile": _Range("q", 0.0, 1.0),
    "cross_entropy": _Range("smoothing", 0.0, 1.0, open_low=False),
}

# The losses that read Z and have the last activation built in, since dL/dZ in one piece
# is safe for any Z. First: what Z is with `identity`.
OWN_ACTIVATION: Final[dict[str, tuple[str, str]]] = {
    "cross_entropy": ("logits", "softmax"),
    "log_loss": ("logits", "sigmoid"),
    "poisson": ("the log of the rate", "exp"),
}


@dataclass(frozen=True)
class Loss:
    """A loss: its name and, for three of them, a parameter.

    Parameters
    ----------
    name
        ``squared_error``, ``absolute_error``, ``huber``, ``quantile``, ``poisson``,
        ``log_loss`` or ``cross_entropy``.
    parameter
        The delta of huber (1.0 if left out), the q of quantile (0.5), the smoothing of
        cross_entropy (0.0); the other losses have none.

    Raises
    ------
    ValueError
        The name is unknown, or the parameter is out of range or not this loss's.

    Notes
    -----
    With A the outputs, Z their inputs, Y the targets of a row, and means over outputs:

    - squared_error: mean (A - Y)^2
    - absolute_error: mean |A - Y|
    - huber: mean of e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), e = A - Y
      (Huber, 1964)
    - quantile: mean of max(q e, (q - 1) e), e = Y - A (Koenker & Bassett, 1978)
    - poisson: mean (A - Y log A), with A = exp(Z)
    - log_loss: mean -(Y log A + (1 - Y) log(1 - A)), with A = sigmoid(Z)
    - cross_entropy: -sum of Y~ log A over the classes, with A = softmax(Z) and
      Y~ = (1 - s) Y + s / classes, s = smoothing (Szegedy et al., 2016)

    Examples
    --------
    >>> Loss("huber")
    Loss(name='huber', parameter=1.0)
    """

    name: str
    parameter: float = nan  # not a number: the default of the name

    def __post_init__(self) -> None:
        check_known("loss", self.name, NAMES)
        given: object = self.parameter
        left_out = isinstance(given, float) and isnan(given)
        parameter = NAMES[self.name] if left_out else _number(given)
        object.__setattr__(self, "parameter", parameter)
        known = PARAMETERS.get(self.name)
        if known is None and parameter != 0:
            raise ValueError(
                f"{self.name} has no parameter, but got {parameter}: leave it out; "
                f"only {', '.join(PARAMETERS)} have one"
            )
        if known is not None and not known.holds(parameter):
            raise _out_of_range(self.name, given)

    def __str__(self) -> str:
        if self.parameter == NAMES[self.name]:
            return self.name
        return f"{self.name}({PARAMETERS[self.name].name}={self.parameter:g})"

    @property
    def engine(self) -> _engine.Loss:
        """The engine's form of this loss."""
        return _engine.Loss(self.name, self.parameter)


def huber(delta: float = 1.0) -> Loss:
    """Return the loss that is squared near zero and absolute beyond delta.

    Parameters
    ----------
    delta
        The error where it turns from squared to absolute, in the units of y.

    Raises
    ------
    ValueError
        Delta is not positive and finite.

    Examples
    --------
    >>> huber(2)
    Loss(name='huber', parameter=2.0)
    """
    return _with_parameter("huber", delta)


def quantile(q: float = 0.5) -> Loss:
    """Return the loss whose optimum is the q-quantile of y.

    Parameters
    ----------
    q
        Fraction of rows that should lie below the prediction, in (0, 1).

    Raises
    ------
    ValueError
        q is not in (0, 1).

    Examples
    --------
    >>> quantile(0.9)
    Loss(name='quantile', parameter=0.9)
    """
    return _with_parameter("quantile", q)


def cross_entropy(smoothing: float = 0.0) -> Loss:
    """Compute the loss of class probabilities, with label smoothing if asked for.

    Parameters
    ----------
    smoothing
        Fraction of each target that is spread evenly over all classes, in [0, 1).

    Raises
    ------
    ValueError
        Smoothing is not in [0, 1).

    Examples
    --------
    >>> cross_entropy(smoothing=0.1)
    Loss(name='cross_entropy', parameter=0.1)
    """
    return _with_parameter("cross_entropy", smoothing)


def resolve(loss: str | Loss) -> Loss:
    """Return the loss that a name stands for, or the one given.

    Raises
    ------
    ValueError
        The name is unknown; the nearest one is offered.

    Examples
    --------
    >>> resolve("quantile").parameter
    0.5
    """
    return loss if isinstance(loss, Loss) else Loss(loss)


def choose(loss: str | Loss | None, activation: Activation) -> Loss:
    """Return the loss named or given; None: the one that the last activation calls for.

    Examples
    --------
    >>> from ranvier.network import activations
    >>> choose(None, activations.resolve("sigmoid")).name
    'log_loss'
    """
    return for_output(activation) if loss is None else resolve(loss)


def for_output(activation: Activation) -> Loss:
    """Return the loss that a last activation calls for, where the user named none.

    Examples
    --------
    >>> from ranvier.network.activations import resolve
    >>> for_output(resolve("softmax")).name
    'cross_entropy'
    """
    for name, (_, own) in OWN_ACTIVATION.items():
        if activation.name == own:
            return Loss(name)
    return Loss("squared_error")


def check_output(loss: Loss, activation: Activation) -> None:
    """Refuse a loss that does not go with the activation of the last layer.

    Raises
    ------
    ValueError
        They do not go together; the message names a last activation that does.
    """
    if loss.name in OWN_ACTIVATION:
        reads, own = OWN_ACTIVATION[loss.name]
        if activation.name not in ("identity", own):
            raise ValueError(
                f"{loss.name} was given a last layer with {activation.name}, but it "
                f"needs {own!r}, or 'identity' (the outputs are then {reads}): change "
                "the activation of the last Dense, or the loss"
            )
    elif activation.name == "softmax":
        raise ValueError(
            f"{loss.name} was given a last layer with softmax, but softmax goes with "
            "cross_entropy: use loss='cross_entropy', or another last activation"
        )


def check_hidden(activation: Activation, place: int) -> None:
    """Refuse an activation that no gradient comes through, in layer `place`.

    Raises
    ------
    ValueError
        It is step; the message offers another.
    """
    if activation.name == "step":
        raise ValueError(
            f"layer {place} has the activation step, whose slope is 0, so that no "
            "gradient comes through it: such a network predicts only; to train one, "
            "use for example 'sigmoid' there"
        )


def _with_parameter(name: str, parameter: float) -> Loss:
    """Build a loss whose parameter was given, so that NaN is no default."""
    number = _number(parameter)
    if isnan(number):
        raise _out_of_range(name, parameter)
    return Loss(name, number)


def _number(parameter: object) -> float:
    """Return a parameter as a float; NaN for what is no number."""
    if isinstance(parameter, bool | str | bytes):
        return nan
    try:
        return float(parameter)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return nan


def _out_of_range(name: str, parameter: object) -> ValueError:
    known = PARAMETERS[name]
    shown = f"{parameter:g}" if isinstance(parameter, float) else repr(parameter)
    return ValueError(
        f"the {known.name} of {name} must be {known}, but got {shown}: give a "
        f"number such as {NAMES[name] or 0.1:g}"
    )
