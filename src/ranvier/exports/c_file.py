"""A C99 file of a network: declarations, the functions, and a test of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.c_network import NetworkCode
from ranvier.exports.c_text import array, comment, elementary, section, text_literal
from ranvier.exports.labels import Labels
from ranvier.network.network import Network
from ranvier.version import __version__

Array = NDArray[Any]


def network_file(
    net: Network, name: str, rows: Array, labels: Labels | None = None
) -> str:
    """Write a network as one C file.

    Parameters
    ----------
    net
        The network.
    name
        A C identifier; the function is ``NAME_predict``.
    rows
        (n, inputs) rows of X that the file's own test runs through.
    labels
        The classes of its outputs: ``NAME_label`` is the index of that of a row in
        ``NAME_labels``. None: the outputs are numbers.
    """
    code = NetworkCode(net, "net")
    parts = [
        heading(net, name),
        _declarations(net, name, labels),
        f"#ifndef {name.upper()}_HEADER_ONLY\n",
        section("rules"),
        elementary(code.sections(), code.real),
        code.arrays(),
        code.function(),
        section("predict", NAME=name),
        _classes(net, name, labels),
        _selftest(net, name, rows, labels),
        "#endif\n",
    ]
    return "\n".join(part for part in parts if part)


def _classes(net: Network, name: str, labels: Labels | None) -> str:
    """Write the names of the classes, and how outputs become one."""
    if labels is None or labels.several:
        return ""
    real, count = NetworkCode(net, "net").real, len(labels.names)
    texts = ",\n".join(map(text_literal, labels.names))
    body = "    return y[0] > 0.5;"
    if net.outputs > 1:
        body = f"""\
    int k, best = 0;
    for (k = 1; k < {count}; ++k)
        if (y[k] > y[best]) best = k;
    return best;"""
    return f"""\
const char* const {name}_labels[{count}] = {{
{texts}
}};

int {name}_label(const {real}* y) {{
{body}
}}
"""


def heading(model: object, name: str) -> str:
    """Write what a file is made of, how it was verified, and how to test it."""
    return "\n".join(
        [
            comment(f"Written by Ranvier {__version__}: {model!r}"),
            "/* VERIFICATION */",
            "/* C99 without a library. Compile it beside your program or include it;",
            f"   with {name.upper()}_HEADER_ONLY defined it is its own header.",
            "   The results are Python's, bit for bit. To test that on your machine:",
            f"       cc -std=c99 -DRANVIER_SELFTEST {name}.c && ./a.out */",
            "",
        ]
    )


def _declarations(net: Network, name: str, labels: Labels | None) -> str:
    guard, real = f"{name.upper()}_H", NetworkCode(net, "net").real
    return f"""\
#ifndef {guard}
#define {guard}
#ifdef __cplusplus
extern "C" {{
#endif

enum {{ {name}_inputs = {net.inputs}, {name}_outputs = {net.outputs} }};

/* A row x of {net.inputs} numbers becomes {net.outputs} outputs in y. Returns 0;
   or 1, and leaves y as it is, where an x is infinite or not a number. */
int {name}_predict(const {real}* x, {real}* y);
{_declared(name, real, labels)}
#ifdef __cplusplus
}}
#endif
#endif
"""


def _declared(name: str, real: str, labels: Labels | None) -> str:
    if labels is None:
        return ""
    if labels.several:
        return "/* Label k holds where y[k] > 0.5. */\n"
    lines = [
        "",
        "/* The class that outputs y stand for: its index in the labels. */",
        f"extern const char* const {name}_labels[{len(labels.names)}];",
        f"int {name}_label(const {real}* y);",
    ]
    if labels.inputs:
        lines.insert(0, comment("x, each 0 or 1: " + ", ".join(labels.inputs)))
    return "\n".join([*lines, ""])


def _selftest(net: Network, name: str, rows: Array, labels: Labels | None) -> str:
    X = np.ascontiguousarray(rows, net.dtype)
    Y = np.ascontiguousarray(net(X))
    classes, check = "", ""
    if labels is not None and not labels.several:
        classes = array("int", "test_class", labels.codes(Y))
        check = f"wrong += {name}_label(y) != test_class[r];"
    parts = [
        "#ifdef RANVIER_SELFTEST",
        "#include <stdio.h>",
        array("real", "test_x", X),
        array("real", "test_y", Y),
        classes,
        section("selftest", NAME=name, ROWS=str(len(X)), CHECK_OF_THE_CLASS=check),
        "#endif\n",
    ]
    return "\n".join(parts)
