"""The kinds of columns, each with the statistics of its training rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.table.category_index import MISSING, UNSEEN, CategoryIndex
from ranvier.table.dates import Date
from ranvier.table.histogram import NO_HISTOGRAM, Histogram
from ranvier.table.json_fields import JsonFields
from ranvier.table.legacy import with_histogram
from ranvier.table.scalers import StandardScaler
from ranvier.table.value_checks import refuse, refuse_infinite
from ranvier.table.values import NO_VALUE, Form, Values, parse_number

Why = Literal["constant", "empty", "id", "text", "unusable"]

OTHER = "(other)"  # what the bucket of unseen and rare categories decodes to


@dataclass(frozen=True)
class Number:
    """A column of numbers.

    ``markers`` are the texts that stand for no value, where numbers came as texts;
    ``histogram`` counts the training rows between quantiles.
    """

    kind: ClassVar = "number"
    name: str
    form: Form
    scale: StandardScaler
    minimum: float
    maximum: float
    missing: int
    markers: tuple[str, ...] = ()
    histogram: Histogram = NO_HISTOGRAM

    @property
    def part_names(self) -> tuple[str, ...]:
        """Names of its numeric parts: the column itself."""
        return (self.name,)

    @property
    def scalers(self) -> tuple[StandardScaler, ...]:
        """How each part is standardised."""
        return (self.scale,)

    @property
    def varying(self) -> tuple[int, ...]:
        """Indices of the parts that varied in training."""
        return (0,) if self.scale.sd > 0 else ()

    def numbers(self, values: Values) -> NDArray[np.float64]:
        """Return the values as numbers, NaN where missing."""
        numbers = as_numbers(values, self.name, self.markers, self.form)
        refuse_infinite(numbers, self.name)
        return numbers

    def parts(self, values: Values) -> list[NDArray[np.float64]]:
        """Return each part as numbers, NaN where missing."""
        return [self.numbers(values)]

    def from_part(
        self, first: NDArray[np.float64] | None, missing: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Return the column from its first part, None if that did not vary."""
        numbers = np.full(len(missing), self.minimum) if first is None else first
        return np.where(missing, np.nan, numbers)

    def describe(self) -> dict[str, Any]:
        """Return the column as plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "form": self.form,
            "scale": self.scale.describe(),
            "minimum": self.minimum,
            "maximum": self.maximum,
            "missing": self.missing,
            "markers": list(self.markers),
            **self.histogram.field(),
        }

    @classmethod
    def read(cls, value: Any, where: str) -> Number:
        """Rebuild a column from what `describe` returned."""
        keys = "kind name form scale minimum maximum missing markers histogram"
        fields = JsonFields(with_histogram(value), where, keys.split())
        form: Form = fields.choice("form", get_args(Form))  # type: ignore[assignment]
        return cls(
            fields.text("name"),
            form,
            StandardScaler.read(fields.item("scale"), where),
            fields.number("minimum"),
            fields.number("maximum"),
            fields.count("missing"),
            fields.texts("markers"),
            Histogram.read(fields.item("histogram"), where),
        )


@dataclass(frozen=True)
class Category:
    """A column of categories, sorted.

    ``pooled`` rare categories share one code, that of ``other`` rows. Values that
    training did not see get that code too, or none where no category was pooled.
    """

    kind: ClassVar = "category"
    name: str
    categories: tuple[str, ...]
    counts: tuple[int, ...]  # training rows of each category
    pooled: int
    other: int
    missing: int

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the one-hot columns, in the order of the codes."""
        known = tuple(f"{self.name}={category}" for category in self.categories)
        other = (f"{self.name} is other",) if self.other else ()
        return known + other + ((f"{self.name} is missing",) if self.missing else ())

    @cached_property
    def _index(self) -> CategoryIndex:
        return CategoryIndex(self.categories)

    @cached_property
    def labels(self) -> NDArray[Any]:
        """The category of each code: `OTHER` for the pooled ones, None for missing."""
        labels: list[str | None] = [*self.categories]
        labels += [OTHER] if self.other else []
        labels += [None] if self.missing else []
        return np.array(labels, dtype=object)

    def codes(self, values: Values) -> NDArray[np.int64]:
        """Return the code of each row, its index in `names`; below 0 if it has none."""
        if values.kind not in {"text", "number", "empty"}:
            refuse(self.name, values, "categories")
        codes = self._index.codes(values)
        unseen, missing = codes == UNSEEN, codes == MISSING
        if self.other:
            codes[unseen] = len(self.categories)
        if self.missing:
            codes[missing] = len(self.names) - 1
        return codes

    def average(self) -> NDArray[np.float64]:
        """Return the fraction of the training rows with each code."""
        rows = [*self.counts, *filter(None, [self.other, self.missing])]
        return np.array(rows) / sum(rows)

    def unseen(self, values: Values) -> dict[str, int]:
        """Count the rows of values that training had not seen; pooled ones included."""
        if values.kind not in {"text", "number"}:
            return {}
        return self._index.unseen(values)

    def describe(self) -> dict[str, Any]:
        """Return the column as plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "categories": list(self.categories),
            "counts": list(self.counts),
            "pooled": self.pooled,
            "other": self.other,
            "missing": self.missing,
        }

    @classmethod
    def read(cls, value: Any, where: str) -> Category:
        """Rebuild a column from what `describe` returned."""
        keys = "kind name categories counts pooled other missing"
        fields = JsonFields(value, where, keys.split())
        column = cls(
            fields.text("name"),
            fields.texts("categories"),
            fields.counts("counts"),
            fields.count("pooled"),
            fields.count("other"),
            fields.count("missing"),
        )
        fields.require(
            len(column.counts) == len(column.categories) > 0 and 0 not in column.counts,
            "each category needs a count of rows",
        )
        return column


@dataclass(frozen=True)
class Dropped:
    """A column that is left out, and why."""

    kind: ClassVar = "dropped"
    name: str
    why: Why
    detail: str  # the constant value, the number of different texts, the type found
    missing: int

    @property
    def reason(self) -> str:
        """Say why in words."""
        return (
            f"{REASONS[self.why]} ({self.detail})" if self.detail else REASONS[self.why]
        )

    def describe(self) -> dict[str, Any]:
        """Return the column as plain JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "why": self.why,
            "detail": self.detail,
            "missing": self.missing,
        }

    @classmethod
    def read(cls, value: Any, where: str) -> Dropped:
        """Rebuild a column from what `describe` returned."""
        fields = JsonFields(value, where, ["kind", "name", "why", "detail", "missing"])
        fields.choice("kind", [Number.kind, Category.kind, Date.kind, cls.kind])
        why: Why = fields.choice("why", get_args(Why))  # type: ignore[assignment]
        return cls(
            fields.text("name"), why, fields.text("detail"), fields.count("missing")
        )


REASONS: dict[Why, str] = {
    "constant": "one value only",
    "empty": "no values",
    "id": "every value different, as in an identifier",
    "text": "free text, or too many rare categories",
    "unusable": "neither numbers, texts nor dates",
}

Column = Number | Category | Date | Dropped


def read_column(value: Any, where: str) -> Column:
    """Rebuild a column of any kind from what its `describe` returned."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "number":
        return Number.read(value, where)
    if kind == "category":
        return Category.read(value, where)
    if kind == "date":
        return Date.read(value, where)
    return Dropped.read(value, where)


def as_numbers(
    values: Values, name: str, markers: tuple[str, ...] = (), form: Form = "float"
) -> NDArray[np.float64]:
    """Return numbers, NaN where missing; texts are read if they hold numbers.

    Raises ValueError for dates and other texts, naming the first and its row.
    """
    if values.kind == "number":
        return values.data
    if values.kind == "empty":
        return np.full(len(values.data), np.nan)
    if values.kind != "text":
        refuse(name, values, "numbers")
    truths = {"true": 1.0, "false": 0.0} if form == "boolean" else {}
    known: dict[str | None, float | None] = {}
    for text in set(values.data):
        if text is None or text in markers or text.strip().lower() in NO_VALUE:
            known[text] = np.nan
        else:
            known[text] = truths.get(text.strip().lower(), parse_number(text))
    numbers = [known[text] for text in values.data]
    if None in known.values():
        row = numbers.index(None)
        raise ValueError(
            f"column {name!r} should hold numbers, but row {row} (counted from 0) "
            f"holds {values.data[row]!r}: correct that value, or leave the cell empty "
            "if it is missing"
        )
    return np.array(numbers, dtype=np.float64)
