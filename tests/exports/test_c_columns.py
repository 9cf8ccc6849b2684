"""Categories in C: found exactly, by what they say, missing or unseen."""

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest
from compilers import HERE
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier.exports.c_columns import ColumnCode
from ranvier.exports.c_text import collected, section
from ranvier.table.column_encoding import CodeEncoding
from ranvier.table.column_types import Category
from ranvier.table.values import values_of

CATEGORIES = ("-3", "0.1", "1", "1000000", "2.50", "A", "a", "true", "한국")
COLUMN = Category("c", CATEGORIES, (1,) * len(CATEGORIES), 2, 2, 3)

pytestmark = pytest.mark.skipif(
    not any(compiler.name == "gcc" for compiler in HERE), reason="needs gcc"
)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder: Path = tmp_path_factory.mktemp("c")
    column = ColumnCode(CodeEncoding(COLUMN), "c", 0)
    text = section("rules") + collected(column.sections()) + column.constants()
    text = text.replace("static int column_c_code", "int column_c_code")
    (folder / "c.c").write_text(text, "utf-8")
    command = ["gcc", "-std=c99", "-shared", "-fPIC", "-fsanitize=undefined"]
    command += [
        "-fno-sanitize-recover",
        str(folder / "c.c"),
        "-o",
        str(folder / "c.so"),
    ]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(folder / "c.so"))


def expected(text: str | None) -> int:
    return int(COLUMN.codes(values_of(np.array([text, "A"], object)))[0])


NUMBERS = st.floats(-1e7, 1e7).map(lambda x: f"{x:.4g}")
SPELLED = st.from_regex(r"\A ?[+-]?\d{0,7}(,\d{3})?\.?\d{0,3}(e[+-]?\d)? ?\Z")
TEXTS = st.one_of(
    st.sampled_from(
        [*CATEGORIES, "", "NA", "nan", "TRUE", "True ", "1.0", "01", "1e0"]
    ),
    st.sampled_from(["-3.0", "+1", "2.5", "1,000,000", "1e6", ".1", "1.", "-0", "0"]),
    st.text(max_size=12).filter(lambda text: "\0" not in text),
    NUMBERS,
    SPELLED,
)


@settings(max_examples=1000)
@given(st.none() | TEXTS)
def test_codes_are_python_s(code: ctypes.CDLL, text: str | None) -> None:
    given_text = None if text is None else text.encode("utf-8", "surrogatepass")
    assert code.column_c_code(given_text) == expected(text)
