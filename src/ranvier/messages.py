"""Names in messages: long lists shortened, misspelt names corrected, any made safe."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches


def listed(names: Iterable[object], most: int = 5) -> str:
    """Quote the first names and count the others: 'a', 'b' and 3 more."""
    quoted = [repr(str(name)) for name in names]
    if len(quoted) > most + 1:  # "and 1 more" would be longer than the name itself
        return f"{', '.join(quoted[:most])} and {len(quoted) - most} more"
    if len(quoted) > 1:
        return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return "".join(quoted)


def nearest(given: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names most like the given one, whatever their case, best first."""
    by_lower: dict[str, str] = {}
    for name in names:
        by_lower.setdefault(name.lower(), name)
    return [by_lower[name] for name in get_close_matches(given.lower(), by_lower, most)]


def choose(given: str, names: Iterable[str], what: str) -> str:
    """Say which names there are: the nearest ones, or else the first ones."""
    names = list(names)
    if near := nearest(given, names):
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"there are the {what} {listed(names)}" if names else f"there is no {what}"


def plain(text: object) -> str:
    """Make one line of any text from outside: nothing in it can steer a terminal."""
    return "".join(_visible(letter) for letter in str(text))


def _visible(letter: str) -> str:
    if letter in "\n\t\r":
        return " "
    # Cc: control characters; Cf: among others those that turn the reading direction.
    return "\ufffd" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter


def unknown(what: str, given: object, known: Iterable[str]) -> ValueError:
    """Make the error that offers the nearest choice and lists them all."""
    names = list(known)
    near = nearest(given, names, most=1) if isinstance(given, str) else []
    hint = f"did you mean {near[0]!r}? Choose" if near else "choose"
    return ValueError(f"unknown {what} {given!r}: {hint} one of {', '.join(names)}")


def check_known(what: str, given: object, known: Iterable[str]) -> str:
    """Return a name that is in a closed list; raise `unknown` for anything else."""
    names = list(known)
    if not isinstance(given, str) or given not in names:
        raise unknown(what, given, names)
    return given
