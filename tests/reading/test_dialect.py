"""dialect.py: the delimiter, the header and the first malformed line."""

from pathlib import Path

import pytest

from ranvier.reading.dialect import (
    Dialect,
    dialect_of,
    first_fault,
    header_of,
    looks_like_data,
    refuse_duplicates,
)
from ranvier.reading.text import ReadError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


@pytest.mark.parametrize(
    ("content", "delimiter", "decimal"),
    [
        ("a,b\n1,2\n", ",", "."),
        ("a;b\n1;2\n", ";", "."),
        ("a\tb\n1\t2\n", "\t", "."),
        ("a|b\n1|2\n", "|", "."),
        ("a\n1\n", ",", "."),
        ("", ",", "."),
        ("a;b\nx,y;1\nz,w;2\n", ";", "."),
        ("a,b;c,d\n1,2;3,4\n", ",", "."),  # two commas beat one semicolon
        ("a;b,c\n1;2\n3;4\n5;6\n", ";", "."),  # even lines beat uneven ones
        ('"a;b",c\n"1;2",3\n', ",", "."),
        ("a,b\n1,2\n3\n4,5\n", ",", "."),  # one uneven line
        ("a;b\n1,5;2\n", ";", ","),
        ("a;b\n1,234;2\n", ";", "."),  # may be a thousand
        ("a;b\n1,5;2.5\n", ";", "."),
        ("a;b\n1,2345;-0,5\n", ";", ","),
        ('a,b\n"1,5",2\n', ",", "."),
        ("a,b\n" + "1,2\n" * 20_000, ",", "."),  # longer than the sample
    ],
)
def test_dialect(path: Path, content: str, delimiter: str, decimal: str) -> None:
    path.write_text(content, newline="")
    assert dialect_of(path) == Dialect(delimiter, decimal)


def test_given_delimiter(path: Path) -> None:
    path.write_text("a,b\tc\n1,2\t3\n")
    assert dialect_of(path, "\t") == Dialect("\t", ",")
    path.write_text("a\n1,5\n")
    assert dialect_of(path, "\t").delimiter == "\t"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("\ufeffa,b\n", ["a", "b"]),
        ('\n"x, y","q ""z"""\n', ["x, y", 'q "z"']),
        ("a,A,,\n", ["a", "A", "", ""]),
        ('"line\nbreak",소득\n', ["line\nbreak", "소득"]),
    ],
)
def test_header(path: Path, content: str, names: list[str]) -> None:
    path.write_text(content, encoding="utf-8")
    assert header_of(path, ",") == names


def test_duplicate_names(path: Path) -> None:
    path.write_text("a,b,a,c,c\n")
    with pytest.raises(
        ReadError, match=r"data\.csv has more than one column named 'a' "
    ):
        header_of(path, ",")
    refuse_duplicates(["", "", "a"], "it")


def test_header_that_is_data() -> None:
    assert looks_like_data(["1", "2.5"])
    assert not looks_like_data(["1", "x"])
    assert not looks_like_data(["1", ""])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("a,b\n1,2\n", None),
        ("a,b\r\n1,2\n\n3,4\r\n", None),
        ('a,b\n"1\n2",3\n4,5\n', None),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 field(s), the header 2 (delimiter ',')"),
        ('a,b\n"1\n2",3\n4\n', "line 4 has 1 field(s), the header 2"),
        ('a,b\n1,2\n3,"4\n5,6\n', "line 3 cannot be cut into fields"),
    ],
)
def test_first_fault(path: Path, content: str, fault: str | None) -> None:
    path.write_text(content, newline="")
    found = first_fault(path, ",")
    assert found is None if fault is None else (found or "").startswith(fault)
