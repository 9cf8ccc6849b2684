"""A C99 file of a network: declarations, the functions, and a test of its own."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.exports.c_network import NetworkCode
from ranvier.exports.c_text import array, comment, elementary
from ranvier.network.network import Network
from ranvier.version import __version__

Array = NDArray[Any]

# What must hold for the bits to be those of Python; `off` where the compiler fuses by itself.
RULES: Final = """\
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "compile without -ffast-math: it changes the results"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "float must be computed as float: on x86 use -msse2 -mfpmath=sse"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__TINYC__)
#pragma GCC optimize("fp-contract=off")
#endif
#if defined(__GNUC__) || defined(__clang__)
#define MAYBE_UNUSED __attribute__((unused))
#else
#define MAYBE_UNUSED
#endif
#if !defined(RANVIER_HAS_FMA)
#if (defined(__FMA__) || defined(__aarch64__) || defined(__ARM_FEATURE_FMA)) && !defined(__TINYC__)
#define RANVIER_HAS_FMA 1
#else
#define RANVIER_HAS_FMA 0
#endif
#endif
"""


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
        _heading(net, name),
        _declarations(net, name),
        f"#ifndef {name.upper()}_HEADER_ONLY\n",
        RULES,
        elementary(code.sections(), code.real),
        *code.helpers(),
        code.arrays(),
        code.function(),
        PREDICT.format(name=name, real=code.real, inputs=net.inputs),
        _selftest(net, name, rows),
        "#endif\n",
    ]
    return "\n".join(parts)


def _heading(net: Network, name: str) -> str:
    return "\n".join(
        [
            comment(f"Written by Ranvier {__version__}: {net!r}"),
            "/* C99 without a library. Compile it beside your program, or include it there;",
            f"   with {name.upper()}_HEADER_ONLY defined it is its own header.",
            "   The results are those of Python, bit for bit. To test that on your machine:",
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

/* A row x of {net.inputs} numbers becomes {net.outputs} outputs in y. Returns 0; or 1, and leaves y, where an x is infinite or
   not a number. */
int {name}_predict(const {real}* x, {real}* y);

#ifdef __cplusplus
}}
#endif
#endif
"""


PREDICT: Final = """\
int {name}_predict(const {real}* x, {real}* y) {{
    int i;
    for (i = 0; i < {inputs}; ++i)
        if (!(x[i] - x[i] == 0)) return 1;
    forward_net(x, y);
    return 0;
}}
"""


def _selftest(net: Network, name: str, rows: Array) -> str:
    X = np.ascontiguousarray(rows, net.dtype)
    Y = np.ascontiguousarray(net(X))
    parts = [
        "#ifdef RANVIER_SELFTEST",
        "#include <stdio.h>",
        array("real", "test_x", X),
        array("real", "test_y", Y),
        SELFTEST.format(name=name, rows=len(X)),
        "#endif\n",
    ]
    return "\n".join(parts)


SELFTEST: Final = """\
int main(void) {{
    int r, k, wrong = 0;
    for (r = 0; r < {rows}; ++r) {{
        real y[{name}_outputs] = {{0}};
        if ({name}_predict(test_x + r * {name}_inputs, y)) ++wrong;
        for (k = 0; k < {name}_outputs; ++k) wrong += bits_of(y[k]) != bits_of(test_y[r * {name}_outputs + k]);
    }}
    printf("%d of %d numbers differ from Python's\\n", wrong, {rows} * {name}_outputs);
    return wrong != 0;
}}
"""
