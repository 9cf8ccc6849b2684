"""Pieces of C: names, numbers, texts, comments, and the sections of ``sections.c``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.resources import files
from textwrap import fill
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.table.values import parse_number

LINE: Final = 110

# Words that no C or C++ program may use as a name.
KEYWORDS: Final = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char
    char16_t char32_t char8_t co_await co_return co_yield concept consteval constinit
    class compl const const_cast constexpr continue decltype default delete do
    double dynamic_cast else enum explicit export extern false float for friend goto
    if inline int long mutable namespace new noexcept not not_eq nullptr operator or
    or_eq private protected public register reinterpret_cast requires restrict
    return short signed sizeof static static_assert static_cast struct switch
    template this thread_local throw true try typedef typeid typename typeof
    typeof_unqual union
    unsigned using virtual void volatile wchar_t while xor xor_eq
    """.split()  # noqa: SIM905
)
# Macros and types of the headers included, and macros of compilers for systems.
DEFINED_ELSEWHERE: Final = re.compile(
    r"NULL|offsetof|(U?INT|PTRDIFF|SIZE|SIG_ATOMIC|WCHAR|WINT)\w*_(MIN|MAX|WIDTH|C)"
    r"|u?int\w*_t|size_t|ptrdiff_t|EOF|BUFSIZ|F(ILENAME|OPEN)_MAX|TMP_MAX|[LP]_\w+"
    r"|(SEEK|RENAME)_\w+|std(in|out|err)|strn?dupa|va_\w+|errno|assert"
    r"|linux|unix|i386|arm|mips|sparc|sun|vax|hpux|PPC|WIN32|near|far|interface"
)
# What the sections define: types, macros, constants of an enum, arrays, functions.
DEFINED: Final = re.compile(
    r"^typedef \w+ (\w+);|^#define (\w+)|\b([A-Z]{3,}\d?) = |^static const \w+ (\w+)\W"
    r"|, (k\w+) = |^(?:MAYBE_UNUSED )?static \w+ (\w+)\(",
    re.MULTILINE,
)
SHARED: Final = frozenset(["RANVIER_HAS_FMA", "MAYBE_UNUSED"])

LONGEST: Final = 48  # letters of a name; C99 promises to distinguish 63


def identifiers(names: Iterable[str], reserved: Iterable[str] = ()) -> list[str]:
    """Make a C identifier of each name, all different.

    Letters of other scripts become underscores; a name that is empty or a macro
    begins with column; one that is a keyword or taken gets a number.

    Parameters
    ----------
    names
        Any texts.
    reserved
        Identifiers that are taken already.

    Examples
    --------
    >>> identifiers(["body mass (g)", "body_mass_g", "int", "몸무게"])
    ['body_mass_g', 'body_mass_g_2', 'int_2', 'column']
    """
    taken = set(reserved) | KEYWORDS
    chosen = []
    for name in names:
        plain = unicodedata.normalize("NFKD", name)
        stem = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
        if not stem or stem[0].isdigit() or DEFINED_ELSEWHERE.fullmatch(stem):
            stem = f"column_{stem}".rstrip("_")
        own, count = stem, 1
        while own in taken:
            count += 1
            own = f"{stem}_{count}"
        taken.add(own)
        chosen.append(own)
    return chosen


def literal(value: Any) -> str:
    """Write a finite float32 or float64 so that a compiler reads the same bits.

    Examples
    --------
    >>> literal(np.float32(0.1)), literal(np.float64(2))
    ('0.1f', '2.0')
    """
    short = isinstance(value, np.float32)
    text = np.format_float_scientific(value, trim="0") if value else "0.0"
    plain = repr(float(str(value))) if value else text
    text = plain if len(plain) <= len(text) else text
    if np.signbit(value) and not value:
        text = "-0.0"
    return text + "f" * short


def array(kind: str, name: str, values: NDArray[Any], suffix: str = "") -> str:
    """Write a constant array of numbers; `suffix` stands behind each integer."""
    flat = np.ravel(values)
    if flat.dtype.kind == "f":
        items = [literal(value) for value in flat]
    else:
        items = [f"{int(value)}{suffix}" for value in flat]
    body = fill(", ".join(items), LINE, break_long_words=False)
    return f"static const {kind} {name}[{len(flat)}] = {{\n{body}\n}};\n"


def text_literal(text: str) -> str:
    r"""Write a text as the bytes of its UTF-8.

    Examples
    --------
    >>> print(text_literal('say "ja"?\n'))
    "say \"ja\"\077\012"

    A text of C ends at its first zero byte, so one that holds another is a TypeError.
    """
    if "\0" in text:
        raise TypeError(
            f"the text {text[:60]!r} has a zero byte, at which a text of C ends: "
            "replace it in the table, and train again"
        )
    written = []
    for byte in text.encode("utf-8", "surrogatepass"):
        letter = chr(byte)
        if letter in '"\\':
            written.append("\\" + letter)
        elif 32 <= byte < 127 and letter != "?":  # ?? begins a trigraph
            written.append(letter)
        else:
            written.append(f"\\{byte:03o}")
    return '"' + "".join(written) + '"'


def comment(text: str) -> str:
    """Write a text as a comment, whatever stands in it.

    Examples
    --------
    >>> comment("weight */ of a")
    '/* weight * / of a */'
    """
    visible = "".join(c if c.isprintable() else " " for c in text)
    return f"/* {visible.replace('*/', '* /').replace('/*', '/ *')} */"


@cache
def _sections() -> dict[str, tuple[tuple[str, ...], str]]:
    """Read the store of C sections: what each needs, and its text."""
    store = files("ranvier.exports").joinpath("sections.c").read_text("utf-8")
    found = {}
    for part in re.split(r"^//// ", store, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        name, _, needs = heading.partition(":")
        found[name] = (tuple(needs.split()), text.strip() + "\n")
    return found


def elementary(wanted: Iterable[str], real: str, suffix: str = "") -> str:
    """Collect sections of ``sections.c`` with all that they need, in order.

    Parameters
    ----------
    wanted
        Names of sections, for example ``"activation tanh"`` or ``"softmax"``.
    real
        ``"float"`` or ``"double"``.
    suffix
        Put behind each name that the sections define, so that both types can be in one
        file.
    """
    text = collected(["format", "fma", *wanted], real)
    if not suffix:
        return text
    defined = {word for groups in DEFINED.findall(text) for word in groups if word}
    names = "|".join(sorted(defined - SHARED, key=len, reverse=True))
    return re.sub(rf"\b({names})\b", rf"\1{suffix}", text)


def collected(wanted: Iterable[str], real: str = "") -> str:
    """Collect sections and what they need, in the order of the store."""
    sections = _sections()
    needed: set[str] = set()

    def need(name: str) -> None:
        spaced = name.replace("constants_", "constants ")
        for own in (spaced, f"{spaced} {real}"):
            if own in sections and own not in needed:
                needed.add(own)
                for other in sections[own][0]:
                    need(other)

    for name in wanted:
        need(name)
    return "\n".join(text for name, (_, text) in sections.items() if name in needed)


def elementary_key(text: str) -> str | None:
    """Write a text that says a number or a truth as ``number_key`` of C writes it.

    Examples
    --------
    >>> elementary_key("1.50"), elementary_key("-0200"), elementary_key("a")
    ('+15e-1', '-2e2', None)
    """
    number = parse_number(text)
    if number is None or not np.isfinite(number):
        lower = text.strip().lower()
        return lower if lower in {"true", "false"} else None
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    written = "".join(map(str, digits))
    short = written.rstrip("0")
    power = int(exponent) + len(written) - len(short)
    return f"{'-' if sign else '+'}{short}e{power}"


def section(name: str, **words: str) -> str:
    """Return one section of ``sections.c``, with words in it replaced."""
    text = _sections()[name][1]
    for word, value in words.items():
        text = text.replace(word, value)
    return text
