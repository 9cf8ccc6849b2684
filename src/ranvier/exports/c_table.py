"""A C99 file of a table model: raw rows in, predictions out."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.c_columns import ColumnCode
from ranvier.exports.c_file import heading
from ranvier.exports.c_network import NetworkCode
from ranvier.exports.c_text import (
    array,
    collected,
    comment,
    elementary,
    identifiers,
    literal,
    section,
    text_literal,
)
from ranvier.exports.table_parts import check_model, check_scalers, supported_interval
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.conformal import conformal_quantile
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs

Array = NDArray[Any]

# What the code of columns may use; compilers warn of what it does not.
VARIABLES = {
    "part": "double part[7];",
    "scaled": "double scaled;",
    "zero": "double zero = 0;",
    "code": "int code;",
    "k": "int k;",
}
RESERVED = ("row", "x", "y", "main", "member", *VARIABLES)


class TableCode:
    """A table model as C.

    Parameters
    ----------
    model
        The model.
    name
        A C identifier; the functions and types are ``NAME_predict``, ``NAME_row`` ...
    interval
        The fraction of true numbers that ``low`` and ``high`` hold; None: 0.9, or no
        bounds where too few rows were held out for that.
    """

    def __init__(
        self, model: TableModel, name: str, interval: float | None = None
    ) -> None:
        self.model, self.name = model, name
        self.interval = supported_interval(model, interval)
        check_model(model)
        check_scalers(model)
        sources = [column.name for column in model.encoder.schema.used]
        self.fields = dict(zip(sources, identifiers(sources, RESERVED), strict=True))
        self.columns, first = [], 0
        for encoding in model.encoder.encodings:
            field = self.fields[encoding.column.name]
            self.columns.append(ColumnCode(encoding, field, first))
            first += len(encoding.names)
        self.networks = [
            NetworkCode(net, f"net{k}") for k, net in enumerate(model.members, 1)
        ]
        self.count = len(model.outputs.names)

    @property
    def is_numeric(self) -> bool:
        """Whether the model predicts numbers."""
        return isinstance(self.model.outputs, NumberOutputs)

    def file(self, selftest: str = "") -> str:
        """Write the file; `selftest` is the text of its own test."""
        sections: list[str] = []
        for column in self.columns:
            sections += column.sections()
        doubles = []
        if self.is_numeric:
            if self._bent:
                doubles = ["expm1", "log1p"] if self.interval else ["expm1"]
        elif self.model.temperature is not None:
            doubles, sections = ["exp", "log"], [*sections, "calibrated"]
        network = [s for code in self.networks for s in code.sections()]
        parts = [
            heading(self.model, self.name),
            self._declarations(),
            f"#ifndef {self.name.upper()}_HEADER_ONLY\n",
            section("rules"),
            elementary(network, "float"),
            elementary(doubles, "double", "_d") if doubles else "",
            collected(sections),
            *(column.constants() for column in self.columns),
            *(code.arrays() for code in self.networks),
            *(code.function() for code in self.networks),
            self._encode(),
            self._predict(),
            selftest,
            "#endif\n",
        ]
        return "\n".join(part for part in parts if part)

    @property
    def _bent(self) -> bool:
        outputs = self.model.outputs
        return isinstance(outputs, NumberOutputs) and bool(outputs.transform.sign.any())

    def _declarations(self) -> str:
        name, outputs = self.name, self.model.outputs
        fields = "\n".join(
            f"    {column.declaration} {comment(column.encoding.column.name)}"
            for column in self.columns
            if not column.is_beside_number
        )
        if isinstance(outputs, ClassOutputs):
            result = "    int label; /* index of the most probable class */\n"
            result += f"    double probability[{self.count}];"
        elif self.is_numeric:
            result = f"    double prediction[{self.count}];"
            if self.interval is not None:
                held = f"/* they hold {self.interval:.4g} of true numbers */"
                result += f"\n    double low[{self.count}], high[{self.count}]; {held}"
        else:
            result = f"    double probability[{self.count}];"
        labels = f"extern const char* const {name}_labels[{self.count}];\n"
        return f"""\
#ifndef {name.upper()}_H
#define {name.upper()}_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {{
#endif

/* A row of the table, a field a column. */
struct {name}_row {{
{fields}
}};

/* What is predicted: {comment(outputs.name)[3:-3]}. */
struct {name}_result {{
{result}
}};
{labels}
/* Predicts a row. Returns 0; or, where a number is infinite, the number of its field,
   counted from 1, and leaves the result as it is. */
int {name}_predict(const struct {name}_row* row, struct {name}_result* result);

#ifdef __cplusplus
}}
#endif
#endif
"""

    def _encode(self) -> str:
        width, used = len(self.model.encoder.names), set[str]()
        lines = [f"static int encode(const struct {self.name}_row* row, float* x) {{"]
        body: list[str] = []
        numbers = {field: k for k, field in enumerate(self.fields.values(), 1)}
        for column in self.columns:
            number = numbers[column.field]
            code = [line.replace("{k}", str(number)) for line in column.code()]
            body += [comment(column.encoding.column.name), *code]
            used.update(re.findall(r"\w+", " ".join(code)))
        # No field has one of these names, so that a word of the code is the variable.
        lines += [f"    {VARIABLES[name]}" for name in VARIABLES if name in used]
        lines += [f"    {line}" for line in body]
        return "\n".join(
            [*lines, "    return 0;", "}", f"enum {{ INPUTS = {width} }};\n"]
        )

    def _predict(self) -> str:
        name, count = self.name, self.count
        labels = ",\n".join(text_literal(str(n)) for n in self.model.outputs.names)
        forward = "\n".join(
            f"    forward_{code.name}(x, y);\n    add_member(y, total, {k});"
            for k, code in enumerate(self.networks)
        )
        return f"""\
const char* const {name}_labels[{count}] = {{
{labels}
}};

{self._member()}
int {name}_predict(const struct {name}_row* row, struct {name}_result* result) {{
    float x[INPUTS], y[{count}];
    double total[{count}];
    int k;
    const int wrong = encode(row, x);
    if (wrong) return wrong;
{forward}
    for (k = 0; k < {count}; ++k) total[k] = total[k] / {len(self.networks)};
{self._finish()}
    return 0;
}}
"""

    def _member(self) -> str:
        """Write how the outputs of a member are decoded and added."""
        count, temperature = self.count, self.model.temperature
        head = "static void add_member(const float* y, double* total, int member) {\n"
        add = "total[k] = member ? total[k] + own : own;"
        if isinstance(self.model.outputs, NumberOutputs):
            return f"""{self._transform(self.model.outputs.transform)}{head}    int k;
    for (k = 0; k < {count}; ++k) {{
        double own = inverse((double)y[k], k);
        own = kEdge[k] + kSmearing[k] * (own - kEdge[k]);
        own = own < kMinimum[k] ? kMinimum[k] : (own > kMaximum[k] ? kMaximum[k] : own);
        {add}
    }}
}}
"""
        if temperature is None:
            return f"""{head}    int k;
    for (k = 0; k < {count}; ++k) {{
        const double own = (double)y[k];
        {add}
    }}
}}
"""
        T = literal(np.float64(temperature))
        return f"""{head}    double p[{count}];
    int k;
    calibrated(y, {count}, {T}, p);
    for (k = 0; k < {count}; ++k) {{
        const double own = p[k];
        {add}
    }}
}}
"""

    def _transform(self, t: TargetTransform) -> str:
        """Write the target's transform: its constants, its inverse and itself."""
        named = {
            "kCenter": t.center, "kScale": t.scale, "kEdge": t.edge,
            "kSmearing": t.smearing, "kMinimum": t.minimum, "kMaximum": t.maximum,
        }  # fmt: skip
        parts = ["inverse"]
        if self._bent:
            named |= {"kSign": t.sign.astype(float), "kDistance": t.distance}
            parts = ["inverse_bent"]
        if self.interval is not None:
            assert self.model.residuals is not None
            named["kError"] = conformal_quantile(self.model.residuals, self.interval)
            parts.append("transform_bent" if self._bent else "transform")
            parts.append("bounds")
        arrays = (
            array("double", key, np.asarray(value, np.float64))
            for key, value in named.items()
        )
        return "".join([*arrays, *map(section, parts)])

    def _finish(self) -> str:
        count = self.count
        if self.is_numeric:
            bounds = ""
            if self.interval is not None:
                bounds = "\n        bounds(own, k, &result->low[k], &result->high[k]);"
            return f"""    for (k = 0; k < {count}; ++k) {{
        double own = total[k];
        own = own < kMinimum[k] ? kMinimum[k] : (own > kMaximum[k] ? kMaximum[k] : own);
        result->prediction[k] = own;{bounds}
    }}"""
        lines = f"    for (k = 0; k < {count}; ++k) result->probability[k] = total[k];"
        if isinstance(self.model.outputs, ClassOutputs):
            lines += f"""
    result->label = 0;
    for (k = 1; k < {count}; ++k)
        if (total[k] > total[result->label]) result->label = k;"""
        return lines
