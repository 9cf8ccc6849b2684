"""A network in C equals the network in Python in every bit, with each compiler."""

import re
from pathlib import Path

import numpy as np
import pytest
from compilers import HERE, Compiler
from networks import DTYPES, everything, with_activation, with_embedding

from ranvier.exports.c_file import network_file
from ranvier.exports.verification import probe_rows
from ranvier.network.network import Network

FIRST = [compiler for compiler in HERE if compiler.name == "gcc"] or HERE[:1]


def outcome(net: Network, compiler: Compiler, folder: Path, rows: int) -> str:
    """Compile a network's file and run its own test."""
    source = folder / "model.c"
    source.write_text(network_file(net, "model", probe_rows(net, rows)), "utf-8")
    return compiler.run(source, "-DRANVIER_SELFTEST").stdout


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_activation_and_column(dtype: str, tmp_path: Path) -> None:
    for net in everything(dtype):
        for compiler in FIRST:
            said = outcome(net, compiler, tmp_path, 100)
            assert re.fullmatch(r"0 of \d{3,} numbers differ.*\n", said), net


@pytest.mark.parametrize("compiler", HERE, ids=lambda c: c.name)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["gelu", "mish", "softmax", "elu"])
def test_every_compiler(
    compiler: Compiler, dtype: str, name: str, tmp_path: Path
) -> None:
    for net in (with_activation(name, dtype), with_embedding(dtype)):
        said = outcome(net, compiler, tmp_path, 100)
        assert said.startswith("0 of "), said


@pytest.mark.slow
@pytest.mark.parametrize("compiler", HERE, ids=lambda c: c.name)
@pytest.mark.parametrize("dtype", DTYPES)
def test_everything_with_every_compiler(
    compiler: Compiler, dtype: str, tmp_path: Path
) -> None:
    for net in everything(dtype):
        assert outcome(net, compiler, tmp_path, 2000).startswith("0 of "), net


@pytest.mark.parametrize("compiler", FIRST, ids=lambda c: c.name)
def test_the_test_of_a_file_can_fail(compiler: Compiler, tmp_path: Path) -> None:
    net = with_activation("tanh", "float32")
    X = probe_rows(net)
    text = network_file(net, "model", X)
    last = np.nextafter(net(X)[-1, -1], np.float32(9))
    start, end = text.rsplit(str(net(X)[-1, -1]), 1)
    source = tmp_path / "model.c"
    source.write_text(start + str(last) + end, "utf-8")
    done = compiler.run(source, "-DRANVIER_SELFTEST")
    assert done.stdout.startswith("1 of ")
    assert done.returncode == 1


MAIN = """
#include <stdio.h>
#define MODEL_HEADER_ONLY
#include "model.c"
#undef MODEL_HEADER_ONLY
#include "model.c"
int main(void) {
    float x[3] = {1, 2, 3}, y[5] = {7, 7, 7, 7, 7};
    float zero = 0;
    int wrong;
    x[1] = zero + VALUE;
    wrong = model_predict(x, y);
    printf("%d %d", wrong, y[0] == 7);
    return 0;
}
"""


@pytest.mark.parametrize("compiler", FIRST, ids=lambda c: c.name)
@pytest.mark.parametrize(
    ("value", "said"),
    [("2", "0 0"), ("0.0f / zero", "1 1"), ("1 / zero", "1 1"), ("-1 / zero", "1 1")],
)
def test_rows_that_are_not_finite_are_refused(
    compiler: Compiler, value: str, said: str, tmp_path: Path
) -> None:
    net = with_activation("tanh", "float32")
    (tmp_path / "model.c").write_text(network_file(net, "model", probe_rows(net)))
    source = tmp_path / "main.c"
    source.write_text(MAIN.replace("VALUE", value))
    assert compiler.run(source).stdout == said


@pytest.mark.parametrize("compiler", FIRST, ids=lambda c: c.name)
def test_it_needs_no_library(compiler: Compiler, tmp_path: Path) -> None:
    text = network_file(with_embedding("float32"), "model", np.zeros((1, 6)))
    # emmintrin.h has the square root of x86-64, an instruction and no library.
    found = re.findall(r"#include <(.*)>", text)
    assert found == ["stdint.h", "emmintrin.h", "stdio.h"]
    assert "malloc" not in text
    usual = text.partition("#ifdef RANVIER_SELFTEST")[0]
    assert "stdio" not in usual
