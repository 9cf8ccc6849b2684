"""dialect.py: the delimiter and the first malformed line."""

from pathlib import Path

import pytest

from ranvier.reading.dialect import (
    delimiter_of,
    first_fault,
    records_of,
    refuse_duplicates,
    sample_of,
    unusual_delimiter,
    width_of,
)
from ranvier.reading.opening import ReadError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a\n1\n", ","),
        ("", ","),
        ("a;b\nx,y;1\nz,w;2\n", ";"),
        ("a,b;c,d\n1,2;3,4\n", ","),  # two commas beat one semicolon
        ("a;b,c\n1;2\n3;4\n5;6\n", ";"),  # even lines beat uneven ones
        ('"a;b",c\n"1;2",3\n', ","),
        ("a,b\n1,2\n3\n4,5\n", ","),  # one uneven line
        ("a;b\n1,5;2\n", ";"),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),  # decimal commas
        ("exported today, by us\n\na;b;c\n1;2;3\n4;5;6\n", ";"),
        ("a,b\n" + "1,2\n" * 20_000, ","),  # longer than the sample
    ],
)
def test_delimiter(path: Path, content: str, delimiter: str) -> None:
    path.write_text(content, newline="")
    assert delimiter_of(sample_of(path)) == delimiter


def test_given_delimiters(path: Path) -> None:
    assert delimiter_of("a,b\tc\n1,2\t3\n", "\t") == "\t"
    assert delimiter_of("a\n1,5\n", "\t") == "\t"


def test_unusual_delimiters() -> None:
    assert unusual_delimiter("a^b\n1^2\n") == "^"
    assert unusual_delimiter("a\n1\n") is None
    assert unusual_delimiter("a^b\n1\n") is None


def test_records_keep_their_lines() -> None:
    records = records_of('a,b\n"1\n2",3\n\n4,5\n', ",")
    assert [(record.fields, record.line) for record in records] == [
        (["a", "b"], 1),
        (["1\n2", "3"], 2),
        (["4", "5"], 5),
    ]
    assert width_of(records) == (2, 1.0)
    assert width_of([]) == (0, 0.0)


def test_a_sample_ends_with_a_whole_line(path: Path) -> None:
    path.write_text("a,b\n" + "1,2\n" * 20_000 + "3")
    assert sample_of(path).endswith("1,2\n")


def test_duplicate_names() -> None:
    with pytest.raises(ReadError, match="it has more than one column named 'a' and"):
        refuse_duplicates(["a", "b", "a", "c", "c"], "it")
    refuse_duplicates(["", "", "a"], "it")


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
    found = first_fault(path, ",", 1, 2)
    assert found is None if fault is None else (found or "").startswith(fault)
