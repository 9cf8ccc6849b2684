"""How a column's texts are to be read as numbers, from all of them together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from ranvier.table.numbers import (
    NUMBER,
    NumberFormat,
    infinite,
    is_flag,
    is_placeholder,
    magnitude,
    plain,
    seconds,
    value,
)
from ranvier.table.wide_integers import few_codes, is_wide

_ONES = str.maketrans("0123456789", "1" * 10)
# A column of texts is one of numbers if at least this fraction of its values are ...
BULK = 0.99
# ... or this one, where the others are at most FEW texts that come again and again.
MOST, FEW, DISTINCTNUMBERS = 0.75, 3, 10
STRAY_TEXTS = 5  # different texts among the last hundredth


POINT_FIRST = [(".", ","), (".", "'"), (".", " "), (",", "."), (",", "'"), (",", " ")]


class NumberGuess(NamedTuple):
    """What a column's texts say about how they are to be read.

    ``marks`` is the decimal mark that they prove, None if they prove none; ``strays``
    counts the texts read as missing that are no usual sign of it.
    """

    format: NumberFormat
    ambiguous: bool
    marks: str | None
    strays: int


class _Shapes(NamedTuple):
    """Matches of a column's texts with their counts, and the texts with none."""

    matches: list[tuple[re.Match[str], int]]
    others: Counter[str]
    signs: list[str]


def guess_numbers(
    counts: Mapping[str, int],
    *,
    decimal: str | None = None,
    thousands: str | None = None,
    prefer: str = ".",
) -> NumberGuess | None:
    """Find how a column's texts are read as numbers; None if they are none.

    Parameters
    ----------
    counts
        Rows of each different text.
    decimal, thousands
        Marks that the user has named.
    prefer
        The decimal mark of a column that proves none, such as 1,234 throughout.
    """
    clocks = _guess_clocks(counts)
    if clocks is not None:
        return clocks
    shapes = _shapes(counts)
    if any(map(is_wide, counts)) and few_codes(counts):
        return None  # as numbers they would lose digits
    if not shapes.matches or _are_codes(match for match, _ in shapes.matches):
        return None
    units, scaled, flags = _units_of(shapes.matches)
    found = _marks_of(shapes.matches, decimal, thousands, prefer)
    if found is None:
        return None
    (mark, group), ambiguous, proven = found
    format = NumberFormat(mark, group, (*units, *flags), scaled)
    strays = Counter(shapes.others)
    numbers: Counter[float] = Counter()
    for match, count in shapes.matches:
        number = format.of_match(match)
        if number is None:
            strays[match.string] += count
        else:
            numbers[number] += count
    # Matches hold the texts in plain form; what stands for no value is kept as written.
    written = [text for text in counts if plain(text) in strays] if strays else []
    if not _is_bulk(numbers, strays):
        return None
    format = replace(format, missing=tuple(sorted({*written, *shapes.signs})))
    return NumberGuess(format, ambiguous, proven, sum(strays.values()))


def looks_like_numbers(counts: Mapping[str, int]) -> bool:
    """Say whether most texts begin with digits, signs and marks, and little else."""
    total = sum(counts.values())
    shaped = sum(n for text, n in counts.items() if NUMBER.fullmatch(plain(text)))
    return total > 0 and shaped > 0.5 * total


def _guess_clocks(counts: Mapping[str, int]) -> NumberGuess | None:
    """Take texts for durations where nearly all are."""
    known = {text: seconds(plain(text)) for text in counts}
    clocks = Counter(
        {number: counts[text] for text, number in known.items() if number is not None}
    )
    strays: Counter[str] = Counter()
    signs = []
    for text, number in known.items():
        if number is None and is_placeholder(text):
            signs.append(text)
        elif number is None:
            strays[text] = counts[text]
    if not clocks or not _is_bulk(clocks, strays):
        return None
    missing = tuple(sorted({*signs, *strays}))
    format = NumberFormat(clock=True, missing=missing)
    return NumberGuess(format, False, None, sum(strays.values()))


def _shapes(counts: Mapping[str, int]) -> _Shapes:
    """Match each text with the shape of a number."""
    matches, others, signs = [], Counter[str](), []
    for text, count in counts.items():
        match = NUMBER.fullmatch(written := plain(text))
        if match is not None:
            matches.append((match, count))
        elif is_placeholder(text):
            signs.append(text)
        elif infinite(written) is None:
            others[written] += count
    return _Shapes(matches, others, signs)


def _are_codes(matches: Iterable[re.Match[str]]) -> bool:
    """Say whether texts are codes such as 007: a leading zero, and no decimals."""
    bodies = [match["body"] for match in matches]
    zero = any(len(body) > 1 and body[0] == "0" and body.isdigit() for body in bodies)
    return zero and all(map(str.isdigit, bodies))


def _is_bulk(numbers: Mapping[float, int], strays: Mapping[str, int]) -> bool:
    """Say whether a column is one of numbers, with some other texts among them."""
    n_numbers, n_strays = sum(numbers.values()), sum(strays.values())
    if not n_numbers:
        return False
    fraction = n_numbers / (n_numbers + n_strays)
    if fraction >= BULK and len(strays) <= STRAY_TEXTS:
        return True
    return (
        fraction >= MOST
        and len(strays) <= FEW
        and min(strays.values()) > 1
        and len(numbers) >= DISTINCTNUMBERS
    )


def _units_of(
    matches: Iterable[tuple[re.Match[str], int]],
) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
    """Find the sign before and the unit behind, whether some scale, and the flags."""
    prefixes, suffixes = Counter[str](), Counter[str]()
    for match, count in matches:
        prefixes[match["prefix"] or ""] += count
        suffix = match["suffix"] or ""
        suffixes["" if suffix == "-" else suffix] += count
    bare = suffixes.pop("", 0)
    prefixes.pop("", None)
    units = [prefix for prefix, _ in prefixes.most_common(1)]
    known = {suffix: magnitude(suffix) for suffix in suffixes}
    scaling = {suffix for suffix, (factor, _) in known.items() if factor is not None}
    rests = Counter[str]()
    for suffix, count in suffixes.items():
        rests[known[suffix][1] if suffix in scaling else suffix] += count
    rests.pop("", None)
    flags: tuple[str, ...] = ()
    if rests and bare >= sum(suffixes.values()) and all(map(is_flag, rests)):
        flags = tuple(sorted(rests))
    elif rests:
        # The letters of one unit, in upper or lower case.
        main = rests.most_common(1)[0][0]
        units += sorted(unit for unit in rests if unit.lower() == main.lower())
        remarks = {suffix for suffix in rests if is_flag(suffix)}
        units += sorted(remarks - set(units) - {"p", "e", "r"})
    return tuple(units), bool(scaling), flags


def _marks_of(
    matches: Iterable[tuple[re.Match[str], int]],
    decimal: str | None,
    thousands: str | None,
    prefer: str,
) -> tuple[tuple[str, str], bool, str | None] | None:
    """Find the decimal mark and that of the thousands: the ones that read most texts.

    Returns them, whether another pair reads as many but differently, and the decimal
    mark if the texts prove one.
    """
    bodies: Counter[str] = Counter()
    for match, count in matches:
        bodies[_shape_of(match["body"])] += count
    pairs = [
        (mark, group)
        for mark, group in POINT_FIRST
        if decimal in (None, mark) and (thousands is None or group == thousands)
    ]
    if not pairs and (decimal or thousands is not None):
        other = {".": ",", ",": "."}.get(thousands or "", ".")
        pairs = [(decimal or other, thousands or "")]
    marked = {body for body in bodies if not body.isdigit()}
    if not marked:
        return pairs[0] if decimal or thousands else (".", ","), False, None
    read = {
        pair: sum(bodies[body] for body in marked if value(body, *pair) is not None)
        for pair in pairs
    }
    most = max(read.values())
    if not most:
        return None
    best = [pair for pair in pairs if read[pair] == most]
    rivals = {mark for mark, _ in best}
    if len(rivals) == 1:
        used = best[0][0]
        proven = (
            used if any(used in body for body in marked) or "." in best[0] else None
        )
        return best[0], False, proven
    # Each body has one mark with three digits behind it: 1,234 or 1.234 throughout.
    if (mark := _grouping(bodies)) is not None:
        rest = {".": ",", ",": "."}[mark]
        return next(pair for pair in best if pair[0] == rest), False, rest
    own = [pair for pair in best if pair[0] == prefer]
    return own[0], True, None


def _shape_of(body: str) -> str:
    """Return a number as its pattern; a column has few patterns."""
    ones = body.translate(_ONES)
    start = "0" if body[0] == "0" else ones[0]
    return start + ones[1:-1] + ("0" if body[-1] == "0" else ones[-1]) * (len(body) > 1)


def _grouping(bodies: Mapping[str, int]) -> str | None:
    """Find the mark that can only stand between thousands, though nothing follows it.

    Decimals are written as short as they are (1.23 for 1.230), or all equally long
    (297.000 for 297). If one number ends in 0 and another has no mark, neither holds.
    """
    for mark in (".", ","):
        marked = [body for body in bodies if mark in body]
        bare = [body for body in bodies if body.isdigit()]
        if not marked or any(len(body) > 3 for body in bare):
            continue
        if bare and any(body.endswith("0") for body in marked):
            return mark
    return None
