"""A table of wrong values, and the driver that gives each to a parameter in turn.

A parameter may take a value (and the call then works), or must refuse it with a
ValueError or TypeError whose message names the parameter. Anything else, such as an
error of NumPy's or one without the name, is a fault.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import ranvier as rv

VALUES: dict[str, Any] = {
    "None": None,
    "true": True,
    "negative": -1,
    "zero": 0,
    "two": 2,
    "fraction": 0.5,
    "above one": 1.5,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "huge": 10**30,
    "huge float": 1e308,
    "tiny": 5e-324,
    "complex": 1j,
    "empty text": "",
    "text": "abc",
    "number as text": "0.1",
    "bytes": b"abc",
    "empty list": [],
    "list of None": [None],
    "list of NaN": [float("nan")],
    "list of texts": ["a", "b"],
    "nested list": [[1], [2, 3]],
    "empty dict": {},
    "object": object(),
    "type": int,
    "NumPy float": np.float64(0.25),
    "NumPy integer": np.int64(3),
    "NumPy NaN": np.float32("nan"),
    "NumPy bool": np.False_,
    "NumPy text": np.str_("abc"),
    "scalar array": np.array(2),
    "empty array": np.array([]),
    "array": np.array([1.0, np.nan]),
    "array of texts": np.array(["a", "b"]),
    "masked array": np.ma.masked_all(3),
    "no columns": np.zeros((0, 0)),
    "cube": np.zeros((2, 2, 2)),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "wrong length": [1.0, 2.0],
    "numbers and texts": [1, "a"],
    "dict": {"a": 1},
    "negative NumPy integer": np.int64(-3),
    "function of nothing": lambda: None,
    "function returning None": lambda *_: None,
    "function returning text": lambda *_: "abc",
    "function returning NaN": lambda *_: float("nan"),
}


def parameters_of(function: Callable[..., Any], *leave_out: str) -> list[str]:
    """Return the names of the parameters of a function but some."""
    names = inspect.signature(function).parameters
    return [name for name in names if name not in {"self", *leave_out}]


def fault_of(
    call: Callable[[Any], object], names: tuple[str, ...], value: Any
) -> str | None:
    """Pass a value to a parameter; return what is wrong with how it was taken.

    An error has to hold one of the names, in any case.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(value)
    except rv.NonFiniteError:  # our own word for what is far too large
        return None
    except (TypeError, ValueError, KeyError, OSError) as error:
        text = " ".join([str(error), *getattr(error, "__notes__", ())])
        if any(name.lower() in text.lower() for name in names):
            return None
        return f"the error names none of {names}: {type(error).__name__}: {text[:200]}"
    except Exception as error:  # any other is what is looked for
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None


def check(
    call: Callable[..., object],
    name: str,
    settings: Mapping[str, Any] | None = None,
    *,
    leave_out: tuple[str, ...] = (),
    said: tuple[str, ...] = (),
) -> None:
    """Fail with every wrong value that a parameter does not take or refuse as it must.

    Parameters
    ----------
    call
        Takes the parameter by its name.
    name
        Of the parameter.
    settings
        Other arguments of the call, which are right.
    leave_out
        Names of values that are not given.
    said
        What errors may call the parameter, beside its name.
    """
    faults = []
    for title, value in VALUES.items():
        if title in leave_out:
            continue
        fault = fault_of(
            lambda value: call(**{**(settings or {}), name: value}),
            (name, *said),
            value,
        )
        if fault is not None:
            faults.append(f"{name} = {title}: {fault}")
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
