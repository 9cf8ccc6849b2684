"""Columns of a table as nodes of an ONNX graph: raw values in, encoded columns out.

Imports onnx. Numbers are encoded in double, as Python does, and then become float.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from ranvier.exports.onnx_graph import Graph, Tensor
from ranvier.exports.onnx_inputs import MISSING_INTEGER, MISSING_TEXTS, input_type
from ranvier.exports.onnx_scalers import bins, scale
from ranvier.exports.table_parts import (
    FIRST,
    MISSING,
    UNSEEN,
    category_rows,
    number_codes,
    truth_codes,
)
from ranvier.table.column_encoding import (
    CodeEncoding,
    NumericEncoding,
    OneHotEncoding,
)
from ranvier.table.column_types import Category, Number
from ranvier.table.encoder import TableEncoder

Array = NDArray[Any]

FLOAT, DOUBLE, INT64 = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.int64)
DAY: Final = 86_400_000_000  # microseconds

# Texts that ONNX Runtime can convert to double without an error: no separators of
# thousands, at most 40 digits on a side, and nothing that over- or underflows.
NUMBER: Final = r"\s*[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?\s*"
TRUTHS: Final = {
    "true": r"\s*[tT][rR][uU][eE]\s*",
    "false": r"\s*[fF][aA][lL][sS][eE]\s*",
}


class TableInputs:
    """The inputs of a graph for the columns of a table, and what they become.

    Parameters
    ----------
    graph
        Where the inputs and nodes are added.
    encoder
        How columns are encoded.

    Attributes
    ----------
    X : str
        The encoded rows, (n, inputs) float32.
    codes : dict of str to str
        Of each column of categories, (n,) where its value stands: `UNSEEN`, `MISSING`
        or from `FIRST` on.
    """

    def __init__(self, graph: Graph, encoder: TableEncoder) -> None:
        self.graph, self.encoder = graph, encoder
        self.codes: dict[str, str] = {}
        raw = {
            column.name: graph.input(column.name, input_type(column), ["rows"])
            for column in encoder.schema.used
        }
        parts = []
        for encoding in encoder.encodings:
            value = raw[encoding.column.name]
            if isinstance(encoding, NumericEncoding):
                parts += self._numeric(encoding, value)
            else:
                parts.append(self._category(encoding, value))
        self.X = graph.add("Concat", *parts, axis=1) if len(parts) > 1 else parts[0]

    def _numeric(self, encoding: NumericEncoding, value: str) -> list[str]:
        column = encoding.column
        value = self.graph.add("Unsqueeze", value, self.graph.constant(np.array([1])))
        if isinstance(column, Number):
            x = self._number(column, value)
            missing, raw = x.apply("IsNaN"), [x]
        else:
            missing, raw = self._date(value)
        parts = []
        for part, k in zip(encoding.parts, column.varying, strict=True):
            scaled = scale(raw[k], part.scaler)
            parts.append(scaled.cast("float32").name)
            if encoding.with_bins and len(part.bins):
                parts.append(bins(scaled, part.bins).cast("float32").name)
        if column.missing:
            parts.append(missing.cast("float32").name)
        return parts

    def _number(self, column: Number, value: str) -> Tensor:
        """Return a column of numbers as double, NaN where missing."""
        kind = input_type(column)
        x = Tensor(self.graph, value, np.dtype(kind))
        if kind != "int64":
            return x if kind == "float64" else x.cast("float64")
        gone = x.apply("Equal", MISSING_INTEGER)
        nan = Tensor(self.graph, self.graph.constant(np.array(np.nan)), DOUBLE)
        return gone.where(nan, x.cast("float64"))

    def _date(self, value: str) -> tuple[Tensor, list[Tensor]]:
        """Return where dates are missing, and their parts as double, NaN there."""
        given = Tensor(self.graph, value, INT64)
        gone = given.apply("Equal", MISSING_INTEGER)
        zero = Tensor(self.graph, self.graph.constant(np.array(0)), INT64)
        nan = Tensor(self.graph, self.graph.constant(np.array(np.nan)), DOUBLE)
        parts = date_parts(gone.where(zero, given))
        return gone, [gone.where(nan, part) for part in parts]

    def _category(self, encoding: OneHotEncoding | CodeEncoding, value: str) -> str:
        column = encoding.column
        if isinstance(encoding, CodeEncoding) and encoding.beside_number:
            code = self._number_code(column, value)
        else:
            code = self.codes[column.name] = self._text_code(column, value)
        rows = self.graph.constant(category_rows(encoding))
        return self.graph.add("Gather", rows, code)

    def _text_code(self, column: Category, text: str) -> str:
        graph = self.graph
        found = dict.fromkeys(MISSING_TEXTS, MISSING)
        found |= {text: FIRST + code for code, text in enumerate(column.categories)}
        code = graph.lookup(
            text,
            keys_strings=list(found),
            values_int64s=list(found.values()),
            default_int64=UNSEEN,
        )
        for truth, k in truth_codes(column).items():
            code = self._truth(code, text, TRUTHS[truth], FIRST + k)
        numbers = number_codes(column)
        return self._number_in_text(code, text, numbers) if numbers else code

    def _truth(self, code: str, text: str, pattern: str, truth: int) -> str:
        """Return the code of a truth where a text unknown so far says it."""
        graph = self.graph
        graph.newer = True
        said = graph.add("RegexFullMatch", text, pattern=pattern)
        said = graph.add("And", said, self._is(code, UNSEEN))
        return graph.add("Where", said, graph.constant(np.array(truth)), code)

    def _number_in_text(self, code: str, text: str, numbers: dict[float, int]) -> str:
        """Return the code of a number where a text unknown so far says it."""
        graph = self.graph
        said = graph.add("RegexFullMatch", text, pattern=NUMBER)
        nan = graph.constant(np.array("nan", dtype=object))
        number = graph.cast(graph.add("Where", said, text, nan), "float64")
        own = self._lookup_double(number, numbers)
        return graph.add("Where", self._is(code, UNSEEN), own, code)

    def _number_code(self, column: Category, value: str) -> str:
        """Return the code of a whole number that is a category too."""
        graph, codes = self.graph, number_codes(column)
        number = self.encoder.schema.columns[column.name]
        if isinstance(number, Number) and input_type(number) == "float64":
            code = self._lookup_double(value, codes)  # where no key matches NaN
            missing = graph.constant(np.array(MISSING))
            return graph.add("Where", graph.add("IsNaN", value), missing, code)
        whole = {int(x): FIRST + k for x, k in codes.items()}
        whole[MISSING_INTEGER] = MISSING
        return graph.lookup(
            value,
            keys_int64s=list(whole),
            values_int64s=list(whole.values()),
            default_int64=UNSEEN,
        )

    def _lookup_double(self, value: str, codes: dict[float, int]) -> str:
        self.graph.newer = True
        tensor = numpy_helper.from_array
        return self.graph.lookup(
            value,
            keys_tensor=tensor(np.array([*codes], np.float64)),
            values_tensor=tensor(FIRST + np.array([*codes.values()], np.int64)),
            default_tensor=tensor(np.array([UNSEEN])),
        )

    def _is(self, code: str, value: int) -> str:
        return self.graph.add("Equal", code, self.graph.constant(np.array(value)))


def date_parts(time: Tensor) -> list[Tensor]:
    """Compute `DATE_PARTS` of microseconds since 1970, as double.

    Years begin in March here, so that the leap day is the last; an era has 400 years.
    """
    days, rest = time // DAY, time % DAY
    day_of_week = (days + 3) % 7
    days = days + 719_468
    era, of_era = days // 146_097, days % 146_097
    leap_days = of_era / 1_460 - of_era / 36_524 + of_era / 146_096
    years = (of_era - leap_days) / 365  # of the era
    of_year = of_era - (years * 365 + years / 4 - years / 100)
    march_month = (of_year * 5 + 2) / 153
    day_of_month = of_year - (march_month * 153 + 2) / 5 + 1
    year = years + era * 400
    from_march = march_month.apply("Less", 10)

    def either(a: Tensor, b: Tensor) -> Tensor:
        return from_march.where(a, b)

    leap = _is_leap(year).cast("int64")
    parts = [
        either(year, year + 1),
        either(march_month + 3, march_month - 9),
        day_of_month,
        day_of_week,
        either(of_year + 60 + leap, of_year - 305),
    ]
    elapsed = time.cast("float64") / float(DAY)
    hour = rest.cast("float64") / 3.6e9
    return [elapsed, *(part.cast("float64") for part in parts), hour]


def _is_leap(year: Tensor) -> Tensor:
    def divides(number: int) -> Tensor:
        return (year % number).apply("Equal", 0)

    century = divides(100).apply("Not")
    return divides(4).apply("And", century).apply("Or", divides(400))
