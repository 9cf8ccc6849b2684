"""A C99 file of a network: declarations, the functions, and a test of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.c_network import NetworkCode
from ranvier.exports.c_text import array, comment, elementary, section
from ranvier.network.network import Network
from ranvier.version import __version__

Array = NDArray[Any]


def network_file(net: Network, name: str, rows: Array) -> str:
    """Write a network as one C file.

    Parameters
    ----------
    net
        The network.
    name
        A C identifier; the function is ``NAME_predict``.
    rows
        (n, inputs) rows of X that the file's own test runs through.
    """
    code = NetworkCode(net, "net")
    parts = [
        heading(net, name),
        _declarations(net, name),
        f"#ifndef {name.upper()}_HEADER_ONLY\n",
        section("rules"),
        elementary(code.sections(), code.real),
        code.arrays(),
        code.function(),
        section("predict", NAME=name),
        _selftest(net, name, rows),
        "#endif\n",
    ]
    return "\n".join(parts)


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


def _declarations(net: Network, name: str) -> str:
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

#ifdef __cplusplus
}}
#endif
#endif
"""


def _selftest(net: Network, name: str, rows: Array) -> str:
    X = np.ascontiguousarray(rows, net.dtype)
    Y = np.ascontiguousarray(net(X))
    parts = [
        "#ifdef RANVIER_SELFTEST",
        "#include <stdio.h>",
        array("real", "test_x", X),
        array("real", "test_y", Y),
        section("selftest", NAME=name, ROWS=str(len(X))),
        "#endif\n",
    ]
    return "\n".join(parts)
