"""What a trace says about one weight or one unit: as data, text, HTML and LaTeX."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from textwrap import wrap
from typing import Any, Final

from ranvier.trace import formulas
from ranvier.trace.chain import Factor, Part
from ranvier.trace.formulas import Derivative, number
from ranvier.trace.paths import Path

WIDTH: Final = 88  # of the text
MOST_INCOMING: Final = 12  # weights into a unit that are listed; all are in the data

# No colours but those of the page it stands in: legible in light and in dark.
STYLE: Final = (
    ".ranvier-explained table{border-collapse:collapse;margin:.5em 0}"
    ".ranvier-explained th,.ranvier-explained td{text-align:left;padding:.2em .8em;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent);"
    "vertical-align:top}"
    ".ranvier-explained td.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".ranvier-explained tr.total{font-weight:bold}"
    ".ranvier-explained math[display=block]{text-align:left;margin:.6em 0}"
)


@dataclass(frozen=True)
class Check:
    """A derivative beside its central difference.

    ``difference`` is (L(w + h) - L(w - h)) / 2h with h = ``step``; ``gap`` is how far
    it lies from the derivative, relative to the larger of the two (or absolute, where
    both are below 1e-6).
    """

    difference: float
    gap: float
    step: float


@dataclass(frozen=True)
class Incoming:
    """What one weight into a unit does: forward its product x w, backward dL/dw."""

    weight: str
    source: str
    x: float
    w: float
    product: float
    gradient: float


@dataclass(frozen=True)
class Explanation:
    """The chain rule for one number of a network, with its factors.

    `Trace.explain` and `Trace.explain_unit` make one. It prints as text; a notebook
    shows it with formulas.

    Attributes
    ----------
    name : str
        The number explained: "W2[1,0]", "b2[0]", or "Z2[0]" of a unit.
    value : float
        The number itself.
    about : str
        Which number that is, in words.
    row : int
        The row whose factors are given, counted from 0 in the trace.
    factors : tuple of Factor
        From the loss down: name, value, meaning, source, and terms of sums.
    contribution : float
        Their product: dL/dw through that row.
    gradient : float
        dL/dw, the sum of the contributions of all rows of the trace.
    rows : tuple of (int, float)
        The rows that contribute most, the largest first.
    n_rows : int
        Rows of the trace.
    paths : tuple of Path
        The strongest paths from a weight to the loss through the row.
    n_paths : int
        How many paths there are.
    incoming : tuple of Incoming
        Of a unit: the weights into it, the largest |x w| first.
    check : Check
        The central difference beside the gradient.
    """

    name: str
    value: float
    about: str
    row: int
    factors: tuple[Factor, ...]
    contribution: float
    gradient: float
    rows: tuple[tuple[int, float], ...]
    n_rows: int
    paths: tuple[Path, ...]
    n_paths: int
    incoming: tuple[Incoming, ...]
    check: Check
    symbol: Derivative

    def __str__(self) -> str:
        blocks = [_head(self), _factor_lines(self), wrap(self._sentence(), WIDTH)]
        if self.incoming:
            blocks.append(_incoming_lines(self))
        if self.paths and self.n_paths > 1:
            blocks.append(_path_lines(self))
        return "\n\n".join("\n".join(lines) for lines in blocks)

    __repr__ = __str__

    def _sentence(self) -> str:
        return " ".join([*_row_sentences(self), check_sentence(self.check)])

    def to_mathml(self) -> str:
        """Return the chain rule, its numbers and the product as one MathML element."""
        pairs = [(factor.symbol, factor.value) for factor in self.factors]
        return formulas.product_mathml(self.symbol, pairs, self.contribution)

    def to_latex(self) -> str:
        """Return the chain rule, its numbers and the product in LaTeX (math mode)."""
        pairs = [(factor.symbol, factor.value) for factor in self.factors]
        return formulas.product_latex(self.symbol, pairs, self.contribution)

    def to_html(self) -> str:
        """Return all of it as HTML, without script, in the colours of the page."""
        parts = [
            f"<style>{STYLE}</style>",
            f"<p><strong>{escape(self.name)}</strong> = {number(self.value)}: "
            f"{escape(self.about)}</p>",
            self.to_mathml(),
            _table(("factor", "value", "what it says", "where it comes from"), self),
            f"<p>{escape(self._sentence())}</p>",
        ]
        if self.incoming:
            parts.append(_incoming_table(self))
        if self.paths and self.n_paths > 1:
            parts.append(_path_list(self))
        return f'<div class="ranvier-explained">{"".join(parts)}</div>'

    _repr_html_ = to_html

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data that JSON can hold, formulas as MathML."""
        told = asdict(self)
        del told["symbol"]
        for factor, own in zip(told["factors"], self.factors, strict=True):
            factor["symbol"] = formulas.math(own.symbol)
        return told | {"mathml": self.to_mathml(), "latex": self.to_latex()}


def check_sentence(check: Check) -> str:
    """Say what a central difference gave."""
    return (
        f"A central difference with the step {check.step:.1g} gives "
        f"{number(check.difference)} for the gradient; the gap is {check.gap:.1g}."
    )


# ---------------------------------------------------------------- text


def _head(told: Explanation) -> list[str]:
    return [f"{told.name} = {number(told.value)}: {told.about}"]


def _factor_lines(told: Explanation) -> list[str]:
    rows = [
        (sign, factor.name, number(factor.value), f"{factor.meaning} ({factor.source})")
        for sign, factor in zip(" " + "x" * 9, told.factors, strict=False)
    ]
    rows.append(("=", str(told.symbol), number(told.contribution), ""))
    widths = [max(len(row[column]) for row in rows) for column in (1, 2)]
    indent = sum(widths) + 8
    lines: list[str] = []
    for place, (sign, name, value, text) in enumerate(rows):
        first, *others = wrap(text, max(30, WIDTH - indent)) or [""]
        cells = f"  {sign} {name:<{widths[0]}}  {value:>{widths[1]}}  {first}"
        lines += [cells.rstrip(), *(f"{'':{indent}}{line}" for line in others)]
        if place < len(told.factors):
            lines += _part_lines(told.factors[place].terms)
    return lines


def _part_lines(parts: Sequence[Part]) -> list[str]:
    if len(parts) < 2:
        return []
    rows = [(f"      + {part.name}", number(part.value), part.source) for part in parts]
    return _aligned(rows, "<>")


def _aligned(rows: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Write rows as columns, each pushed to its side; the last as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][: len(sides)]
    return [
        "  ".join(
            [
                *(
                    f"{cell:{side}{width}}"
                    for cell, side, width in zip(row, sides, widths, strict=False)
                ),
                *row[len(sides) :],
            ]
        )
        for row in rows
    ]


def _row_sentences(told: Explanation) -> Iterator[str]:
    if told.n_rows > 1:
        yield (
            f"These are the factors in row {told.row} of {told.n_rows:,}; over all "
            f"rows the gradient is {number(told.gradient)}."
        )
        most = ", ".join(f"row {row}: {number(value)}" for row, value in told.rows)
        yield f"The rows that contribute most are {most}."


def _incoming_lines(told: Explanation) -> list[str]:
    heading = ("  weight", "x", "w", "x w", "dL/dw", "what comes in")
    rows = [
        (
            f"  {part.weight}",
            *map(number, (part.x, part.w, part.product, part.gradient)),
            part.source,
        )
        for part in told.incoming[:MOST_INCOMING]
    ]
    return [*_aligned([heading, *rows], "<>>>>"), *_others(told)]


def _others(told: Explanation) -> list[str]:
    """Say how many of what comes in are not listed."""
    rest = len(told.incoming) - MOST_INCOMING
    return [f"  and {rest:,} more, whose x w is smaller"] if rest > 0 else []


def _path_lines(told: Explanation) -> list[str]:
    width = max(len(number(path.value)) for path in told.paths)
    lines = [_path_title(told)]
    for path in told.paths:
        product = " x ".join(number(part.value) for part in path.factors)
        lines.append(f"  {number(path.value):>{width}}  {path.text}")
        lines += [f"  {'':{width}}  {line}" for line in wrap(f"= {product}", WIDTH)]
    return lines


def _path_title(told: Explanation) -> str:
    shown = len(told.paths)
    total = number(told.contribution)
    if shown == told.n_paths:
        return f"The {shown} paths to the loss, whose sum is {total}:"
    return f"The {shown} strongest of {told.n_paths:,} paths, whose sum is {total}:"


# ---------------------------------------------------------------- HTML


def _table(headings: Sequence[str], told: Explanation) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    rows = [
        f"<tr><td>{formulas.math(factor.symbol)}</td>{_cell(factor.value)}"
        f"<td>{escape(factor.meaning)}</td>"
        f"<td>{escape(factor.source)}{_part_list(factor.terms)}</td></tr>"
        for factor in told.factors
    ]
    symbol = formulas.math(told.symbol)
    total = f'<tr class="total"><td>{symbol}</td>{_cell(told.contribution)}'
    end = "<td>their product</td><td></td></tr>"
    return f"<table><tr>{head}</tr>{''.join(rows)}{total}{end}</table>"


def _part_list(parts: Sequence[Part]) -> str:
    if len(parts) < 2:
        return ""
    rows = "".join(
        f"<li>{escape(part.name)} = {number(part.value)} ({escape(part.source)})</li>"
        for part in parts
    )
    return f"<details><summary>{len(parts)} terms</summary><ul>{rows}</ul></details>"


def _incoming_table(told: Explanation) -> str:
    rows = "".join(
        f"<tr><td>{escape(part.weight)}</td><td>{escape(part.source)}</td>"
        + "".join(map(_cell, (part.x, part.w, part.product, part.gradient)))
        + "</tr>"
        for part in told.incoming[:MOST_INCOMING]
    )
    others = "".join(f"<p>{text}</p>" for text in _others(told))
    head = "".join(
        f"<th>{title}</th>" for title in ("weight", "from", "x", "w", "x w", "dL/dw")
    )
    return f"<table><tr>{head}</tr>{rows}</table>{others}"


def _path_list(told: Explanation) -> str:
    items = "".join(
        f"<li>{number(path.value)}: {escape(arrows(path.text))} = "
        + f" {formulas.TIMES} ".join(number(part.value) for part in path.factors)
        + "</li>"
        for path in told.paths
    )
    return f"<p>{escape(_path_title(told))}</p><ol>{items}</ol>"


def arrows(path: str) -> str:
    """Write a path with true arrows, which no line break tears apart."""
    return path.replace("->", "\N{RIGHTWARDS ARROW}")


def _cell(value: float) -> str:
    return f'<td class="n">{number(value)}</td>'
