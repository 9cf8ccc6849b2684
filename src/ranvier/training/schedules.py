"""Schedules: the learning rate over a run, as a factor of the optimizer's `lr`.

A schedule is any function of the progress t = steps done / all steps of the run, so t
runs from 0 up to but not including 1, and returns the factor of `lr` for that step. The
weight decay and the rates of dropout may each have a schedule of their own.
Those below may be named (``schedule="cosine"``) or given (``schedule=cosine``); to set
a parameter, wrap one: ``schedule=lambda t: warmup_cosine(t, warmup=0.1)``.
"""

import math
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import unknown

__all__ = [
    "constant",
    "cosine",
    "coslog4",
    "exponential",
    "flat_cos",
    "inverse_scaling",
    "one_cycle",
    "warmup_cosine",
]

Schedule = Callable[[float], float]
Settings = ParamSpec("Settings")


def __dir__() -> list[str]:
    return sorted(__all__)


def _checked(schedule: Callable[Settings, float]) -> Callable[Settings, float]:
    """Have a schedule name the argument that it cannot compute with."""

    @wraps(schedule)
    def named(*args: Settings.args, **settings: Settings.kwargs) -> float:
        try:
            return schedule(*args, **settings)
        except _CheckedError:
            raise
        except (TypeError, ValueError, ArithmeticError) as error:
            given: dict[str, object] = dict(settings)
            if args:  # only t may be given by its position
                given = {"t": args[0], **given}
            wrong = [name for name, v in given.items() if not isinstance(v, Real)]
            what = (
                f"{', '.join(wrong)} must be a number" if wrong else "it has no value"
            )
            values = ", ".join(f"{name}={value!r}" for name, value in given.items())
            raise _CheckedError(
                f"{schedule.__name__}({values}) cannot be computed: {what}; give for "
                "example t=0.5, the progress of the run in [0, 1)"
            ) from error

    return named


class _CheckedError(ValueError):
    """An argument that a schedule refuses, with a message that names it."""


@_checked
def constant(t: float) -> float:
    """Keep the learning rate as it is: 1.

    Examples
    --------
    >>> constant(0.5)
    1.0
    """
    return 1.0


@_checked
def cosine(t: float) -> float:
    """Fall from 1 to 0 along half a cosine: (1 + cos(pi t)) / 2.

    Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017,
    without the restarts.

    Examples
    --------
    >>> cosine(0.0), round(cosine(0.5), 12)
    (1.0, 0.5)
    """
    return (1 + math.cos(math.pi * t)) / 2


@_checked
def warmup_cosine(t: float, *, warmup: float = 0.05) -> float:
    """Rise linearly from 0 to 1 while t < warmup, then fall to 0 along half a cosine.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).
    warmup
        Share of the run that the rise takes, in [0, 1).

    Examples
    --------
    >>> warmup_cosine(0.025), warmup_cosine(0.05)
    (0.5, 1.0)
    """
    _check_share("warmup", warmup, zero=True)
    if t < warmup:
        return t / warmup
    return cosine((t - warmup) / (1 - warmup))


@_checked
def one_cycle(
    t: float, *, peak: float = 0.3, start: float = 1 / 25, end: float = 1e-4
) -> float:
    """Rise from `start` to 1 at t = peak, then fall to `end`, both along half cosines.

    Smith & Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2018; momentum is left as it is.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).
    peak
        Where the rate is highest, in (0, 1).
    start, end
        Factors at t = 0 and t = 1.

    Examples
    --------
    >>> one_cycle(0.0), one_cycle(0.3)
    (0.04, 1.0)
    """
    _check_share("peak", peak, zero=False)
    if t < peak:
        share = cosine(t / peak)
        return start * share + (1 - share)
    share = cosine((t - peak) / (1 - peak))
    return share + end * (1 - share)


@_checked
def inverse_scaling(t: float, *, power: float = 0.5, span: float = 100.0) -> float:
    """Fall as a power of the time: (1 + (span - 1) t) ** -power.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).
    power
        How steeply the rate falls; at the end it is span ** -power.
    span
        How many times later the end of the run is than its start, on the clock whose
        power is taken; at least 1.

    Examples
    --------
    >>> inverse_scaling(0.0), inverse_scaling(1.0)
    (1.0, 0.1)
    """
    return math.pow(1 + (span - 1) * t, -power)


@_checked
def exponential(t: float, *, end: float = 0.01) -> float:
    """Fall from 1 to `end` by the same factor in equal times: end ** t.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).
    end
        Factor at t = 1.

    Examples
    --------
    >>> round(exponential(0.5), 12)
    0.1
    """
    return math.pow(end, t)


@_checked
def coslog4(t: float) -> float:
    """Four cosine waves, each twice as long as the one before: 0 at both ends.

    (1 - cos(2 pi log2(1 + 15 t))) / 2, with 0 at t = 0, 1/15, 3/15, 7/15 and 1.
    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).

    Examples
    --------
    >>> coslog4(0.0), round(coslog4(1 / 15), 12)
    (0.0, 0.0)
    """
    return (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t))) / 2


@_checked
def flat_cos(t: float) -> float:
    """Stay at 1 for the first half, then fall to 0 along half a cosine.

    Holzmüller, Grinsztajn & Steinwart, "Better by default", 2024.

    Parameters
    ----------
    t
        Progress of the run, in [0, 1).

    Examples
    --------
    >>> flat_cos(0.25), round(flat_cos(0.75), 12)
    (1.0, 0.5)
    """
    return 1.0 if t < 0.5 else cosine(2 * t - 1)


NAMED: dict[str, Schedule] = {
    "constant": constant,
    "cosine": cosine,
    "warmup_cosine": warmup_cosine,
    "one_cycle": one_cycle,
    "inverse_scaling": inverse_scaling,
    "exponential": exponential,
    "coslog4": coslog4,
    "flat_cos": flat_cos,
}


def resolve(schedule: str | Schedule | None, name: str = "schedule") -> Schedule:
    """Turn what a user gives for a schedule into a function of progress.

    Parameters
    ----------
    schedule
        A name of this module, a function of t, or None for a constant rate.
    name
        What errors call the argument.

    Returns
    -------
    Schedule
        The function.

    Raises
    ------
    ValueError
        The name is unknown.
    TypeError
        It is neither a name nor a function.

    Examples
    --------
    >>> resolve("cosine")(0.0)
    1.0
    """
    if schedule is None:
        return constant
    if isinstance(schedule, str):
        if schedule in NAMED:
            return NAMED[schedule]
        raise unknown(name, schedule, NAMED)
    if callable(schedule):
        return schedule
    raise TypeError(
        f"{name} must be a name or a function of the progress t, but got "
        f"{type(schedule).__name__}: give for example 'cosine' or lambda t: 1 - t"
    )


def factors(
    schedule: Schedule,
    first: int,
    count: int,
    steps: int,
    most: float = math.inf,
    name: str = "schedule",
) -> NDArray[np.float64]:
    """Return the factor of each of `count` steps from step `first` of `steps`.

    Raises
    ------
    ValueError
        A factor is no number from 0 to `most`; errors call the argument `name`.
    """
    if schedule is constant:
        return np.ones(count)
    values = np.fromiter(
        (_factor(schedule, step / steps, name) for step in range(first, first + count)),
        np.float64,
        count,
    )
    good = (values >= 0) & (values <= most) & (values < np.inf)
    if not good.all():
        bad = int(good.argmin())
        wanted = "be a finite number of at least 0"
        if most < math.inf:
            wanted = f"lie between 0 and {most:g}"
        raise ValueError(
            f"the {name} {_name_of(schedule)!r} gave {values[bad]} at progress t = "
            f"{(first + bad) / steps:.6g}, but a factor must {wanted}: check it over "
            "[0, 1)"
        )
    return values


def _factor(schedule: Schedule, t: float, name: str) -> float:
    try:
        value: object = schedule(t)
    except Exception as error:
        error.add_note(f"raised by the {name} {_name_of(schedule)!r} at t = {t:.6g}")
        raise
    if type(value) is not float and not isinstance(value, Real):
        raise TypeError(
            f"the {name} {_name_of(schedule)!r} returned {value!r} at progress t = "
            f"{t:.6g}: it must return a number, a factor of at least 0"
        )
    return float(value)


def _name_of(schedule: Schedule) -> str:
    return getattr(schedule, "__name__", repr(schedule))


def _check_share(name: str, value: Any, *, zero: bool) -> None:
    is_number = isinstance(value, float | int | np.number)
    if not is_number or not (0 < value < 1 or (zero and value == 0)):
        interval = "[0, 1)" if zero else "(0, 1)"
        raise _CheckedError(
            f"{name} must lie in {interval}, but got {value!r}: it is a fraction of "
            "the run, for example 0.1 for its first tenth"
        )
