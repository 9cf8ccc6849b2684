"""Columns of a table as SQL: from raw values to the list of the networks' inputs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.sql_text import Query, identifier, number, numbers, text
from ranvier.exports.table_parts import (
    FIRST,
    MISSING,
    UNSEEN,
    category_rows,
    number_codes,
    robust_scaler,
    truth_codes,
)
from ranvier.table.column_encoding import (
    CodeEncoding,
    NumericEncoding,
    NumericPart,
    OneHotEncoding,
)
from ranvier.table.column_types import Category, Number
from ranvier.table.dates import Date
from ranvier.table.encoder import TableEncoder
from ranvier.table.scalers import LIMIT, SMOOTH_LIMIT
from ranvier.table.values import NO_TEXT, NO_VALUE

Array = NDArray[Any]

DAY: Final = 86_400_000_000  # microseconds

# The texts that `parse_number` takes for finite numbers.
NUMBER: Final = r"\s*[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*"
# What follows from v, microseconds since 1970, for each of `DATE_PARTS`.
PARTS: Final = (
    f"{{v}} / {DAY}.0::DOUBLE",
    "year(make_timestamp({v}))",
    "month(make_timestamp({v}))",
    "day(make_timestamp({v}))",
    "isodow(make_timestamp({v})) - 1",
    "dayofyear(make_timestamp({v}))",
    f"(({{v}} % {DAY}) + {DAY}) % {DAY} / 3.6e9",
)


def add_columns(query: Query, encoder: TableEncoder, row: str) -> None:
    """Add the encoded row as the list ``x`` of doubles that are float32.

    Parameters
    ----------
    query
        Has the row of the table as a struct.
    encoder
        How columns are encoded.
    row
        Name of the struct.
    """
    columns = [_Column(k, e) for k, e in enumerate(encoder.encodings)]
    query.add({c.value: c.raw(row) for c in columns})
    query.add({name: sql for c in columns for name, sql in c.prepared().items()})
    query.add({name: sql for c in columns for name, sql in c.scaled().items()})
    parts = ",\n        ".join(c.inputs() for c in columns)
    query.add({"x": f"flatten([\n        {parts}\n    ])"})


class _Column:
    """An encoded column of the table, in four steps."""

    def __init__(
        self, k: int, encoding: NumericEncoding | OneHotEncoding | CodeEncoding
    ) -> None:
        self.encoding, self.value, self.code = encoding, f"v{k}", f"c{k}"
        self.parts = [
            (f"u{k}_{i}", f"s{k}_{i}", part)
            for i, part in enumerate(getattr(encoding, "parts", ()))
        ]

    def raw(self, row: str) -> str:
        """Read the value: a double, a text or microseconds; NULL where missing."""
        own, encoding = f"{row}.{identifier(self.encoding.column.name)}", self.encoding
        if isinstance(encoding, NumericEncoding):
            if not isinstance(encoding.column, Number):
                return f"epoch_us({own})"
        elif not (isinstance(encoding, CodeEncoding) and encoding.beside_number):
            return f"{own}::VARCHAR"
        return _number(own, encoding.column)

    def prepared(self) -> dict[str, str]:
        """Return the code of a category; numbers over their widths, 0 if missing."""
        encoding = self.encoding
        if not isinstance(encoding, NumericEncoding):
            beside = isinstance(encoding, CodeEncoding) and encoding.beside_number
            find = _number_code if beside else _text_code
            return {self.code: find(encoding.column, self.value)}
        return {
            u: self._width(part, k)
            for (u, _, part), k in zip(self.parts, encoding.column.varying, strict=True)
        }

    def _width(self, part: NumericPart, k: int) -> str:
        scaler, value = robust_scaler(part), self.value
        if not isinstance(self.encoding.column, Number):
            value = f"({PARTS[k].format(v=value)})"
        middle = number(scaler.median / scaler.width)
        u = f"{value} / {number(scaler.width)} - {middle}"
        # least and greatest pass over NULL.
        return f"least(greatest(coalesce({u}, 0), {-LIMIT}), {LIMIT})::DOUBLE"

    def scaled(self) -> dict[str, str]:
        """Clip numbers smoothly."""
        third = f"({{u}} / {SMOOTH_LIMIT})"
        clipped = f"{{u}} / sqrt(1 + {third} * {third})"
        return {s: clipped.format(u=u) for u, s, _ in self.parts}

    def inputs(self) -> str:
        """Return the inputs that the column becomes, a list."""
        encoding = self.encoding
        if not isinstance(encoding, NumericEncoding):
            return f"({numbers(category_rows(encoding))})[{self.code} + 1]"
        lists = []
        for _, s, part in self.parts:
            lists.append(f"[{s}::FLOAT::DOUBLE]")
            if encoding.with_bins and len(part.bins):
                edges = np.array(part.bins.edges)
                bins = numbers(np.column_stack([edges[:-1], np.diff(edges)]))
                passed = f"least(greatest(({s} - e[1]) / e[2], 0), 1)"
                lists.append(f"[{passed}::FLOAT::DOUBLE for e in {bins}]")
        if encoding.column.missing:
            lists.append(f"[({self.value} IS NULL)::DOUBLE]")
        return lists[0] if len(lists) == 1 else f"flatten([{', '.join(lists)}])"


def _number(value: str, column: Number | Category | Date) -> str:
    """Read a number, also from a text as `as_numbers` does; NULL where missing."""
    markers = sorted(NO_VALUE | {m.lower() for m in getattr(column, "markers", ())})
    said, word = f"{value}::VARCHAR", f"lower(trim({value}::VARCHAR))"
    cases = [
        f"WHEN {word} IN ({', '.join(map(text, markers))}) THEN NULL",
        f"WHEN regexp_full_match({said}, '{NUMBER}')",
        f"THEN replace({said}, ',', '')::DOUBLE",
    ]
    if getattr(column, "form", "") == "boolean":
        cases.append(f"WHEN {word} IN ('true', 'false') THEN ({word} = 'true')::DOUBLE")
    # What is no number either fails here, with the text in the message.
    from_text = f"CASE {' '.join(cases)} ELSE {said}::DOUBLE END"
    number = f"coalesce(TRY_CAST({value} AS DOUBLE), {from_text})"
    return f"CASE WHEN NOT isnan({number}) THEN {number} END"


def _text_code(column: Category, value: str) -> str:
    """Find the code of a text as `CategoryIndex` does."""
    found = [_position([text(c) for c in column.categories], value)]
    truths = "".join(
        f" WHEN {text(truth)} THEN {FIRST + code}"
        for truth, code in truth_codes(column).items()
    )
    if truths:
        found.append(f"CASE lower(trim({value})){truths} END")
    if codes := number_codes(column):
        said = f"replace({value}, ',', '')"
        said = f"CASE WHEN regexp_full_match({value}, '{NUMBER}') THEN {said} END"
        found.append(_code_of_number(codes, f"TRY_CAST({said} AS DOUBLE)"))
    markers = ", ".join(map(text, sorted(NO_TEXT)))
    found.append(f"CASE WHEN {value} IN ({markers}) THEN {MISSING} END")
    return _code(value, found)


def _number_code(column: Category, value: str) -> str:
    return _code(value, [_code_of_number(number_codes(column), value)])


def _code(value: str, found: list[str]) -> str:
    tried = ", ".join(found)
    return (
        f"CASE WHEN {value} IS NULL THEN {MISSING} ELSE coalesce({tried}, {UNSEEN}) END"
    )


def _position(items: list[str], value: str) -> str:
    """Return where a value stands in a list, counted from `FIRST`; NULL if nowhere."""
    return f"nullif(list_position([{', '.join(items)}], {value}), 0) + {FIRST - 1}"


def _code_of_number(codes: dict[float, int], value: str) -> str:
    keys = numbers(np.array([*codes], np.float64))
    values = [FIRST + code for code in codes.values()]
    return f"({values})[nullif(list_position({keys}, {value}), 0)]"
