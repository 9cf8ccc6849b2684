"""Names, numbers and texts in C; the engine's elementary functions bit by bit."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranvier.exports.c_text import (
    KEYWORDS,
    comment,
    elementary,
    identifiers,
    literal,
    section,
    text_literal,
)

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")


@given(st.lists(st.text(max_size=400), max_size=20))
def test_identifiers_are_valid_and_differ(names: list[str]) -> None:
    chosen = identifiers(names, reserved=["taken"])
    assert len(set(chosen)) == len(names)
    for name in chosen:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", name)
        assert name not in KEYWORDS | {"taken"}


HEADERS = ("stddef", "stdint", "stdio", "string")


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "tcc"])
def test_macros_of_the_headers_are_no_identifiers(compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    source = "".join(f"#include <{name}.h>\n" for name in HEADERS)
    command = [compiler, "-x", "c", "-dM", "-E", "-"]
    command = [word for word in command if compiler != "tcc" or word not in ("-x", "c")]
    found = subprocess.run(command, input=source, capture_output=True, text=True)
    macros = re.findall(r"^#define ([A-Za-z]\w*)", found.stdout, re.MULTILINE)
    assert len(macros) > 20, found.stderr
    assert not set(macros) & set(identifiers(macros))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_literals_of_float32_are_exact(x: float) -> None:
    text = literal(np.float32(x))
    assert text.endswith("f")
    assert np.float32(text[:-1]).tobytes() == np.float32(x).tobytes()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_literals_of_float64_are_exact(x: float) -> None:
    text = literal(np.float64(x))
    assert np.float64(float(text)).tobytes() == np.float64(x).tobytes()
    assert "." in text or "e" in text  # an integer would be an int in C


@given(st.text())
def test_comments_end_where_they_end(text: str) -> None:
    inside = comment(text).removeprefix("/* ").removesuffix(" */")
    assert "*/" not in inside.replace("* /", "")
    assert "\n" not in inside


def compiled(source: str, folder: Path, *flags: str) -> ctypes.CDLL:
    """Compile C to a library and load it."""
    path = folder / "part.c"
    path.write_text(source, "utf-8")
    library = folder / "part.so"
    command = ["gcc", "-std=c99", "-O1", "-shared", "-fPIC", *flags]
    subprocess.run([*command, str(path), "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))


@needs_gcc
def test_text_literals_are_the_bytes_of_utf8(tmp_path: Path) -> None:
    texts = ['"', "\\", "??/", "\n", "몸무게", "a\x01b", "%s", "é", "1" * 300, "\x7f9"]
    cases = "\n".join(
        f"case {k}: return (const unsigned char*){text_literal(text)};"
        for k, text in enumerate(texts)
    )
    body = f"{{ switch (k) {{ {cases} }} return 0; }}"
    source = f"const unsigned char* text(int k) {body}"
    library = compiled(source, tmp_path, "-Wall", "-Wextra", "-Werror")
    library.text.restype = ctypes.c_char_p
    assert [library.text(k).decode() for k in range(len(texts))] == texts


LOOP = """
#include <math.h>
void fused(const real* a, const real* b, const real* c, real* ours, real* theirs,
           int n) {
    int i;
    for (i = 0; i < n; ++i) {
        ours[i] = fma1(a[i], b[i], c[i]);
        theirs[i] = FMA(a[i], b[i], c[i]);
    }
}
"""


def hard_triples(dtype: type, count: int) -> list[NDArray[np.floating]]:
    """Draw a, b, c with products near c, far from it, subnormal, huge and exact."""
    rng = np.random.default_rng(0)
    info = np.finfo(dtype)
    low, high = info.minexp - info.nmant, info.maxexp

    def numbers() -> NDArray[np.floating]:
        power = rng.integers(low // 2, high // 2, count)
        return np.ldexp(rng.uniform(-2, 2, count), power).astype(dtype)

    a, b, c = numbers(), numbers(), numbers()
    third = count // 3
    with np.errstate(all="ignore"):
        near = a.astype(np.float64) * b
        shift = rng.integers(-info.nmant - 3, info.nmant + 3, count)
        c[:third] = (np.ldexp(-near, shift) * rng.choice([1, -1], count))[:third]
        c[third : 2 * third] = (-near).astype(dtype)[third : 2 * third]
    exact = np.array([0, -0.0, 1, -1, 0.5, info.tiny, -info.tiny, info.max], dtype)
    exact = np.append(exact, info.smallest_subnormal)
    grid = np.array(np.meshgrid(exact, exact, exact)).reshape(3, -1)
    halves = rng.integers(0, 9, (3, count)).astype(dtype) / 2  # ties
    parts = zip((a, b, c), grid, halves, strict=True)
    return [np.concatenate(part).astype(dtype) for part in parts]


@needs_gcc
@pytest.mark.parametrize(("real", "fma"), [("float", "fmaf"), ("double", "fma")])
def test_fma_without_an_instruction_rounds_once(
    real: str, fma: str, tmp_path: Path
) -> None:
    dtype = np.float32 if real == "float" else np.float64
    source = section("rules") + elementary([], real) + LOOP.replace("FMA", fma)
    library = compiled(source, tmp_path, "-DRANVIER_HAS_FMA=0", "-fno-builtin")
    a, b, c = hard_triples(dtype, 300_000)
    ours, theirs = np.empty_like(a), np.empty_like(a)
    arrays = (a, b, c, ours, theirs)
    library.fused(*(x.ctypes.data_as(ctypes.c_void_p) for x in arrays), len(a))
    whole = f"u{a.itemsize}"
    same = (ours.view(whole) == theirs.view(whole)) | (
        np.isnan(ours) & np.isnan(theirs)
    )
    wrong = np.flatnonzero(~same)
    assert not len(wrong), [x[wrong[:3]] for x in arrays]
