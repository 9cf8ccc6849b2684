"""Columns of a table as C: a field of the row, and the inputs that it becomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranvier.exports.c_text import array, literal, text_literal
from ranvier.exports.table_parts import (
    category_keys,
    number_codes,
    one_hot_rows,
    robust_scaler,
)
from ranvier.table.column_encoding import (
    CodeEncoding,
    ColumnEncoding,
    NumericEncoding,
    NumericPart,
    OneHotEncoding,
)
from ranvier.table.column_types import Category, Number
from ranvier.table.values import NO_TEXT


@dataclass(frozen=True)
class ColumnCode:
    """One used column: its C field, its constants, and the code that encodes it.

    Parameters
    ----------
    encoding
        How the column becomes inputs.
    field
        Name of the field in the row.
    first
        Index of its first input.
    """

    encoding: ColumnEncoding
    field: str
    first: int

    @property
    def prefix(self) -> str:
        """What the names of its constants and functions begin with."""
        return f"column_{self.field}"

    @property
    def is_beside_number(self) -> bool:
        """Whether it is the code of a number that is encoded too, from one field."""
        return isinstance(self.encoding, CodeEncoding) and self.encoding.beside_number

    @property
    def declaration(self) -> str:
        """Declare the field, with what it takes."""
        column = self.encoding.column
        if isinstance(column, Number):
            return f"double {self.field}; /* NaN: missing */"
        if isinstance(column, Category):
            return f"const char* {self.field}; /* UTF-8; NULL: missing */"
        return f"int64_t {self.field}; /* microseconds since 1970, UTC; INT64_MIN */"

    def sections(self) -> list[str]:
        """Name the sections of C that it uses."""
        if isinstance(self.encoding, NumericEncoding):
            names = ["robust"]
            binned = any(len(part.bins) for part in self.encoding.parts)
            names += ["bins"] * (self.encoding.with_bins and binned)
            if not isinstance(self.encoding.column, Number):
                names.append("date_parts")
            return names
        if self.is_beside_number:
            return ["numbers"]
        return ["number_key"] if category_keys(self.encoding.column) else ["texts"]

    def constants(self) -> str:
        """Write its constant arrays."""
        if isinstance(self.encoding, NumericEncoding):
            return "".join(
                array("double", f"{self.prefix}_edges{k}", np.array(part.bins.edges))
                for k, part in enumerate(self.encoding.parts)
                if self.encoding.with_bins and len(part.bins)
            )
        if self.is_beside_number:
            return _numbers(self.prefix, self.encoding.column)
        text = _texts(self.prefix, self.encoding.column)
        if isinstance(self.encoding, OneHotEncoding):
            values = one_hot_rows(self.encoding)
            text += array("float", f"{self.prefix}_inputs", values)
        return text

    def code(self) -> list[str]:
        """Write the lines that encode it: from ``row`` into ``x``."""
        if isinstance(self.encoding, NumericEncoding):
            return self._numeric(self.encoding)
        column = self.encoding.column
        lines = [f"code = {self.prefix}_code(row->{self.field});"]
        if isinstance(self.encoding, CodeEncoding):
            lines.append(f"x[{self.first}] = (float)(code < 0 ? 0 : code + 1);")
            return lines
        width, own = len(self.encoding.names), len(column.names)
        at = f"(code < 0 ? {own} : code) * {width} + k"
        copy = f"x[{self.first} + k] = {self.prefix}_inputs[{at}];"
        return [*lines, f"for (k = 0; k < {width}; ++k) {copy}"]

    def _numeric(self, encoding: NumericEncoding) -> list[str]:
        lines, at, missing = [], self.first, f"row->{self.field} != row->{self.field}"
        if isinstance(encoding.column, Number):
            lines.append(f"part[0] = row->{self.field};")
            infinite = "part[0] - part[0] != 0 && part[0] == part[0]"
            lines.append(f"if ({infinite}) return {{k}};")
        else:
            missing = f"row->{self.field} == INT64_MIN"
            lines.append(f"date_parts({missing} ? 0 : row->{self.field}, part);")
        for k, part in enumerate(encoding.parts):
            value = f"part[{encoding.column.varying[k]}]"
            if not isinstance(encoding.column, Number):
                value = f"{missing} ? 0.0 / zero : {value}"
            lines.append(f"scaled = robust({value}, {_scaler(part)});")
            lines.append(f"x[{at}] = (float)scaled;")
            at += 1
            if encoding.with_bins and len(part.bins):
                edges = f"{self.prefix}_edges{k}"
                lines.append(f"bins(scaled, {edges}, {len(part.bins)}, x + {at});")
                at += len(part.bins)
        if encoding.column.missing:
            lines.append(f"x[{at}] = {missing} ? 1.0f : 0.0f;")
        return lines


def _scaler(part: NumericPart) -> str:
    scaler = robust_scaler(part)
    return f"{literal(np.float64(scaler.median))}, {literal(np.float64(scaler.width))}"


def _numbers(prefix: str, column: Category) -> str:
    """Write the sorted numbers with their codes, and ``PREFIX_code``."""
    codes = dict(sorted(number_codes(column).items()))
    name, count = f"{prefix}_numbers", len(codes)
    missing, other = _special_codes(column)
    lines = [
        array("double", name, np.array([*codes], np.float64)),
        array("int", f"{name}_codes", np.array([*codes.values()])),
        f"static int {prefix}_code(double number) {{",
        f"    const int found = find_number({name}, {count}, number);",
        f"    if (number != number) return {missing};",
        f"    return found >= 0 ? {name}_codes[found] : {other};",
        "}\n",
    ]
    return "\n".join(lines)


def _special_codes(column: Category) -> tuple[int, int]:
    """Return the codes of a missing value and of one that training did not see."""
    missing = len(column.names) - 1 if column.missing else -1
    return missing, len(column.categories) if column.other else -2


def _texts(prefix: str, column: Category) -> str:
    """Write the sorted categories with their codes, and ``PREFIX_code``."""

    def table(name: str, codes: dict[str, int]) -> str:
        ordered = sorted(codes.items(), key=lambda item: item[0].encode())
        texts = ",\n".join(text_literal(text) for text, _ in ordered)
        numbers = np.array([code for _, code in ordered])
        return (
            f"static const char* const {prefix}_{name}[] = {{\n{texts}\n}};\n"
            + array("int", f"{prefix}_{name}_codes", numbers)
        )

    known = {text: code for code, text in enumerate(column.categories)}
    missing, other = _special_codes(column)
    lines = [table("texts", known)]
    keys = category_keys(column)
    if keys:
        lines.append(table("keys", keys))
    lines += [
        f"static int {prefix}_code(const char* text) {{",
        "    char key[LONGEST_KEY];" * bool(keys),
        "    int found;",
        f"    if (!text) return {missing};",
        f"    found = find_text({prefix}_texts, {len(known)}, text);",
        f"    if (found >= 0) return {prefix}_texts_codes[found];",
    ]
    if keys:
        find = f"find_text({prefix}_keys, {len(keys)}, key);"
        lines += [
            f"    if (number_key(text, key)) found = {find}",
            "    if (found >= 0)",
            f"        return {prefix}_keys_codes[found];",
        ]
    marker = f"find_text(kMissingTexts, {len(NO_TEXT)}, text) >= 0"
    lines += [
        f"    if ({marker}) return {missing};",
        f"    return {other};",
        "}\n",
    ]
    return "\n".join(line for line in lines if line)
