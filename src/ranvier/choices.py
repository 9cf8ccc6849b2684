"""The error for a name that is not in a closed list, with the nearest one offered."""

from collections.abc import Iterable

from ranvier.names import nearest


def unknown(what: str, given: object, known: Iterable[str]) -> ValueError:
    """Make the error that offers the nearest choice and lists them all."""
    names = list(known)
    near = nearest(given, names, most=1) if isinstance(given, str) else []
    hint = f"did you mean {near[0]!r}? Choose" if near else "choose"
    return ValueError(f"unknown {what} {given!r}: {hint} one of {', '.join(names)}")
