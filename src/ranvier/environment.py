"""What this Ranvier runs on: `show_config`."""

import os
import platform
import sys
from typing import Any, Literal, overload

import numpy as np

from ranvier import _engine, threads
from ranvier.version import __version__

MODES = ("stdout", "dicts")


@overload
def show_config(mode: Literal["stdout"] = ...) -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, dict[str, Any]]: ...
def show_config(mode: str = "stdout") -> dict[str, dict[str, Any]] | None:
    """Show the versions, the instruction set and the threads that Ranvier works with.

    Good to have in a report of a fault, and to see why fewer threads than expected are
    used.

    Parameters
    ----------
    mode
        ``"stdout"`` prints; ``"dicts"`` returns the same.

    Returns
    -------
    dict or None
        For ``"dicts"``, the sections: ``"versions"``; ``"engine"``, with the level of
        instructions in use, those there are here, from the lowest, the one that the
        environment asks for by RANVIER_LEVEL, and the compiler; ``"threads"``, with how
        many are available to the calling thread, which limit that comes from, and every
        limit (None where there is none).

    Raises
    ------
    ValueError
        The mode is neither of the two.
    RuntimeError
        RANVIER_LEVEL names no level of this build on this processor.

    Examples
    --------
    >>> import ranvier as rv
    >>> config = rv.show_config(mode="dicts")
    >>> config["engine"]["level"] in config["engine"]["levels available"]
    True
    >>> list(config["threads"]["limits"])
    ['processors', 'affinity', 'cgroup', 'OMP_NUM_THREADS', 'threadpoolctl']
    >>> rv.show_config()  # doctest: +ELLIPSIS
    versions:
      ranvier: ...
    """
    given: object = mode
    if not isinstance(given, str) or given not in MODES:
        raise ValueError(
            f"mode must be 'stdout', to print, or 'dicts', to return, but got {mode!r}"
        )
    config = {"versions": _versions(), "engine": _engine_built(), "threads": _threads()}
    if mode == "dicts":
        return config
    sys.stdout.write("\n".join(_lines(config)) + "\n")
    return None


def _versions() -> dict[str, Any]:
    return {
        "ranvier": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _engine_built() -> dict[str, Any]:
    built = _engine.show_config()
    return {
        "level": built["level"],
        "levels available": built["levels_available"],
        "RANVIER_LEVEL": os.environ.get("RANVIER_LEVEL") or None,
        "compiler": built["compiler"],
    }


def _threads() -> dict[str, Any]:
    limits = threads.limits()
    available = threads.available()
    # The first of the smallest: a limit that takes nothing away is not why.
    reason = next(name for name, limit in limits.items() if limit == available)
    return {"available": available, "limited by": reason, "limits": limits}


def _lines(section: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in section.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {_text(value)}")
    return lines


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(value) if isinstance(value, list) else str(value)
